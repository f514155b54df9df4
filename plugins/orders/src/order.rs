//! An order as read, with its states.

use marque_sdk::{Data, Fault, Id, Record, Result, Value, record, view};

/// The kind's name.
pub const KIND: &str = "orders.order";

/// Transitions and the states they lead to. Where they may begin is in records/orders.order.json.
const TRANSITIONS: [(&str, &str); 19] = [
    ("sign", "signed"),
    ("secure", "deposit_paid"),
    ("allocate", "allocated"),
    ("take_stock", "arrived"),
    ("schedule", "scheduled"),
    ("start", "on_line"),
    ("paint", "painting"),
    ("store", "in_warehouse"),
    ("ship", "in_transit"),
    ("arrive", "arrived"),
    ("fail_pdi", "pdi_failed"),
    ("repair", "arrived"),
    ("pass_pdi", "pdi_passed"),
    ("pass_paid", "fully_paid"),
    ("settle", "fully_paid"),
    ("deliver", "delivered"),
    ("close", "closed"),
    ("cancel", "cancelled"),
    ("take_back", "returned"),
];

/// The way of a car from the contract to the customer, in its order.
const WAY: [&str; 13] = [
    "draft",
    "signed",
    "deposit_paid",
    "allocated",
    "scheduled",
    "on_line",
    "painting",
    "in_warehouse",
    "in_transit",
    "arrived",
    "pdi_failed",
    "pdi_passed",
    "fully_paid",
];

/// Where a transition leads.
pub fn reached(transition: &str) -> &'static str {
    TRANSITIONS.iter().find(|(name, _)| *name == transition).map_or("", |(_, state)| state)
}

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: Id,
    /// Its revision when it was read; none while it is being made.
    pub rev: Option<u32>,
    pub org: Id,
    pub data: Data,
}

impl Order {
    /// Reads one.
    pub fn load(id: &str) -> Result<Order> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(record.into()),
            None => Err(Fault::not_found(format!("there is no order {id:?} in your organisation"))),
        }
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> &str {
        self.data.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field's text, if it has one.
    pub fn some(&self, field: &str) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// A field's number, 0 where it has none.
    pub fn number(&self, field: &str) -> i64 {
        self.data.get(field).and_then(Value::as_i64).unwrap_or(0)
    }

    /// A list of texts.
    pub fn list(&self, field: &str) -> Vec<String> {
        self.values(field).filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A list of anything.
    pub fn values(&self, field: &str) -> impl Iterator<Item = &Value> {
        self.data.get(field).and_then(Value::as_array).into_iter().flatten()
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.some("state").unwrap_or("draft")
    }

    /// Whose it is.
    pub fn owner(&self) -> &str {
        self.text("owner")
    }

    /// For whom.
    pub fn customer(&self) -> &str {
        self.text("customer")
    }

    /// Whether the car is still to be handed over.
    pub fn is_open(&self) -> bool {
        WAY.contains(&self.state())
    }

    /// Whether the customer waits for the car.
    pub fn is_waiting(&self) -> bool {
        self.is_open() && self.state() != "draft"
    }

    /// What the customer still owes.
    pub fn balance(&self) -> i64 {
        self.number("amount") - self.number("paid")
    }

    /// The same order with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> Order {
        let mut order = self.clone();
        for (field, value) in patch {
            match value {
                Value::Null => order.data.remove(field),
                value => order.data.insert(field.clone(), value.clone()),
            };
        }
        order
    }

    /// A change of this very revision.
    pub fn change(&self, data: &Data) -> record::Write {
        self.guarded(record::change(KIND, &self.id)).fields(data)
    }

    /// A transition of this very revision: of two who act at once, one is told to look again.
    pub fn move_to(&self, transition: &str, data: &Data) -> record::Write {
        self.guarded(record::mov(KIND, &self.id, transition)).fields(data)
    }

    fn guarded(&self, write: record::Write) -> record::Write {
        match self.rev {
            Some(rev) => write.if_rev(rev),
            None => write,
        }
    }
}

impl From<Record> for Order {
    fn from(record: Record) -> Order {
        Order { id: record.id, rev: Some(record.rev), org: record.org, data: record.data }
    }
}

/// An object's fields, as a patch.
pub fn patch(value: Value) -> Data {
    match value {
        Value::Object(fields) => fields,
        _ => Data::new(),
    }
}

/// The same without what was not said.
pub fn said(value: Value) -> Data {
    let mut data = patch(value);
    data.retain(|_, value| !value.is_null());
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::json;

    fn kind() -> Value {
        serde_json::from_str(include_str!("../records/orders.order.json")).unwrap()
    }

    #[test]
    fn transitions_lead_where_the_kind_says() {
        let kind = kind();
        let transitions = kind["states"]["transitions"].as_object().unwrap();
        assert_eq!(transitions.len(), TRANSITIONS.len());
        for (name, transition) in transitions {
            assert_eq!(transition["to"], reached(name), "{name}");
        }
    }

    #[test]
    fn an_order_is_open_while_the_car_is_to_be_handed_over() {
        assert_eq!(kind()["states"]["open"], json!(WAY));
    }

    #[test]
    fn every_open_order_can_be_cancelled() {
        assert_eq!(kind()["states"]["transitions"]["cancel"]["from"], json!(WAY));
    }
}
