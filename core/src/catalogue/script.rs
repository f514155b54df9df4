//! Scripts in force: what a dealer has published.

use std::{fmt, str::FromStr, sync::Arc};

use serde_json::Value;

use crate::{
    Error, Result,
    model::{Id, digest},
};

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
    /// Of a reaction: what it may ask for.
    pub asks: Vec<String>,
    /// Of a reaction: its functions that hear, `on_customer_created`.
    pub hears: Vec<String>,
}

/// A version that holds for a share of subjects alone.
#[derive(Clone, Debug)]
pub struct Canary {
    /// In percent.
    pub share: u8,
    /// The version.
    pub script: Arc<Script>,
}

impl Canary {
    /// Whether a subject is inside the share: the same today and tomorrow, and still when the share grows.
    pub fn holds(&self, subject: &str) -> bool {
        let digest = digest::hex(format!("{}\n{subject}", self.script.name));
        let draw = u32::from_str_radix(&digest[..8], 16).unwrap_or(u32::MAX) % 100;
        draw < u32::from(self.share)
    }
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

/// The name of an organisation's reaction as a subscriber: `reaction/welcome@d1`. Plugins' names have no slash, so it is nobody else's.
pub fn subscription(name: &str, org: &Id) -> String {
    format!("{name}@{org}")
}

/// The function by which a reaction hears a kind of event: `on_customer_created`.
pub fn ear(event: &str) -> String {
    format!("on_{}", event.replace(['.', '-'], "_"))
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
