//! Moments: RFC 3339 to milliseconds and back, enough to compare clocks and to take a share of a limit.

use std::{fmt, str::FromStr};

use marque_sdk::{Fault, Result};
use serde::Deserialize;

use crate::desk::refuse;

/// A moment in UTC, to the millisecond. Spans in calendars are the host's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(i64);

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

impl Moment {
    /// Whole minutes from `earlier` to here; negative when it is later.
    pub fn minutes_since(self, earlier: Moment) -> i64 {
        (self.0 - earlier.0).div_euclid(MINUTE)
    }

    /// The moment when `percent` of the time from here to `end` has passed.
    pub fn share_until(self, end: Moment, percent: i64) -> Moment {
        Moment(self.0 + (end.0 - self.0) * percent / 100)
    }
}

impl TryFrom<String> for Moment {
    type Error = Fault;

    fn try_from(text: String) -> Result<Moment> {
        text.parse()
    }
}

impl FromStr for Moment {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Moment> {
        match parse(text) {
            Some(millis) => Ok(Moment(millis)),
            None => {
                refuse("time_invalid", format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
            }
        }
    }
}

fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let at_zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(at_zone);

    let [year, month, day] = numbers(date, '-')?;
    let (clock, millis) = match clock.split_once('.') {
        Some((clock, fraction)) => {
            (clock, fraction.chars().chain("000".chars()).take(3).collect::<String>().parse().ok()?)
        }
        None => (clock, 0),
    };
    let [hour, minute, second] = numbers(clock, ':')?;
    let is_sane = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    let millis: i64 = millis;
    is_sane.then(|| {
        let seconds = hour * 3_600 + minute * 60 + second.min(59);
        Some(days_from_civil(year, month, day) * DAY + seconds * 1_000 + millis - offset(zone)?)
    })?
}

/// Milliseconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(rest, ':')?;
    let is_sane = (0..24).contains(&hours) && (0..60).contains(&minutes);
    let ahead = (hours * 60 + minutes) * MINUTE;
    is_sane.then_some(if sign == "-" { -ahead } else { ahead })
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let parts: Vec<i64> = text
        .split(separator)
        .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?)
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

fn days_in(year: i64, month: i64) -> i64 {
    let next = if month == 12 { days_from_civil(year + 1, 1, 1) } else { days_from_civil(year, month + 1, 1) };
    next - days_from_civil(year, month, 1)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// As the core stores it: UTC with milliseconds.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let millis = self.0.rem_euclid(DAY);
        let (hour, minute) = (millis / (60 * MINUTE), millis / MINUTE % 60);
        let (second, millis) = (millis / 1_000 % 60, millis % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn an_offset_is_taken_off() {
        assert_eq!(at("2026-03-13T10:00:00+08:00").to_string(), "2026-03-13T02:00:00.000Z");
        assert_eq!(at("2026-02-28T23:30:00.5-01:00").to_string(), "2026-03-01T00:30:00.500Z");
    }

    #[test]
    fn leap_days_exist_in_leap_years_only() {
        assert_eq!(at("2024-02-29T00:00:00Z").to_string(), "2024-02-29T00:00:00.000Z");
        assert!("2026-02-29T00:00:00Z".parse::<Moment>().is_err());
        assert_eq!(at("2000-02-29T12:00:00Z").minutes_since(at("2000-02-28T12:00:00Z")), 1_440);
    }

    #[test]
    fn every_day_of_forty_years_comes_back() {
        let first = days_from_civil(2000, 1, 1);
        for days in first..first + 40 * 366 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in [
            "",
            "2026-03-13",
            "2026-03-13T10:00:00",
            "2026-13-01T00:00:00Z",
            "2026-03-13T25:00:00Z",
            "上午十点",
            "2026-03-13T10:00:00+99:00",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn four_fifths_of_a_day_are_19_hours_and_12_minutes() {
        let start = at("2026-03-13T02:00:00Z");
        assert_eq!(start.share_until(at("2026-03-14T02:00:00Z"), 80), at("2026-03-13T21:12:00Z"));
    }
}
