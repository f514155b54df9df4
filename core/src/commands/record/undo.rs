//! `record.undo`.

use serde::Deserialize;
use serde_json::Value;

use super::{
    create::check_org_fields,
    note::{Note, Receipts},
    private,
    remove::Remove,
    write,
};
use crate::{
    Error, Result,
    commands::{Ctx, Run, rights},
    error::FieldError,
    model::{Data, FieldType, Id, Kind, Record, validate},
    store::{
        Tx,
        tables::revision::{self, Revision},
    },
};

/// Take back what one revision changed, as a new revision; the creation is taken back by removing the record.
///
/// Causes `<kind>.changed`, or `<kind>.removed` for the first revision, and nothing when all stands as before already. Refuses
/// (`undo.conflict`, naming each) fields that have changed since, unless `fields` leaves them out; states, which are undone by
/// moves; a closed kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The revision to take back.
    pub rev: u32,
    /// Only these of the fields it changed.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
    /// The revision the record must still be at.
    #[serde(default)]
    pub if_rev: Option<u32>,
    /// Why it is done; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
}

/// What undoing came to.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The record as it stands, or as it was when it was removed.
    pub record: Record,
    /// Whether it was the creation that was taken back.
    pub is_removed: bool,
}

impl Run for Undo {
    type Done = Undone;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Undone> {
        let record = write::current(tx, ctx, &self.kind, &self.id, self.if_rev)?;
        let kind = tx.kind_in(&self.kind, &record.org)?;
        let revision =
            revision::one(tx, &self.kind, &record.id, self.rev)?.ok_or_else(|| no_revision(&record, self.rev))?;
        if let Some(at) = revision.erased_at {
            let message = format!(
                "revision {} was emptied on {at}, when the customer was erased: it cannot be taken back",
                self.rev
            );
            return Err(Error::conflict("undo.erased", message));
        }
        let may = rights::to_write(ctx, "record.undo", &kind);
        if revision.rev == 1 {
            may?;
            return self.creation(tx, ctx, record);
        }
        let wanted = self.wanted(&revision)?;
        let fields: Data = wanted.iter().map(|name| ((*name).clone(), Value::Null)).collect();
        rights::to_rewrite(tx, ctx, &kind, &record)?;
        rights::to_fields(tx, ctx, &kind, &record, wanted.iter().copied())?;
        let writer = may.or_else(|_| rights::to_change(ctx, &kind, &fields))?;
        // What was once answered for stands again as it stood.
        let as_before = format!("as it was before revision {}", self.rev);
        let overrides = wanted.iter().map(|name| ((*name).clone(), as_before.clone())).collect();
        let note = Note::new(Receipts::new(), self.why.clone(), overrides)?;
        not_a_state(&kind, &wanted)?;
        unchanged_since(&record, &revision, &wanted)?;
        let (mut base, mut patch) = (record.data.clone(), Data::new());
        for name in wanted {
            let old = revision.changes[name].get(0).cloned().unwrap_or_default();
            // A patch would merge into the JSON that is there; what was there before takes its place.
            if !old.is_null() && kind.fields.get(name).is_some_and(|field| field.r#type == FieldType::Json) {
                base.remove(name);
            }
            patch.insert(name.clone(), old);
        }
        let data = validate::change(&kind, &base, &patch, note.terms(ctx, &record.org, writer))?;
        check_org_fields(tx, ctx, &kind, &record.org, &data)?;
        private::check(tx, ctx, &kind, &record.org, &data)?;
        if data == record.data {
            return Ok(Undone { record, is_removed: false });
        }
        let record = write::update(tx, ctx, &kind, &record, data, "changed", &note)?;
        revision::note_undo(tx, &record.kind, &record.id, record.rev, self.rev)?;
        Ok(Undone { record, is_removed: false })
    }
}

