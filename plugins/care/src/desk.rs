//! What every rule is given: the call, the day it is, the settings, whoever asks.

use marque_sdk::{Date, Fault, Id, RecordRef, Result, Value, event, info};

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

/// Who looks after follow-up.
pub const CARERS: [&str; 7] = ["crm_officer", "crm_mgr", "service_mgr", "sales_mgr", "gm", "hq_crm", "hq_admin"];

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

    /// The id of the person who asks; none when a clock rings.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// A minute from now: a timer that rings within a second counts as a reaction, and reactions are not endless.
    pub fn soon(&self) -> Result<String> {
        info::due(self.now(), "1m")
    }

    /// Whether whoever asks has one of these roles. What nobody asked for may go on.
    pub fn has(&self, roles: &[&str]) -> bool {
        self.me().is_none() || self.call.has_role("admin") || roles.iter().any(|role| self.call.has_role(role))
    }

    /// Refuses whoever has none of these roles.
    pub fn must_have(&self, roles: &[&str]) -> Result<()> {
        if self.has(roles) { Ok(()) } else { Err(Fault::denied(format!("this is done by {}", roles.join(", ")))) }
    }

    /// A day that has come, today unless said.
    pub fn past_day(&self, given: Option<&str>, pointer: &str) -> Result<Date> {
        let Some(text) = given else { return Ok(self.today) };
        let day = day(text, pointer)?;
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

/// A moment as it was typed, as the core stores moments.
pub fn moment(text: &str, pointer: &str) -> Result<String> {
    info::due(text, "0m").map_err(|_| {
        let message = format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00");
        Fault::at("time_invalid", pointer, message)
    })
}

/// Raises one of our own events about a record, with `data` that names nobody but people of the house.
pub fn raise(event: &str, kind: &str, id: &str, rev: u32, customer: &Id, data: Value) -> Result<()> {
    let about = RecordRef { kind: kind.into(), id: id.into(), rev };
    event::raise(event).subject(customer.as_str()).data(data).record(&about).stage()
}
