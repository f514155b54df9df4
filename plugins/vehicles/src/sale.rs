//! Selling a vehicle that nobody owns, and handing it over.

use marque_sdk::{Fault, Id, Result, Value, json};
use serde::Deserialize;

use crate::{
    change,
    desk::{self, Desk},
    odometer::{self, Taken},
    ownership::{self, Opening, Purchase, Role},
    plate,
    vehicle::{self, File},
    warranty,
};

/// Input of `sell`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sell {
    customer: Id,
    date: Option<String>,
    purchase_kind: Option<Purchase>,
    invoice_date: Option<String>,
}

/// Input of `hand_over`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    date: Option<String>,
    plate: Option<String>,
    plate_reason: Option<String>,
    odometer: Option<i64>,
}

/// The buyer becomes the owner; the first invoice starts the warranties.
pub fn sell(desk: &Desk, vehicle: &File, input: Sell) -> Result<Value> {
    if ownership::owner(&ownership::open_at(&vehicle.id)?).is_some() {
        return Err(Fault::new("owned_by_other", "this vehicle has an owner: use the transfer"));
    }
    let from = desk.day(input.date.as_deref(), "/date")?;
    let mut patch = vehicle::patch(json!({ "customer": input.customer }));
    if let (Some(text), None) = (&input.invoice_date, vehicle.data.invoice_date) {
        let invoiced = desk.past(desk::day(text, "/invoice_date")?, "/invoice_date")?;
        patch.insert("invoice_date".into(), json!(invoiced));
    }
    patch.insert("status".into(), json!("sold"));
    change::settle(desk, vehicle, &mut patch)?;
    patch.remove("status");
    vehicle::save(vehicle, Some("sell"), patch)?;
    let opening =
        Opening { vehicle, customer: &input.customer, role: Role::Owner, from, purchase: input.purchase_kind };
    Ok(json!({ "id": vehicle.id, "ownership": ownership::open(&opening)? }))
}

/// The keys change hands. The first hand-over of a vehicle starts its warranties where it was not invoiced that day.
pub fn hand_over(desk: &Desk, vehicle: &File, input: HandOver) -> Result<Value> {
    let on = desk.day(input.date.as_deref(), "/date")?;
    let mut patch = vehicle::patch(json!({ "delivery_date": vehicle.data.delivery_date.unwrap_or(on) }));
    vehicle::check_dates(&vehicle.data.with(&patch)?)?;
    // A used car keeps the warranties of its first sale.
    if vehicle.data.delivery_date.is_none() {
        warranty::follow(&desk.settings, Some(&vehicle.data), &vehicle.data.with(&patch)?, &mut patch);
    }
    if let Some(plate) = input.plate.as_deref().and_then(plate::normal) {
        plate::free(&plate, &vehicle.id, on, false)?;
        plate::put(&vehicle.data, Some(plate), Some(on), &mut patch);
    }
    if let Some(km) = input.odometer {
        let taken = Taken { km, at: &desk.call.now, source: "sale", reason: None };
        patch.extend(odometer::keep(desk, vehicle, &taken)?.1);
    }
    let after = vehicle.data.with(&patch)?;
    vehicle::save_because(vehicle, Some("hand_over"), patch, input.plate_reason.as_deref())?;
    warranty::watch(desk, &vehicle.id, Some(&vehicle.data), &after)?;
    Ok(json!({ "id": vehicle.id }))
}
