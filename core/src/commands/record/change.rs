//! `record.change`.

use serde::Deserialize;

use super::{
    create::check_org_fields,
    note::{Note, Receipts},
    private, write,
};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, customer, rights},
    model::{
        Data, Id, Record,
        validate::{self, Overrides},
    },
    store::Tx,
};

/// Change fields of a record by JSON merge patch; the state changes by `record.move` alone.
///
/// Causes `<kind>.changed`, and nothing when nothing differs. Refuses what the kind does not allow, a closed kind, a
/// revision that has moved on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The revision it must still be at.
    #[serde(default)]
    pub if_rev: Option<u32>,
    /// The merge patch; `null` takes a value away.
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

impl Change {
    /// A merge patch of a record at whatever revision, with nothing said of it.
    pub fn new(kind: impl Into<String>, id: Id, data: Data) -> Change {
        let (receipts, overrides) = (Receipts::new(), Overrides::new());
        Change { kind: kind.into(), id, if_rev: None, data, receipts, why: None, overrides }
    }
}

impl Run for Change {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        let kind = tx.kind(&self.kind)?;
        let writer = rights::to_change(ctx, &kind, &self.data)?;
        let record = write::current(tx, ctx, &self.kind, &self.id, self.if_rev)?;
        let kind = tx.kind_in(&self.kind, &record.org)?;
        rights::to_rewrite(tx, ctx, &kind, &record)?;
        rights::to_fields(tx, ctx, &kind, &record, self.data.keys())?;
        let note = Note::new(self.receipts, self.why, self.overrides)?;
        let data = validate::change(&kind, &record.data, &self.data, note.terms(ctx, &record.org, writer))?;
        if let Some(states) = &kind.states
            && data.get(&states.field) != record.data.get(&states.field)
        {
            let message = format!("{} changes by its moves alone: POST …/moves/{{transition}}", states.field);
            return Err(Error::new(ErrorKind::Conflict, "state.refused", message));
        }
        check_org_fields(tx, ctx, &kind, &record.org, &data)?;
        if kind.kind == "customer" && data.get("birth_date") != record.data.get("birth_date") {
            customer::no_child(ctx, &record.org, &data)?;
        }
        private::check(tx, ctx, &kind, &record.org, &data)?;
        if data == record.data {
            return Ok(record);
        }
        write::update(tx, ctx, &kind, &record, data, "changed", &note)
    }
}
