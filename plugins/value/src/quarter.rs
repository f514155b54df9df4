//! Quarters of the calendar: `2026Q1`.

use std::{fmt, str::FromStr};

use marque_sdk::{Date, Fault, Result};
use serde::{Deserialize, Serialize};

/// Three months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quarter {
    year: i64,
    n: i64,
}

impl Quarter {
    /// The quarter a day lies in.
    pub fn of(day: Date) -> Quarter {
        let month: i64 = day.to_string().get(5..7).and_then(|text| text.parse().ok()).unwrap_or(1);
        Quarter { year: day.year(), n: (month - 1) / 3 + 1 }
    }

    /// Its first day.
    pub fn first(self) -> Date {
        format!("{:04}-{:02}-01", self.year, self.n * 3 - 2).parse().expect("the first of a month is a day")
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.next().first().plus_days(-1)
    }

    /// The one after it, in which its grades hold.
    pub fn next(self) -> Quarter {
        Quarter::of(self.first().plus_months(3))
    }

    /// The one before it.
    pub fn before(self) -> Quarter {
        Quarter::of(self.first().plus_months(-3))
    }
}

impl FromStr for Quarter {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Quarter> {
        let wrong = || Fault::new("quarter_invalid", format!("{text:?} is not a quarter: write it like 2026Q1"));
        let (year, n) = text.split_once('Q').ok_or_else(wrong)?;
        match (year.parse(), n.parse()) {
            (Ok(year), Ok(n)) if (1990..=2200).contains(&year) && (1..=4).contains(&n) && text.len() == 6 => {
                Ok(Quarter { year, n })
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.n)
    }
}

impl TryFrom<String> for Quarter {
    type Error = Fault;

    fn try_from(text: String) -> Result<Quarter> {
        text.parse()
    }
}

impl From<Quarter> for String {
    fn from(quarter: Quarter) -> String {
        quarter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_knows_its_days_and_its_neighbours() {
        let quarter: Quarter = "2026Q1".parse().unwrap();
        assert_eq!(quarter.first().to_string(), "2026-01-01");
        assert_eq!(quarter.last().to_string(), "2026-03-31");
        assert_eq!(quarter.before().to_string(), "2025Q4");
        assert_eq!(quarter.next().to_string(), "2026Q2");
        assert_eq!(Quarter::of("2026-12-31".parse().unwrap()).to_string(), "2026Q4");
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for text in ["", "2026", "2026Q5", "2026Q0", "26Q1", "2026q1", "Q1"] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }
}
