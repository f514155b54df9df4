//! The odometer: it only rises, and what does not fit is kept with a reason and marked for good.

use marque_sdk::{Data, Fault, Filter, Id, Result, Value, event, info, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    vehicle::{self, File},
};

/// The kind's name.
pub const KIND: &str = "vehicles.reading";

/// What of a reading counts here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// What it showed.
    pub km: i64,
    /// When.
    pub at: String,
}

/// Input of `record_odometer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordOdometer {
    km: i64,
    at: Option<String>,
    source: Option<String>,
    reason: Option<String>,
}

/// A reading to be kept.
#[derive(Debug)]
pub struct Taken<'a> {
    /// What it showed.
    pub km: i64,
    /// When, as the core stores moments.
    pub at: &'a str,
    /// Where it comes from.
    pub source: &'a str,
    /// Why it does not fit, if it does not.
    pub reason: Option<&'a str>,
}

/// Keeps a reading, and the vehicle's newest.
pub fn record_odometer(desk: &Desk, vehicle: &File, input: RecordOdometer) -> Result<Value> {
    let at = match &input.at {
        Some(text) => past(desk, text)?,
        None => desk.call.now.clone(),
    };
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let source = input.source.as_deref().unwrap_or("other");
    let (id, patch) = keep(desk, vehicle, &Taken { km: input.km, at: &at, source, reason })?;
    vehicle::save(vehicle, None, patch)?;
    Ok(json!({ "reading": id }))
}

fn past(desk: &Desk, text: &str) -> Result<String> {
    let at = info::due(text, "0m").map_err(|_| {
        let message = format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00");
        Fault::at("time_invalid", "/at", message)
    })?;
    if at > desk.call.now {
        return Err(Fault::at("reading_in_future", "/at", format!("{at} has not come yet: nobody can have read it")));
    }
    Ok(at)
}

/// Stages a reading and its event; answers its id and what changes at the vehicle.
pub fn keep(desk: &Desk, vehicle: &File, taken: &Taken<'_>) -> Result<(Id, Data)> {
    let (earlier, later) = neighbours(&vehicle.id, taken.at)?;
    let is_out_of_line = misfit(taken.km, earlier.as_ref(), later.as_ref());
    if let (Some(misfit), None) = (&is_out_of_line, taken.reason) {
        let message = format!("{misfit}: compare it once more, or say why (instrument replaced …)");
        return Err(Fault::at("odometer_lower", "/reason", message));
    }
    let id = new_id();
    let create = record::create(KIND)
        .id(&id)
        .org(&vehicle.org)
        .field("vehicle", &vehicle.id)
        .field("km", taken.km)
        .field("at", taken.at)
        .field("source", taken.source);
    let create = match (&is_out_of_line, taken.reason) {
        (Some(_), Some(reason)) => create.field("lower", true).field("reason", reason),
        (None, Some(reason)) => create.field("reason", reason),
        _ => create,
    };
    desk.call.person().into_iter().fold(create, |create, me| create.field("by", me)).stage()?;

    let recorded = event::raise("vehicles.odometer.recorded")
        .record(&vehicle.named())
        .field("km", taken.km)
        .field("lower", is_out_of_line.is_some());
    vehicle.data.customer.iter().fold(recorded, |recorded, customer| recorded.subject(customer.as_str())).stage()?;

    let mut patch = Data::new();
    if later.is_none() {
        patch.insert("odometer".into(), taken.km.into());
        patch.insert("odometer_at".into(), taken.at.into());
    }
    if is_out_of_line.is_some() {
        patch.insert("odometer_flag".into(), true.into());
    }
    Ok((id, patch))
}

/// The readings before and after a moment.
fn neighbours(vehicle: &str, at: &str) -> Result<(Option<Reading>, Option<Reading>)> {
    let of = |when: Filter, order: &str| {
        let found = view::find::<Reading>(KIND).filter(Filter::eq("vehicle", vehicle).and(when)).order(order).first();
        found.map(|found| found.map(|reading| reading.data))
    };
    Ok((of(Filter::lte("at", at), "-at")?, of(Filter::gt("at", at), "at")?))
}

/// What is wrong with a reading between its neighbours, in words.
fn misfit(km: i64, earlier: Option<&Reading>, later: Option<&Reading>) -> Option<String> {
    let lower = earlier.filter(|earlier| km < earlier.km);
    let higher = later.filter(|later| km > later.km);
    match (lower, higher) {
        (Some(earlier), _) => Some(format!("{km} km is less than the {} km read on {}", earlier.km, day(&earlier.at))),
        (None, Some(later)) => {
            Some(format!("{km} km is more than the {} km read later, on {}", later.km, day(&later.at)))
        }
        (None, None) => None,
    }
}

fn day(at: &str) -> &str {
    at.get(..10).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(km: i64, at: &str) -> Reading {
        Reading { km, at: at.into() }
    }

    #[test]
    fn a_reading_lies_between_its_neighbours() {
        let (earlier, later) = (read(10_000, "2026-01-01T00:00:00.000Z"), read(20_000, "2026-02-01T00:00:00.000Z"));
        assert_eq!(misfit(10_000, Some(&earlier), Some(&later)), None, "a car may stand still");
        assert_eq!(misfit(20_000, Some(&earlier), Some(&later)), None);
        assert_eq!(misfit(0, None, None), None);
        assert!(misfit(9_999, Some(&earlier), None).unwrap().contains("10000 km read on 2026-01-01"));
        assert!(misfit(20_001, None, Some(&later)).unwrap().contains("read later, on 2026-02-01"));
    }
}
