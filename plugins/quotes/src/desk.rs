//! What every rule is given: the call, the organisation's settings, who asks and how far they may go.

use marque_sdk::{Date, Fault, Record, Result, info, view};
use serde::de::DeserializeOwned;

use crate::{limit::Level, settings::Settings};

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The day it is at the dealer's.
    pub today: Date,
    /// The organisation's settings.
    pub settings: Settings,
}

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        let call = info::call()?;
        Ok(Desk { today: Date::today(&call)?, settings: info::settings()?, call })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks; none when a timer rings or a customer looks at a page.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// How far whoever asks may go.
    pub fn level(&self) -> Level {
        Level::ALL.into_iter().rev().find(|level| self.has_one_of(level.roles())).unwrap_or(Level::Nobody)
    }

    fn has_one_of(&self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.call.has_role(role))
    }
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}

/// The same, pointing at the wrong input.
pub fn refuse_at<T>(code: &str, pointer: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::at(code, pointer, message))
}

/// The first record of a kind that another plugin brings; none where it is not installed.
pub fn theirs<T: DeserializeOwned>(find: view::Find<T>) -> Result<Option<Record<T>>> {
    match find.first() {
        Err(fault) if fault.code == "not_found" || fault.code.starts_with("kind") => Ok(None),
        found => found,
    }
}
