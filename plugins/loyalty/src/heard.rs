//! What other plugins tell: documents that were settled, cars handed over, customers who turned out to be one.

use marque_sdk::{Event, Filter, Id, Result, Value, view};
use serde::Deserialize;

use crate::{
    account::Account,
    desk::Desk,
    document::{self, Post, Sort},
};

/// Events whose data carry a `document` in the shape of the input of `post`.
pub const SETTLED: [&str; 3] = ["workshop.work_order.settled", "sales.order.delivered", "renewals.policy.won"];

#[derive(Deserialize)]
struct Vehicle {
    vin: Option<String>,
    customer: Option<Id>,
}

/// A plugin has settled a document. Who has not joined earns nothing, which is no failure.
pub fn settled(desk: &Desk, event: &Event) -> Result<bool> {
    match event.data().get("document").map(Post::deserialize) {
        Some(Ok(input)) => post(desk, &input),
        _ => Ok(false),
    }
}

/// A car changed hands at the desk: a delivery without lines. One that the shop's system tells of too counts once.
pub fn handed_over(desk: &Desk, vehicle: &str) -> Result<bool> {
    let Some(vehicle) = view::get::<Vehicle>("vehicles.vehicle", vehicle)? else { return Ok(false) };
    let Vehicle { vin: Some(vin), customer: Some(customer) } = vehicle.data else { return Ok(false) };
    let same = Filter::eq("slot", format!("{vin}:{customer}"));
    if view::find::<Value>(document::KIND).filter(same).exists()? {
        return Ok(false);
    }
    let input = Post {
        number: format!("VIN {vin}"),
        customer,
        kind: Sort::Delivery,
        lines: Vec::new(),
        paid_with_points: 0,
        settled_at: None,
        vin: Some(vin),
        order_no: None,
        is_repeat: None,
    };
    post(desk, &input)
}

fn post(desk: &Desk, input: &Post) -> Result<bool> {
    let is_member = Account::record_of(&input.customer)?.is_some();
    let joins = input.kind == Sort::Delivery && desk.settings.join_at_delivery;
    if !is_member && !joins {
        return Ok(false);
    }
    document::post(desk, input).map(|_| true)
}
