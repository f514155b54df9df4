//! Scripts in force: what a dealer has published.

use std::{fmt, str::FromStr, sync::Arc};

use serde_json::Value;

use crate::{Error, Result, model::Id};

/// A published script.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name.
    pub name: ScriptName,
    /// The organisation whose it is; it holds for this one and those below.
    pub org: Id,
    /// Rises by one with every publication.
    pub version: u32,
    /// Rhai.
    pub source: Arc<str>,
    /// SHA-256 of the source, hex.
    pub digest: String,
    /// What the script reads as `PARAMETERS`.
    pub parameters: Value,
}

/// `decision/lead.score`, `computed/customer.value` or `reaction/<free>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScriptName {
    /// Answers a decision point.
    Decision(String),
    /// Computes a field.
    Computed(String),
    /// Reacts to events.
    Reaction(String),
}

impl ScriptName {
    /// The function the server calls.
    pub fn entry(&self) -> &'static str {
        match self {
            ScriptName::Decision(_) => "decide",
            ScriptName::Computed(_) => "compute",
            ScriptName::Reaction(_) => "on_",
        }
    }
}

impl fmt::Display for ScriptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptName::Decision(point) => write!(f, "decision/{point}"),
            ScriptName::Computed(field) => write!(f, "computed/{field}"),
            ScriptName::Reaction(name) => write!(f, "reaction/{name}"),
        }
    }
}

impl FromStr for ScriptName {
    type Err = Error;

    fn from_str(text: &str) -> Result<ScriptName> {
        let is_plain = |name: &str| {
            !name.is_empty()
                && name.len() <= 80
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        match text.split_once('/') {
            Some(("decision", point)) if is_plain(point) => Ok(ScriptName::Decision(point.into())),
            Some(("computed", field)) if is_plain(field) => Ok(ScriptName::Computed(field.into())),
            Some(("reaction", name)) if is_plain(name) => Ok(ScriptName::Reaction(name.into())),
            _ => Err(Error::invalid(
                "script",
                format!(
                    "{text:?} is not a script's name: use decision/<point>, computed/<kind.field> or reaction/<name>"
                ),
            )),
        }
    }
}
