//! Due times in the stand-in's calendar: Shanghai, open 08:30–18:00 every day, no public holidays.

use jiff::{SignedDuration, Span, Timestamp, Zoned, civil::Time, tz::TimeZone};

use crate::{Fault, Result};

pub const ZONE: &str = "Asia/Shanghai";
/// Counted day by day, so a length that no clock in a dealership needs is a mistake.
const LONGEST: i64 = 10_000;
const OPENS: Time = Time::constant(8, 30, 0, 0);
const CLOSES: Time = Time::constant(18, 0, 0, 0);

/// A moment from its text.
pub fn moment(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| {
        Fault::new("invalid", format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
    })
}

/// As the server writes moments.
pub fn text(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// The moment `span` after `start`.
pub fn due(start: Timestamp, span: &str) -> Result<Timestamp> {
    let wrong = || Fault::new("invalid", format!("{span:?} is not a span: write 90m, 24h, 3d, 2mo, 30bm, 8bh or 7wd"));
    let digits = span.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let n: i64 = span[..digits].parse().map_err(|_| wrong())?;
    let zone = TimeZone::get(ZONE).map_err(|error| Fault::new("host", error.to_string()))?;
    let start = start.to_zoned(zone);
    let due = match &span[digits..] {
        "m" => Span::new().try_minutes(n).and_then(|span| start.checked_add(span)),
        "h" => Span::new().try_hours(n).and_then(|span| start.checked_add(span)),
        "d" => Span::new().try_days(n).and_then(|span| start.checked_add(span)),
        "mo" => Span::new().try_months(n).and_then(|span| start.checked_add(span)),
        "bm" if n <= LONGEST => Ok(open_for(start, SignedDuration::from_mins(n))),
        "bh" if n <= LONGEST => Ok(open_for(start, SignedDuration::from_hours(n))),
        "wd" if n <= LONGEST => Ok(working_days(start, n)),
        _ => return Err(wrong()),
    };
    due.map(|due| due.timestamp()).map_err(|error| Fault::new("invalid", error.to_string()))
}

/// Counts only while it is open.
fn open_for(mut at: Zoned, mut left: SignedDuration) -> Zoned {
    loop {
        let opens = at.with().time(OPENS).build().expect("Shanghai has no gaps in its days");
        let closes = at.with().time(CLOSES).build().expect("Shanghai has no gaps in its days");
        at = at.max(opens);
        let today = closes.duration_since(&at).max(SignedDuration::ZERO);
        if left <= today && (left > SignedDuration::ZERO || today > SignedDuration::ZERO) {
            return at + left;
        }
        left -= today;
        at = at.tomorrow().and_then(|day| day.start_of_day()).expect("tests do not reach the end of time");
    }
}

/// Counts Mondays to Fridays, same time of day.
fn working_days(mut at: Zoned, n: i64) -> Zoned {
    let mut left = n;
    while left > 0 {
        at = at.tomorrow().expect("tests do not reach the end of time");
        if at.weekday().to_monday_zero_offset() < 5 {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_at(start: &str, span: &str) -> String {
        let zone = TimeZone::get(ZONE).unwrap();
        due(moment(start).unwrap(), span).unwrap().to_zoned(zone).strftime("%a %d %H:%M").to_string()
    }

    #[test]
    fn spans_are_counted_in_their_own_way() {
        let friday = "2026-03-13T17:00:00+08:00";
        for (span, expected) in [
            ("90m", "Fri 13 18:30"),
            ("24h", "Sat 14 17:00"),
            ("3d", "Mon 16 17:00"),
            ("2mo", "Wed 13 17:00"),
            ("60bm", "Fri 13 18:00"),
            ("61bm", "Sat 14 08:31"),
            ("2bh", "Sat 14 09:30"),
            ("20bh", "Sun 15 18:00"),
            ("1wd", "Mon 16 17:00"),
            ("7wd", "Tue 24 17:00"),
        ] {
            assert_eq!(due_at(friday, span), expected, "{span}");
        }
    }

    #[test]
    fn business_time_begins_when_the_doors_open() {
        assert_eq!(due_at("2026-03-13T06:00:00+08:00", "30bm"), "Fri 13 09:00");
        assert_eq!(due_at("2026-03-13T22:00:00+08:00", "30bm"), "Sat 14 09:00");
    }

    #[test]
    fn a_wrong_span_says_how_to_write_one() {
        for span in ["", "h", "24", "24x", "-1h", "99999999999999999999h"] {
            assert_eq!(due(moment("2026-03-13T10:00:00Z").unwrap(), span).unwrap_err().code, "invalid", "{span}");
        }
    }
}
