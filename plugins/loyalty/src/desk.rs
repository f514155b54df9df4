//! What every rule is given: the call, the day it is at the dealer's, the settings; and the customers there are.

use marque_sdk::{Command, Data, Date, Fault, Id, Record, Result, Value, info, json, view};
use serde::Deserialize;

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

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks.
    pub fn me(&self) -> Option<&Id> {
        self.call.person()
    }

    /// Whether whoever asks has one of these roles. The server itself and administrators may.
    pub fn may_as(&self, roles: &[&str]) -> bool {
        self.me().is_none() || self.call.has_role("admin") || roles.iter().any(|role| self.call.has_role(role))
    }

    /// The day a moment falls on, in the dealer's zone.
    pub fn day(&self, moment: &str) -> Result<Date> {
        Date::of(moment, &self.call)
    }

    /// A moment as the core stores it, so that texts compare like moments.
    pub fn moment(&self, text: &str, pointer: &str) -> Result<String> {
        info::due(text, "0m").map_err(|_| {
            let message = format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00");
            Fault::at("moment_invalid", pointer, message)
        })
    }
}

/// Raises one of our own events about a record, in the order of its customer's.
pub fn raise(kind: &str, customer: &str, about: (&str, &str, u32), data: Value) -> Result<()> {
    let record = json!({ "kind": about.0, "id": about.1, "rev": about.2 });
    let body = json!({ "kind": kind, "subject": customer, "record": record, "data": data });
    Command::new("event.raise", body).stage()
}

/// An input that names a customer alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// Who.
    pub customer: Id,
}

/// What of a customer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// How the customer is called.
    pub name: String,
    /// The number on the file.
    pub phone: Option<String>,
}

/// A customer of these organisations.
pub fn customer(id: &str, pointer: &str) -> Result<Record<Customer>> {
    view::get("customer", id)?.ok_or_else(|| {
        Fault::at("customer_unknown", pointer, format!("there is no customer {id:?} here: choose one of yours"))
    })
}

/// An object as a patch, without what is not said.
pub fn said(value: Value) -> Data {
    let Value::Object(mut data) = value else { return Data::new() };
    data.retain(|_, value| !value.is_null());
    data
}

/// The last day of a month.
pub fn month_end(day: Date) -> Date {
    month_begin(day).plus_months(1).plus_days(-1)
}

/// The first day of a month.
pub fn month_begin(day: Date) -> Date {
    let text = day.to_string();
    let n_day: i64 = text.get(8..).and_then(|n_day| n_day.parse().ok()).unwrap_or(1);
    day.plus_days(1 - n_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_its_last_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(month_end(day("2028-02-13")), day("2028-02-29"));
        assert_eq!(month_end(day("2026-12-31")), day("2026-12-31"));
        assert_eq!(month_begin(day("2026-03-31")), day("2026-03-01"));
    }
}
