//! Months and weeks of the organisation's calendar: their names, where they begin and end, those before them.

use marque_sdk::{Date, Result};
use serde::{Deserialize, Serialize};

use crate::desk::refuse;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// From the first of a month to its last day.
    Month,
    /// From a Monday to the Sunday after.
    Week,
}

/// A month or a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Which of both.
    pub grain: Grain,
    /// Its first day.
    pub first: Date,
    /// The first day after it.
    pub after: Date,
    ahead: i64,
}

/// A Monday to count from.
const MONDAY: &str = "2024-01-01";

impl Period {
    /// The month a day lies in.
    pub fn month_of(day: Date, ahead: i64) -> Period {
        let first = first_of_month(day);
        Period { grain: Grain::Month, first, after: first.plus_months(1), ahead }
    }

    /// The week a day lies in.
    pub fn week_of(day: Date, ahead: i64) -> Result<Period> {
        let monday: Date = MONDAY.parse()?;
        let first = day.plus_days(-monday.days_until(day).rem_euclid(7));
        Ok(Period { grain: Grain::Week, first, after: first.plus_days(7), ahead })
    }

    /// `2026-03` or `2026-W11`.
    pub fn parse(name: &str, ahead: i64) -> Result<Period> {
        let week = name.split_once("-W").and_then(|(year, week)| Some((year, week.parse::<i64>().ok()?)));
        if let Some((year, week)) = week {
            // The fourth of January always lies in the first week.
            let first = Period::week_of(format!("{year}-01-04").parse()?, ahead)?.first.plus_days(7 * (week - 1));
            return Period::week_of(first, ahead);
        }
        match format!("{name}-01").parse() {
            Ok(day) => Ok(Period::month_of(day, ahead)),
            Err(_) => refuse("period_invalid", "/month", format!("{name:?} is no month: write it like 2026-03")),
        }
    }

    /// What it is called: `2026-03`, `2026-W11`.
    pub fn name(&self) -> String {
        match self.grain {
            Grain::Month => self.first.to_string()[..7].to_owned(),
            // A week belongs to the year its Thursday lies in.
            Grain::Week => {
                let thursday = self.first.plus_days(3);
                let begin: Date = format!("{}-01-01", thursday.year()).parse().unwrap_or(thursday);
                format!("{}-W{:02}", thursday.year(), begin.days_until(thursday) / 7 + 1)
            }
        }
    }

    /// So many periods later, earlier when negative.
    pub fn plus(&self, n: i64) -> Period {
        match self.grain {
            Grain::Month => Period::month_of(self.first.plus_months(n), self.ahead),
            Grain::Week => {
                Period { first: self.first.plus_days(7 * n), after: self.after.plus_days(7 * n), ..self.clone() }
            }
        }
    }

    /// The same days some months off; of a month the whole month.
    pub fn months_off(&self, months: i64) -> Period {
        match self.grain {
            Grain::Month => self.plus(months),
            Grain::Week => {
                Period { first: self.first.plus_months(months), after: self.after.plus_months(months), ..self.clone() }
            }
        }
    }

    /// As much time before its end as these months.
    pub fn reaching_back(&self, months: i64) -> Period {
        Period { first: self.after.plus_months(-months), ..self.clone() }
    }

    /// When it begins, in UTC.
    pub fn from(&self) -> String {
        midnight(self.first, self.ahead)
    }

    /// When it is over, in UTC.
    pub fn to(&self) -> String {
        midnight(self.after, self.ahead)
    }

    /// What holds its place among the organisation's periods.
    pub fn slot(&self) -> String {
        self.name()
    }

    /// Midnight of a day by the clock it is counted by, in UTC.
    pub fn midnight(&self, day: Date) -> String {
        midnight(day, self.ahead)
    }
}

/// Midnight of a day where the clock is so many hours ahead, in UTC.
fn midnight(day: Date, ahead: i64) -> String {
    match ahead {
        0 => format!("{day}T00:00:00.000Z"),
        ahead => format!("{}T{:02}:00:00.000Z", day.plus_days(-1), 24 - ahead),
    }
}

/// The first day of a month.
pub fn first_of_month(day: Date) -> Date {
    format!("{}-01", &day.to_string()[..7]).parse().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_begins_at_local_midnight() {
        let march = Period::month_of(day("2026-03-13"), 8);
        assert_eq!(
            (march.name(), march.from(), march.to()),
            ("2026-03".into(), "2026-02-28T16:00:00.000Z".into(), "2026-03-31T16:00:00.000Z".into())
        );
        assert_eq!(Period::parse("2026-03", 8).unwrap(), march);
        assert_eq!(march.plus(-1).from(), "2026-01-31T16:00:00.000Z");
        assert_eq!(march.plus(10).name(), "2027-01");
        assert_eq!(march.reaching_back(12).from(), "2025-03-31T16:00:00.000Z");
        assert_eq!(Period::month_of(day("2026-03-13"), 0).from(), "2026-03-01T00:00:00.000Z");
    }

    #[test]
    fn weeks_are_numbered_as_the_calendar_numbers_them() {
        for (text, name) in [
            ("2026-03-13", "2026-W11"),
            ("2026-01-01", "2026-W01"),
            ("2027-01-03", "2026-W53"),
            ("2024-12-30", "2025-W01"),
            ("2028-12-31", "2028-W52"),
        ] {
            let week = Period::week_of(day(text), 8).unwrap();
            assert_eq!(week.name(), name, "{text}");
            assert_eq!(Period::parse(name, 8).unwrap(), week);
        }
        assert_eq!(Period::week_of(day("2026-03-09"), 8).unwrap().first, day("2026-03-09"));
        assert_eq!(Period::week_of(day("2026-03-15"), 8).unwrap().first, day("2026-03-09"));
        assert_eq!(Period::parse("2026-W01", 8).unwrap().plus(-1).name(), "2025-W52");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        assert_eq!(Period::parse("2026-13", 8).unwrap_err().code, "period_invalid");
        assert!(Period::parse("", 8).is_err());
    }
}
