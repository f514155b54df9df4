//! Receipts: what a decision was made from, enough to make it again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Id, Time};

/// Why a stored value is what it is. Answers `GET /api/v1/records/{kind}/{id}/why/{field}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Quoted by the record command that stores the decision.
    pub id: Id,
    /// When it was decided.
    pub at: Time,
    /// The organisation it was decided for.
    pub org: Id,
    /// The decision point, `complaint.level`.
    pub point: String,
    /// The plugin that asked.
    pub plugin: String,
    /// Its version.
    pub plugin_version: String,
    /// The script that answered, `decision/complaint.level`, with its owner: a plugin's name for the built-in rule, else an organisation's id.
    pub script: String,
    /// Whose script.
    pub script_owner: String,
    /// Its version: a number that rises with every publication, 0 for the built-in rule.
    pub script_version: u32,
    /// SHA-256 of the script's source, hex.
    pub script_digest: String,
    /// Everything the script was given.
    pub input: Value,
    /// What was decided.
    pub output: Value,
    /// Why, in the script's words.
    pub reasons: Vec<String>,
    /// Why the built-in rule answered instead of a dealer's script, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// Rules of owners further up whose answers were combined in, nearest first. The answering script's own output is not
    /// kept apart: it is had again by running it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub combined: Vec<Contribution>,
}

/// A rule that had its say in a combined decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Whose rule: a plugin's name for the built-in one, else an organisation's id.
    pub script_owner: String,
    /// Its version, 0 for the built-in one.
    pub script_version: u32,
    /// SHA-256 of its source, hex.
    pub script_digest: String,
    /// What it said.
    pub output: Value,
}
