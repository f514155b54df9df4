//! Derived fields: kept beside a record's body, changed by the writes they depend on, merged in when a record is read.
//!
//! Every write of a record comes through here. Roll-ups follow in the same transaction, computed fields are marked as
//! behind until the script has run. None of it is a revision of the record; what has changed is noted, and told in an
//! event by whoever raises the write's own.

mod fold;
mod watch;

use std::{borrow::Cow, collections::BTreeMap};

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Tx,
    rows::{self, Json},
    schema,
    tables::{self, Reader, backfill},
};
use crate::{
    Error, Result,
    model::{Data, Id, Kind, Record, Scope, Time},
};

pub(super) use fold::Tally;
pub(crate) use watch::Watches;
use watch::{Part, Watch};

/// What stands in the side column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Side {
    /// Values by field.
    #[serde(flatten)]
    pub values: Data,
    /// What is needed to keep them. No field can be called `$`.
    #[serde(rename = "$", default, skip_serializing_if = "Book::is_empty")]
    pub book: Book,
}

/// What is needed to keep derived values current.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Book {
    /// Computed fields that are behind, with the number of the event that told of the change.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stale: BTreeMap<String, i64>,
    /// Of each `latest`, which child its value is of.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub latest: BTreeMap<String, (i64, Id)>,
    /// When the record is to be computed anew though nothing changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

impl Book {
    fn is_empty(&self) -> bool {
        *self == Book::default()
    }
}

/// Derived values of a record that have changed.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The record with its new values.
    pub record: Record,
    /// Field → old and new value.
    pub changes: BTreeMap<String, (Value, Value)>,
}

/// A roll-up, what a record has added to it so far, and what it adds now.
type Step<'a> = (&'a Watch, Option<Part>, Option<Part>);

/// What became of a computed field.
#[derive(Clone, Debug, PartialEq)]
pub enum Computed {
    /// It has this value, or none.
    Value(Option<Value>),
    /// The script failed: the value of before stays and is behind.
    Failed,
    /// No script is in force: the value of before stays, and is behind if there is one.
    Unruled,
}

/// The body of a record without what is derived.
pub(super) fn without<'a>(kind: &Kind, data: &'a Data) -> Cow<'a, Data> {
    let is_derived = |name: &str| kind.fields.get(name).is_some_and(|field| field.derived.is_some());
    if !kind.fields.has_derived() || !data.keys().any(|name| is_derived(name)) {
        return Cow::Borrowed(data);
    }
    Cow::Owned(
        data.iter().filter(|(name, _)| !is_derived(name)).map(|(name, value)| (name.clone(), value.clone())).collect(),
    )
}

/// A record as it stands before a write, if anything derived depends on it.
pub(super) fn before(tx: &Tx<'_>, kind: &Kind, id: &Id) -> Result<Option<Record>> {
    if kind.fields.has_derived() || tx.watches.at(&kind.kind).is_some() { stored(tx, &kind.kind, id) } else { Ok(None) }
}

fn stored(tx: &Tx<'_>, kind: &str, id: &Id) -> Result<Option<Record>> {
    let sql = format!("select {} from {} where id = ?1", rows::RECORD, schema::table(kind));
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row([id], |row| rows::record(kind, row)).optional())
        .map_err(Error::internal)
}

/// A record has been made: it begins with what refers to it already, and others count it.
pub(super) fn inserted(tx: &mut Tx<'_>, kind: &Kind, record: &Record) -> Result<()> {
    if kind.fields.has_derived() {
        let mut side = Side::default();
        for watch in tx.watches.clone().on(record) {
            fold::recount(tx, watch, record, &mut side)?;
        }
        mark_behind(tx, kind, &mut side);
        save(tx, &kind.kind, &record.id, &side)?;
    }
    follow(tx, None, Some(record))
}