impl Undo {
    /// The fields to take back: all that the revision changed, or those asked for.
    fn wanted<'a>(&self, revision: &'a Revision) -> Result<Vec<&'a String>> {
        let Some(fields) = &self.fields else { return Ok(revision.changes.keys().collect()) };
        let changed = || revision.changes.keys().cloned().collect::<Vec<_>>().join(", ");
        let unknown = |(n, name): (usize, &String)| FieldError {
            pointer: format!("/fields/{n}"),
            code: "field.unchanged".into(),
            message: format!("revision {} did not change {name:?}; it changed {}", revision.rev, changed()),
        };
        let is_changed = |name: &String| revision.changes.contains_key(name);
        let errors: Vec<FieldError> =
            fields.iter().enumerate().filter(|(_, name)| !is_changed(name)).map(unknown).collect();
        if !errors.is_empty() {
            return Err(Error::fields(errors));
        }
        Ok(revision.changes.keys().filter(|name| fields.contains(name)).collect())
    }

    fn creation(self, tx: &mut Tx<'_>, ctx: &Ctx, record: Record) -> Result<Undone> {
        if self.fields.is_some() {
            let message = "revision 1 made the record: it is taken back as a whole, leave `fields` out";
            return Err(Error::invalid("fields", message));
        }
        let later = revision::list(tx, &record.kind, &record.id, u32::MAX, u32::MAX)?;
        let mut errors: Vec<FieldError> = Vec::new();
        for revision in later.iter().filter(|revision| revision.rev > 1) {
            for name in revision.changes.keys() {
                let is_new = !errors.iter().any(|error| error.pointer == format!("/data/{name}"));
                if is_new && record.data.get(name) != was_made(&later, name) {
                    let message = format!("{name} was changed by revision {}; take that back first", revision.rev);
                    errors.push(FieldError::field(name, "undo.conflict", message));
                }
            }
        }
        if !errors.is_empty() {
            return Err(conflict(&record, 1, errors));
        }
        let remove = Remove { kind: self.kind, id: record.id.clone(), if_rev: None };
        remove.run(tx, ctx)?;
        Ok(Undone { record, is_removed: true })
    }
}

/// What the first revision gave a field.
fn was_made<'a>(revisions: &'a [Revision], name: &str) -> Option<&'a Value> {
    revisions.last().and_then(|first| first.changes.get(name)?.get(1)).filter(|value| !value.is_null())
}

fn no_revision(record: &Record, rev: u32) -> Error {
    let message = format!("{} {} has no changes at revision {rev}; GET …/history lists them", record.kind, record.id);
    Error::not_found("revision", message)
}

fn not_a_state(kind: &Kind, wanted: &[&String]) -> Result<()> {
    let Some(states) = kind.states.as_ref().filter(|states| wanted.contains(&&states.field)) else { return Ok(()) };
    let message = format!(
        "{0} changes by moves alone, and a move is undone by another: POST …/moves/{{transition}}, or leave {0} out of `fields`",
        states.field
    );
    let place = FieldError::field(&states.field, "undo.state", message.clone());
    Err(Error { errors: vec![place], ..Error::conflict("undo.state", message) })
}

/// Every field must still hold what the revision gave it, or what it held before.
fn unchanged_since(record: &Record, revision: &Revision, wanted: &[&String]) -> Result<()> {
    let errors: Vec<FieldError> = wanted
        .iter()
        .filter(|name| {
            let (now, pair) = (record.field(name), &revision.changes[**name]);
            pair.get(0) != Some(now) && pair.get(1) != Some(now)
        })
        .map(|name| {
            let message = format!(
                "{name} is {} by now; revision {} had made it {}. Leave it out of `fields`, or take the later change back first",
                record.field(name), revision.rev, revision.changes[*name][1]
            );
            FieldError::field(name, "undo.conflict", message)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(conflict(record, revision.rev, errors)) }
}

fn conflict(record: &Record, rev: u32, errors: Vec<FieldError>) -> Error {
    let message =
        format!("revision {rev} of {} {} cannot be taken back: fields have changed since", record.kind, record.id);
    Error { errors, ..Error::conflict("undo.conflict", message) }
}
