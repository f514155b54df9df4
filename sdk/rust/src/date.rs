//! Days of the calendar: as `date` fields hold them, with months counted as people count them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Fault, Result, info::Call};

/// A day, `2026-03-13`. Days compare like the time they name.
///
/// ```
/// use marque_sdk::Date;
///
/// let bought: Date = "2024-02-29".parse()?;
/// assert_eq!(bought.plus_months(12).to_string(), "2025-02-28"); // The day stays, clamped to the month's last.
/// assert_eq!(bought.plus_days(-90).to_string(), "2023-12-01");
/// assert!("2026-02-30".parse::<Date>().is_err());
/// # Ok::<(), marque_sdk::Fault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// Zones of the brand's country and its neighbours; none of them puts its clocks forward. Others count in UTC.
const AHEAD: [(&str, i64); 6] = [
    ("Asia/Shanghai", 8),
    ("Asia/Chongqing", 8),
    ("Asia/Hong_Kong", 8),
    ("Asia/Macau", 8),
    ("Asia/Taipei", 8),
    ("Asia/Urumqi", 6),
];

impl Date {
    /// So many months later, on the same day or the last of its month.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Date {
        let months = self.year * 12 + self.month - 1 + months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        Date { year, month, day: self.day.min(days_in(year, month)) }
    }

    /// So many days later; earlier when negative.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Date {
        from_days(to_days(self) + days)
    }

    /// Days from here to `other`, negative when it has passed.
    pub fn days_until(self, other: Date) -> i64 {
        to_days(other) - to_days(self)
    }

    /// The year.
    pub fn year(self) -> i64 {
        self.year
    }

    /// The day it is for whoever calls.
    ///
    /// ```
    /// # use marque_sdk::{Date, info, testing::Given};
    /// # Given::new().now("2026-03-13T23:30:00Z").run(|| {
    /// assert_eq!(Date::today(&info::call()?)?.to_string(), "2026-03-14"); // It is morning in Shanghai.
    /// # Ok(()) });
    /// ```
    pub fn today(call: &Call) -> Result<Date> {
        Date::of(&call.now, call)
    }

    /// The day that a moment in UTC falls on for whoever calls.
    pub fn of(moment: &str, call: &Call) -> Result<Date> {
        let (day, clock) = moment.split_at_checked(10).ok_or_else(|| wrong(moment))?;
        let hour: i64 = clock.get(1..3).and_then(|hour| hour.parse().ok()).ok_or_else(|| wrong(moment))?;
        let ahead = AHEAD.iter().find(|(zone, _)| *zone == call.time_zone).map_or(0, |(_, hours)| *hours);
        Ok(day.parse::<Date>()?.plus_days((hour + ahead).div_euclid(24)))
    }

    /// Nine in the morning of this day in China: when timers about whole days ring.
    pub fn morning(self) -> String {
        format!("{self}T01:00:00.000Z")
    }
}

impl FromStr for Date {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Date> {
        let parts: Vec<i64> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>().unwrap_or_default();
        match parts[..] {
            [year, month, day]
                if text.len() == 10 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day) =>
            {
                Ok(Date { year, month, day })
            }
            _ => Err(wrong(text)),
        }
    }
}

fn wrong(text: &str) -> Fault {
    Fault::new("date_invalid", format!("{text:?} is not a day: write it like 2026-03-13"))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl TryFrom<String> for Date {
    type Error = Fault;

    fn try_from(text: String) -> Result<Date> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> String {
        date.to_string()
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that the leap day comes last.
fn to_days(date: Date) -> i64 {
    let year = if date.month <= 2 { date.year - 1 } else { date.year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn from_days(days: i64) -> Date {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_day_of_forty_years_comes_back() {
        let first = to_days(day("2000-01-01"));
        for days in first..first + 40 * 366 {
            assert_eq!(to_days(from_days(days)), days);
            assert_eq!(day(&from_days(days).to_string()), from_days(days));
        }
    }

    #[test]
    fn months_keep_the_day_clamped_to_the_last() {
        assert_eq!(day("2026-01-31").plus_months(1), day("2026-02-28"));
        assert_eq!(day("2026-11-30").plus_months(27), day("2029-02-28"));
        assert_eq!(day("2026-03-13").plus_months(36), day("2029-03-13"));
        assert_eq!(day("2026-03-13").plus_months(-3), day("2025-12-13"));
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(day("2024-02-28").plus_days(2), day("2024-03-01"));
        assert_eq!(day("2026-03-13").days_until(day("2026-03-14")), 1);
        assert_eq!(day("2026-03-13").days_until(day("2025-03-13")), -365);
    }

    #[test]
    fn nonsense_is_no_day() {
        for text in ["", "2026-3-13", "2026-02-29", "2026-13-01", "13.03.2026", "2026-03-13T10:00", "-026-03-13"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_dealers_zone() {
        let call = |zone: &str| {
            let call = serde_json::json!({
                "now": "2026-03-12T17:00:00.000Z", "plugin": "p", "version": "0.1.0", "org": "d1", "org_name": "",
                "time_zone": zone, "locale": "zh-CN",
            });
            Date::today(&serde_json::from_value(call).unwrap()).unwrap()
        };
        assert_eq!(call("Asia/Shanghai"), day("2026-03-13"));
        assert_eq!(call("Asia/Urumqi"), day("2026-03-12"));
        assert_eq!(call("Europe/Berlin"), day("2026-03-12"));
    }
}
