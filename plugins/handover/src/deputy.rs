//! What a deputy sees of a colleague who is away: open business carries the deputy's name beside the owner's, from the first second to the last.
//!
//! With that the business is the deputy's own too, and a customer with whom something of one's own is open is seen whole: no name is
//! written on customers.

use marque_sdk::{Filter, Id, Record, Result, Value, record, view};
use serde::Deserialize;

use crate::holdings::HELD;

/// Kinds with a field `deputy` whose records are the deputy's own too. Tasks change hands as a whole instead.
const KINDS: [&str; 6] =
    ["leads.lead", "leads.promise", "testdrive.drive", "quotes.quote", "orders.order", "care.call"];
/// More of one kind than anybody has open.
const MANY: usize = 1_000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Held {
    owner: Option<Id>,
    made_by: Option<Id>,
}

impl Held {
    fn of(&self, field: &str) -> Option<&Id> {
        if field == "made_by" { self.made_by.as_ref() } else { self.owner.as_ref() }
    }
}

/// Everything open of the person is the deputy's to see and to work.
pub fn stand_in(person: &str, deputy: &str) -> Result<()> {
    for held in HELD.iter().filter(|held| knows_deputies(held.kind)) {
        let theirs = Filter::eq(held.owner, person).and(Filter::is_in("state", held.open.iter().copied()));
        for one in view::find::<Value>(held.kind).filter(theirs).order("created_at").up_to(MANY)? {
            name(held.kind, &one.id, Some(deputy))?;
        }
    }
    Ok(())
}

/// One record that came while its owner is away.
pub fn stand_in_for(kind: &str, id: &str, person: &str, deputy: &str) -> Result<()> {
    let Some(held) = HELD.iter().find(|held| held.kind == kind && knows_deputies(kind)) else { return Ok(()) };
    match view::get::<Held>(kind, id)? {
        Some(one) if one.data.of(held.owner).is_some_and(|owner| owner == person) => name(kind, id, Some(deputy)),
        _ => Ok(()),
    }
}

/// The deputy sees it no more. What the same deputy has of `others`, who are still away, stays.
pub fn stand_down(deputy: &str, others: &[Id]) -> Result<()> {
    for held in HELD.iter().filter(|held| knows_deputies(held.kind)) {
        let lent: Vec<Record<Held>> =
            view::find(held.kind).filter(Filter::eq("deputy", deputy)).order("created_at").up_to(MANY)?;
        for one in lent.iter().filter(|one| !one.data.of(held.owner).is_some_and(|owner| others.contains(owner))) {
            name(held.kind, &one.id, None)?;
        }
    }
    Ok(())
}

fn name(kind: &str, id: &str, deputy: Option<&str>) -> Result<()> {
    record::change(kind, id).field("deputy", deputy).why("deputy").stage()
}

/// Whether the kind is there and has deputies: a feature may be missing, or be of an older version.
fn knows_deputies(kind: &str) -> bool {
    KINDS.contains(&kind) && view::find::<Value>(kind).filter(Filter::eq("deputy", "")).limit(1).page().is_ok()
}
