//! A vehicle leaves its people: traded in, scrapped, exported. Every open role ends with it.

use marque_sdk::{Fault, Result, Value, json};
use serde::Deserialize;

use crate::{
    desk::Desk,
    odometer::{self, Taken},
    ownership,
    vehicle::{self, File},
};

/// Input of `trade_in`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeIn {
    date: Option<String>,
    odometer: Option<i64>,
}

/// Input of `scrap` and `export`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    reason: String,
    date: Option<String>,
}

/// The dealer takes it back; it may be sold again.
pub fn trade_in(desk: &Desk, vehicle: &File, input: TradeIn) -> Result<Value> {
    let on = desk.day(input.date.as_deref(), "/date")?;
    let mut patch = vehicle::patch(json!({ "customer": null, "users": null }));
    if let Some(km) = input.odometer {
        let taken = Taken { km, at: &desk.call.now, source: "appraisal", reason: None };
        patch.extend(odometer::keep(desk, vehicle, &taken)?.1);
    }
    vehicle::save(vehicle, Some("trade_in"), patch)?;
    ownership::close_all(desk, vehicle, on, "traded_in")?;
    Ok(json!({ "id": vehicle.id }))
}

/// It is gone for good.
pub fn leave(desk: &Desk, vehicle: &File, transition: &str, input: Leave) -> Result<Value> {
    let reason = input.reason.trim();
    if reason.is_empty() {
        return Err(Fault::at("reason_missing", "/reason", "say why: nobody can bring it back afterwards"));
    }
    let on = desk.day(input.date.as_deref(), "/date")?;
    let patch = vehicle::patch(json!({ "customer": null, "users": null, "end_reason": reason }));
    vehicle::save(vehicle, Some(transition), patch)?;
    let status = if transition == "scrap" { "scrapped" } else { "exported" };
    ownership::close_all(desk, vehicle, on, status)?;
    Ok(json!({ "id": vehicle.id }))
}

/// Between stock and the demo cars.
pub fn move_within(vehicle: &File, transition: &str) -> Result<Value> {
    vehicle::save(vehicle, Some(transition), vehicle::patch(json!({})))?;
    Ok(json!({ "id": vehicle.id }))
}
