//! Whom we have forgotten. Ids and moments, nothing personal.

use serde::{Deserialize, Serialize};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Scope, Time},
    store::{Tx, rows::Json},
};

/// One who was erased; also a line of `erased.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The customer.
    pub customer: Id,
    /// Its organisation.
    pub org: Id,
    /// All ids it went by.
    pub ids: Vec<Id>,
    /// When.
    pub at: Time,
    /// Who did it.
    pub actor: String,
    /// The event that tells of it.
    pub seq: i64,
}

/// Note it.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, erasure: &Erasure) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into erasure (customer, org, ids, at, actor, seq) values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict do update set ids = ?3, at = ?4, actor = ?5, seq = ?6, swept_at = null",
        )
        .and_then(|mut statement| {
            let Erasure { customer, org, ids, at, actor, seq } = erasure;
            statement.execute((customer, org, Json(ids), at, actor, seq))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// Everybody who was erased.
///
/// # Errors
/// Internal.
pub fn all(reader: &impl Reader) -> Result<Vec<Erasure>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select customer, org, ids, at, actor, seq from erasure order by at, customer")
        .map_err(Error::internal)?;
    let rows = statement.query_map([], read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Those of a scope before one, the newest first, each with when its last traces were wiped out.
///
/// # Errors
/// Internal.
pub fn page(
    reader: &impl Reader,
    scope: &Scope,
    before: Option<&(Time, Id)>,
    limit: u32,
) -> Result<Vec<(Erasure, Option<Time>)>> {
    let (at, customer) = match before {
        Some((at, customer)) => (at.millis(), customer.as_str()),
        None => (i64::MAX, ""),
    };
    let orgs = match scope {
        Scope::All => None,
        Scope::Orgs(orgs) => Some(Json(orgs.iter().cloned().collect::<Vec<Id>>())),
    };
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select customer, org, ids, at, actor, seq, swept_at from erasure where (at, customer) < (?1, ?2) \
             and (?4 is null or org in (select value from json_each(?4))) order by at desc, customer desc limit ?3",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((at, customer, limit, orgs), |row| Ok((read(row)?, row.get(6)?)))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Erasure> {
    Ok(Erasure {
        customer: row.get(0)?,
        org: row.get(1)?,
        ids: row.get::<_, Json<Vec<Id>>>(2)?.0,
        at: row.get(3)?,
        actor: row.get(4)?,
        seq: row.get(5)?,
    })
}

/// Whether traces of somebody may still stand in unused parts of the file.
///
/// # Errors
/// Internal.
pub fn is_unswept(reader: &impl Reader) -> Result<bool> {
    reader
        .connection()
        .0
        .prepare_cached("select exists (select 1 from erasure where swept_at is null)")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(Error::internal)
}

/// The unused parts of the file are clean of all who were erased up to the event `seq`.
///
/// # Errors
/// Internal.
pub fn mark_swept(tx: &mut Tx<'_>, seq: i64, at: Time) -> Result<()> {
    tx.connection
        .execute("update erasure set swept_at = ?2 where swept_at is null and seq <= ?1", (seq, at))
        .map(drop)
        .map_err(Error::internal)
}
