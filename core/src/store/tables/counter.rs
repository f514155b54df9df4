//! Counters: gap-free numbers for people.

use crate::{Error, Result, store::Tx};

/// The next number of a series, from 1.
///
/// # Errors
/// Internal.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64> {
    tx.connection
        .prepare_cached("insert into counter (name, value) values (?1, 1) on conflict do update set value = value + 1 returning value")
        .and_then(|mut statement| statement.query_row([name], |row| row.get(0)))
        .map_err(Error::internal)
}
