//! A part of the day, `{"from":"20:00","to":"08:00"}`, that may go over midnight.

use jiff::{
    ToSpan,
    civil::{DateTime, Time as ClockTime},
};
use serde::{Deserialize, Serialize};

const MINUTES_OF_DAY: u16 = 24 * 60;

/// From a minute of the day up to another, which belongs to it no more. The same twice is no time at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Window {
    from: u16,
    to: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    to: String,
}

impl Window {
    /// From one full hour to another.
    pub const fn hours(from: u16, to: u16) -> Window {
        Window { from: from * 60, to: to * 60 }
    }

    /// Whether a local moment lies in it.
    pub fn holds(&self, local: DateTime) -> bool {
        self.holds_minute(local.hour() as u16 * 60 + local.minute() as u16)
    }

    fn holds_minute(&self, minute: u16) -> bool {
        match self.from <= self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        }
    }

    /// Whether every minute of another is in it.
    pub fn covers(&self, other: &Window) -> bool {
        (0..MINUTES_OF_DAY).all(|minute| !other.holds_minute(minute) || self.holds_minute(minute))
    }

    /// When it is over, seen from a local moment in it.
    pub fn end(&self, local: DateTime) -> Option<DateTime> {
        let (hour, minute) = (self.to / 60 % 24, self.to % 60);
        let clock = ClockTime::new(hour as i8, minute as i8, 0, 0).ok()?;
        let today = local.date().to_datetime(clock);
        if today > local { Some(today) } else { today.checked_add(1.day()).ok() }
    }
}

impl TryFrom<Written> for Window {
    type Error = String;

    fn try_from(written: Written) -> Result<Window, String> {
        Ok(Window { from: minute(&written.from)?, to: minute(&written.to)? })
    }
}

impl From<Window> for Written {
    fn from(window: Window) -> Written {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        Written { from: clock(window.from), to: clock(window.to) }
    }
}

fn minute(text: &str) -> Result<u16, String> {
    let parsed = text.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2);
    parsed
        .and_then(|(hours, minutes)| Some((hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?)))
        .filter(|(hours, minutes)| *minutes < 60 && (*hours < 24 || (*hours == 24 && *minutes == 0)))
        .map(|(hours, minutes)| hours * 60 + minutes)
        .ok_or_else(|| format!("{text:?} is no time of day: write it like 20:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        format!("2026-03-13T{text}").parse().expect("a local moment")
    }

    #[test]
    fn a_window_goes_over_midnight_and_ends_before_its_end() {
        let night = Window::hours(20, 8);
        for (clock, is_in) in
            [("19:59:59", false), ("20:00:00", true), ("00:00:00", true), ("07:59:59", true), ("08:00:00", false)]
        {
            assert_eq!(night.holds(at(clock)), is_in, "{clock}");
        }
        assert!(!Window::hours(8, 8).holds(at("08:00:00")), "the same twice is no time at all");
        assert_eq!(night.end(at("21:30:00")), Some("2026-03-14T08:00:00".parse().unwrap()));
        assert_eq!(night.end(at("03:00:00")), Some("2026-03-13T08:00:00".parse().unwrap()));
    }

    #[test]
    fn a_longer_night_covers_a_shorter_one() {
        assert!(Window::hours(19, 9).covers(&Window::hours(20, 8)));
        assert!(!Window::hours(21, 9).covers(&Window::hours(20, 8)));
        assert!(Window::hours(12, 14).covers(&Window::hours(3, 3)));
    }

    #[test]
    fn it_is_read_as_people_write_it() {
        let read = |text: &str| serde_json::from_str::<Window>(text);
        assert_eq!(read(r#"{"from":"20:00","to":"08:00"}"#).unwrap(), Window::hours(20, 8));
        for wrong in [
            r#"{"from":"8","to":"09:00"}"#,
            r#"{"from":"25:00","to":"09:00"}"#,
            r#"{"from":"20:60","to":"09:00"}"#,
            r#"{"from":"20:00"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
