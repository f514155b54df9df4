//! A test drive as the rules see it, and which of them hold a car.

use marque_sdk::{Data, Fault, Filter, Id, Record, RecordRef, Result, Value, event, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse},
    slot::Slot,
};

/// The kind's name.
pub const KIND: &str = "testdrive.drive";
/// States in which a drive keeps its car for its slot.
pub const HELD: [&str; 7] =
    ["requested", "acknowledged", "alternative", "confirmed", "reminded", "checked_in", "driving"];
/// States in which it is to come.
pub const TO_COME: [&str; 3] = ["confirmed", "reminded", "checked_in"];
/// States in which the customer waits for an answer.
pub const UNANSWERED: [&str; 2] = ["requested", "acknowledged"];
/// More than a car can have.
const MANY: usize = 2_000;

/// One test drive.
#[derive(Clone, Debug)]
pub struct Drive {
    /// Its id.
    pub id: Id,
    /// Its revision.
    pub rev: u32,
    /// Its dealer.
    pub org: Id,
    data: Data,
}

impl From<Record<Data>> for Drive {
    fn from(record: Record<Data>) -> Drive {
        Drive { id: record.id, rev: record.rev, org: record.org, data: record.data }
    }
}

impl Drive {
    /// Reads one that must be there.
    pub fn load(id: &str) -> Result<Drive> {
        Ok(view::require::<Data>(KIND, id)?.into())
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A field's number.
    pub fn number(&self, field: &str) -> Option<i64> {
        self.data.get(field).and_then(Value::as_i64)
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.text("state").unwrap_or_default()
    }

    /// Whether it stands in one of these.
    pub fn is_in(&self, states: &[&str]) -> bool {
        states.contains(&self.state())
    }

    /// Whether it is part of an event.
    pub fn is_of_event(&self) -> bool {
        self.text("kind") == Some("event_slot")
    }

    /// Its slot, once a time is said.
    pub fn slot(&self) -> Option<Slot> {
        Some(Slot { start: self.text("slot_start")?.to_owned(), end: self.text("slot_end")?.to_owned() })
    }

    /// Its customer.
    pub fn customer(&self) -> Result<&str> {
        self.text("customer").ok_or_else(|| Fault::new("customer_unknown", "the test drive has no customer"))
    }

    /// Refuses what is done in other states.
    pub fn must_be(&self, states: &[&str]) -> Result<()> {
        if self.is_in(states) {
            return Ok(());
        }
        refuse(
            "state_refused",
            format!("the test drive is {}: this is done while it is {}", self.state(), states.join(", ")),
        )
    }

    /// A transition at this revision.
    pub fn take(&self, transition: &str) -> record::Write {
        record::mov(KIND, &self.id, transition).if_rev(self.rev)
    }

    /// Raises one of our own events about it.
    pub fn raise(&self, kind: &str, data: Value) -> Result<()> {
        let record = RecordRef { kind: KIND.into(), id: self.id.clone(), rev: self.rev };
        event::raise(kind).data(data).record(&record).subject(self.customer()?).stage()
    }
}

#[derive(Deserialize)]
struct Taken {
    state: String,
    slot_start: Option<String>,
    slot_end: Option<String>,
    ended_at: Option<String>,
}

/// The times in which a car is taken by drives, but for one.
pub fn slots_of(desk: &Desk, car: &str, from: &str, to: &str, but: Option<&str>) -> Result<Vec<Slot>> {
    let states = HELD.into_iter().chain(["done"]);
    let filter =
        Filter::eq("car", car).and(Filter::is_in("state", states)).and(Filter::between("slot_start", from, to));
    let found = view::find::<Taken>(KIND).filter(filter).up_to(MANY)?;
    let slot = |record: Record<Taken>| {
        let Taken { state, slot_start, slot_end, ended_at } = record.data;
        let (start, end) = (slot_start?, slot_end?);
        let end = match state.as_str() {
            // It came back early or late: from then on it is made ready.
            "done" => ended_at.unwrap_or(end),
            // It is late, and nobody knows when it comes.
            "driving" if end.as_str() < desk.now() => desk.now().to_owned(),
            _ => end,
        };
        (Some(record.id.as_str()) != but).then_some(Slot { start, end })
    };
    Ok(found.into_iter().filter_map(slot).collect())
}
