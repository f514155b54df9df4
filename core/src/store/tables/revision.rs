//! What each revision of a record changed. With the record itself, the only place values live.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{Tx, rows::Json, tables::event::Origin},
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
}

/// Write a revision.
///
/// # Errors
/// Internal.
pub fn insert(
    tx: &mut Tx<'_>,
    origin: &Origin,
    kind: &str,
    id: &Id,
    rev: u32,
    seq: i64,
    changes: &Map<String, Value>,
) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into revision (kind, id, rev, at, seq, actor, changes, source) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .and_then(|mut statement| {
            statement.execute((kind, id, rev, origin.at, seq, &origin.actor, Json(changes), &origin.source))
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
        .prepare_cached(
            "select rev, at, seq, actor, changes from revision where kind = ?1 and id = ?2 and rev < ?3 order by rev desc limit ?4",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((kind, id, before, limit), |row| {
            let Json(changes) = row.get(4)?;
            Ok(Revision { rev: row.get(0)?, at: row.get(1)?, seq: row.get(2)?, actor: row.get(3)?, changes })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
