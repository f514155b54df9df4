//! Password hashes, apart from the records so that nothing that shows records can show them.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{Error, Result, model::Id, store::Tx};

/// Set a person's password hash.
///
/// # Errors
/// Internal.
pub fn set(tx: &mut Tx<'_>, user: &Id, hash: &str) -> Result<()> {
    tx.connection
        .execute("insert into secret (user, hash) values (?1, ?2) on conflict do update set hash = ?2", (user, hash))
        .map(drop)
        .map_err(Error::internal)
}

/// A person's password hash.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, user: &Id) -> Result<Option<String>> {
    reader
        .connection()
        .0
        .prepare_cached("select hash from secret where user = ?1")
        .and_then(|mut statement| statement.query_row([user], |row| row.get(0)).optional())
        .map_err(Error::internal)
}
