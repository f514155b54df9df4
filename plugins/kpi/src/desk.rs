//! What every rule is given: the call, the day it is, how far the clock is ahead of UTC, the settings.

use std::collections::BTreeSet;

use marque_sdk::{Date, Fault, Id, Result, info};
use serde::Deserialize;

/// The organisation's settings.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// A month is closed so many days after its end.
    pub close_after_days: i64,
    /// Closed months are looked at again for late data, so many back.
    pub late_months: i64,
    /// Amber from so many percent of the target.
    pub amber_percent: i64,
    /// Red weeks running before an alert.
    pub red_weeks: usize,
    /// A sudden change is more than so many standard deviations.
    pub sigmas: f64,
    /// Weeks a change is compared with.
    pub history_weeks: u32,
    /// Weeks it takes to compare at all.
    pub least_weeks: usize,
    /// Working days to explain an alert.
    pub explain_days: i64,
    /// Whether persons have figures.
    pub persons: bool,
    /// Codes of figures whose numbers are typed in.
    pub typed: BTreeSet<String>,
    /// Figures counted in one piece.
    pub piece: usize,
}

/// One call.
#[derive(Debug)]
pub struct Desk {
    /// Its circumstances.
    pub call: info::Call,
    /// The day it is.
    pub today: Date,
    /// Hours the organisation's clock is ahead of UTC.
    pub ahead: i64,
    /// The organisation's settings.
    pub settings: Settings,
}

impl Desk {
    /// The call being answered.
    pub fn open() -> Result<Desk> {
        let call = info::call()?;
        Ok(Desk { today: Date::today(&call)?, ahead: ahead(&call)?, settings: info::settings()?, call })
    }

    /// The time of the call.
    pub fn now(&self) -> &str {
        &self.call.now
    }

    /// The id of the person who asks.
    pub fn me(&self) -> Option<&Id> {
        self.call.person()
    }

    /// A moment shortly after this one, for the next piece of a long work: soon, and yet no reaction to this one.
    pub fn soon(&self) -> Result<String> {
        Ok(match seconds_later(&self.call.now, 2) {
            Some(soon) => soon,
            None => info::due(&self.call.now, "1m")?,
        })
    }
}

/// Some seconds later within the same hour.
fn seconds_later(moment: &str, more: u16) -> Option<String> {
    let number = |at: std::ops::Range<usize>| moment.get(at)?.parse::<u16>().ok();
    let later = number(14..16)? * 60 + number(17..19)? + more;
    let (minutes, seconds) = (later / 60, later % 60);
    (minutes < 60).then(|| format!("{}{minutes:02}:{seconds:02}{}", &moment[..14], &moment[19..]))
}

/// The first hour in UTC at which it is the next day here tells how far the clock is ahead.
fn ahead(call: &info::Call) -> Result<i64> {
    let next: Date = "2026-01-02".parse()?;
    for hour in 0..24 {
        if Date::of(&format!("2026-01-01T{hour:02}:00:00.000Z"), call)? == next {
            return Ok(24 - hour);
        }
    }
    Ok(0)
}

/// A refusal with a code of our own, told to the person at a place of the input.
pub fn refuse<T>(code: &str, pointer: &str, message: impl Into<String>) -> Result<T> {
    Err(Fault::at(code, pointer, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_follows_within_seconds_or_over_the_hour_within_a_minute() {
        assert_eq!(seconds_later("2026-03-13T02:00:07.250Z", 2).as_deref(), Some("2026-03-13T02:00:09.250Z"));
        assert_eq!(seconds_later("2026-03-13T02:00:58.250Z", 2).as_deref(), Some("2026-03-13T02:01:00.250Z"));
        assert_eq!(seconds_later("2026-03-13T02:59:58.250Z", 2), None);
    }
}
