//! Sessions and API tokens: both are a random secret whose SHA-256 is kept. A token has a name, a session has none.

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// A session or a token.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// To name it by; not the secret.
    pub id: Id,
    /// Whose.
    #[serde(skip)]
    pub user: Id,
    /// A token's name.
    pub name: Option<String>,
    /// Since when.
    pub created_at: Time,
    /// Until when.
    pub expires_at: Time,
}

/// Keep a session under the digest of its secret.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, digest: &str, session: &Session) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into session (digest, id, user, name, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            statement.execute((
                digest,
                &session.id,
                &session.user,
                &session.name,
                session.created_at,
                session.expires_at,
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// The session of a digest, expired or not.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, digest: &str) -> Result<Option<Session>> {
    Ok(select(reader, "digest = ?1", [digest])?.pop())
}

/// A person's tokens, the newest first.
///
/// # Errors
/// Internal.
pub fn tokens(reader: &impl Reader, user: &Id) -> Result<Vec<Session>> {
    select(reader, "user = ?1 and name is not null order by created_at desc", [user])
}

/// End a session or token of a person by id.
///
/// # Errors
/// `session.not_found`.
pub fn delete(tx: &mut Tx<'_>, user: &Id, id: &Id) -> Result<()> {
    let n_rows = tx
        .connection
        .execute("delete from session where user = ?1 and id = ?2", (user, id))
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::not_found("session", format!("you have no session or token {id}")));
    }
    Ok(())
}

/// End everything a person has open: the password was changed, or the account closed.
///
/// # Errors
/// Internal.
pub fn delete_all(tx: &mut Tx<'_>, user: &Id) -> Result<()> {
    tx.connection.execute("delete from session where user = ?1", [user]).map(drop).map_err(Error::internal)
}

/// Let sessions that are open at `now`, not tokens, last longer: a test has moved its clock.
///
/// # Errors
/// Internal.
pub fn postpone(tx: &mut Tx<'_>, now: Time, by_ms: i64) -> Result<()> {
    tx.connection
        .execute("update session set expires_at = expires_at + ?2 where name is null and expires_at > ?1", (now, by_ms))
        .map(drop)
        .map_err(Error::internal)
}

/// Forget what has expired.
///
/// # Errors
/// Internal.
pub fn sweep(tx: &mut Tx<'_>, now: Time) -> Result<()> {
    tx.connection.execute("delete from session where expires_at < ?1", [now]).map(drop).map_err(Error::internal)
}

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Session>> {
    let sql = format!("select id, user, name, created_at, expires_at from session where {clause}");
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement
        .query_map(parameters, |row| {
            Ok(Session {
                id: row.get(0)?,
                user: row.get(1)?,
                name: row.get(2)?,
                created_at: row.get(3)?,
                expires_at: row.get(4)?,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().optional().map(Option::unwrap_or_default).map_err(Error::internal)
}