/// A record has been changed.
pub(super) fn updated(tx: &mut Tx<'_>, kind: &Kind, before: Option<Record>, record: &Record) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let has_moved = before.org != record.org;
    if kind.fields.has_derived() && (has_moved || without(kind, &before.data) != without(kind, &record.data)) {
        let mut side = load(tx, &kind.kind, &record.id)?;
        mark_behind(tx, kind, &mut side);
        save(tx, &kind.kind, &record.id, &side)?;
        if has_moved {
            recount(tx, &kind.kind, &record.id, None)?;
        }
    }
    follow(tx, Some(&before), Some(record))
}

/// A record has been taken away.
pub(super) fn removed(tx: &mut Tx<'_>, before: Option<Record>) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    tables::computed::delete(tx, &before.kind, &before.id)?;
    follow(tx, Some(&before), None)
}

/// Roll up a record anew from the records that refer to it: all its roll-ups, or those named. For back-fills, and for
/// whoever changes what an id stands for.
///
/// # Errors
/// Internal.
pub fn recount(tx: &mut Tx<'_>, kind: &str, id: &Id, fields: Option<&[String]>) -> Result<()> {
    let Some(record) = stored(tx, kind, id)? else { return Ok(()) };
    let kind = tx.kind_in(kind, &record.org)?;
    let before = load(tx, &kind.kind, id)?;
    let mut side = before.clone();
    for watch in tx.watches.clone().on(&record) {
        if fields.is_none_or(|fields| fields.contains(&watch.field)) {
            fold::recount(tx, watch, &record, &mut side)?;
        }
    }
    settle(tx, &kind, record, &before, side)
}

/// Write down what became of a record's computed fields, made from a snapshot that holds all events up to `at_seq`.
/// `false` when the record has changed since: then it is computed anew, and this was in vain.
///
/// # Errors
/// Internal.
pub fn put_computed(
    tx: &mut Tx<'_>,
    kind: &str,
    id: &Id,
    at_seq: i64,
    computed: &BTreeMap<String, Computed>,
    next: Option<Time>,
) -> Result<bool> {
    let Some(record) = stored(tx, kind, id)? else { return Ok(false) };
    let before = load(tx, kind, id)?;
    if before.book.stale.values().any(|since| *since > at_seq) {
        return Ok(false);
    }
    let mut side = before.clone();
    for (name, outcome) in computed {
        let is_behind = match outcome {
            Computed::Value(Some(value)) => {
                side.values.insert(name.clone(), value.clone());
                false
            }
            Computed::Value(None) => {
                side.values.remove(name);
                false
            }
            Computed::Failed => true,
            Computed::Unruled => side.values.contains_key(name),
        };
        if is_behind {
            side.book.stale.insert(name.clone(), at_seq);
        } else {
            side.book.stale.remove(name);
        }
    }
    side.book.next = next;
    settle_as(tx, kind, record, &before, side)?;
    Ok(true)
}

/// The fields of records that wait for a back-fill are behind too.
pub(super) fn mark_pending(reader: &impl Reader, kind: &Kind, records: &mut [Record]) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let pending = backfill::of_kind(reader, &kind.kind)?;
    for record in records {
        let awaited: Vec<&str> = pending
            .iter()
            .filter(|pending| pending.awaits(record) && !record.stale.contains(&pending.field))
            .map(|pending| pending.field.as_str())
            .collect();
        record.stale.extend(awaited.into_iter().map(str::to_owned));
    }
    Ok(())
}

