//! Moments as texts in UTC, which compare like the moments they name, counted in minutes.
//!
//! What does not read as a moment is the fault `time_invalid`: a plugin that takes moments from people has a text for it.

use crate::{Date, Fault, Result, info};

/// A moment that somebody wrote, as the core stores it.
pub fn parse(pointer: &str, text: &str) -> Result<String> {
    info::due(text, "0m").map_err(|_| {
        Fault::at("time_invalid", pointer, format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
    })
}

/// So many minutes later; earlier when negative. The seconds stay.
///
/// ```
/// use marque_sdk::moment;
/// assert_eq!(moment::plus("2026-12-31T23:50:00.000Z", 15)?, "2027-01-01T00:05:00.000Z");
/// assert_eq!(moment::between("2026-12-31T23:50:00.000Z", "2027-01-01T00:05:00.000Z")?, 15);
/// # Ok::<(), marque_sdk::Fault>(())
/// ```
pub fn plus(moment: &str, minutes: i64) -> Result<String> {
    let (day, hour, minute) = parts(moment)?;
    let total = hour * 60 + minute + minutes;
    let day = day.plus_days(total.div_euclid(1_440));
    let rest = total.rem_euclid(1_440);
    let seconds = moment.get(16..).unwrap_or(":00.000Z");
    Ok(format!("{day}T{:02}:{:02}{seconds}", rest / 60, rest % 60))
}

/// Whole minutes from one moment to another, negative when it has passed.
pub fn between(from: &str, to: &str) -> Result<i64> {
    let ((from, from_hour, from_minute), (to, to_hour, to_minute)) = (parts(from)?, parts(to)?);
    Ok(from.days_until(to) * 1_440 + (to_hour - from_hour) * 60 + to_minute - from_minute)
}

fn parts(moment: &str) -> Result<(Date, i64, i64)> {
    let wrong = || Fault::new("time_invalid", format!("{moment:?} is not a moment in UTC"));
    let number = |range: std::ops::Range<usize>| moment.get(range).and_then(|text| text.parse::<i64>().ok());
    let day: Date = moment.get(..10).ok_or_else(wrong)?.parse()?;
    Ok((day, number(11..13).ok_or_else(wrong)?, number(14..16).ok_or_else(wrong)?))
}

/// The moment a clock of the house shows `time` on a day; `time` is `09:30`.
pub fn at(day: Date, time: &str, call: &info::Call) -> Result<String> {
    let in_utc = format!("{day}T{time}:00.000Z");
    // Zones are less than a day from UTC: what the clock shows at that time in UTC tells by how much.
    let shown = local(&in_utc, call)?;
    plus(&in_utc, -between(&in_utc, &shown)?)
}

/// The same reading as a clock of the house shows it, written as if it were UTC.
fn local(moment: &str, call: &info::Call) -> Result<String> {
    let midnight = begin_of(Date::of(moment, call)?, call)?;
    let minutes = between(&midnight, moment)?;
    plus(&format!("{}T00:00:00.000Z", Date::of(moment, call)?), minutes)
}

/// The first moment of a day where the calling organisation is.
pub fn begin_of(day: Date, call: &info::Call) -> Result<String> {
    // The SDK tells days, not offsets: so the hour is looked for at which the day begins.
    for candidate in [day.plus_days(-1), day] {
        for hour in 0..24 {
            let moment = format!("{candidate}T{hour:02}:00:00.000Z");
            if Date::of(&moment, call)? == day {
                return Ok(moment);
            }
        }
    }
    Ok(format!("{day}T00:00:00.000Z"))
}

/// As people say it: `6月6日 10:00`.
pub fn told(moment: &str, call: &info::Call) -> Result<String> {
    let shown = local(moment, call)?;
    let number = |range: std::ops::Range<usize>| shown.get(range).and_then(|text| text.parse::<u8>().ok()).unwrap_or(0);
    Ok(format!("{}月{}日 {}", number(5..7), number(8..10), shown.get(11..16).unwrap_or_default()))
}

/// Whole years from one day to another.
pub fn years(from: Date, to: Date) -> i64 {
    months(from, to).div_euclid(12)
}

/// Whole months from one day to another; negative when it lies before.
pub fn months(from: Date, to: Date) -> i64 {
    if to < from {
        return -1;
    }
    // No month is longer than 31 days, so this is never too many.
    let mut months = from.days_until(to) / 31;
    while from.plus_months(months + 1) <= to {
        months += 1;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Given;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn minutes_go_over_midnight_both_ways() {
        assert_eq!(plus("2026-06-06T02:00:00.000Z", -1_440).unwrap(), "2026-06-05T02:00:00.000Z");
        assert_eq!(plus("2026-12-31T23:50:00.000Z", 15).unwrap(), "2027-01-01T00:05:00.000Z");
        assert_eq!(between("2026-12-31T23:50:00.000Z", "2027-01-01T00:05:00.000Z").unwrap(), 15);
        assert_eq!(between("2026-06-06T02:00:00.000Z", "2026-06-05T02:00:00.000Z").unwrap(), -1_440);
    }

    #[test]
    fn a_clock_of_the_house_is_eight_hours_ahead() {
        let _ = Given::new().run(|| {
            let call = info::call()?;
            assert_eq!(at(day("2026-06-06"), "09:30", &call)?, "2026-06-06T01:30:00.000Z");
            assert_eq!(at(day("2026-06-06"), "07:30", &call)?, "2026-06-05T23:30:00.000Z");
            assert_eq!(told("2026-06-05T23:30:00.000Z", &call)?, "6月6日 07:30");
            Ok(())
        });
    }

    #[test]
    fn months_count_as_people_count_them() {
        assert_eq!(months(day("2025-08-31"), day("2026-02-28")), 6);
        assert_eq!(months(day("2025-09-14"), day("2026-03-13")), 5);
        assert_eq!(months(day("2026-03-14"), day("2026-03-13")), -1);
        assert_eq!(years(day("2008-02-29"), day("2026-02-28")), 18);
        assert_eq!(years(day("2008-03-14"), day("2026-03-13")), 17);
    }
}
