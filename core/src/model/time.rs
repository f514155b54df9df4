//! Moments: UTC milliseconds, written as RFC 3339.

use std::{fmt, ops, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A moment in UTC, to the millisecond. Passed in everywhere; nothing in `model` reads a clock.
///
/// ```
/// use marque::model::Time;
/// let at: Time = "2026-03-13T10:00:00+08:00".parse()?;
/// assert_eq!(at.to_string(), "2026-03-13T02:00:00.000Z");
/// # Ok::<(), marque::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(i64);

impl Time {
    /// From milliseconds since 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Time {
        Time(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// As a jiff timestamp; moments outside jiff's range (year -9999 to 9999) are clamped.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// `millis` later.
    pub const fn plus_millis(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis))
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Time {
        Time(timestamp.as_millisecond())
    }
}

impl ops::Sub for Time {
    type Output = i64;

    /// Milliseconds from `earlier` to `self`.
    fn sub(self, earlier: Time) -> i64 {
        self.0 - earlier.0
    }
}

impl FromStr for Time {
    type Err = Error;

    fn from_str(text: &str) -> Result<Time> {
        text.parse::<Timestamp>().map(Time::from).map_err(|_| {
            Error::invalid("time", format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
        })
    }
}

impl TryFrom<String> for Time {
    type Error = Error;

    fn try_from(text: String) -> Result<Time> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> String {
        time.to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}
