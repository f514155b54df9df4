//! Spans: lengths of time as people set them, `24h`, `7wd`, `30bm`.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What a span counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// `90m`.
    Minute,
    /// `24h`.
    Hour,
    /// `3d`: calendar days, same time of day.
    Day,
    /// `2mo`: calendar months, the day clamped to the last of the month.
    Month,
    /// `30bm`: minutes within opening hours.
    BusinessMinute,
    /// `8bh`: hours within opening hours.
    BusinessHour,
    /// `7wd`: working days, same time of day.
    WorkingDay,
}

/// Longest suffix first, so that `30bm` is not read as minutes.
const UNITS: [(&str, Unit); 7] = [
    ("mo", Unit::Month),
    ("bm", Unit::BusinessMinute),
    ("bh", Unit::BusinessHour),
    ("wd", Unit::WorkingDay),
    ("m", Unit::Minute),
    ("h", Unit::Hour),
    ("d", Unit::Day),
];

/// A length of time, counted in a [`Calendar`](super::Calendar).
///
/// Spans compare by length. Where units differ the length is a typical one: a month is 30.4 days, a working day 1.4
/// days, a business hour stands for the 2.5 hours in which one of the default opening hours passes.
///
/// ```
/// use marque::model::calendar::Span;
/// let (short, long): (Span, Span) = ("90m".parse()?, "2h".parse()?);
/// assert!(short < long);
/// assert_eq!(short.to_string(), "90m");
/// # Ok::<(), marque::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    count: u32,
    unit: Unit,
}

impl Span {
    /// How many.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Of what.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The typical length in nineteenths of a minute: the smallest share in which every unit is whole (9.5 open hours a day).
    fn length(&self) -> u64 {
        let share = match self.unit {
            Unit::Minute => 19,
            Unit::Hour => 19 * 60,
            Unit::Day => 19 * 60 * 24,
            Unit::Month => 19 * 43_830,
            Unit::BusinessMinute => 48,
            Unit::BusinessHour => 48 * 60,
            Unit::WorkingDay => 19 * 60 * 24 / 5 * 7,
        };
        u64::from(self.count) * share
    }
}

/// A hundred years; nobody means more.
const MAX_LENGTH: u64 = 19 * 60 * 24 * 36_525;

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Span> {
        let trimmed = text.trim();
        let parsed = UNITS.iter().find_map(|(suffix, unit)| {
            let digits = trimmed.strip_suffix(suffix)?.trim_end();
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| digits.parse().ok()).flatten().map(|count| Span { count, unit: *unit })
        });
        parsed.filter(|span| span.length() <= MAX_LENGTH).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            let remedy = "write a number and m, h, d, mo, bm, bh or wd like 24h, at most 100 years";
            Error::invalid("span", format!("{shown:?} is no span of time: {remedy}"))
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = UNITS.iter().find(|(_, unit)| *unit == self.unit).map_or("", |(suffix, _)| suffix);
        write!(f, "{}{suffix}", self.count)
    }
}

impl TryFrom<String> for Span {
    type Error = Error;

    fn try_from(text: String) -> Result<Span> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

impl Ord for Span {
    /// By length; of equal lengths the one in the smaller unit is less, so that only the same span is equal.
    fn cmp(&self, other: &Span) -> Ordering {
        self.length().cmp(&other.length()).then(self.unit.cmp(&other.unit)).then(self.count.cmp(&other.count))
    }
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Span) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
