//! What creating, changing and moving have in common: checks across records, and the row, revision and event of a write.

use serde_json::{Map, Value, json};

use super::{note::Note, private};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, customer, org, rights, team, template, user},
    error::FieldError,
    model::{Data, EventDraft, FieldType, Id, Kind, Record, RecordRef, Scope, kind::Reach, validate},
    store::{
        Tx,
        tables::{self, revision::Said},
    },
};

/// The record to be written, in scope and at the revision the caller knows.
pub(in crate::commands) fn current(tx: &Tx<'_>, ctx: &Ctx, kind: &str, id: &Id, if_rev: Option<u32>) -> Result<Record> {
    let record = rights::seen(tx, ctx, kind, id)?
        .ok_or_else(|| Error::not_found("record", format!("there is no {kind} {id} in your organisations")))?;
    private::may_write(tx, ctx, &record)?;
    customer::not_erased(&record)?;
    match if_rev {
        Some(rev) if rev != record.rev => Err(Error::new(
            ErrorKind::Stale,
            "record.stale",
            format!("{kind} {id} is at revision {} by now, not {rev}; read it again", record.rev),
        )),
        _ => Ok(record),
    }
}

/// Everything a field needs from other records: refs that exist, values nobody else has.
pub(in crate::commands) fn check_across(
    tx: &Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    changed: &[String],
) -> Result<()> {
    let mut errors = Vec::new();
    for name in changed {
        let (Some(field), Some(value)) = (kind.fields.get(name), record.data.get(name)) else { continue };
        if matches!(field.r#type, FieldType::Ref | FieldType::RefList) {
            errors.extend(check_ref(tx, ctx, name, field.to.as_deref().unwrap_or_default(), value)?);
        }
        if field.r#type == FieldType::File {
            errors.extend(check_file(tx, ctx, name, value)?);
        }
        if let Some(reach) = field.unique {
            let org = (reach == Reach::Org).then_some(&record.org);
            if tables::record::holder(tx, &kind.kind, name, value, org, &record.id)?.is_some() {
                let message = format!("{value} is taken by another {}; {name} must be unique", kind.kind);
                return Err(Error {
                    errors: vec![FieldError::field(name, "unique", message.clone())],
                    ..Error::conflict("record.unique", message)
                });
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn check_ref(tx: &Tx<'_>, ctx: &Ctx, name: &str, to: &str, value: &Value) -> Result<Option<FieldError>> {
    let ids: Vec<&Value> = match value {
        Value::Array(ids) => ids.iter().collect(),
        one => vec![one],
    };
    // People and organisations above a dealer are referred to from below, so refs to them are not held to the scope.
    let is_known_to_all = matches!(to, "user" | "org");
    for id in ids {
        let id: Option<Id> = id.as_str().and_then(|id| id.parse().ok());
        let found = match &id {
            Some(id) if is_known_to_all => tables::record::get(tx, to, id, &Scope::All)?,
            // What one does not see one cannot name either, or the answer would tell that it is there.
            Some(id) => rights::to_refer(tx, ctx, to, id)?,
            None => None,
        };
        if let Some(erased) = found.as_ref().filter(|found| customer::not_erased(found).is_err()) {
            let message = format!("{name}: the customer {} was erased; nothing new can be filed under it", erased.id);
            return Ok(Some(FieldError::field(name, "ref.erased", message)));
        }
        if found.is_none() {
            return Ok(Some(FieldError::field(
                name,
                "ref.not_found",
                format!("{name}: there is no {to} {value} in your organisations"),
            )));
        }
    }
    Ok(None)
}

fn check_file(tx: &Tx<'_>, ctx: &Ctx, name: &str, value: &Value) -> Result<Option<FieldError>> {
    let id: Option<Id> = value.as_str().and_then(|id| id.parse().ok());
    let found = match &id {
        Some(id) => tables::attachment::get(tx, id, &ctx.scope)?.filter(|file| file.detached_at.is_none()),
        None => None,
    };
    let wrong = || {
        let message =
            format!("{name}: there is no attachment {value} in your organisations; add the file to a record first");
        FieldError::field(name, "attachment.not_found", message)
    };
    Ok(found.is_none().then(wrong))
}

/// The names of the fields that differ.
pub(in crate::commands) fn changed_fields(old: &Data, new: &Data) -> Vec<String> {
    let mut names: Vec<String> =
        new.iter().filter(|(name, value)| old.get(*name) != Some(*value)).map(|(name, _)| name.clone()).collect();
    names.extend(old.keys().filter(|name| !new.contains_key(*name)).cloned());
    names
}

/// Write a new record with its first revision, its event and what is noted of it.
pub(in crate::commands) fn insert(tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, record: &Record, note: &Note) -> Result<()> {
    check_own(tx, ctx, record, None)?;
    insert_as(tx, ctx, kind, record, "created", note)?;
    customer::written(tx, ctx, kind, record, None)?;
    settle_own(tx, ctx, record, None)
}

/// The same for a record that is not made but said, sent, put up: `verb` is the event's.
pub(in crate::commands) fn insert_as(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    verb: &str,
    note: &Note,
) -> Result<()> {
    tables::record::insert(tx, kind, record)?;
    let names: Vec<String> = record.data.keys().cloned().collect();
    publish(tx, ctx, kind, record, &Data::new(), &names, verb, note)
}

/// What the core's own kinds demand beyond their files.
fn check_own(tx: &Tx<'_>, ctx: &Ctx, record: &Record, old: Option<&Record>) -> Result<()> {
    match record.kind.as_str() {
        "org" => org::check(tx, ctx, record, old),
        "user" => user::check(tx, ctx, record, old),
        "team" => team::check(tx, record, old),
        template::KIND => template::check(tx, record),
        _ => Ok(()),
    }
}

/// What follows from a record of the core's own kinds, in the same commit.
fn settle_own(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record, old: Option<&Record>) -> Result<()> {
    match record.kind.as_str() {
        "user" => user::settle(tx, ctx, record, old),
        "team" => team::settle(tx, ctx, record, old),
        _ => Ok(()),
    }
}

/// Refs name the record that is there: a merged-away id is written as that of the one that took its place.
pub(in crate::commands) fn settle_refs(tx: &Tx<'_>, kind: &Kind, data: &mut Data, names: &[String]) -> Result<()> {
    for name in names {
        let to = kind.fields.get(name).and_then(|field| field.to.as_deref());
        let Some(to) = to.filter(|to| tables::alias::MERGED.contains(to)) else { continue };
        let refs = match data.get_mut(name) {
            Some(Value::Array(ids)) => ids.as_mut_slice(),
            Some(one) => std::slice::from_mut(one),
            None => continue,
        };
        for value in refs {
            let into = value.as_str().and_then(|id| id.parse().ok()).map(|id: Id| tables::alias::into(tx, to, &id));
            if let Some(into) = into.transpose()?.flatten() {
                *value = json!(into);
            }
        }
    }
    Ok(())
}

/// Write a removed record again. Nothing of what it held is new, so the revision that says so changes nothing.
pub(in crate::commands) fn bring_back(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    said: &Said,
) -> Result<()> {
    check_own(tx, ctx, record, None)?;
    tables::record::insert(tx, kind, record)?;
    let names: Vec<String> = record.data.keys().cloned().collect();
    let seq = ctx.raise(tx, &event(kind, record, "restored", &names))?;
    let (origin, nothing) = (ctx.origin(), Map::new());
    tables::revision::insert(tx, &origin, &record.kind, &record.id, record.rev, seq, &nothing, said)?;
    tables::audit::append_write(tx, &origin, record, "restored", &nothing, json!({ "seq": seq }))?;
    customer::written(tx, ctx, kind, record, None)?;
    settle_own(tx, ctx, record, None)
}

/// Write a changed record, one revision on. `verb` is the event's.
pub(in crate::commands) fn update(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    old: &Record,
    mut data: Data,
    verb: &str,
    note: &Note,
) -> Result<Record> {
    let names = changed_fields(&old.data, &data);
    settle_refs(tx, kind, &mut data, &names)?;
    let record = Record { rev: old.rev + 1, updated_at: ctx.done_at, data, ..old.clone() };
    rights::in_org(ctx, &record.org)?;
    check_across(tx, ctx, kind, &record, &names)?;
    check_own(tx, ctx, &record, Some(old))?;
    tables::record::update(tx, kind, &record)?;
    publish(tx, ctx, kind, &record, &old.data, &names, verb, note)?;
    customer::written(tx, ctx, kind, &record, Some(&names))?;
    settle_own(tx, ctx, &record, Some(old))?;
    as_kept(tx, kind, record)
}

/// The record with what the write has made of its derived fields.
pub(super) fn as_kept(tx: &Tx<'_>, kind: &Kind, record: Record) -> Result<Record> {
    if !kind.fields.has_derived() {
        return Ok(record);
    }
    Ok(tables::record::get(tx, &record.kind, &record.id, &Scope::All)?.unwrap_or(record))
}

#[expect(clippy::too_many_arguments, reason = "one place writes event, revision and note, so that none is forgotten")]
fn publish(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    old: &Data,
    names: &[String],
    verb: &str,
    note: &Note,
) -> Result<()> {
    let seq = ctx.raise(tx, &event(kind, record, verb, names))?;
    revise(tx, ctx, kind, record, old, names, Told { verb, seq }, note)
}

/// What the event of a write says of it.
pub(in crate::commands) struct Told<'a> {
    /// Its verb.
    pub verb: &'a str,
    /// Its number.
    pub seq: i64,
}

/// The revision that an event tells of, with what is noted of it.
#[expect(clippy::too_many_arguments, reason = "one place writes a revision and its note, so that none is forgotten")]
pub(in crate::commands) fn revise(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    old: &Data,
    names: &[String],
    told: Told<'_>,
    note: &Note,
) -> Result<()> {
    let change = |name: &String| (name.clone(), json!([old.get(name), record.data.get(name)]));
    let changes: Map<String, Value> = names.iter().map(change).collect();
    // Only what was needed is kept: a form may send a reason for a value that has been mended since.
    let doubtful = validate::doubtful(kind, &record.data).filter(|name| changes.contains_key(*name));
    let overrides: Map<String, Value> =
        doubtful.filter_map(|name| Some((name.to_owned(), json!(note.overrides.get(name)?.trim())))).collect();
    let said = Said { why: note.why.clone(), overrides };
    let (origin, Told { verb, seq }) = (ctx.origin(), told);
    tables::revision::insert(tx, &origin, &record.kind, &record.id, record.rev, seq, &changes, &said)?;
    tables::audit::append_write(tx, &origin, record, verb, &changes, json!({ "seq": seq }))?;
    for (field, receipt) in &note.receipts {
        tables::receipt::link(tx, &record.kind, &record.id, record.rev, field, receipt)?;
    }
    Ok(())
}

/// The event of a record: what may be quoted is, everything else that changed is named.
pub(in crate::commands) fn event(kind: &Kind, record: &Record, verb: &str, names: &[String]) -> EventDraft {
    let is_quoted =
        |name: &String| kind.fields.get(name).is_some_and(|field| field.r#type.is_quoted() && !field.personal);
    let numbered = kind.number.as_ref().map(|number| number.field.clone());
    let quoted: Map<String, Value> = names
        .iter()
        .filter(|name| is_quoted(name) || numbered.as_ref() == Some(name))
        .map(|name| (name.clone(), record.field(name).clone()))
        .collect();
    EventDraft {
        kind: format!("{}.{verb}", record.kind),
        org: record.org.clone(),
        subject: Some(subject(kind, record)),
        record: Some(RecordRef { kind: record.kind.clone(), id: record.id.clone(), rev: record.rev }),
        data: json!({ "changed": names, "quoted": quoted }),
    }
}

/// The subject of a record's events: the customer it belongs to, else itself.
fn subject(kind: &Kind, record: &Record) -> Id {
    kind.subject
        .as_deref()
        .and_then(|field| record.text(field))
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| record.id.clone())
}
