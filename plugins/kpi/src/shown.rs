//! Numbers as people read them: exact values, rounded half up once, here.

use marque_sdk::Value;
use serde::{Deserialize, Serialize};

/// A quotient that is worked out when it is shown or compared, never before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// What is divided.
    pub top: f64,
    /// By what; never zero.
    pub base: f64,
    /// Times this: 100 for percent.
    pub factor: f64,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Of a hundred.
    Percent,
    /// Of a thousand.
    PerMille,
    /// Things.
    #[default]
    Count,
    /// Of business time.
    Minutes,
    /// Of the calendar.
    Days,
    /// Fen, shown as yuan.
    Money,
    /// Points of a survey.
    Score,
    /// Times.
    Ratio,
}

/// Four digits behind the point are kept of what is not whole.
const KEPT: f64 = 10_000.0;

impl Exact {
    /// A number that stands for itself.
    pub fn plain(value: f64) -> Exact {
        Exact { top: value, base: 1.0, factor: 1.0 }
    }

    /// As it is stored, four digits behind the point.
    pub fn value(self) -> f64 {
        self.rounded(4) as f64 / KEPT
    }

    /// Its value times a power of ten, half up away from zero. Whole numbers all the way, so that 12.25 is never 12.2.
    fn rounded(self, digits: u32) -> i128 {
        let whole = |number: f64| (number * KEPT).round() as i128;
        let top = whole(self.top) * whole(self.factor) * 10_i128.pow(digits);
        let base = whole(self.base) * KEPT as i128;
        if base == 0 {
            return 0;
        }
        let (sign, top, base) = (top.signum() * base.signum(), top.abs(), base.abs());
        sign * ((2 * top + base) / (2 * base))
    }

    /// As people read it, with its unit.
    pub fn shown(self, unit: Unit) -> String {
        match unit {
            Unit::Percent => format!("{} %", self.digits(1)),
            Unit::PerMille => format!("{} ‰", self.digits(1)),
            Unit::Count => self.trimmed(1),
            Unit::Minutes => format!("{} min", self.trimmed(1)),
            Unit::Days => format!("{} d", self.digits(1)),
            Unit::Money => format!("¥{}", Exact { factor: self.factor / 100.0, ..self }.digits(2)),
            Unit::Score => self.digits(1),
            Unit::Ratio => self.digits(2),
        }
    }

    fn digits(self, digits: u32) -> String {
        let rounded = self.rounded(digits);
        let (sign, rounded, unit) = (if rounded < 0 { "-" } else { "" }, rounded.abs(), 10_i128.pow(digits));
        format!("{sign}{}.{:0width$}", grouped(rounded / unit), rounded % unit, width = digits as usize)
    }

    /// Without digits that say nothing.
    fn trimmed(self, digits: u32) -> String {
        let text = self.digits(digits);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    }
}

/// A number as JSON: whole where it is whole.
pub fn number(value: f64) -> Value {
    // Beyond this not every whole number is one of these.
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

/// Thousands apart: `1 320`.
fn grouped(whole: i128) -> String {
    let digits = whole.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(top: f64, base: f64, factor: f64) -> Exact {
        Exact { top, base, factor }
    }

    #[test]
    fn rates_are_rounded_half_up_once() {
        let percent = |top, base| rate(top, base, 100.0).shown(Unit::Percent);
        for (top, base, shown) in [
            (256.0, 320.0, "80.0 %"),
            (140.0, 320.0, "43.8 %"),
            (64.0, 256.0, "25.0 %"),
            (48.0, 320.0, "15.0 %"),
            (48.0, 256.0, "18.8 %"),
            (30.0, 140.0, "21.4 %"),
            (27.0, 410.0, "6.6 %"),
            (1.0, 3.0, "33.3 %"),
            (2.0, 3.0, "66.7 %"),
            (1.0, 800.0, "0.1 %"),
            (0.0, 5.0, "0.0 %"),
            (-1.0, 8.0, "-12.5 %"),
        ] {
            assert_eq!(percent(top, base), shown);
        }
        assert_eq!(rate(18.0, 2_400.0, 1_000.0).shown(Unit::PerMille), "7.5 ‰");
    }

    #[test]
    fn each_unit_is_written_its_own_way() {
        assert_eq!(Exact::plain(1_320.0).shown(Unit::Count), "1 320");
        assert_eq!(Exact::plain(12.5).shown(Unit::Minutes), "12.5 min");
        assert_eq!(Exact::plain(28.0).shown(Unit::Minutes), "28 min");
        assert_eq!(Exact::plain(123_456_789.0).shown(Unit::Money), "¥1 234 567.89");
        assert_eq!(Exact::plain(812.44).shown(Unit::Score), "812.4");
        assert_eq!(rate(9.0, 4.0, 1.0).shown(Unit::Ratio), "2.25");
        assert_eq!(Exact::plain(1_000_000.0).shown(Unit::Count), "1 000 000");
        assert_eq!(rate(2.0, 3.0, 100.0).value().to_string(), "66.6667");
    }
}
