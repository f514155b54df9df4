//! Masked values that were shown to somebody who said what for: how many a day is counted here.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// How many values a person was shown since a moment.
///
/// # Errors
/// Internal.
pub fn n_since(reader: &impl Reader, person: &Id, since: Time) -> Result<u64> {
    reader
        .connection()
        .0
        .prepare_cached("select ifnull(sum(n), 0) from reveal where person = ?1 and at > ?2")
        .and_then(|mut statement| statement.query_row((person, since), |row| row.get::<_, i64>(0)))
        .map(|n| n.max(0) as u64)
        .map_err(Error::internal)
}

/// Note that a person is shown so many values; what is older than the window is let go.
///
/// # Errors
/// Internal.
pub fn note(tx: &mut Tx<'_>, person: &Id, at: Time, n: u64, window_from: Time) -> Result<()> {
    let written = || -> rusqlite::Result<()> {
        tx.connection.prepare_cached("delete from reveal where at <= ?1")?.execute([window_from])?;
        tx.connection
            .prepare_cached("insert into reveal (person, at, n) values (?1, ?2, ?3)")?
            .execute((person, at, n as i64))
            .map(drop)
    };
    written().map_err(Error::internal)
}
