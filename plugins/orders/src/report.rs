//! Messages of stock and production: each counts once however often it comes, and news that is older than what is known changes nothing.

use marque_sdk::{Data, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{self, Desk, refuse, refuse_at},
    flow,
    order::{KIND as ORDER, Order, patch, said},
    task,
    unit::{self, KIND as UNIT, Unit},
};

const REPORT: &str = "orders.report";

/// Input of `report`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    id: String,
    vin: Option<String>,
    key: Option<String>,
    order: Option<String>,
    state: String,
    at: Option<String>,
    eta: Option<String>,
    brand: Option<String>,
    model: Option<String>,
    config: Option<String>,
    colour: Option<String>,
    cost: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    unit: Option<Id>,
    outcome: String,
}

/// Takes in one message; answers `{"unit","order","outcome"}`.
pub fn report(desk: &Desk, input: Report) -> Result<Value> {
    let same = Filter::eq("key", input.id.trim()).and(Filter::eq("org", desk.call.org.as_str()));
    if let Some(known) = view::find::<Known>(REPORT).filter(same).first()? {
        return Ok(json!({ "unit": known.data.unit, "outcome": known.data.outcome, "known": true }));
    }
    let eta = input.eta.as_deref().map(|eta| desk::day("/eta", eta)).transpose()?;
    let vin = input.vin.as_deref().map(|vin| vin.trim().to_uppercase()).filter(|vin| !vin.is_empty());
    let order = order_of(desk, input.order.as_deref())?;
    let unit = find(desk, vin.as_deref(), input.key.as_deref(), order.as_ref())?;
    let facts = said(json!({
        "vin": vin, "key": input.key, "brand": input.brand, "model": input.model, "config": input.config, "colour": input.colour,
        "cost": input.cost, "eta": eta,
    }));
    let Some(unit) = unit else { return store(desk, &input, facts, order) };
    let order = order.or(unit.text("order").map(Order::load).transpose()?);
    // A car goes one way; the same state again may bring a new day.
    let is_stale = unit::rank(&input.state) < unit::rank(unit.state());
    if is_stale {
        keep(desk, &input, &unit.id, order.as_ref(), "stale")?;
        return Ok(json!({ "unit": unit.id, "outcome": "stale" }));
    }
    let mut data = facts;
    if input.state != unit.state() {
        data.extend(patch(json!({ "state": input.state, "state_at": desk.now() })));
    }
    if let Some(order) = &order {
        if unit.text("order").is_some_and(|other| other != order.id) {
            return refuse_at("unit_taken", "/order", "this car is another order's: correct the order number");
        }
        if unit.text("order").is_none() {
            data.extend(patch(json!({ "order": order.id, "reserved_at": desk.now() })));
        }
    }
    name(&unit.data, &mut data);
    unit.change(&data).stage()?;
    let mut after = unit.clone();
    after.data.extend(data);
    if let Some(order) = &order {
        follow(desk, order, &after)?;
    }
    keep(desk, &input, &unit.id, order.as_ref(), "applied")?;
    Ok(json!({ "unit": unit.id, "order": order.map(|order| order.id), "outcome": "applied" }))
}

fn order_of(desk: &Desk, number: Option<&str>) -> Result<Option<Order>> {
    let Some(number) = number.map(str::trim).filter(|number| !number.is_empty()) else { return Ok(None) };
    let named = Filter::eq("number", number).and(Filter::eq("org", desk.call.org.as_str()));
    match view::find::<Data>(ORDER).filter(named).first()?.map(Order::from) {
        Some(order) => Ok(Some(order)),
        None => refuse_at("order_unknown", "/order", format!("there is no order {number:?} here: correct the number")),
    }
}

fn find(desk: &Desk, vin: Option<&str>, key: Option<&str>, order: Option<&Order>) -> Result<Option<Unit>> {
    let org = desk.call.org.as_str();
    for (field, value) in [("vin", vin), ("key", key)] {
        let found = value.map(|value| Unit::by(field, value, org)).transpose()?.flatten();
        if found.is_some() {
            return Ok(found);
        }
    }
    order.and_then(|order| order.some("unit")).map(Unit::load).transpose()
}

