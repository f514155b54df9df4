//! What a workshop read off the odometer: kept as any reading, once.

use marque_sdk::{Event, Filter, Id, Outcome, Result, Value, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    odometer::{self, Taken},
    vehicle::{self, File},
};

/// The event it is told in.
const READ: &str = "workshop.odometer.read";

#[derive(Deserialize)]
struct Read {
    vehicle: Id,
    km: i64,
    at: String,
    source: Option<String>,
    reason: Option<String>,
}

/// Keeps a reading of another's; one that does not fit and has no reason is put aside for a person.
pub fn heard(event: &Event) -> Result<Outcome> {
    if event.kind != READ {
        return Ok(Outcome::Skip);
    }
    let desk = Desk::open()?;
    let read: Read = event.data_as()?;
    let Some(vehicle) = view::get(vehicle::KIND, &read.vehicle)?.map(File::from) else { return Ok(Outcome::Skip) };
    let same = Filter::eq("vehicle", read.vehicle.as_str())
        .and(Filter::eq("at", read.at.as_str()))
        .and(Filter::eq("km", read.km));
    if view::find::<Value>(odometer::KIND).filter(same).exists()? {
        return Ok(Outcome::Skip);
    }
    let source = read.source.as_deref().unwrap_or("service");
    let taken = Taken { km: read.km, at: &read.at, source, reason: read.reason.as_deref() };
    match odometer::keep(&desk, &vehicle, &taken) {
        Ok((_, patch)) => vehicle::save(&vehicle, None, patch).map(|()| Outcome::Done),
        Err(fault) if fault.code == "odometer_lower" => Ok(Outcome::Park),
        Err(fault) => Err(fault),
    }
}
