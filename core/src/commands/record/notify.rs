//! `record.notify`: somebody asks after a colleague's record.

use serde_json::json;

use super::{reveal::note, write};
use crate::{
    Error, Result,
    commands::{Ctx, Run},
    model::{Id, Record, Scope, rights::compile},
    store::{Tx, tables},
};

const MAX_NOTE_CHARS: usize = 200;

/// Tell the owner of a record of one's own dealer that somebody asks after it, whether one may open it or not.
///
/// Causes `<kind>.asked_after` with who asks and their note. Refuses a record that nobody owns.
#[derive(Clone, Debug)]
pub struct Notify {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// What to tell the owner.
    pub note: Option<String>,
}

impl Run for Notify {
    type Done = Record;

    /// Answers the owner.
    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        let missing =
            || Error::not_found("record", format!("there is no {} {} in your organisations", self.kind, self.id));
        // The organisation alone counts: whom one asks after is as a rule a colleague's.
        let record = tables::record::get(tx, &self.kind, &self.id, &ctx.scope)?.ok_or_else(missing)?;
        let kind = tx.kind_in(&self.kind, &record.org)?;
        if kind.private.is_some() || matches!(kind.kind.as_str(), "user" | "org" | "role") {
            return Err(missing());
        }
        let owner = compile::owner(&kind).and_then(|owner| record.text(owner)?.parse::<Id>().ok());
        let owner = owner.map(|id| tables::record::get(tx, "user", &id, &Scope::All)).transpose()?.flatten();
        let owner = owner.ok_or_else(|| {
            Error::conflict("record.ownerless", format!("nobody owns this {}, so there is nobody to tell", kind.kind))
        })?;
        let said = self.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        if said.is_some_and(|note| note.chars().count() > MAX_NOTE_CHARS) {
            return Err(Error::invalid("note", format!("note is longer than {MAX_NOTE_CHARS} characters; shorten it")));
        }
        let mut draft = write::event(&kind, &record, "asked_after", &[]);
        draft.data = json!({ "by": ctx.actor.person(), "owner": owner.id, "note": said });
        ctx.raise(tx, &draft)?;
        note(tx, ctx, "record.asked_after", (&record.kind, Some(&record.id)), json!({ "owner": owner.id }))?;
        Ok(owner)
    }
}
