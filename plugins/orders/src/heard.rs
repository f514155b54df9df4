//! The vehicle's file is there: the order and it know each other from now on.

use marque_sdk::{Data, Event, Filter, Outcome, Result, view};
use serde::Deserialize;

use crate::order::{KIND, Order, patch};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Vehicle {
    vin: String,
}

/// Answers `vehicles.vehicle.created`.
pub fn filed(event: &Event) -> Result<Outcome> {
    let Some(vehicle) = event.record() else { return Ok(Outcome::Skip) };
    let Some(found) = view::get::<Vehicle>(&vehicle.kind, &vehicle.id)? else { return Ok(Outcome::Skip) };
    let waiting = Filter::eq("vin", found.data.vin.as_str()).and(Filter::ne("state", "cancelled"));
    let orders = view::find::<Data>(KIND).filter(waiting).limit(10).page()?.items;
    let order =
        orders.into_iter().map(Order::from).find(|order| order.org == found.org && order.some("vehicle").is_none());
    let Some(order) = order.filter(|_| !found.data.vin.is_empty()) else { return Ok(Outcome::Skip) };
    order.change(&patch(marque_sdk::json!({ "vehicle": vehicle.id }))).stage()?;
    Ok(Outcome::Done)
}
