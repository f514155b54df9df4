//! `record.restore`.

use serde::Deserialize;

use super::{
    note::{Note, Receipts},
    private, write,
};
use crate::{
    Error, Result,
    commands::{Ctx, Run, rights},
    model::{Id, Record, rights::Verb, validate::Overrides},
    store::{
        Tx,
        tables::{self, revision::Said},
    },
};

/// Bring a removed record back with its id and what it held; its revisions go on.
///
/// Causes `<kind>.restored`. Refuses a closed kind, a record that is there or was merged into another, refs and unique values that no
/// longer hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// Why it is done; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
}

impl Run for Restore {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        let kind = tx.kind(&self.kind)?;
        rights::to_write(ctx, "record.restore", &kind)?;
        let gone =
            || Error::not_found("record", format!("no {} {} was removed in your organisations", self.kind, self.id));
        if let Some(there) = rights::seen(tx, ctx, &self.kind, &self.id)? {
            let message = format!("{} {} is there; there is nothing to bring back", there.kind, there.id);
            return Err(Error::conflict("record.exists", message));
        }
        let last = tables::event::last_of_record(tx, &self.kind, &self.id)?.ok_or_else(gone)?;
        let is_removed = last.kind == format!("{}.removed", self.kind) && ctx.scope.holds(&last.org);
        let past = tables::revision::past(tx, &self.kind, &self.id, u32::MAX)?.filter(|_| is_removed);
        let past = past.ok_or_else(gone)?;
        let rev = last.record.map_or(past.rev, |record| record.rev.max(past.rev)) + 1;
        let past = past.into_record(&self.kind, self.id.clone(), last.org);
        let record = Record { rev, updated_at: ctx.done_at, ..past };
        private::may_write(tx, ctx, &record)?;
        let kind = tx.kind_in(&record.kind, &record.org)?;
        rights::to_kind(tx, ctx, Verb::Remove, &kind)?;
        if !rights::was_seen(tx, ctx, &record)? {
            let message = format!("no {} {} was removed in your organisations", record.kind, record.id);
            return Err(Error::not_found("record", message));
        }
        let names: Vec<String> = record.data.keys().cloned().collect();
        write::check_across(tx, ctx, &kind, &record, &names)?;
        let note = Note::new(Receipts::new(), self.why, Overrides::new())?;
        write::bring_back(tx, ctx, &kind, &record, &Said { why: note.why, ..Said::default() })?;
        write::as_kept(tx, &kind, record)
    }
}
