//! What every rule is given: the call, the day it is, the organisation's settings.

use marque_sdk::{Date, Fault, Record, Result, info, view};
use serde::de::DeserializeOwned;

use crate::settings::Settings;

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

/// Who decides for others.
const MANAGERS: [&str; 3] = ["sales_mgr", "gm", "admin"];

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

    /// The moment a span from now, in the dealer's calendar.
    pub fn after(&self, span: &str) -> Result<String> {
        info::due(self.now(), span)
    }

    /// The id of the person who asks; none when a timer rings or something is heard.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// Whether whoever asks decides for others.
    pub fn is_manager(&self) -> bool {
        MANAGERS.iter().any(|role| self.call.has_role(role))
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

/// A day as it was typed.
pub fn day(pointer: &str, text: &str) -> Result<Date> {
    text.trim().parse().map_err(|fault: Fault| Fault::at("date_invalid", pointer, fault.message))
}

/// The first record of a kind that another plugin brings; none where it is not installed.
pub fn theirs<T: DeserializeOwned>(find: view::Find<T>) -> Result<Option<Record<T>>> {
    match find.first() {
        Err(fault) if fault.code == "not_found" || fault.code.starts_with("kind") => Ok(None),
        found => found,
    }
}
