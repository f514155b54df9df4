//! Moments as texts in UTC, which compare like the moments they name, and the days they fall on where the dealer is.

pub use marque_sdk::moment::{begin_of, parse, told};
use marque_sdk::{Date, Fault, Result, info};

/// The moment a span later, in the calling organisation's calendar.
pub fn after(start: &str, span: &str) -> Result<String> {
    info::due(start, span)
}

/// The end of a day, which is the beginning of the next.
pub fn end_of(day: Date, call: &info::Call) -> Result<String> {
    begin_of(day.plus_days(1), call)
}

/// The hour of the day and the minute where the calling organisation is.
pub fn clock(moment: &str, call: &info::Call) -> Result<(i64, i64)> {
    let part = |range: std::ops::Range<usize>| moment.get(range).and_then(|text| text.parse::<i64>().ok());
    let (Some(hour), Some(minute)) = (part(11..13), part(14..16)) else {
        return Err(Fault::new("time_invalid", format!("{moment:?} is not a moment in UTC")));
    };
    let midnight = begin_of(Date::of(moment, call)?, call)?;
    let begins: i64 = midnight.get(11..13).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(((hour - begins).rem_euclid(24), minute))
}

/// The part of the day, in which another attempt has another chance.
pub fn part_of_day(moment: &str, call: &info::Call) -> Result<&'static str> {
    Ok(match clock(moment, call)?.0 {
        0..12 => "morning",
        12..18 => "afternoon",
        _ => "evening",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing::Given;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_in_shanghai_begins_at_four_in_the_afternoon_of_the_day_before() {
        let _ = Given::new().run(|| {
            let call = info::call()?;
            assert_eq!(begin_of(day("2026-03-11"), &call)?, "2026-03-10T16:00:00.000Z");
            assert_eq!(end_of(day("2026-03-10"), &call)?, "2026-03-10T16:00:00.000Z");
            Ok(())
        });
    }

    #[test]
    fn a_day_in_urumqi_begins_two_hours_later() {
        let _ = Given::new().run(|| {
            let call = info::Call { time_zone: "Asia/Urumqi".into(), ..info::call()? };
            assert_eq!(begin_of(day("2026-03-11"), &call)?, "2026-03-10T18:00:00.000Z");
            assert_eq!(clock("2026-03-11T01:30:00.000Z", &call)?, (7, 30));
            Ok(())
        });
    }

    #[test]
    fn parts_of_the_day_are_those_of_the_dealer() {
        let _ = Given::new().run(|| {
            let call = info::call()?;
            assert_eq!(part_of_day("2026-03-13T03:59:00.000Z", &call)?, "morning");
            assert_eq!(part_of_day("2026-03-13T04:00:00.000Z", &call)?, "afternoon");
            assert_eq!(part_of_day("2026-03-13T11:00:00.000Z", &call)?, "evening");
            assert_eq!(told("2026-03-14T00:45:00.000Z", &call)?, "3月14日 08:45");
            Ok(())
        });
    }
}
