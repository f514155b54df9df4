//! When a job runs: the five fields of cron, read by the clock on the wall of a time zone.

use std::{ops::RangeInclusive, str::FromStr};

use jiff::{civil::Date, tz::TimeZone};

use crate::{Error, Result, model::Time};

/// A day that never comes, the 30th of February, is given up after the longest gap there is: 8 years around 2100, and some.
const MAX_DAYS: u32 = 9 * 366;

/// `minute hour day month weekday`, each `*`, a number, a range, a list, or steps of one: `*/15 8-18 * * 1-5`. Weekdays are 0 to 7, both
/// ends Sunday. Where day and weekday are both given, either will do.
///
/// ```
/// use marque::model::{Time, cron::Cron};
/// let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
/// let cron: Cron = "30 9 * * 1-5".parse()?;
/// let saturday: Time = "2026-03-14T00:00:00+08:00".parse()?;
/// assert_eq!(cron.next(saturday, &zone), Some("2026-03-16T09:30:00+08:00".parse()?));
/// # Ok::<(), marque::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether day and weekday are both given.
    is_either: bool,
}

impl FromStr for Cron {
    type Err = Error;

    fn from_str(text: &str) -> Result<Cron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(wrong(text, "it has five fields: minute hour day month weekday"));
        };
        let cron = Cron {
            minutes: bits(text, minutes, 0..=59)?,
            hours: bits(text, hours, 0..=23)?,
            days: bits(text, days, 1..=31)?,
            months: bits(text, months, 1..=12)?,
            // Both 0 and 7 are Sunday.
            weekdays: bits(text, weekdays, 0..=7).map(|bits| (bits | bits >> 7) & 0x7f)?,
            is_either: !days.starts_with('*') && !weekdays.starts_with('*'),
        };
        match cron.next(Time::from_millis(0), &TimeZone::UTC) {
            Some(_) => Ok(cron),
            None => Err(wrong(text, "that day never comes")),
        }
    }
}

impl Cron {
    /// The first moment after another. Where clocks are put forward over it, it comes that much later; where they are put back, once.
    pub fn next(&self, after: Time, zone: &TimeZone) -> Option<Time> {
        let mut date = zone.to_datetime(after.timestamp()).date();
        for _ in 0..MAX_DAYS {
            if self.is_day(date)
                && let Some(found) = self.on(date, after, zone)
            {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn on(&self, date: Date, after: Time, zone: &TimeZone) -> Option<Time> {
        let hours = (0..24i8).filter(|hour| has(self.hours, *hour));
        let clock =
            hours.flat_map(|hour| (0..60i8).filter(|minute| has(self.minutes, *minute)).map(move |m| (hour, m)));
        clock
            .filter_map(|(hour, minute)| {
                let at = zone.to_ambiguous_timestamp(date.at(hour, minute, 0, 0)).compatible().ok()?;
                Some(Time::from(at))
            })
            .find(|at| *at > after)
    }

    fn is_day(&self, date: Date) -> bool {
        let is_day = has(self.days, date.day());
        let is_weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let fits = if self.is_either { is_day || is_weekday } else { is_day && is_weekday };
        has(self.months, date.month()) && fits
    }
}

fn has(bits: u64, n: i8) -> bool {
    bits >> n & 1 == 1
}

fn bits(text: &str, field: &str, range: RangeInclusive<u32>) -> Result<u64> {
    field.split(',').try_fold(0, |bits, part| Ok(bits | part_bits(text, part, &range)?))
}

fn part_bits(text: &str, part: &str, range: &RangeInclusive<u32>) -> Result<u64> {
    let out = || wrong(text, &format!("{part:?} is not within {} to {}", range.start(), range.end()));
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| range.contains(n)).ok_or_else(out);
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, Some(step.parse::<u32>().ok().filter(|step| *step > 0).ok_or_else(out)?)),
        None => (part, None),
    };
    let (first, last) = match (span, span.split_once('-'), step) {
        ("*", ..) => (*range.start(), *range.end()),
        (_, Some((first, last)), _) => (number(first)?, number(last)?),
        // `5/15` counts on from 5, and `5/1` too.
        (first, None, Some(_)) => (number(first)?, *range.end()),
        (only, None, None) => (number(only)?, number(only)?),
    };
    if first > last {
        return Err(out());
    }
    Ok((first..=last).step_by(step.unwrap_or(1) as usize).fold(0, |bits, n| bits | 1 << n))
}

fn wrong(text: &str, why: &str) -> Error {
    Error::invalid("cron", format!("cron {text:?}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, after: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).expect("a zone");
        let after = after.parse().expect("a time");
        let next = cron.parse::<Cron>().expect(cron).next(after, &zone).expect("it comes");
        next.to_string()
    }

    #[test]
    fn jobs_run_by_the_clock_on_the_wall() {
        for (cron, after, expected) in [
            ("0 2 * * *", "2026-03-13T02:00:00+08:00", "2026-03-13T18:00:00.000Z"),
            ("*/15 8-18 * * 1-5", "2026-03-13T18:50:00+08:00", "2026-03-16T00:00:00.000Z"),
            ("0 9 1 * *", "2026-12-31T00:00:00Z", "2027-01-01T01:00:00.000Z"),
            ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-28T16:00:00.000Z"),
            ("5/20 0 * * *", "2026-03-13T00:10:00+08:00", "2026-03-12T16:25:00.000Z"),
            ("5/1 0 * * *", "2026-03-13T00:10:00+08:00", "2026-03-12T16:11:00.000Z"),
            ("0 8 15 * 7", "2026-03-13T12:00:00+08:00", "2026-03-15T00:00:00.000Z"),
        ] {
            assert_eq!(next(cron, after, "Asia/Shanghai"), expected, "{cron} after {after}");
        }
    }

    #[test]
    fn what_summer_time_leaves_out_comes_later_and_what_it_repeats_comes_once() {
        assert_eq!(next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T01:30:00.000Z");
        let first = next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin");
        assert_eq!(first, "2026-10-25T00:30:00.000Z");
        assert_eq!(next("30 2 * * *", &first, "Europe/Berlin"), "2026-10-26T01:30:00.000Z");
    }

    #[test]
    fn what_is_no_cron_says_why() {
        for (cron, why) in [
            ("* * * *", "five fields"),
            ("60 * * * *", "\"60\" is not within 0 to 59"),
            ("* * 0 * *", "\"0\" is not within 1 to 31"),
            ("*/0 * * * *", "\"*/0\""),
            ("5-1 * * * *", "\"5-1\""),
            ("0 0 30 2 *", "never comes"),
            ("a * * * *", "\"a\""),
        ] {
            let error = cron.parse::<Cron>().expect_err(cron);
            assert!(error.message.contains(why), "{}", error.message);
        }
    }
}
