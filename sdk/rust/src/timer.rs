//! Timers: an event `timer.fired` at a time of the plugin's choosing.

use serde::Serialize;

use crate::{Command, Id, json};

/// Sets a timer. One a key, plugin and organisation: set again is moved.
///
/// ```
/// use marque_sdk::{json, timer};
/// let command = timer::set("respond:x1", "2026-03-14T02:00:00.000Z").subject("c1").field("case", "x1").command();
/// assert_eq!(command.body["data"], json!({ "case": "x1" }));
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn set(key: &str, at: &str) -> Set {
    Set { command: Command::new("timer.set", json!({ "key": key, "at": at })) }
}

/// Cancels a timer; one that is not set is no fault.
#[must_use = "a command happens only when it is staged"]
pub fn cancel(key: &str) -> Command {
    Command::new("timer.cancel", json!({ "key": key }))
}

/// A timer to be set.
#[derive(Clone, Debug)]
pub struct Set {
    command: Command,
}

impl Set {
    /// What it is about; it then fires in the order of that subject.
    #[must_use]
    pub fn subject(mut self, id: impl Into<Id>) -> Set {
        self.command.set("subject", &id.into());
        self
    }

    /// One value to be told when it fires.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Set {
        self.command.set_in("data", name, &value);
        self
    }

    /// Everything to be told when it fires.
    #[must_use]
    pub fn data(mut self, data: impl Serialize) -> Set {
        self.command.set("data", &data);
        self
    }
}

crate::command::finish!(Set);
