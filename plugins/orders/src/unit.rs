//! A stock unit: a car that is built, on its way, on the lot; at most one order has it.

use marque_sdk::{Data, Fault, Filter, Id, Record, Result, Value, json, record, view};

use crate::{
    desk::{Desk, theirs},
    order::{Order, patch},
};

/// The kind's name.
pub const KIND: &str = "orders.unit";

/// A unit's states in their order, and the transition that each makes an order take.
pub const STATES: [(&str, &str); 8] = [
    ("ordered", ""),
    ("scheduled", "schedule"),
    ("on_line", "start"),
    ("painting", "paint"),
    ("in_warehouse", "store"),
    ("in_transit", "ship"),
    ("at_dealer", "arrive"),
    ("sold", ""),
];

/// How far a state is on the way.
pub fn rank(state: &str) -> usize {
    STATES.iter().position(|(one, _)| *one == state).unwrap_or(0)
}

/// The transition a state makes its order take.
pub fn transition(state: &str) -> &'static str {
    STATES.iter().find(|(one, _)| *one == state).map_or("", |(_, transition)| transition)
}

/// A unit.
#[derive(Clone, Debug)]
pub struct Unit {
    pub id: Id,
    pub rev: u32,
    pub data: Data,
}

impl Unit {
    /// Reads one.
    pub fn load(id: &str) -> Result<Unit> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(record.into()),
            None => {
                Err(Fault::at("unit_unknown", "/unit", format!("there is no unit {id:?} here: choose one of the list")))
            }
        }
    }

    /// By what it is known: its VIN or its build number.
    pub fn by(field: &str, value: &str, org: &str) -> Result<Option<Unit>> {
        let known = Filter::eq(field, value).and(Filter::eq("org", org));
        Ok(view::find::<Data>(KIND).filter(known).first()?.map(Unit::from))
    }

    /// A field's text, if it has one.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Where it is.
    pub fn state(&self) -> &str {
        self.text("state").unwrap_or("ordered")
    }

    /// A change of this very revision: of two orders that want the last car, one is told to look again.
    pub fn change(&self, data: &Data) -> record::Write {
        record::change(KIND, &self.id).if_rev(self.rev).fields(data)
    }

    /// What an order takes from it: the number, the colour, what it cost.
    pub fn lends(&self, order: &Order) -> Result<Data> {
        let vehicle = self.text("vin").map(|vin| file_of(vin, &order.org)).transpose()?.flatten();
        let mut data = patch(json!({ "unit": self.id, "vin": self.text("vin"), "vehicle": vehicle }));
        if order.some("colour").is_none() {
            data.extend(self.text("colour").map(|colour| ("colour".to_owned(), json!(colour))));
        }
        if let Some(cost) = self.data.get("cost").and_then(Value::as_i64) {
            data.extend(patch(json!({ "cost": cost, "margin": goods(order) - cost })));
        }
        data.retain(|_, value| !value.is_null());
        Ok(data)
    }
}

/// The vehicle's file, where there is one already.
fn file_of(vin: &str, org: &str) -> Result<Option<Id>> {
    let same = Filter::eq("vin", vin).and(Filter::eq("org", org));
    Ok(theirs(view::find::<Value>("vehicles.vehicle").filter(same))?.map(|vehicle| vehicle.id))
}

/// What of an order the dealer sells: the car and what goes with it, not what is paid on to others.
fn goods(order: &Order) -> i64 {
    let own = ["vehicle", "option", "accessory", "service_package"];
    let is_own = |line: &&Value| line["kind"].as_str().is_some_and(|kind| own.contains(&kind));
    order.values("lines").filter(is_own).filter_map(|line| line["net"].as_i64()).sum()
}

/// Sets the unit of an order free.
pub fn set_free(order: &Order) -> Result<()> {
    let Some(unit) = order.some("unit") else { return Ok(()) };
    let Some(unit) = view::get::<Data>(KIND, unit)?.map(Unit::from) else { return Ok(()) };
    if unit.text("order") != Some(&order.id) {
        return Ok(());
    }
    unit.change(&patch(json!({ "order": null, "reserved_at": null }))).stage()
}

/// The unit of an order is gone with its owner.
pub fn sold(desk: &Desk, order: &Order) -> Result<()> {
    let Some(unit) = order.some("unit") else { return Ok(()) };
    let unit = Unit::load(unit)?;
    unit.change(&patch(json!({ "state": "sold", "state_at": desk.now() }))).stage()
}

impl From<Record> for Unit {
    fn from(record: Record) -> Unit {
        Unit { id: record.id, rev: record.rev, data: record.data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_the_kind_in_their_order() {
        let kind: Value = serde_json::from_str(include_str!("../records/orders.unit.json")).unwrap();
        let values: Vec<&str> = kind["fields"]["state"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|value| value["value"].as_str())
            .collect();
        assert_eq!(values, STATES.map(|(state, _)| state));
        assert!(rank("painting") < rank("in_transit"));
    }

    #[test]
    fn the_margin_is_of_what_the_dealer_sells() {
        let lines = json!([
            { "kind": "vehicle", "net": 14_380_000 }, { "kind": "accessory", "net": 60_000 }, { "kind": "insurance", "net": 520_000 },
            { "kind": "tax", "net": 1_272_566 }, { "kind": "trade_in", "net": -3_000_000 },
        ]);
        let order = Order { id: "o".into(), rev: None, org: "d1".into(), data: patch(json!({ "lines": lines })) };
        let unit = Unit { id: "u".into(), rev: 1, data: patch(json!({ "cost": 13_900_000 })) };
        assert_eq!(unit.lends(&order).unwrap()["margin"], 540_000);
    }
}
