//! Merges of customers.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Scope, Time, merge::Merge},
    store::{Tx, rows::Json},
};

const COLUMNS: &str = "id, org, kept, lost, at, seq, undo_until, undone_at, body";

/// Keep a merge, or what has become of it.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, merge: &Merge) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into merge (id, org, kept, lost, at, seq, undo_until, undone_at, body)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             on conflict do update set undone_at = ?8, body = ?9",
        )
        .and_then(|mut statement| {
            statement.execute((
                &merge.id,
                &merge.org,
                &merge.kept,
                &merge.lost,
                merge.at,
                merge.seq,
                merge.undo_until,
                merge.undone_at,
                Json(&merge.body),
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// A merge by id.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id, scope: &Scope) -> Result<Option<Merge>> {
    Ok(one(reader, "id = ?1", [id])?.filter(|merge| scope.holds(&merge.org)))
}

/// The merges into a customer before `seq`, by any of its ids, the newest first.
///
/// # Errors
/// Internal.
pub fn into(reader: &impl Reader, family: &[Id], before: i64, limit: u32) -> Result<Vec<Merge>> {
    let sql = format!(
        "select {COLUMNS} from merge where kept in (select value from json_each(?1)) and seq < ?2 order by seq desc limit ?3"
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found = statement.query_map((Json(family), before, limit), read).map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}

/// How many merges into this record there have been, those that were taken back too.
///
/// # Errors
/// Internal.
pub fn count_into(reader: &impl Reader, id: &Id) -> Result<u32> {
    reader
        .connection()
        .0
        .prepare_cached("select count(*) from merge where kept = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
        .map_err(Error::internal)
}

/// The merge that gave this record up and was not taken back.
///
/// # Errors
/// Internal.
pub fn that_lost(reader: &impl Reader, id: &Id) -> Result<Option<Merge>> {
    one(reader, "lost = ?1 and undone_at is null order by seq desc", [id])
}

/// The newest merge into this record that was not taken back.
///
/// # Errors
/// Internal.
pub fn newest_into(reader: &impl Reader, id: &Id) -> Result<Option<Merge>> {
    one(reader, "kept = ?1 and undone_at is null order by seq desc", [id])
}

/// Whether somebody has taken a merge of these two back: then they are two, and nobody need be asked again.
///
/// # Errors
/// Internal.
pub fn was_undone(reader: &impl Reader, one_id: &Id, other: &Id) -> Result<bool> {
    let clause = "undone_at is not null and ((kept = ?1 and lost = ?2) or (kept = ?2 and lost = ?1))";
    Ok(one(reader, clause, (one_id, other))?.is_some())
}

/// Which records stood for others at a moment: given up → kept.
///
/// # Errors
/// Internal.
pub fn in_force_at(reader: &impl Reader, at: Time) -> Result<HashMap<Id, Id>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select lost, kept from merge where at <= ?1 and ifnull(undone_at > ?1, true) order by seq")
        .map_err(Error::internal)?;
    let rows = statement.query_map([at], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn one(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Option<Merge>> {
    let sql = format!("select {COLUMNS} from merge where {clause} limit 1");
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row(parameters, read).optional())
        .map_err(Error::internal)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Merge> {
    let Json(body) = row.get(8)?;
    Ok(Merge {
        id: row.get(0)?,
        org: row.get(1)?,
        kept: row.get(2)?,
        lost: row.get(3)?,
        at: row.get::<_, Time>(4)?,
        seq: row.get(5)?,
        undo_until: row.get(6)?,
        undone_at: row.get(7)?,
        body,
    })
}
