//! What every rule is given: the call, the day it is, the settings; and how our own events and faults are told.

use marque_sdk::{Command, Data, Date, Event, Fault, Result, Value, info, json};

use crate::{moment, settings::Settings, texts};

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The day it is.
    pub today: Date,
    /// The organisation's settings.
    pub settings: Settings,
    /// How many reactions lie between the call and its first cause.
    depth: u8,
}

/// Pieces that follow one another at once. The core takes long chains of reactions for a loop, and a timer a moment ahead begins a new chain.
const AT_ONCE: u8 = 2;
/// That moment; and longer ones where it was too short, as on a machine on which a call waits for its commit.
const MOMENT_MS: i64 = 100;
const LONGER_MS: i64 = 2_000;
const LONGEST_MS: i64 = 60_000;

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        let call = info::call()?;
        Ok(Desk { today: Date::today(&call)?, settings: info::settings()?, call, depth: 0 })
    }

    /// The call being answered to an event.
    pub fn hearing(event: &Event) -> Result<Desk> {
        Ok(Desk { depth: event.depth, ..Desk::open()? })
    }

    /// When the next piece of long work is to begin.
    pub fn next_piece(&self) -> String {
        match self.depth {
            0..AT_ONCE => self.call.now.clone(),
            AT_ONCE..=3 => moment::after(&self.call.now, MOMENT_MS),
            4 => moment::after(&self.call.now, LONGER_MS),
            _ => moment::after(&self.call.now, LONGEST_MS),
        }
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks; none when a timer rings.
    pub fn me(&self) -> Option<&str> {
        self.call.person().map(String::as_str)
    }

    /// Refuses whoever has none of these roles. The server itself and administrators may.
    pub fn held_to(&self, roles: &[&str], message: &str) -> Result<()> {
        let may =
            self.me().is_none() || self.call.has_role("admin") || roles.iter().any(|role| self.call.has_role(role));
        if may { Ok(()) } else { Err(Fault::denied(message)) }
    }
}

/// Raises one of our own events about a record, in the order of its customer's.
pub fn raise(kind: &str, customer: Option<&str>, about: (&str, &str, u32), data: Value) -> Result<()> {
    let record = json!({ "kind": about.0, "id": about.1, "rev": about.2 });
    let mut body = json!({ "kind": kind, "record": record, "data": data });
    if let Some(customer) = customer {
        body["subject"] = customer.into();
    }
    Command::new("event.raise", body).stage()
}

/// A refusal with a code of ours; `fault.<code>` in texts/ says it to people.
pub fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::new(code, message))
}

/// The same, pointing at the wrong input.
pub fn refuse_at<T>(code: &str, pointer: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::at(code, pointer, message))
}

/// An object as a patch, without what is not said.
pub fn said(value: Value) -> Data {
    let Value::Object(mut data) = value else { return Data::new() };
    data.retain(|_, value| !value.is_null());
    data
}

/// A way from a figure to the rows it counts, as a field of ways holds it.
pub fn way(key: &str, kind: &str, filter: &Value, n: Option<i64>) -> Value {
    let label = json!({ "zh-CN": texts::text("zh-CN", key), "en": texts::text("en", key) });
    Value::Object(said(json!({ "label": label, "kind": kind, "filter": filter, "n": n })))
}

/// What a kind holds that another plugin may bring or not: nothing where it is not installed.
pub fn optional<T>(found: Result<Vec<T>>) -> Result<Vec<T>> {
    match found {
        Err(fault) if fault.code.ends_with("not_found") => Ok(Vec::new()),
        other => other,
    }
}

/// A share in percent, rounded half up to one decimal; none of nothing.
pub fn percent(part: i64, whole: i64) -> Option<f64> {
    rate(i128::from(part), i128::from(whole))
}

/// The same for products that may be long.
pub fn rate(part: i128, whole: i128) -> Option<f64> {
    if whole <= 0 {
        return None;
    }
    let tenths = (part * 2_000 + whole).div_euclid(2 * whole);
    Some(tenths as f64 / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing::{self, Given};

    #[test]
    fn a_long_chain_of_pieces_begins_anew_a_moment_later() {
        let settings = testing::defaults(include_str!("../settings.json"));
        let _ = Given::new().settings(settings).run(|| {
            let desk = Desk::open()?;
            assert_eq!(desk.next_piece(), "2026-03-13T02:00:00.000Z");
            let desk = Desk { depth: 2, ..desk };
            assert_eq!(desk.next_piece(), "2026-03-13T02:00:00.100Z");
            let desk = Desk { depth: 4, ..desk };
            assert_eq!(desk.next_piece(), "2026-03-13T02:00:02.000Z");
            assert_eq!(Desk { depth: 5, ..desk }.next_piece(), "2026-03-13T02:01:00.000Z");
            Ok(())
        });
    }

    #[test]
    fn shares_are_rounded_half_up_to_one_decimal() {
        assert_eq!(percent(180, 1_500), Some(12.0));
        assert_eq!(percent(1, 8), Some(12.5));
        assert_eq!(percent(1, 16), Some(6.3)); // 6.25
        assert_eq!(percent(2, 3), Some(66.7));
        assert_eq!(percent(0, 7), Some(0.0));
        assert_eq!(percent(1, 0), None);
    }
}