/// A car nobody here has heard of.
fn store(desk: &Desk, input: &Report, mut facts: Data, order: Option<Order>) -> Result<Value> {
    if !facts.contains_key("vin") && !facts.contains_key("key") {
        return refuse("unit_unnamed", "say which car it is: its VIN or its build number");
    }
    facts.extend(said(json!({
        "state": input.state, "state_at": desk.now(), "order": order.as_ref().map(|order| &order.id),
        "reserved_at": order.as_ref().map(|_| desk.now()),
    })));
    name(&Data::new(), &mut facts);
    let unit = Unit { id: new_id(), rev: 1, data: facts };
    record::create(UNIT).id(&unit.id).fields(&unit.data).stage()?;
    if let Some(order) = &order {
        follow(desk, order, &unit)?;
    }
    keep(desk, input, &unit.id, order.as_ref(), "stored")?;
    Ok(json!({ "unit": unit.id, "order": order.map(|order| order.id), "outcome": "stored" }))
}

/// The order goes with its car; a car that comes after the promised day asks for another day.
fn follow(desk: &Desk, order: &Order, unit: &Unit) -> Result<()> {
    let transition = unit::transition(unit.state());
    let is_further = !transition.is_empty() && is_ahead(order.state(), unit.state());
    let data = unit.lends(order)?;
    if is_further {
        flow::go(desk, order, transition, data)?;
    } else if order.state() == "deposit_paid" {
        flow::go(desk, order, "allocate", data)?;
    } else if order.is_open() && data.iter().any(|(field, value)| order.data.get(field) != Some(value)) {
        order.change(&data).stage()?;
    }
    let is_late = unit.text("eta").is_some_and(|eta| order.some("promised_at").is_some_and(|promised| eta > promised));
    if is_late && order.is_waiting() && !task::shift(order, "orders.new_day", &desk.after("8bh")?)? {
        task::open(desk, order, "orders.new_day", order.owner(), &desk.after("8bh")?)?;
    }
    Ok(())
}

/// Whether a car's state takes its order further.
fn is_ahead(order: &str, unit: &str) -> bool {
    let way = ["deposit_paid", "allocated", "scheduled", "on_line", "painting", "in_warehouse", "in_transit"];
    let Some(now) = way.iter().position(|state| *state == order) else { return false };
    let then = way.iter().position(|state| *state == unit).unwrap_or(way.len());
    then > now
}

/// What it is called in lists.
fn name(before: &Data, data: &mut Data) {
    let text =
        |field: &str| data.get(field).or(before.get(field)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (vin, key) = (text("vin"), text("key"));
    let tail = if vin.is_empty() { key } else { vin.chars().skip(vin.chars().count().saturating_sub(6)).collect() };
    let title =
        [text("model"), text("colour"), tail].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    data.insert("title".into(), json!(title));
}

fn keep(desk: &Desk, input: &Report, unit: &str, order: Option<&Order>, outcome: &str) -> Result<()> {
    record::create(REPORT)
        .id(new_id())
        .fields(said(json!({
            "key": input.id.trim(), "unit": unit, "order": order.map(|order| &order.id), "state": input.state, "outcome": outcome,
            "sent_at": input.at, "received_at": desk.now(),
        })))
        .stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_only_goes_forward_with_its_car() {
        assert!(is_ahead("deposit_paid", "painting"));
        assert!(is_ahead("in_transit", "at_dealer"));
        assert!(!is_ahead("painting", "on_line"));
        assert!(!is_ahead("signed", "painting"), "without a deposit nothing is built");
        assert!(!is_ahead("pdi_passed", "at_dealer"));
    }

    #[test]
    fn a_unit_is_called_by_model_colour_and_the_end_of_its_number() {
        let mut data = patch(json!({ "model": "C5", "colour": "白", "vin": "LSGPC52U6TF100001", "key": "B-77" }));
        name(&Data::new(), &mut data);
        assert_eq!(data["title"], "C5 白 100001");
        let mut later = patch(json!({ "colour": "黑" }));
        name(&patch(json!({ "model": "C5", "key": "B-77" })), &mut later);
        assert_eq!(later["title"], "C5 黑 B-77");
    }
}
