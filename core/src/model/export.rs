//! Exports: what was taken out, by whom and what for, as told over HTTP and kept for good.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Id, Time};

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Text with commas, UTF-8 with a mark, safe to open in a spreadsheet.
    Csv,
    /// A workbook.
    Xlsx,
    /// A JSON object a line, as the API tells records.
    Ndjson,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// So much that a second person has to approve it first.
    Waiting,
    /// The second person has turned it down.
    Refused,
    /// Under way.
    Running,
    /// Handed over to the last row.
    Done,
    /// The file lies ready for who asked for it.
    Ready,
    /// Its time is over: the file is gone, or nobody decided.
    Expired,
    /// The caller hung up, or the server died; rows up to then may have left the house.
    Aborted,
    /// Given up for a failure of ours.
    Failed,
}

/// An export as `GET /api/v1/exports` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: Id,
    /// When it was begun.
    pub at: Time,
    /// The organisation it was made in.
    pub org: Id,
    /// Who.
    pub actor: String,
    /// The kind of record.
    pub kind: String,
    /// See [`ExportFormat`].
    pub format: ExportFormat,
    /// As the list takes it.
    pub filter: Value,
    /// As the list takes it.
    pub order: String,
    /// Words searched for.
    pub q: Option<String>,
    /// The fields that were asked for; none: all.
    pub fields: Option<Vec<String>>,
    /// What for, in the words of whoever did it.
    pub purpose: String,
    /// See [`ExportState`].
    pub state: ExportState,
    /// How many rows matched when it began.
    pub n_matching: u64,
    /// How many rows were handed over.
    pub n_rows: u64,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// `zh-CN`, `en`, or `raw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// What they are called who asked for it, for the watermark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who has approved it or turned it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Time>,
    /// Why it was turned down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When its file is removed, or a wish that nobody has decided on falls due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// What a watermark begins with. An import passes over rows that begin so.
pub const MARK: &str = "marque:export";

impl Export {
    /// Who asked for it, if a person did.
    pub fn asker(&self) -> Option<Id> {
        self.actor.strip_prefix("user:")?.parse().ok()
    }

    /// Who took it out, when and what for: what stands in the file, so that a copy that turns up says whose it was.
    pub fn watermark(&self) -> String {
        let name = self.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{MARK} {} | {}{name} | {} | {}", self.id, self.actor, self.at, self.purpose)
    }
}
