//! Ids of records that were merged away: each names the record that took its place.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::Id,
    store::{Tx, derived},
};

/// Kinds whose records can be merged.
pub const MERGED: [&str; 1] = ["customer"];

/// The id a record is found under: its own, or that of the one it was merged into. Everybody who follows a ref asks here.
///
/// # Errors
/// Internal.
pub fn resolve(reader: &impl Reader, kind: &str, id: &Id) -> Result<Id> {
    into(reader, kind, id).map(|into| into.unwrap_or_else(|| id.clone()))
}

/// Where a merged-away id leads; `None` when it was not merged away.
///
/// # Errors
/// Internal.
pub fn into(reader: &impl Reader, kind: &str, id: &Id) -> Result<Option<Id>> {
    reader
        .connection()
        .0
        .prepare_cached("select into_id from alias where kind = ?1 and id = ?2")
        .and_then(|mut statement| statement.query_row((kind, id), |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// All ids one record goes by, the one it is found under first.
///
/// # Errors
/// Internal.
pub fn family(reader: &impl Reader, kind: &str, id: &Id) -> Result<Vec<Id>> {
    let head = resolve(reader, kind, id)?;
    let mut ids = vec![head.clone()];
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select id from alias where kind = ?1 and into_id = ?2 order by id")
        .map_err(Error::internal)?;
    let rows = statement.query_map((kind, &head), |row| row.get(0)).map_err(Error::internal)?;
    for id in rows {
        ids.push(id.map_err(Error::internal)?);
    }
    Ok(ids)
}

/// Let `id`, and everything that led to it, lead to `into`. Answers what led to it, to be able to give it back.
///
/// # Errors
/// Internal.
pub fn point(tx: &mut Tx<'_>, kind: &str, id: &Id, into: &Id) -> Result<Vec<Id>> {
    let carried: Vec<Id> = family(tx, kind, id)?.into_iter().filter(|other| other != id).collect();
    tx.connection
        .execute("update alias set into_id = ?3 where kind = ?1 and into_id = ?2", (kind, id, into))
        .map_err(Error::internal)?;
    tx.connection
        .execute("insert into alias (kind, id, into_id) values (?1, ?2, ?3)", (kind, id, into))
        .map_err(Error::internal)?;
    derived::recount(tx, kind, into, None)?;
    Ok(carried)
}

/// Let `id` stand for itself again, and what it had `carried` lead to it.
///
/// # Errors
/// Internal.
pub fn release(tx: &mut Tx<'_>, kind: &str, id: &Id, carried: &[Id]) -> Result<()> {
    let stood_for = resolve(tx, kind, id)?;
    tx.connection.execute("delete from alias where kind = ?1 and id = ?2", (kind, id)).map_err(Error::internal)?;
    for other in carried {
        tx.connection
            .execute("update alias set into_id = ?3 where kind = ?1 and id = ?2", (kind, other, id))
            .map_err(Error::internal)?;
    }
    // What refers to either counts for each alone again.
    derived::recount(tx, kind, &stood_for, None)?;
    derived::recount(tx, kind, id, None)
}