/// Everything that counts this record: what it adds to, what it leaves.
fn follow(tx: &mut Tx<'_>, old: Option<&Record>, new: Option<&Record>) -> Result<()> {
    let Some(kind) = old.or(new).map(|record| record.kind.as_str()) else { return Ok(()) };
    let watches = tx.watches.clone();
    let Some(watching) = watches.at(kind) else { return Ok(()) };
    // One write for each record that counts it, however many of its fields do.
    let mut steps: BTreeMap<(&str, Id, Id), Vec<Step<'_>>> = BTreeMap::new();
    for watch in watching {
        let left = old.and_then(|record| watch.part(record));
        let joined = new.and_then(|record| watch.part(record));
        if left == joined {
            continue;
        }
        let place = |part: &Part| (watch.kind.as_str(), part.parent.clone(), part.org.clone());
        match (left.as_ref().map(place), joined.as_ref().map(place)) {
            (Some(from), Some(to)) if from != to => {
                steps.entry(from).or_default().push((watch, left, None));
                steps.entry(to).or_default().push((watch, None, joined));
            }
            (Some(at), _) | (None, Some(at)) => steps.entry(at).or_default().push((watch, left, joined)),
            (None, None) => {}
        }
    }
    for ((kind, id, org), steps) in steps {
        step(tx, kind, &id, &org, steps)?;
    }
    Ok(())
}

fn step(tx: &mut Tx<'_>, kind: &str, id: &Id, org: &Id, steps: Vec<Step<'_>>) -> Result<()> {
    // Through the alias of a merged record; a record of another organisation counts nothing of this one.
    let Some(record) = tables::record::get(tx, kind, id, &Scope::one(org.clone()))? else { return Ok(()) };
    let kind = tx.kind_in(kind, org)?;
    let pending = backfill::of_kind(tx, &kind.kind)?;
    let before = load(tx, &kind.kind, &record.id)?;
    let mut side = before.clone();
    for (watch, left, joined) in steps {
        // The back-fill will come to it and count everything there is by then.
        if pending.iter().any(|pending| pending.field == watch.field && pending.awaits(&record)) {
            continue;
        }
        fold::step(tx, watch, &record, &mut side, left, joined)?;
    }
    settle(tx, &kind, record, &before, side)
}

/// Write what has changed; computed fields of the record depend on it.
fn settle(tx: &mut Tx<'_>, kind: &Kind, record: Record, before: &Side, mut side: Side) -> Result<()> {
    if side.values != before.values {
        mark_behind(tx, kind, &mut side);
    }
    settle_as(tx, &kind.kind, record, before, side)
}

fn settle_as(tx: &mut Tx<'_>, kind: &str, mut record: Record, before: &Side, side: Side) -> Result<()> {
    if side == *before {
        return Ok(());
    }
    save(tx, kind, &record.id, &side)?;
    let names = before.values.keys().chain(side.values.keys());
    let value = |side: &Side, name: &String| side.values.get(name).cloned().unwrap_or(Value::Null);
    let changes: BTreeMap<String, (Value, Value)> = names
        .map(|name| (name.clone(), (value(before, name), value(&side, name))))
        .filter(|(_, (old, new))| old != new)
        .collect();
    if !changes.is_empty() {
        record.data.retain(|name, _| !before.values.contains_key(name));
        record.data.extend(side.values);
        record.stale = side.book.stale.into_keys().collect();
        tx.noted.push(Noted { record, changes });
    }
    Ok(())
}

/// The event of this write is the next to be raised: a snapshot that holds it holds the write.
fn mark_behind(tx: &Tx<'_>, kind: &Kind, side: &mut Side) {
    let since = tx.last_seq() + 1;
    side.book.stale.extend(kind.fields.computed().map(|(name, _, _)| (name.to_owned(), since)));
}

fn load(tx: &Tx<'_>, kind: &str, id: &Id) -> Result<Side> {
    let sql = format!("select derived from {} where id = ?1", schema::table(kind));
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row([id], |row| row.get::<_, Option<Json<Side>>>(0)).optional())
        .map(|found| found.flatten().map(|Json(side)| side).unwrap_or_default())
        .map_err(Error::internal)
}

fn save(tx: &Tx<'_>, kind: &str, id: &Id, side: &Side) -> Result<()> {
    let sql = format!("update {} set derived = ?2 where id = ?1", schema::table(kind));
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.execute((id, Json(side))))
        .map(drop)
        .map_err(Error::internal)
}
