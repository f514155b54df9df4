//! Days: what people write and spreadsheets hold into `2026-03-13`.

use jiff::civil::{Date, DateTime, Time};

use super::{FormatError, is_invisible};
use unicode_normalization::UnicodeNormalization;

/// Spreadsheet days without a date format are numbers since here. The made-up 29 February 1900 of that count is why
/// the count starts a day early, and why numbers before March 1900 are not taken.
const SERIAL_ZERO: Date = jiff::civil::date(1899, 12, 30);

/// The day as `YYYY-MM-DD`.
///
/// The year comes first in what is accepted: `13/3/2026` and `3/13/2026` are both written by somebody.
///
/// ```
/// use marque::model::format::date;
/// for typed in ["2026-03-13", "2026/3/13", "2026年3月13日", "46094", "20260313", "2026-03-13 10:00"] {
///     assert_eq!(date::normalize(typed)?, "2026-03-13");
/// }
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    parse(text).map(|moment| moment.date().to_string())
}

/// The day, and the time of day if there is one, else midnight. A zone behind the time is not read.
pub fn parse(text: &str) -> Result<DateTime, FormatError> {
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let plain = plain.trim().trim_start_matches('\'');
    if plain.is_empty() {
        return Err(FormatError::new("date.empty", "there is no date: write one like 2026-03-13"));
    }
    let parsed = if plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.matches('.').count() < 2 {
        compact_date(plain).or_else(|| serial(plain))
    } else {
        written(plain)
    };
    parsed.filter(|moment| (1800..=2999).contains(&moment.date().year())).ok_or_else(|| {
        let shown: String = text.trim().chars().take(40).collect();
        FormatError::new(
            "date.invalid",
            format!("date {shown:?} is not a day: write year, month and day like 2026-03-13"),
        )
    })
}

/// `20260313`.
fn compact_date(digits: &str) -> Option<DateTime> {
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()?;
    Some(date.to_datetime(Time::midnight()))
}

/// `46094`, `46094.5`. Below 10 000 (May 1927) a number is likelier a year or a count than a day.
fn serial(digits: &str) -> Option<DateTime> {
    let number: f64 = digits.parse().ok()?;
    if !(10_000.0..402_134.0).contains(&number) {
        return None;
    }
    let seconds = ((number.fract() * 86_400.0).round() as i64).min(86_399);
    let day = SERIAL_ZERO.checked_add(jiff::Span::new().days(number.trunc() as i64)).ok()?;
    day.to_datetime(Time::midnight()).checked_add(jiff::Span::new().seconds(seconds)).ok()
}

/// Year, month and day with anything usual between them, then perhaps a time of day.
fn written(text: &str) -> Option<DateTime> {
    let mut rest = text;
    let year = number(&mut rest, 4..=4)?;
    let between = separator(&mut rest, &["年", "-", "/", "."])?;
    let month = number(&mut rest, 1..=2)?;
    separator(&mut rest, if between == "年" { &["月"] } else { std::slice::from_ref(&between) })?;
    let day = number(&mut rest, 1..=2)?;
    if between == "年" {
        // People leave the last character out, or say 号.
        separator(&mut rest, &["日", "号", ""])?;
    }
    let date = Date::new(year, month as i8, day as i8).ok()?;
    Some(date.to_datetime(clock(rest)?))
}

/// What stands behind the day: nothing, a weekday in brackets, or a time with or without a zone.
fn clock(rest: &str) -> Option<Time> {
    let rest = rest.trim_start_matches(['T', 't']).trim();
    if rest.is_empty() || rest.starts_with(['(', '星', '周']) {
        return Some(Time::midnight());
    }
    let mut rest = rest;
    let hour = number(&mut rest, 1..=2)?;
    separator(&mut rest, &[":", "时", "点"])?;
    let minute = if rest.is_empty() { 0 } else { number(&mut rest, 1..=2)? };
    let second = match separator(&mut rest, &[":", "分", ""])? {
        ":" | "分" if rest.starts_with(|c: char| c.is_ascii_digit()) => number(&mut rest, 1..=2)?,
        _ => 0,
    };
    let zone = rest.trim_start_matches(|c: char| c == '.' || c == '秒' || c.is_ascii_digit()).trim();
    let is_zone = zone.is_empty() || zone == "Z" || zone == "z" || zone.starts_with(['+', '-']);
    if is_zone { Time::new(hour as i8, minute as i8, second as i8, 0).ok() } else { None }
}

