//! Which account at an identity provider is whose.

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// A person's account at a provider, as they are told of it.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The provider.
    pub issuer: String,
    /// Since when.
    pub linked_at: Time,
}

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

/// The accounts a person is linked to: one at each provider there ever was.
///
/// # Errors
/// Internal.
pub fn of_user(reader: &impl Reader, user: &Id) -> Result<Vec<Link>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select issuer, linked_at from account_link where user = ?1 order by linked_at")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([user], |row| Ok(Link { issuer: row.get(0)?, linked_at: row.get(1)? }))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
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

/// Forget a person's links; whether there was one.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, user: &Id) -> Result<bool> {
    tx.connection
        .execute("delete from account_link where user = ?1", [user])
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}
