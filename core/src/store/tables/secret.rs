//! Password hashes, apart from the records so that nothing that shows records can show them.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// A person's password.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its argon2id hash.
    pub hash: String,
    /// Until when it may be used, where somebody else has set it: it is changed first of all. None for one's own.
    pub initial_until: Option<Time>,
}

/// Set a person's password.
///
/// # Errors
/// Internal.
pub fn set(tx: &mut Tx<'_>, user: &Id, hash: &str, initial_until: Option<Time>) -> Result<()> {
    tx.connection
        .execute(
            "insert into secret (user, hash, initial_until) values (?1, ?2, ?3) \
             on conflict do update set hash = ?2, initial_until = ?3",
            (user, hash, initial_until),
        )
        .map(drop)
        .map_err(Error::internal)
}

/// A person's password.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, user: &Id) -> Result<Option<Secret>> {
    reader
        .connection()
        .0
        .prepare_cached("select hash, initial_until from secret where user = ?1")
        .and_then(|mut statement| {
            statement.query_row([user], |row| Ok(Secret { hash: row.get(0)?, initial_until: row.get(1)? })).optional()
        })
        .map_err(Error::internal)
}
