//! One record of an import that is taken back: removed if the import made it, its old values put back if not.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::named;
use crate::{
    Error, ErrorKind, Result,
    commands::{
        Ctx, Run,
        record::{Change, Remove},
    },
    model::{
        Actor, Data, Event, Record, RecordRef, Scope,
        job::{Undo, UndoConflict},
    },
    store::{
        Tx,
        tables::{self, revision::Revision},
    },
};

/// Revisions read of one record.
const MAX_REVISIONS: u32 = 100_000;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was made by the import and is gone.
    Removed,
    /// Something has its old value back.
    Restored,
    /// All of it, or part, is left as it is.
    Kept,
    /// There was nothing to do.
    Nothing,
}

/// What taking one record back needs to know.
pub(super) struct TakeBack<'a> {
    /// As whom it is written.
    pub ctx: &'a Ctx,
    /// The kind that was imported.
    pub kind: &'a str,
    /// The events of the import.
    pub ranges: &'a [(i64, i64)],
}

impl TakeBack<'_> {
    /// The record an event speaks of, if this is the import's last word on it.
    pub(super) fn run(&self, tx: &mut Tx<'_>, event: &Event, undo: &mut Undo) -> Result<Vec<UndoConflict>> {
        let Some(reference) = &event.record else { return Ok(Vec::new()) };
        let revisions = tables::revision::list(tx, &reference.kind, &reference.id, u32::MAX, MAX_REVISIONS)?;
        if revisions.iter().any(|revision| self.is_ours(revision) && revision.seq > event.seq) {
            return Ok(Vec::new());
        }
        let (outcome, conflicts) = self.record(tx, reference, &revisions)?;
        undo.count(outcome);
        Ok(conflicts)
    }

    fn record(&self, tx: &mut Tx<'_>, of: &RecordRef, revisions: &[Revision]) -> Result<(Outcome, Vec<UndoConflict>)> {
        let Some(current) = tables::record::get(tx, &of.kind, &of.id, &Scope::All)? else {
            return Ok((Outcome::Nothing, Vec::new()));
        };
        if current.id != of.id {
            let message = format!("it was merged into {}: undo the merge first, or mend that one by hand", current.id);
            return Ok((Outcome::Kept, vec![conflict(of, None, "record.merged", message)]));
        }
        if let Some(at) = current.text("erased_at").filter(|_| of.kind == "customer") {
            let message = format!("the customer was erased on {at}: there is nothing to take back");
            return Ok((Outcome::Kept, vec![conflict(of, None, "customer.erased", message)]));
        }
        // What the import had the core write beside it, a review say, people may not write.
        let ctx =
            if of.kind == self.kind { self.ctx.clone() } else { Ctx { actor: Actor::System, ..self.ctx.clone() } };
        if revisions.iter().any(|revision| revision.rev == 1 && self.is_ours(revision)) {
            self.remove(tx, &ctx, of, &current, revisions)
        } else {
            self.restore(tx, &ctx, of, &current, revisions)
        }
    }

    fn remove(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        of: &RecordRef,
        current: &Record,
        revisions: &[Revision],
    ) -> Result<(Outcome, Vec<UndoConflict>)> {
        let mut conflicts = Vec::new();
        let mut told = BTreeSet::new();
        for revision in revisions.iter().filter(|revision| !self.is_ours(revision)) {
            for field in revision.changes.keys().filter(|field| told.insert((*field).clone())) {
                conflicts.push(self.edited(tx, of, current, field, revision, Value::Null)?);
            }
        }
        if !conflicts.is_empty() {
            return Ok((Outcome::Kept, conflicts));
        }
        let remove = Remove { kind: of.kind.clone(), id: of.id.clone(), if_rev: None };
        match allowed(tx.attempt(|tx| remove.run(tx, ctx)))? {
            None => Ok((Outcome::Removed, Vec::new())),
            Some(error) => Ok((Outcome::Kept, vec![conflict(of, None, &error.code, error.message)])),
        }
    }

    /// Field by field: where the import had the last word its predecessor's comes back.
    fn restore(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        of: &RecordRef,
        current: &Record,
        revisions: &[Revision],
    ) -> Result<(Outcome, Vec<UndoConflict>)> {
        let ours = revisions.iter().filter(|revision| self.is_ours(revision));
        let fields: BTreeSet<&String> = ours.flat_map(|revision| revision.changes.keys()).collect();
        let mut conflicts = Vec::new();
        let mut patch = Data::new();
        for field in fields {
            let mut touching = revisions.iter().filter(|revision| revision.changes.contains_key(field)).peekable();
            let last = touching.peek().copied();
            if let Some(later) = last.filter(|revision| !self.is_ours(revision)) {
                let ours = touching.rfind(|revision| self.is_ours(revision));
                let before = ours.map_or(Value::Null, |ours| ours.changes[field][0].clone());
                if *current.field(field) != before {
                    conflicts.push(self.edited(tx, of, current, field, later, before)?);
                }
                continue;
            }
            let first = touching.take_while(|revision| self.is_ours(revision)).last();
            let Some(first) = first else { continue };
            let before = &first.changes[field][0];
            if current.field(field) != before {
                patch.insert(field.clone(), merge_patch(current.field(field), before));
            }
        }
        let n_wanted = patch.len();
        let refused = self.put_back(tx, ctx, of, current, patch)?;
        let is_restored = n_wanted > refused.len();
        conflicts.extend(refused);
        let outcome = match (conflicts.is_empty(), is_restored) {
            (false, _) => Outcome::Kept,
            (true, true) => Outcome::Restored,
            (true, false) => Outcome::Nothing,
        };
        Ok((outcome, conflicts))
    }

    /// All at once, or one by one where together they are refused. Answers what was refused.
    fn put_back(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        of: &RecordRef,
        current: &Record,
        patch: Data,
    ) -> Result<Vec<UndoConflict>> {
        let change = |data: Data| Change::new(&of.kind, of.id.clone(), data);
        if patch.is_empty() || allowed(tx.attempt(|tx| change(patch.clone()).run(tx, ctx)))?.is_none() {
            return Ok(Vec::new());
        }
        let mut refused = Vec::new();
        for (field, value) in patch {
            let alone = Data::from_iter([(field.clone(), value.clone())]);
            if let Some(error) = allowed(tx.attempt(|tx| change(alone).run(tx, ctx)))? {
                let refusal = conflict(of, Some(&field), &error.code, error.message);
                refused.push(UndoConflict { now: current.field(&field).clone(), before: value, ..refusal });
            }
        }
        Ok(refused)
    }

    fn is_ours(&self, revision: &Revision) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= revision.seq);
        after.checked_sub(1).is_some_and(|at| revision.seq <= self.ranges[at].1)
    }

    fn edited(
        &self,
        tx: &Tx<'_>,
        of: &RecordRef,
        current: &Record,
        field: &str,
        later: &Revision,
        before: Value,
    ) -> Result<UndoConflict> {
        let message = format!("{field} was changed after the import: that stays, change it by hand if it is wrong");
        Ok(UndoConflict {
            now: current.field(field).clone(),
            before,
            actor: Some(named(tx, &later.actor)?),
            at: Some(later.at),
            ..conflict(of, Some(field), "undo.edited", message)
        })
    }
}

fn conflict(of: &RecordRef, field: Option<&str>, code: &str, message: String) -> UndoConflict {
    UndoConflict {
        kind: of.kind.clone(),
        id: of.id.clone(),
        field: field.map(str::to_owned),
        code: code.to_owned(),
        message,
        now: Value::Null,
        before: Value::Null,
        actor: None,
        at: None,
    }
}

/// What a write was refused with; our own failures end the undo instead.
fn allowed<T>(outcome: Result<T>) -> Result<Option<Error>> {
    match outcome {
        Ok(_) => Ok(None),
        Err(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => Err(error),
        Err(error) => Ok(Some(error)),
    }
}

/// The merge patch that takes `now` to `before`: objects are merged level by level, so what came in must be taken out.
fn merge_patch(now: &Value, before: &Value) -> Value {
    let (Value::Object(now), Value::Object(before)) = (now, before) else { return before.clone() };
    let gone = now.keys().filter(|key| !before.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let back =
        before.iter().map(|(key, value)| (key.clone(), merge_patch(now.get(key).unwrap_or(&Value::Null), value)));
    Value::Object(gone.chain(back).collect::<Map<_, _>>())
}
