//! Opening hours by weekday, `{"mon":[["08:30","12:00"],["13:00","18:00"]],"sun":[]}`.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time as ClockTime};
use serde::{Deserialize, Serialize};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_DAY: u16 = 24 * 60;

/// When an organisation is open, in local time. A weekday that is not named is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Vec<(String, String)>>", into = "BTreeMap<String, Vec<(String, String)>>")]
pub struct Opening {
    /// By weekday from Monday: minutes of the day, ascending, apart from each other.
    days: [Vec<(u16, u16)>; 7],
}

impl Default for Opening {
    /// 08:30 to 18:00 on all seven days: showrooms open at weekends.
    fn default() -> Opening {
        Opening { days: std::array::from_fn(|_| vec![(8 * 60 + 30, 18 * 60)]) }
    }
}

impl Opening {
    /// Whether no weekday has any hours.
    pub fn is_never(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    /// The hours of one day in local time, in order.
    pub fn on(&self, day: Date) -> impl Iterator<Item = (DateTime, DateTime)> {
        let weekday = day.weekday().to_monday_zero_offset() as usize;
        self.days[weekday].iter().map(move |(opens, closes)| (at(day, *opens), at(day, *closes)))
    }
}

/// The hours of one day by themselves, `[["10:00","14:00"]]`; none at all means the day off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Hours(Vec<(u16, u16)>);

impl Hours {
    /// As they fall on a day, in local time and in order.
    pub fn on(&self, day: Date) -> impl Iterator<Item = (DateTime, DateTime)> {
        self.0.iter().map(move |(opens, closes)| (at(day, *opens), at(day, *closes)))
    }
}

impl TryFrom<Vec<(String, String)>> for Hours {
    type Error = String;

    fn try_from(hours: Vec<(String, String)>) -> Result<Hours, String> {
        ranges("that day", hours).map(Hours)
    }
}

impl From<Hours> for Vec<(String, String)> {
    fn from(hours: Hours) -> Self {
        hours.0.into_iter().map(|(from, to)| (clock(from), clock(to))).collect()
    }
}

/// Minutes of the day, ascending and apart from each other.
fn ranges(name: &str, hours: Vec<(String, String)>) -> Result<Vec<(u16, u16)>, String> {
    let mut ranges = Vec::with_capacity(hours.len());
    for (opens, closes) in hours {
        let range = (minute(&opens)?, minute(&closes)?);
        if range.0 >= range.1 {
            return Err(format!("{opens} to {closes} on {name} ends before it begins, split it at 24:00"));
        }
        ranges.push(range);
    }
    ranges.sort_unstable();
    if let Some(pair) = ranges.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        return Err(format!("the hours from {} on {name} overlap those before", clock(pair[1].0)));
    }
    Ok(ranges)
}

/// Minute 1440 is the next midnight; on the last day there is, the last instant.
fn at(day: Date, minute: u16) -> DateTime {
    match (day.tomorrow(), minute) {
        (Ok(tomorrow), MINUTES_OF_DAY) => tomorrow.to_datetime(ClockTime::midnight()),
        (Err(_), MINUTES_OF_DAY) => day.to_datetime(ClockTime::MAX),
        _ => day.to_datetime(ClockTime::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0)),
    }
}

impl TryFrom<BTreeMap<String, Vec<(String, String)>>> for Opening {
    type Error = String;

    fn try_from(by_name: BTreeMap<String, Vec<(String, String)>>) -> Result<Opening, String> {
        let mut opening = Opening { days: Default::default() };
        for (name, hours) in by_name {
            let weekday = WEEKDAYS
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| format!("{name:?} is no weekday, they are {}", WEEKDAYS.join(" ")))?;
            opening.days[weekday] = ranges(&name, hours)?;
        }
        Ok(opening)
    }
}

impl From<Opening> for BTreeMap<String, Vec<(String, String)>> {
    fn from(opening: Opening) -> Self {
        let hours = |ranges: Vec<(u16, u16)>| ranges.into_iter().map(|(from, to)| (clock(from), clock(to))).collect();
        WEEKDAYS.iter().zip(opening.days).map(|(name, ranges)| ((*name).to_owned(), hours(ranges))).collect()
    }
}

/// `08:30` as minutes of the day; `24:00` is its end.
fn minute(text: &str) -> Result<u16, String> {
    let parsed = text.split_once(':').filter(|(hours, minutes)| hours.len() <= 2 && minutes.len() == 2);
    parsed
        .and_then(|(hours, minutes)| {
            Some(hours.parse::<u16>().ok()? * 60 + minutes.parse::<u16>().ok().filter(|m| *m < 60)?)
        })
        .filter(|minute| *minute <= MINUTES_OF_DAY)
        .ok_or_else(|| format!("{text:?} is no time of day, they run from 00:00 to 24:00"))
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
