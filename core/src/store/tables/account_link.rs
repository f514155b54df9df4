//! Which account at an identity provider is whose.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// Whose account it is.
///
/// # Errors
/// Internal.
pub fn user(reader: &impl Reader, issuer: &str, subject: &str) -> Result<Option<Id>> {
    reader
        .connection()
        .0
        .prepare_cached("select user from account_link where issuer = ?1 and subject = ?2")
        .and_then(|mut statement| statement.query_row((issuer, subject), |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// Link an account to a person; `false` when it, or the person, is linked already.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, issuer: &str, subject: &str, user: &Id, now: Time) -> Result<bool> {
    tx.connection
        .execute(
            "insert into account_link (issuer, subject, user, linked_at) values (?1, ?2, ?3, ?4) on conflict do nothing",
            (issuer, subject, user, now),
        )
        .map(|n_rows| n_rows == 1)
        .map_err(Error::internal)
}
