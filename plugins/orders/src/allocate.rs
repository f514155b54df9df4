//! A car is given to an order that has its deposit; a car is one order's alone.

use marque_sdk::{Id, Result, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    flow,
    order::{Order, patch},
    unit::{self, Unit},
};

/// Input of `allocate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocate {
    unit: Id,
}

/// Gives a unit to an order; the order is then as far as the unit is.
pub fn allocate(desk: &Desk, order: &Order, input: Allocate) -> Result<()> {
    flow::must_be(order, &["deposit_paid"])?;
    let unit = Unit::load(&input.unit)?;
    take(desk, order, &unit)?;
    let transition = match unit.state() {
        "at_dealer" => "take_stock",
        "ordered" => "allocate",
        state => unit::transition(state),
    };
    flow::go(desk, order, transition, unit.lends(order)?).map(drop)
}

/// Reserves a unit for an order, if nobody has it and it is the car that was ordered.
pub fn take(desk: &Desk, order: &Order, unit: &Unit) -> Result<()> {
    if unit.text("order").is_some_and(|other| other != order.id) {
        return refuse_at("unit_taken", "/unit", "this car is another order's: choose a free one");
    }
    if unit.state() == "sold" {
        return refuse_at("unit_sold", "/unit", "this car is sold: choose a free one");
    }
    let is_other = unit.text("model").is_some_and(|model| !model.eq_ignore_ascii_case(order.text("model")));
    if is_other {
        let message = format!(
            "{} was ordered and this is {}: choose another car",
            order.text("model"),
            unit.text("model").unwrap_or_default()
        );
        return refuse_at("unit_mismatch", "/unit", message);
    }
    unit.change(&patch(json!({ "order": order.id, "reserved_at": desk.now() }))).stage()
}
