//! Dates for scripts: functions over RFC 3339 texts, `2026-03-13T10:00:00+08:00` or `2026-03-13`.
//!
//! There is no clock; `NOW` is a text like any other, and its offset is the one in which `hour` and `date` are read
//! and in which a date without a time begins.

use rhai::{Engine, EvalAltResult, INT};

use crate::problem;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 0001-01-01 and the end of 9999-12-31, in days since 1970.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// A moment, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    millis: i64,
    /// East of Greenwich, of the text itself.
    pub offset_minutes: i64,
    is_date: bool,
}

/// Registers them. `offset_minutes` is the offset of `NOW`.
pub fn register(engine: &mut Engine, offset_minutes: i64) {
    let local = offset_minutes;
    for (name, unit) in [("minutes_between", MINUTE), ("hours_between", HOUR), ("days_between", DAY)] {
        engine.register_fn(name, move |from: &str, to: &str| -> Outcome<INT> {
            Ok((moment(to, local)?.millis - moment(from, local)?.millis) / unit)
        });
    }
    for (name, unit) in [("add_minutes", MINUTE), ("add_hours", HOUR), ("add_days", DAY)] {
        engine.register_fn(name, move |text: &str, n: INT| -> Outcome<String> { moment(text, local)?.plus(n, unit) });
    }
    engine.register_fn("is_before", move |a: &str, b: &str| -> Outcome<bool> {
        Ok(moment(a, local)?.millis < moment(b, local)?.millis)
    });
    engine.register_fn("is_after", move |a: &str, b: &str| -> Outcome<bool> {
        Ok(moment(a, local)?.millis > moment(b, local)?.millis)
    });
    engine
        .register_fn("date", move |text: &str| -> Outcome<String> { Ok(date_text(moment(text, local)?.days(local))) });
    engine.register_fn("year", move |text: &str| -> Outcome<INT> { Ok(civil(moment(text, local)?.days(local)).0) });
    engine.register_fn("month", move |text: &str| -> Outcome<INT> { Ok(civil(moment(text, local)?.days(local)).1) });
    engine.register_fn("day", move |text: &str| -> Outcome<INT> { Ok(civil(moment(text, local)?.days(local)).2) });
    engine.register_fn("hour", move |text: &str| -> Outcome<INT> {
        Ok((moment(text, local)?.millis + local * MINUTE).rem_euclid(DAY) / HOUR)
    });
    // 1 is Monday, 7 is Sunday; 1 January 1970 was a Thursday.
    engine.register_fn("weekday", move |text: &str| -> Outcome<INT> {
        Ok((moment(text, local)?.days(local) + 3).rem_euclid(7) + 1)
    });
}

fn moment(text: &str, local: i64) -> Outcome<Moment> {
    Moment::parse(text, local).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        problem::raise(
            problem::TYPE,
            format!("{shown:?} is not a date: write it like 2026-03-13 or 2026-03-13T10:00:00+08:00"),
        )
    })
}

impl Moment {
    /// Reads a text; a date alone begins at midnight of the `local` offset.
    pub fn parse(text: &str, local: i64) -> Option<Moment> {
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let days = parse_date(date)?;
        let Some(time) = time else {
            return Some(Moment { millis: days * DAY - local * MINUTE, offset_minutes: local, is_date: true });
        };
        let (clock, offset_minutes) = match time.strip_suffix(['Z', 'z']) {
            Some(clock) => (clock, 0),
            None => {
                let at = time.rfind(['+', '-'])?;
                let sign = if time[at..].starts_with('-') { -1 } else { 1 };
                (&time[..at], sign * parse_clock(&time[at + 1..])? / MINUTE)
            }
        };
        Some(Moment {
            millis: days * DAY + parse_clock(clock)? - offset_minutes * MINUTE,
            offset_minutes,
            is_date: false,
        })
    }

    /// Written as it came: a date stays a date when whole days are added, everything else is UTC with milliseconds.
    fn plus(self, n: i64, unit: i64) -> Outcome<String> {
        let too_far = || problem::raise(problem::TYPE, "a date must lie between the years 1 and 9999");
        let millis = n.checked_mul(unit).and_then(|span| self.millis.checked_add(span)).ok_or_else(too_far)?;
        if self.is_date && unit == DAY {
            let days = (millis + self.offset_minutes * MINUTE).div_euclid(DAY);
            return if DAYS.contains(&days) { Ok(date_text(days)) } else { Err(too_far()) };
        }
        if !DAYS.contains(&millis.div_euclid(DAY)) {
            return Err(too_far());
        }
        let (date, rest) = (date_text(millis.div_euclid(DAY)), millis.rem_euclid(DAY));
        let (hour, minute) = (rest / HOUR, rest % HOUR / MINUTE);
        let (second, millis) = (rest % MINUTE / 1000, rest % 1000);
        Ok(format!("{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
    }

    /// Days since 1970 on the clock of `local`.
    fn days(self, local: i64) -> i64 {
        (self.millis + local * MINUTE).div_euclid(DAY)
    }
}

fn parse_date(text: &str) -> Option<i64> {
    let [year, month, day] = text.split('-').map(digits).collect::<Option<Vec<_>>>()?.try_into().ok()?;
    let is_shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let days = days_since_1970(year, month, day);
    // A day that does not exist comes back as another.
    (is_shaped && DAYS.contains(&days) && civil(days) == (year, month, day)).then_some(days)
}

/// `10:00`, `10:00:00` or `10:00:00.123` in milliseconds.
fn parse_clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts = whole.split(':').map(|part| if part.len() == 2 { digits(part) } else { None });
    let (hour, minute, second) = match parts.collect::<Option<Vec<_>>>()?[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    digits(fraction)?;
    let millis: i64 =
        fraction.bytes().chain([b'0', b'0']).take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    (hour < 24 && minute < 60 && second < 60).then_some(hour * HOUR + minute * MINUTE + second * 1000 + millis)
}

fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Counted from 1 March of the year 0, so that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

fn date_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}
