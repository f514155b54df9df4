//! An order's car has its file: in stock when it arrives, the customer's when it is handed over.

use marque_sdk::{Date, Event, Outcome, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    register::{self, Register},
    vehicle::File,
    vin,
};

/// What of an order counts here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Order {
    vin: Option<String>,
    customer: String,
    brand: Option<String>,
    model: Option<String>,
    config: Option<String>,
    colour: Option<String>,
    plate: Option<String>,
    odometer: Option<i64>,
    delivered_at: Option<String>,
    lines: Vec<Value>,
}

/// The events of orders that tell of a car.
pub const ARRIVED: [&str; 2] = ["orders.order.arrived", "orders.order.taken_from_stock"];
/// The one that makes it somebody's.
pub const DELIVERED: &str = "orders.order.delivered";

/// Answers all of them. Heard twice it changes nothing more.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(found) = event.record() else { return Ok(Outcome::Skip) };
    let Some(order) = view::get::<Order>(&found.kind, &found.id)? else { return Ok(Outcome::Skip) };
    let is_delivered = event.kind == DELIVERED;
    let Some(number) = order.data.vin.as_deref() else { return Ok(Outcome::Skip) };
    if !is_delivered && File::by_vin(&vin::normal(number), &desk.call.org)?.is_some() {
        return Ok(Outcome::Skip);
    }
    let input = if is_delivered { owned(desk, &order.data)? } else { stock(&order.data) };
    register::register(desk, Register::deserialize(&input)?)?;
    Ok(Outcome::Done)
}

fn stock(order: &Order) -> Value {
    json!({ "vin": order.vin, "brand": order.brand, "model": order.model, "config": order.config, "colour_ext": order.colour })
}

fn owned(desk: &Desk, order: &Order) -> Result<Value> {
    let on = order.delivered_at.as_deref().map(|at| Date::of(at, &desk.call)).transpose()?.unwrap_or(desk.today);
    let is_replacement = order.lines.iter().any(|line| line["kind"] == "trade_in");
    let mut input = stock(order);
    input["customer"] = json!(order.customer);
    input["delivery_date"] = json!(on);
    input["plate"] = json!(order.plate);
    input["odometer"] = json!(order.odometer);
    input["purchase_kind"] = json!(is_replacement.then_some("replacement"));
    Ok(input)
}
