//! Commands as they travel: a name and a body. The typed ones live in `commands/<noun>/<verb>.rs`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A wish, verb in the imperative: `record.create`, `timer.set`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// `noun.verb`.
    pub name: String,
    /// Its arguments, a JSON object.
    pub body: Value,
}

impl Command {
    /// A command from its name and body.
    pub fn new(name: impl Into<String>, body: Value) -> Command {
        Command { name: name.into(), body }
    }
}
