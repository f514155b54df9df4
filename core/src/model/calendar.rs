//! Calendars: when an organisation is open, which days it works, and when something is due.

mod opening;
mod span;

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time as ClockTime, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error, Result,
    error::FieldError,
    model::{Data, Time},
};

pub use opening::{Hours, Opening};
pub use span::{Span, Unit};

/// How far business time is followed before giving up: a calendar that opens a minute a week is a mistake.
const MAX_SEARCH_DAYS: u32 = 50 * 366;

/// Time zone, opening hours and public holidays of an organisation.
///
/// ```
/// use marque::model::{Time, calendar::Calendar};
/// let start: Time = "2026-03-13T10:00:00+08:00".parse()?;
/// let due = Calendar::default().due(start, &"7wd".parse()?)?;
/// assert_eq!(due, "2026-03-24T10:00:00+08:00".parse()?);
/// # Ok::<(), marque::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// Where days begin and end.
    pub time_zone: TimeZone,
    /// For business minutes and hours. Holidays do not close a showroom.
    pub opening: Opening,
    /// For working days.
    pub days: Days,
}

/// What differs from Monday to Friday: `{"holidays":["2026-10-01"],"working":["2026-10-10"]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Days {
    /// Public holidays; on a weekend they change nothing.
    pub holidays: BTreeSet<Date>,
    /// Exchanged working days: weekends that are worked. They win where a day is in both lists.
    pub working: BTreeSet<Date>,
}

impl Default for Calendar {
    /// Asia/Shanghai, 08:30 to 18:00 on all seven days, no holidays.
    fn default() -> Calendar {
        let time_zone = TimeZone::get("Asia/Shanghai").expect("the zone database is compiled in");
        Calendar { time_zone, opening: Opening::default(), days: Days::default() }
    }
}

impl Calendar {
    /// From the fields `time_zone`, `opening_hours` and `calendar` of an organisation's record; each may be absent.
    ///
    /// # Errors
    /// `invalid`, naming the field.
    pub fn from_data(data: &Data) -> Result<Calendar> {
        let mut calendar = Calendar::default();
        let mut errors = Vec::new();
        if let Some(name) = data.get("time_zone").and_then(Value::as_str) {
            match TimeZone::get(name) {
                Ok(zone) => calendar.time_zone = zone,
                Err(_) => errors.push(FieldError::field(
                    "time_zone",
                    "time_zone.invalid",
                    format!("time_zone {name:?} is not known: write one like Asia/Shanghai"),
                )),
            }
        }
        let read = |field: &str, example: &str, error: serde_json::Error| {
            let message = format!("{field} cannot be read, {error}: write it like {example}");
            FieldError::field(field, format!("{field}.invalid"), message)
        };
        match data.get("opening_hours").map(Opening::deserialize) {
            Some(Ok(opening)) => calendar.opening = opening,
            Some(Err(error)) => errors.push(read("opening_hours", r#"{"mon":[["08:30","18:00"]]}"#, error)),
            None => {}
        }
        match data.get("calendar").map(Days::deserialize) {
            Some(Ok(days)) => calendar.days = days,
            Some(Err(error)) => {
                errors.push(read("calendar", r#"{"holidays":["2026-10-01"],"working":["2026-10-10"]}"#, error));
            }
            None => {}
        }
        if errors.is_empty() { Ok(calendar) } else { Err(Error::fields(errors)) }
    }

    /// The moment `span` after `start`. A longer way from a later start never ends earlier, except where clocks are
    /// put back and where months are clamped to their last day.
    ///
    /// Working days from a day that is none are counted from the last instant of the working day before, so that
    /// seven working days from a Saturday end with the seventh working day.
    ///
    /// # Errors
    /// `calendar.closed` when business time is asked of a calendar that is never open; `span.invalid` beyond year 9999.
    pub fn due(&self, start: Time, span: &Span) -> Result<Time> {
        let count = i64::from(span.count());
        if count == 0 {
            return Ok(start);
        }
        let due = match span.unit() {
            Unit::Minute => Some(start.plus_millis(count * 60_000)),
            Unit::Hour => Some(start.plus_millis(count * 3_600_000)),
            Unit::Day => self.local(start).checked_add(count.days()).ok().and_then(|moment| self.instant(moment)),
            Unit::Month => self.local(start).checked_add(count.months()).ok().and_then(|moment| self.instant(moment)),
            Unit::WorkingDay => self.after_working_days(self.local(start), count),
            Unit::BusinessMinute => self.after_business_millis(start, count * 60_000)?,
            Unit::BusinessHour => self.after_business_millis(start, count * 3_600_000)?,
        };
        due.filter(|due| *due <= Time::from(jiff::Timestamp::MAX)).ok_or_else(|| {
            Error::invalid("span", format!("{span} after {start} lies beyond the year 9999: shorten it"))
        })
    }

    /// Whether it is a working day: Monday to Friday but holidays, and exchanged working days.
    pub fn is_working_day(&self, day: Date) -> bool {
        let is_weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.days.working.contains(&day) || (is_weekday && !self.days.holidays.contains(&day))
    }

    /// Date and time of day here.
    pub fn local(&self, time: Time) -> DateTime {
        self.time_zone.to_datetime(time.timestamp())
    }

    /// The moment as RFC 3339 with the offset that holds here.
    pub fn text(&self, time: Time) -> String {
        time.timestamp().to_zoned(self.time_zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The instant of a local time. Of an hour that clocks skip, as much later; of one told twice, the first.
    pub fn instant(&self, local: DateTime) -> Option<Time> {
        self.time_zone.to_ambiguous_timestamp(local).compatible().ok().map(Time::from)
    }

    fn after_working_days(&self, start: DateTime, count: i64) -> Option<Time> {
        let mut day = start.date();
        let mut clock = start.time();
        if !self.is_working_day(day) {
            clock = ClockTime::constant(23, 59, 59, 999_000_000);
        }
        for _ in 0..count {
            day = day.tomorrow().ok()?;
            while !self.is_working_day(day) {
                day = day.tomorrow().ok()?;
            }
        }
        self.instant(day.to_datetime(clock))
    }

    /// `None` when it lies beyond time.
    fn after_business_millis(&self, start: Time, millis: i64) -> Result<Option<Time>> {
        if self.opening.is_never() {
            let message = "there are no opening hours: give the organisation some, or use a span like 8h";
            return Err(Error::conflict("calendar.closed", message));
        }
        let mut left = millis;
        let mut from = start;
        let mut day = self.local(start).date();
        for _ in 0..MAX_SEARCH_DAYS {
            for (opens, closes) in self.opening.on(day) {
                let (Some(opens), Some(closes)) = (self.instant(opens), self.instant(closes)) else { return Ok(None) };
                let opens = opens.max(from);
                if closes <= opens {
                    continue;
                }
                if closes - opens >= left {
                    return Ok(Some(opens.plus_millis(left)));
                }
                left -= closes - opens;
                from = closes;
            }
            let Ok(tomorrow) = day.tomorrow() else { return Ok(None) };
            day = tomorrow;
        }
        let message = "the opening hours are so short that the span does not end within 50 years: lengthen them";
        Err(Error::conflict("calendar.closed", message))
    }
}

#[cfg(test)]
mod tests;
