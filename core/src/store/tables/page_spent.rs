//! Links to public pages that hold once and were answered.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Time, digest},
    store::Tx,
};

/// Whether a link was answered.
///
/// # Errors
/// Internal.
pub fn is_spent(reader: &impl Reader, token: &str) -> Result<bool> {
    reader
        .connection()
        .0
        .prepare_cached("select 1 from page_spent where link = ?1")
        .and_then(|mut statement| statement.query_row([digest::hex(token.as_bytes())], |_| Ok(())).optional())
        .map(|row| row.is_some())
        .map_err(Error::internal)
}

/// Note that a link was answered; false when it was before.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, token: &str, now: Time) -> Result<bool> {
    tx.connection
        .prepare_cached("insert into page_spent (link, at) values (?1, ?2) on conflict do nothing")
        .and_then(|mut statement| statement.execute((digest::hex(token.as_bytes()), now)))
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}