fn number(rest: &mut &str, n_digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let trimmed = rest.trim_start();
    let end = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    if !n_digits.contains(&end) {
        return None;
    }
    *rest = trimmed[end..].trim_start_matches(' ');
    trimmed[..end].parse().ok()
}

/// The first of `allowed` that comes next; the empty text always does.
fn separator<'a>(rest: &mut &str, allowed: &[&'a str]) -> Option<&'a str> {
    let found = allowed.iter().find(|text| rest.starts_with(**text))?;
    *rest = &rest[found.len()..];
    Some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_and_spreadsheets_write() {
        for typed in [
            "2026-03-13",
            "2026-3-13",
            "2026/3/13",
            "2026/03/13",
            "2026.3.13",
            "2026年3月13日",
            "2026年03月13",
            "2026 年 3 月 13 日",
            "2026年3月13号",
            "20260313",
            "46094",
            "46094.0",
            "46094.75",
            "２０２６－０３－１３",
            "2026-03-13T10:00:00+08:00",
            "2026-03-13 10:00:00.000Z",
            "2026/3/13 9:05",
            "2026年3月13日 10时30分",
            "2026-03-13 星期五",
            "'2026-03-13",
            "　2026-03-13 ",
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok("2026-03-13"), "{typed:?}");
        }
    }

    #[test]
    fn the_time_of_day_is_kept_where_asked() {
        for (typed, expected) in [
            ("2026-03-13 9:05", "2026-03-13T09:05:00"),
            ("46094.75", "2026-03-13T18:00:00"),
            ("2026年3月13日 10时30分15秒", "2026-03-13T10:30:15"),
            ("2026-03-13", "2026-03-13T00:00:00"),
        ] {
            assert_eq!(parse(typed).map(|moment| moment.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_may_be_two_days_or_none_is_refused() {
        for typed in [
            "",
            "无",
            "13/3/2026",
            "3/13/2026",
            "03/04/2026",
            "26-3-13",
            "2026-02-29",
            "2026-13-01",
            "2026/3-13",
            "2026",
            "1234",
            "2026-03",
            "99999999",
            "2026-03-13 25:00",
            "2026-03-13 hello",
            "2026-03-133",
            "Mar 13 2026",
            "3月13日",
            "0000-01-01",
            "46094.1.2",
        ] {
            let error = normalize(typed).expect_err(typed);
            assert!(error.message.contains("2026-03-13"), "{typed:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "[0-9年月日/.:\\-T Z+]{0,20}|\\PC{0,20}") {
            if let Ok(date) = normalize(&text) {
                prop_assert_eq!(normalize(&date), Ok(date.clone()));
            }
        }

        #[test]
        fn every_spelling_of_a_day_is_that_day(days in 0i64..60_000) {
            let day = jiff::civil::date(1950, 1, 1).saturating_add(jiff::Span::new().days(days));
            let (y, m, d) = (day.year(), day.month(), day.day());
            let serial = day.since(SERIAL_ZERO).expect("both are days").get_days();
            for typed in [format!("{y}-{m}-{d}"), format!("{y}/{m:02}/{d:02}"), format!("{y}年{m}月{d}日"), format!("{y}{m:02}{d:02}"), serial.to_string()] {
                prop_assert_eq!(normalize(&typed), Ok(day.to_string()), "{}", typed);
            }
        }
    }
}
