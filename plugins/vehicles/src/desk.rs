//! What every rule is given: the call, the day it is at the dealer's, the settings.

use marque_sdk::{Date, Fault, Result, info};

use crate::settings::Settings;

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The day it is.
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

    /// A day that has come, today unless said.
    pub fn day(&self, given: Option<&str>, pointer: &str) -> Result<Date> {
        match given {
            Some(text) => self.past(day(text, pointer)?, pointer),
            None => Ok(self.today),
        }
    }

    /// Refuse a day that has not come yet.
    pub fn past(&self, day: Date, pointer: &str) -> Result<Date> {
        if day <= self.today {
            return Ok(day);
        }
        Err(Fault::at("date_in_future", pointer, format!("{day} has not come yet: write a day up to {}", self.today)))
    }
}

/// A day as it was typed.
pub fn day(text: &str, pointer: &str) -> Result<Date> {
    text.trim().parse().map_err(|fault: Fault| Fault::at("date_invalid", pointer, fault.message))
}
