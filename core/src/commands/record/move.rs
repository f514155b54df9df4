//! `record.move`.

use serde::Deserialize;
use serde_json::json;

use super::{
    note::{Note, Receipts},
    write,
};
use crate::{
    Error, Result,
    commands::{Ctx, Run, request, rights},
    error::FieldError,
    model::{
        Data, Id, Kind, Record,
        filter::{Context, Filter},
        kind::Transition,
        rights::Verb,
        validate::{self, Overrides},
    },
    store::Tx,
};

/// Take a record from one state to another by a named transition.
///
/// Causes `<kind>.<event>` of the transition. Refuses (`state.refused`, audited by the caller) a transition that does not
/// start where the record stands, a role that may not, missing fields, a guard that does not hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The revision it must still be at.
    #[serde(default)]
    pub if_rev: Option<u32>,
    /// The transition's name.
    pub transition: String,
    /// Fields that change along, as a merge patch.
    #[serde(default)]
    pub data: Data,
    /// Receipts of the decisions in it, by field.
    #[serde(default)]
    pub receipts: Receipts,
    /// Why it is done; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
    /// Field → why its doubtful value is right all the same; kept with the revision.
    #[serde(default)]
    pub overrides: Overrides,
}

impl Move {
    /// A transition of a record at whatever revision, with nothing said of it.
    pub fn new(kind: impl Into<String>, id: Id, transition: impl Into<String>, data: Data) -> Move {
        Move {
            kind: kind.into(),
            id,
            if_rev: None,
            transition: transition.into(),
            data,
            receipts: Receipts::new(),
            why: None,
            overrides: Overrides::new(),
        }
    }
}

impl Run for Move {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        let kind = tx.kind(&self.kind)?;
        let writer = rights::to_write(ctx, "record.move", &kind)?;
        let record = write::current(tx, ctx, &self.kind, &self.id, self.if_rev)?;
        let kind = tx.kind_in(&self.kind, &record.org)?;
        let states =
            kind.states.as_ref().ok_or_else(|| Error::invalid("transition", format!("{} has no states", kind.kind)))?;
        let transition = states.transitions.get(&self.transition).ok_or_else(|| {
            let known: Vec<&str> = states.transitions.keys().map(String::as_str).collect();
            Error::invalid(
                "transition",
                format!("{} has no move {:?}; it has {}", kind.kind, self.transition, known.join(" ")),
            )
        })?;
        rights::to_do(tx, ctx, Verb::Change, &kind, &record)?;
        rights::to_fields(tx, ctx, &kind, &record, self.data.keys())?;
        allowed(ctx, &record, &states.field, &self.transition, transition)?;
        let note = Note::new(self.receipts, self.why, self.overrides)?;
        let mut data = validate::change(&kind, &record.data, &self.data, note.terms(ctx, &record.org, writer))?;
        data.insert(states.field.clone(), json!(transition.to));
        complete(tx, ctx, &kind, transition, &data)?;
        let moved = write::update(tx, ctx, &kind, &record, data, &transition.event, &note)?;
        request::moved(tx, ctx, &moved)?;
        Ok(moved)
    }
}

fn allowed(ctx: &Ctx, record: &Record, field: &str, name: &str, transition: &Transition) -> Result<()> {
    let state = record.text(field).unwrap_or_default();
    if !transition.from.iter().any(|from| from == state) {
        let message = format!(
            "{name:?} is not possible while {field} is {state:?}; it starts from {}",
            transition.from.join(" or ")
        );
        return Err(Error::conflict("state.refused", message));
    }
    if !rights::has_role(&ctx.actor, &transition.roles) {
        return Err(Error::denied(format!("{name:?} takes one of the roles {}", transition.roles.join(", "))));
    }
    Ok(())
}

fn complete(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, transition: &Transition, data: &Data) -> Result<()> {
    let missing = transition.needs.iter().filter(|name| !data.contains_key(*name));
    let errors: Vec<FieldError> =
        missing.map(|name| FieldError::field(name, "required", format!("{name} is needed for this step"))).collect();
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    let Some(guard) = &transition.guard else { return Ok(()) };
    let kinds = |name: &str| tx.kinds().get(name).cloned();
    let guard = Filter::parse(kind, guard, &Context { me: ctx.actor.person(), now: ctx.now, kinds: &kinds })?;
    if guard.holds(data) {
        return Ok(());
    }
    let text = transition.guard_text.as_ref().map_or("the step's condition does not hold", |text| text.get(ctx.locale));
    Err(Error::conflict("state.refused", text))
}
