//! When somebody is on duty: their own plan by week with dated exceptions, else the opening hours where they work.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{
    Data, Time,
    calendar::{Calendar, Hours, Opening},
};

/// `{"week":{"mon":[["08:30","17:30"]]},"days":{"2026-10-01":[]}}`. A weekday that the week does not name is off; without a week
/// the opening hours are the week. A day in `days` goes before its weekday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// By weekday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week: Option<Opening>,
    /// By date.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<Date, Hours>,
}

/// A stretch of duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    /// Since when.
    pub from: Time,
    /// Until when, itself no more part of it.
    pub to: Time,
}

impl Plan {
    /// The plan in somebody's record; one that cannot be read is none, for it is refused on writing.
    pub fn of(user: &Data) -> Plan {
        user.get("duty").and_then(|plan| Plan::deserialize(plan).ok()).unwrap_or_default()
    }

    fn on(&self, day: Date, calendar: &Calendar) -> Vec<(DateTime, DateTime)> {
        match (self.days.get(&day), &self.week) {
            (Some(hours), _) => hours.on(day).collect(),
            (None, Some(week)) => week.on(day).collect(),
            (None, None) => calendar.opening.on(day).collect(),
        }
    }
}

/// The shifts of a person between two moments, by the calendar of where they work: none for whoever is on leave or has left, none after
/// the last day.
pub fn shifts(user: &Data, calendar: &Calendar, from: Time, to: Time) -> Vec<Shift> {
    let status = user.get("status").and_then(Value::as_str);
    if matches!(status, Some("on_leave" | "left")) {
        return Vec::new();
    }
    let to = last_moment(user, calendar).map_or(to, |end| end.min(to));
    let plan = Plan::of(user);
    let mut shifts: Vec<Shift> = Vec::new();
    let mut day = calendar.local(from).date();
    let last = calendar.local(to).date();
    while day <= last {
        for (begins, ends) in plan.on(day, calendar) {
            let (Some(begins), Some(ends)) = (calendar.instant(begins), calendar.instant(ends)) else { continue };
            let shift = Shift { from: begins.max(from), to: ends.min(to) };
            match shifts.last_mut() {
                _ if shift.to <= shift.from => {}
                // A night shift is written as two halves.
                Some(before) if before.to >= shift.from => before.to = shift.to.max(before.to),
                _ => shifts.push(shift),
            }
        }
        let Ok(tomorrow) = day.tomorrow() else { break };
        day = tomorrow;
    }
    shifts
}

/// Whether somebody is on duty at a moment.
pub fn is_on_duty(user: &Data, calendar: &Calendar, now: Time) -> bool {
    !shifts(user, calendar, now, now.plus_millis(1)).is_empty()
}

/// When the last day is over, where they work.
pub fn last_moment(user: &Data, calendar: &Calendar) -> Option<Time> {
    let day: Date = user.get("last_day")?.as_str()?.parse().ok()?;
    let midnight = day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight());
    calendar.instant(midnight)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn time(text: &str) -> Time {
        format!("{text}:00+08:00").parse().expect("a time")
    }

    fn told(user: &Value, from: &str, to: &str) -> Vec<String> {
        let calendar = Calendar::default();
        let user = user.as_object().expect("an object");
        let shifts = shifts(user, &calendar, time(from), time(to));
        let text = |at: Time| calendar.local(at).strftime("%m-%d %H:%M").to_string();
        shifts.into_iter().map(|shift| format!("{}–{}", text(shift.from), text(shift.to))).collect()
    }

    #[test]
    fn without_a_plan_the_opening_hours_are_the_duty() {
        let days = told(&json!({}), "2026-03-13T10:00", "2026-03-14T12:00");
        assert_eq!(days, ["03-13 10:00–03-13 18:00", "03-14 08:30–03-14 12:00"]);
    }

    #[test]
    fn a_dated_exception_goes_before_the_weekday_and_a_weekday_not_named_is_off() {
        let user = json!({ "duty": {
            "week": { "fri": [["08:30", "12:00"], ["13:00", "17:30"]] },
            "days": { "2026-03-20": [], "2026-03-21": [["10:00", "14:00"]] }
        } });
        assert_eq!(
            told(&user, "2026-03-13T00:00", "2026-03-22T00:00"),
            ["03-13 08:30–03-13 12:00", "03-13 13:00–03-13 17:30", "03-21 10:00–03-21 14:00"]
        );
    }

    #[test]
    fn a_night_shift_is_one() {
        let user = json!({ "duty": { "week": { "fri": [["20:00", "24:00"]], "sat": [["00:00", "06:00"]] } } });
        assert_eq!(told(&user, "2026-03-13T00:00", "2026-03-15T00:00"), ["03-13 20:00–03-14 06:00"]);
    }

    #[test]
    fn nobody_is_on_duty_on_leave_after_the_last_day_or_once_they_have_left() {
        for status in ["on_leave", "left"] {
            assert!(told(&json!({ "status": status }), "2026-03-13T00:00", "2026-03-20T00:00").is_empty(), "{status}");
        }
        let leaving = json!({ "status": "leaving", "last_day": "2026-03-13" });
        assert_eq!(told(&leaving, "2026-03-13T00:00", "2026-03-20T00:00"), ["03-13 08:30–03-13 18:00"]);
        let end = last_moment(leaving.as_object().expect("an object"), &Calendar::default());
        assert_eq!(end, Some(time("2026-03-14T00:00")));
    }

    #[test]
    fn on_duty_is_from_the_first_instant_until_before_the_last() {
        let at = |text| is_on_duty(&Data::new(), &Calendar::default(), time(text));
        assert!(!at("2026-03-13T08:29") && at("2026-03-13T08:30") && at("2026-03-13T17:59") && !at("2026-03-13T18:00"));
    }
}
