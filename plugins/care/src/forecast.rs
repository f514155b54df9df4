//! When a vehicle is due for service: by time or by the distance it is driven, whichever comes first.

use marque_sdk::{Date, Decision, Filter, Record, Result, Value, decide, json, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    reminder::{self, Reminder, Wanted},
    topic, usage,
    vehicle::Vehicle,
};

const READING: &str = "vehicles.reading";
/// Readings looked through for two that are far enough apart.
const MOST: u32 = 50;

#[derive(Clone, Debug, Deserialize)]
struct Reading {
    km: i64,
    at: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    lower: bool,
}

/// A reading by the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// When.
    pub on: Date,
    /// What it showed.
    pub km: i64,
}

#[derive(Debug, Deserialize)]
struct Due {
    due_on: Date,
    km_day: Option<f64>,
    reasons: Vec<String>,
}

/// The last service that the next one is counted from.
struct Basis {
    kind: &'static str,
    on: Date,
    km: Option<i64>,
}

/// Works out the next service and makes its reminder so. `done` is a service just done.
pub fn service(
    desk: &Desk,
    file: &Record<Vehicle>,
    known: &[Record<Reminder>],
    done: Option<(Date, Option<i64>)>,
) -> Result<()> {
    let Some(customer) = file.data.customer.as_deref().filter(|_| file.data.is_in_use()) else { return Ok(()) };
    let readings = readings(desk, &file.id)?;
    let Some(basis) = basis(desk, file, known, &readings, done)? else { return Ok(()) };
    first_is_over(desk, known, &basis)?;
    let (months, km) = match basis.kind {
        "first_service" => (desk.settings.first_months, desk.settings.first_km),
        _ => (desk.settings.service_months, desk.settings.service_km),
    };
    let days: Vec<Read> = last_two(&readings, desk.settings.reading_days);
    let input = json!({
        "kind": basis.kind, "last_on": basis.on, "by_time": basis.on.plus_months(months), "interval_km": km,
        "readings": days, "stated_km_day": usage::stated(&file.id)?, "model_km_day": desk.settings.model_km_day,
        "model": file.data.model, "energy": file.data.energy, "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Due>("reminder.due", &input)?;
    let mut more = reminder::object(json!({
        "since_on": basis.on, "since_km": basis.km, "km_day": output.km_day,
    }));
    more.retain(|_, value| !value.is_null());
    let reasons: String = output.reasons.join("；").chars().take(300).collect();
    reminder::ensure(
        desk,
        known,
        &Wanted {
            kind: basis.kind,
            org: &file.org,
            customer,
            vehicle: Some(&file.id),
            about: None,
            due_on: output.due_on.max(basis.on),
            reasons,
            more,
            receipt: Some(receipt),
        },
    )
}

/// Whoever is due for a regular service has had the first one.
fn first_is_over(desk: &Desk, known: &[Record<Reminder>], basis: &Basis) -> Result<()> {
    let is_over = |one: &&Record<Reminder>| one.data.kind == "first_service" && basis.kind != "first_service";
    for first in known.iter().filter(is_over) {
        reminder::end(desk, first, "finish", "", json!({ "done_on": basis.on }))?;
        if let Some(call) = &first.data.call {
            reminder::withdraw_call(desk, call, &first.data.kind, "end.done")?;
        }
    }
    Ok(())
}

fn basis(
    desk: &Desk,
    file: &Record<Vehicle>,
    known: &[Record<Reminder>],
    readings: &[(Read, bool)],
    done: Option<(Date, Option<i64>)>,
) -> Result<Option<Basis>> {
    if let Some((on, km)) = done {
        return Ok(Some(Basis { kind: "regular_service", on, km }));
    }
    // Where the workshop knows the car its orders say what was a service; else a reading taken at one does.
    let newest = readings.iter().find(|(_, is_service)| *is_service).map(|(read, _)| *read);
    let read = if newest.is_some() && is_known_to_workshop(&file.id) { None } else { newest };
    let since = known.iter().find(|one| topic::is_service(&one.data.kind)).and_then(since);
    let last = match since {
        Some(since) => Some(since),
        None => last_done(&file.id)?.map(|(on, km)| Basis { kind: "regular_service", on, km }),
    };
    let read = read.filter(|read| last.as_ref().is_none_or(|last| read.on > last.on));
    if let Some(read) = read {
        return Ok(Some(Basis { kind: "regular_service", on: read.on, km: Some(read.km) }));
    }
    if last.is_some() {
        return Ok(last);
    }
    let first = file.data.delivery_date;
    // Of a car delivered long ago whose first service nobody wrote down, the next regular one is not known.
    let is_lapsed =
        |on: Date| on.plus_months(desk.settings.first_months).plus_days(desk.settings.lapse_days) <= desk.today;
    let first = first.filter(|on| !is_lapsed(*on)).map(|on| Basis { kind: "first_service", on, km: None });
    // A visit for a repair is the best that is known of such a car.
    Ok(first.or_else(|| newest.map(|read| Basis { kind: "regular_service", on: read.on, km: Some(read.km) })))
}

/// What an open reminder counts from.
fn since(open: &Record<Reminder>) -> Option<Basis> {
    let kind = if open.data.kind == "first_service" { "first_service" } else { "regular_service" };
    Some(Basis { kind, on: open.data.since_on?, km: open.data.since_km })
}

fn is_known_to_workshop(vehicle: &str) -> bool {
    view::find::<Value>("workshop.order").filter(Filter::eq("vehicle", vehicle)).exists().unwrap_or(false)
}

/// The service this plugin has seen last.
fn last_done(vehicle: &str) -> Result<Option<(Date, Option<i64>)>> {
    #[derive(Deserialize)]
    struct Done {
        done_on: Option<Date>,
        done_km: Option<i64>,
    }
    let of = Filter::eq("vehicle", vehicle)
        .and(Filter::is_in("kind", ["first_service", "regular_service"]))
        .and(Filter::eq("state", "done"));
    let last = view::find::<Done>(reminder::KIND).filter(of).order("-done_on").first()?;
    Ok(last.and_then(|last| Some((last.data.done_on?, last.data.done_km))))
}

/// The readings that fit, the newest first, and whether each was taken at a service.
fn readings(desk: &Desk, vehicle: &str) -> Result<Vec<(Read, bool)>> {
    let of = Filter::eq("vehicle", vehicle);
    let Ok(page) = view::find::<Reading>(READING).filter(of).order("-at").limit(MOST).page() else {
        return Ok(Vec::new());
    };
    let fitting = page.items.into_iter().map(|reading| reading.data).filter(|reading| !reading.lower);
    fitting
        .map(|reading| {
            let is_service = reading.source.as_deref() == Some("service");
            Ok((Read { on: Date::of(&reading.at, &desk.call)?, km: reading.km }, is_service))
        })
        .collect()
}

/// The last reading and the newest one far enough before it; the earlier one first. Two of the same week say little about a year.
fn last_two(readings: &[(Read, bool)], least_days: i64) -> Vec<Read> {
    let Some(((last, _), earlier)) = readings.split_first() else { return Vec::new() };
    let is_apart = |(read, _): &&(Read, bool)| read.on.days_until(last.on) >= least_days;
    let found = earlier.iter().find(is_apart).or_else(|| earlier.last());
    found.map(|(read, _)| *read).into_iter().chain([*last]).collect()
}

/// What somebody has to look at again when it changed.
pub fn recalculate(desk: &Desk, reminder: &Record<Reminder>) -> Result<()> {
    let file = reminder.data.vehicle.as_deref().map(crate::vehicle::load).transpose()?.flatten();
    file.map_or(Ok(()), |file| reminder::follow(desk, &file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(on: &str, km: i64) -> (Read, bool) {
        (Read { on: on.parse().unwrap(), km }, false)
    }

    #[test]
    fn two_readings_of_the_same_week_say_little() {
        let readings = [read("2026-05-10", 20_000), read("2026-05-08", 19_600), read("2025-11-10", 15_500)];
        assert_eq!(last_two(&readings, 14), [readings[2].0, readings[0].0]);
        assert_eq!(last_two(&readings, 1), [readings[1].0, readings[0].0]);
        assert_eq!(last_two(&readings[..2], 14), [readings[1].0, readings[0].0], "better than nothing");
        assert_eq!(last_two(&readings[..1], 14), [readings[0].0]);
        assert!(last_two(&[], 14).is_empty());
    }
}
