//! Moments as texts in UTC, which compare like the moments they name, and the days they fall on where the dealer is.

use marque_sdk::{Date, Fault, Result, info};

/// The moment a span later, in the calling organisation's calendar.
pub fn after(start: &str, span: &str) -> Result<String> {
    info::due(start, span)
}

/// A moment that somebody wrote, as the core stores it.
pub fn parse(pointer: &str, text: &str) -> Result<String> {
    info::due(text, "0m").map_err(|_| {
        Fault::at("time_invalid", pointer, format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
    })
}

/// The first moment of a day where the calling organisation is.
pub fn begin_of(day: Date, call: &info::Call) -> Result<String> {
    // Zones are at most half a day from UTC, and the SDK tells days, not offsets: so the hour is looked for at which the day begins.
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

/// As people say it: `3月14日 08:45`.
pub fn told(moment: &str, call: &info::Call) -> Result<String> {
    let day = Date::of(moment, call)?.to_string();
    let (hour, minute) = clock(moment, call)?;
    let number = |range: std::ops::Range<usize>| day.get(range).and_then(|text| text.parse::<u8>().ok()).unwrap_or(0);
    Ok(format!("{}月{}日 {hour:02}:{minute:02}", number(5..7), number(8..10)))
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
