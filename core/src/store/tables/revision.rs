//! What each revision of a record changed. With the record itself, the only place values live.

use rusqlite::Row;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Reader;
use crate::{
    Error, Result,
    model::{Data, Id, Record, Time},
    store::{
        Tx,
        erasure::{Forgotten, Values},
        rows::Json,
        tables::event::Origin,
    },
};

/// One revision: field → `[old, new]`.
#[derive(Clone, Debug, Serialize)]
pub struct Revision {
    /// Which.
    pub rev: u32,
    /// When.
    pub at: Time,
    /// The event that tells of it.
    pub seq: i64,
    /// Who.
    pub actor: String,
    /// Field → `[old, new]`.
    pub changes: Map<String, Value>,
    /// What was said of it.
    pub said: Said,
    /// The revision it has taken back.
    pub undoes: Option<u32>,
    /// When values of it were forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Time>,
}

/// What was said of a write beside its values.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Said {
    /// Why it was made.
    pub why: Option<String>,
    /// Field → why its doubtful value is right.
    pub overrides: Map<String, Value>,
}

/// What a record held at a revision, put together from what each one up to it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// The last revision that changed something.
    pub rev: u32,
    /// When the first was made.
    pub created_at: Time,
    /// When this one was made.
    pub updated_at: Time,
    /// The event that tells of it.
    pub seq: i64,
    /// The fields.
    pub data: Data,
}

impl Past {
    /// The record of then.
    pub fn into_record(self, kind: &str, id: Id, org: Id) -> Record {
        let first = Record::new(kind, id, org, self.created_at, self.data);
        Record { rev: self.rev, updated_at: self.updated_at, ..first }
    }
}

const COLUMNS: &str = "rev, at, seq, actor, changes, undoes, why, overrides, erased_at";

/// Write a revision.
///
/// # Errors
/// Internal.
#[expect(clippy::too_many_arguments, reason = "one argument a column, at the one place that writes them")]
pub fn insert(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: &str,
    id: &Id,
    rev: u32,
    seq: i64,
    changes: &Map<String, Value>,
    said: &Said,
) -> Result<()> {
    let overrides = (!said.overrides.is_empty()).then_some(Json(&said.overrides));
    tx.connection
        .prepare_cached(
            "insert into revision (kind, id, rev, at, seq, actor, changes, why, overrides, source)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .and_then(|mut statement| {
            let (changes, source) = (Json(changes), &origin.source);
            statement.execute((kind, id, rev, origin.at, seq, &origin.actor, changes, &said.why, overrides, source))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// Revisions below `before`, newest first.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, kind: &str, id: &Id, before: u32, limit: u32) -> Result<Vec<Revision>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(&format!(
            "select {COLUMNS} from revision where kind = ?1 and id = ?2 and rev < ?3 order by rev desc limit ?4"
        ))
        .map_err(Error::internal)?;
    let rows = statement.query_map((kind, id, before, limit), read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// One revision.
///
/// # Errors
/// Internal.
pub fn one(reader: &impl Reader, kind: &str, id: &Id, rev: u32) -> Result<Option<Revision>> {
    let found = list(reader, kind, id, rev.saturating_add(1), 1)?.pop();
    Ok(found.filter(|revision| revision.rev == rev))
}

/// The last revision made up to a moment.
///
/// # Errors
/// Internal.
pub fn last_at(reader: &impl Reader, kind: &str, id: &Id, at: Time) -> Result<Option<u32>> {
    reader
        .connection()
        .0
        .prepare_cached("select max(rev) from revision where kind = ?1 and id = ?2 and at <= ?3")
        .and_then(|mut statement| statement.query_row((kind, id, at), |row| row.get(0)))
        .map_err(Error::internal)
}

/// The next records of a kind, after an id, that began up to a moment, those that are gone too.
///
/// # Errors
/// Internal.
pub fn begun(reader: &impl Reader, kind: &str, at: Time, after: &str, limit: u32) -> Result<Vec<Id>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select id from revision where kind = ?1 and id > ?2 and rev = 1 and at <= ?3 order by id limit ?4",
        )
        .map_err(Error::internal)?;
    let rows = statement.query_map((kind, after, at, limit), |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// What a record held at a revision; `None` when it had none by then.
///
/// # Errors
/// Internal.
pub fn past(reader: &impl Reader, kind: &str, id: &Id, rev: u32) -> Result<Option<Past>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(&format!(
            "select {COLUMNS} from revision where kind = ?1 and id = ?2 and rev <= ?3 order by rev"
        ))
        .map_err(Error::internal)?;
    let rows = statement.query_map((kind, id, rev), read).map_err(Error::internal)?;
    let mut past: Option<Past> = None;
    for row in rows {
        let Revision { rev, at, seq, changes, .. } = row.map_err(Error::internal)?;
        let past = past.get_or_insert_with(|| Past { rev, created_at: at, updated_at: at, seq, data: Data::new() });
        (past.rev, past.updated_at, past.seq) = (rev, at, seq);
        for (name, pair) in changes {
            match pair.get(1) {
                Some(value) if !value.is_null() => _ = past.data.insert(name, value.clone()),
                _ => _ = past.data.remove(&name),
            }
        }
    }
    Ok(past)
}

/// Say that a revision has taken another back.
///
/// # Errors
/// Internal.
pub fn note_undo(tx: &mut Tx<'_>, kind: &str, id: &Id, rev: u32, undoes: u32) -> Result<()> {
    tx.connection
        .prepare_cached("update revision set undoes = ?4 where kind = ?1 and id = ?2 and rev = ?3")
        .and_then(|mut statement| statement.execute((kind, id, rev, undoes)))
        .map(drop)
        .map_err(Error::internal)
}

/// Let the values of a record's revisions go: all of what does not stay of it, and what quotes the person. What a revision says beside
/// its values is free text, and goes with them.
///
/// # Errors
/// Internal.
pub(in crate::store) fn forget(tx: &Tx<'_>, record: &Forgotten, values: &Values, at: Time) -> Result<()> {
    let all = list(tx, &record.kind, &record.id, u32::MAX, u32::MAX)?;
    let mut statement = tx
        .connection
        .prepare_cached(
            "update revision set changes = ?4, why = null, overrides = null, erased_at = ?5 where kind = ?1 and id = ?2 and rev = ?3",
        )
        .map_err(Error::internal)?;
    for revision in all {
        let stays = |name: &String, pair: &Value| record.keeps(name) && !values.quoted_in(pair);
        let changes: Map<String, Value> = revision
            .changes
            .iter()
            .filter(|(name, pair)| stays(name, pair))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let is_said = revision.said.why.is_some() || !revision.said.overrides.is_empty();
        if changes.len() < revision.changes.len() || (is_said && record.kept.is_some()) {
            statement.execute((&record.kind, &record.id, revision.rev, Json(&changes), at)).map_err(Error::internal)?;
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Revision> {
    let Json(changes) = row.get(4)?;
    let overrides: Option<Json<Map<String, Value>>> = row.get(7)?;
    Ok(Revision {
        rev: row.get(0)?,
        at: row.get(1)?,
        seq: row.get(2)?,
        actor: row.get(3)?,
        changes,
        undoes: row.get(5)?,
        said: Said { why: row.get(6)?, overrides: overrides.map(|Json(map)| map).unwrap_or_default() },
        erased_at: row.get(8)?,
    })
}
