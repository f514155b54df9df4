//! One line of a hand-over: a customer with all that is open, and who takes them over.

use marque_sdk::{Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    people, texts,
};

/// The kind's name.
pub const KIND: &str = "handover.item";
/// More than anybody looks after.
const MANY: usize = 4_000;

/// What of a line counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Whom it is about.
    pub customer: Option<Id>,
    /// Who takes over.
    pub to: Id,
    /// From whom.
    pub from: Id,
    /// How many records are open.
    pub weight: i64,
    /// Where it stands.
    pub state: String,
}

/// Input of `give_to`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveTo {
    to: Id,
}

/// The manager chooses somebody else for one customer.
pub fn give_to(desk: &Desk, id: &str, input: &GiveTo) -> Result<Value> {
    let item: Record<Item> = view::require(KIND, id)?;
    if item.data.state != "planned" {
        return refuse("state_refused", format!("this customer is {} already", item.data.state));
    }
    if input.to == item.data.from {
        return refuse_at("same_person", "/to", "somebody else takes over: choose a colleague");
    }
    people::at_work(&item.org, "/to", &input.to)?;
    let why = texts::text(&desk.call.locale, "word.manual");
    record::change(KIND, id).if_rev(item.rev).field("to", &input.to).field("why", why).stage()?;
    Ok(json!({ "id": id }))
}

/// Who takes over says so.
pub fn accept(desk: &Desk, id: &str) -> Result<Value> {
    let item: Record<Item> = view::require(KIND, id)?;
    if item.data.state != "moved" {
        return refuse(
            "state_refused",
            format!("this customer is {}: accepted is what was handed over", item.data.state),
        );
    }
    if desk.me() != Some(&item.data.to) {
        return refuse("not_yours", "whoever takes over accepts");
    }
    record::mov(KIND, id, "accept").if_rev(item.rev).field("accepted_at", desk.now()).stage()?;
    Ok(json!({ "id": id }))
}

/// Lines that have not moved yet.
pub fn planned_of(handover: &str) -> Result<Vec<Record<Item>>> {
    let planned = Filter::eq("handover", handover).and(Filter::eq("state", "planned"));
    view::find(KIND).filter(planned).order("created_at").up_to(MANY)
}
