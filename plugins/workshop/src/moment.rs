//! Moments as texts in UTC, which compare like the moments they name, counted in minutes; and the days they fall on at the dealer's.

pub use marque_sdk::moment::{begin_of, parse};
use marque_sdk::{Date, Fault, Result, info};

/// The moment a span later, in the calling organisation's calendar.
pub fn after(start: &str, span: &str) -> Result<String> {
    info::due(start, span)
}

/// Minutes since 1970 of a moment in UTC.
pub fn minutes(moment: &str) -> Result<i64> {
    let wrong = || Fault::new("time_invalid", format!("{moment:?} is not a moment in UTC"));
    let part =
        |from: usize, to: usize| moment.get(from..to).and_then(|text| text.parse::<i64>().ok()).ok_or_else(wrong);
    let day: Date = moment.get(..10).ok_or_else(wrong)?.parse()?;
    Ok(epoch()?.days_until(day) * 1_440 + part(11, 13)? * 60 + part(14, 16)?)
}

/// The moment of so many minutes since 1970.
pub fn of_minutes(minutes: i64) -> Result<String> {
    let day = epoch()?.plus_days(minutes.div_euclid(1_440));
    let rest = minutes.rem_euclid(1_440);
    Ok(format!("{day}T{:02}:{:02}:00.000Z", rest / 60, rest % 60))
}

/// So many minutes later, by the clock; earlier when negative.
pub fn plus(moment: &str, by: i64) -> Result<String> {
    of_minutes(minutes(moment)? + by)
}

fn epoch() -> Result<Date> {
    "1970-01-01".parse()
}

/// The hour and minute of a moment where the calling organisation is.
pub fn clock(moment: &str, call: &info::Call) -> Result<(i64, i64)> {
    let since = minutes(moment)? - minutes(&begin_of(Date::of(moment, call)?, call)?)?;
    Ok((since / 60, since % 60))
}

/// As people say it: `3月14日 08:45`.
pub fn told(moment: &str, call: &info::Call) -> Result<String> {
    let day = Date::of(moment, call)?.to_string();
    let (hour, minute) = clock(moment, call)?;
    let number = |from: usize, to: usize| day.get(from..to).and_then(|text| text.parse::<u8>().ok()).unwrap_or(0);
    Ok(if call.locale.starts_with("en") {
        format!("{day} {hour:02}:{minute:02}")
    } else {
        format!("{}月{}日 {hour:02}:{minute:02}", number(5, 7), number(8, 10))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_moments_are_the_same_both_ways() {
        for moment in ["1970-01-01T00:00:00.000Z", "2026-03-13T02:05:00.000Z", "2028-02-29T23:59:00.000Z"] {
            assert_eq!(of_minutes(minutes(moment).unwrap()).unwrap(), moment);
        }
        assert_eq!(plus("2026-03-01T00:10:00.000Z", -20).unwrap(), "2026-02-28T23:50:00.000Z");
        assert_eq!(minutes("yesterday").unwrap_err().code, "time_invalid");
    }
}
