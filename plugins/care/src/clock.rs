//! The clock on the customer's wall: when one may call, and which part of the day it is.

use marque_sdk::{Date, Fault, Result, info::Call};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Part of a day. People who do not answer in one often do in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Until noon.
    Morning,
    /// Until five.
    Afternoon,
    /// After five.
    Evening,
}

impl Part {
    /// Every part, in order.
    pub const ALL: [Part; 3] = [Part::Morning, Part::Afternoon, Part::Evening];

    /// The part a minute of the day lies in.
    pub fn of(minute: i64) -> Part {
        match minute {
            ..720 => Part::Morning,
            720..1020 => Part::Afternoon,
            _ => Part::Evening,
        }
    }

    /// As it is stored, and as customers' preferred times are written.
    pub fn code(self) -> &'static str {
        match self {
            Part::Morning => "morning",
            Part::Afternoon => "afternoon",
            Part::Evening => "evening",
        }
    }

    /// The minute of the day to call at in this part.
    pub fn minute(self) -> i64 {
        match self {
            Part::Morning => 9 * 60 + 30,
            Part::Afternoon => 14 * 60 + 30,
            Part::Evening => 18 * 60 + 30,
        }
    }
}

/// How many hours the organisation's clock is ahead of UTC: the hours of a day in UTC that fall on its next day there.
fn ahead(call: &Call) -> Result<i64> {
    let day: Date = "2026-01-01".parse()?;
    let mut hours = 0;
    for hour in 0..24 {
        if Date::of(&format!("{day}T{hour:02}:00:00.000Z"), call)? > day {
            hours += 1;
        }
    }
    Ok(hours)
}

/// The minute of the day that a moment in UTC is at.
pub fn minute(moment: &str, call: &Call) -> Result<i64> {
    let number = |range: std::ops::Range<usize>| moment.get(range).and_then(|text| text.parse::<i64>().ok());
    let (Some(hours), Some(minutes)) = (number(11..13), number(14..16)) else {
        return Err(Fault::new("time_invalid", format!("{moment:?} is not a moment in UTC")));
    };
    Ok((hours * 60 + minutes + ahead(call)? * 60).rem_euclid(DAY))
}

/// The moment of a minute of a day.
pub fn at(day: Date, minute: i64, call: &Call) -> Result<String> {
    let utc = minute - ahead(call)? * 60;
    let (day, minute) = (day.plus_days(utc.div_euclid(DAY)), utc.rem_euclid(DAY));
    Ok(format!("{day}T{:02}:{:02}:00.000Z", minute / 60, minute % 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::{Value, json};
    use serde::Deserialize;

    fn call(zone: &str) -> Call {
        let call: Value = json!({
            "now": "2026-03-13T02:00:00.000Z", "plugin": "care", "version": "0.1.0", "org": "d1", "org_name": "",
            "time_zone": zone, "locale": "zh-CN",
        });
        Call::deserialize(call).unwrap()
    }

    #[test]
    fn minutes_are_those_of_the_dealers_clock() {
        assert_eq!(minute("2026-03-16T08:20:00.000Z", &call("Asia/Shanghai")).unwrap(), 16 * 60 + 20);
        assert_eq!(minute("2026-03-16T23:30:00.000Z", &call("Asia/Shanghai")).unwrap(), 7 * 60 + 30);
        assert_eq!(minute("2026-03-16T08:20:00.000Z", &call("UTC")).unwrap(), 8 * 60 + 20);
    }

    #[test]
    fn a_minute_of_a_day_is_a_moment() {
        let day: Date = "2026-03-16".parse().unwrap();
        assert_eq!(at(day, 8 * 60 + 30, &call("Asia/Shanghai")).unwrap(), "2026-03-16T00:30:00.000Z");
        assert_eq!(at(day, 6 * 60, &call("Asia/Shanghai")).unwrap(), "2026-03-15T22:00:00.000Z");
    }

    #[test]
    fn the_parts_of_a_day_meet() {
        assert_eq!(
            [Part::of(719), Part::of(720), Part::of(1019), Part::of(1020)],
            [Part::Morning, Part::Afternoon, Part::Afternoon, Part::Evening]
        );
        assert!(Part::ALL.iter().all(|part| Part::of(part.minute()) == *part));
    }
}
