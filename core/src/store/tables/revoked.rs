//! What nobody installs any more: publishers' keys and packages.

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::Reader;
use crate::{Error, Result, model::Time, store::Tx};

/// A key or package that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// `key:<hex>` or `package:<hex>`.
    pub what: String,
    /// Why, for whoever is refused.
    pub reason: String,
    /// Since when.
    pub at: Time,
}

/// Everything that is refused.
///
/// # Errors
/// Internal.
pub fn all(reader: &impl Reader) -> Result<Vec<Revoked>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached("select what, reason, at from revoked order by at, what").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok(Revoked { what: row.get(0)?, reason: row.get(1)?, at: row.get(2)? }))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Why something is refused, if it is.
///
/// # Errors
/// Internal.
pub fn reason(reader: &impl Reader, what: &str) -> Result<Option<String>> {
    reader
        .connection()
        .0
        .prepare_cached("select reason from revoked where what = ?1")
        .and_then(|mut statement| statement.query_row([what], |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// Refuse something from now on.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, revoked: &Revoked) -> Result<()> {
    tx.connection
        .execute(
            "insert into revoked (what, reason, at) values (?1, ?2, ?3) on conflict do update set reason = ?2",
            (&revoked.what, &revoked.reason, revoked.at),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// Refuse something no more; `false` when it was not refused.
///
/// # Errors
/// Internal.
pub fn remove(tx: &mut Tx<'_>, what: &str) -> Result<bool> {
    tx.connection
        .execute("delete from revoked where what = ?1", [what])
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}
