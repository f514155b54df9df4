//! Sessions and API tokens: both are a random secret whose SHA-256 is kept.

use rusqlite::{
    OptionalExtension, Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::Serialize;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time, net::Net},
    store::{Tx, rows::Json},
};

/// How it was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// With a password.
    Session,
    /// Made by somebody for a machine.
    Token,
    /// Through an identity provider.
    Oidc,
}

/// A session or a token.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// To name it by; not the secret.
    pub id: Id,
    /// Whose.
    #[serde(skip)]
    pub user: Id,
    /// How it was come by.
    pub kind: Kind,
    /// A token's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when.
    pub created_at: Time,
    /// When it was last used, to a few minutes.
    pub seen_at: Time,
    /// Until when.
    pub expires_at: Time,
    /// Where it was last used from.
    pub address: Option<String>,
    /// What program began it.
    pub agent: Option<String>,
    /// What a token is held to; empty for all that its person may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Where a token may be used from; empty for everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Net>,
}

const COLUMNS: &str = "id, user, kind, name, created_at, seen_at, expires_at, address, agent, scopes, addresses";

/// Keep a session under the digest of its secret.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, digest: &str, session: &Session) -> Result<()> {
    let sql =
        format!("insert into session (digest, {COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement.execute((
                digest,
                &session.id,
                &session.user,
                session.kind,
                &session.name,
                session.created_at,
                session.seen_at,
                session.expires_at,
                &session.address,
                &session.agent,
                Json(&session.scopes),
                Json(&session.addresses),
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

/// A session or token by its id.
///
/// # Errors
/// Internal.
pub fn by_id(reader: &impl Reader, id: &Id) -> Result<Option<Session>> {
    Ok(select(reader, "id = ?1", [id])?.pop())
}

/// Everything a person has open at a moment, the newest first.
///
/// # Errors
/// Internal.
pub fn of_user(reader: &impl Reader, user: &Id, now: Time) -> Result<Vec<Session>> {
    select(reader, "user = ?1 and expires_at > ?2 order by created_at desc, id desc", (user, now))
}

/// A person's tokens, the newest first.
///
/// # Errors
/// Internal.
pub fn tokens(reader: &impl Reader, user: &Id) -> Result<Vec<Session>> {
    select(reader, "user = ?1 and kind = 'token' order by created_at desc, id desc", [user])
}

/// A session or token was used.
///
/// # Errors
/// Internal.
pub fn seen(tx: &mut Tx<'_>, id: &Id, at: Time, address: Option<&str>) -> Result<()> {
    tx.connection
        .prepare_cached("update session set seen_at = ?2, address = coalesce(?3, address) where id = ?1")
        .and_then(|mut statement| statement.execute((id, at, address)))
        .map(drop)
        .map_err(Error::internal)
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
        return Err(Error::not_found("session", format!("there is no session or token {id}")));
    }
    Ok(())
}

/// End the session of a digest, if there is one; tokens stay.
///
/// # Errors
/// Internal.
pub fn delete_digest(tx: &mut Tx<'_>, digest: &str) -> Result<()> {
    tx.connection
        .execute("delete from session where digest = ?1 and kind <> 'token'", [digest])
        .map(drop)
        .map_err(Error::internal)
}

/// End everything a person has open: the password was changed, or the account closed.
///
/// # Errors
/// Internal.
pub fn delete_all(tx: &mut Tx<'_>, user: &Id) -> Result<()> {
    tx.connection.execute("delete from session where user = ?1", [user]).map(drop).map_err(Error::internal)
}

/// End what a person has begun through an identity provider.
///
/// # Errors
/// Internal.
pub fn delete_kind(tx: &mut Tx<'_>, user: &Id, kind: Kind) -> Result<()> {
    tx.connection
        .execute("delete from session where user = ?1 and kind = ?2", (user, kind))
        .map(drop)
        .map_err(Error::internal)
}

/// End a person's sessions but one; tokens stay. How many there were.
///
/// # Errors
/// Internal.
pub fn delete_others(tx: &mut Tx<'_>, user: &Id, kept: Option<&Id>) -> Result<usize> {
    tx.connection
        .execute("delete from session where user = ?1 and kind <> 'token' and id is not ?2", (user, kept))
        .map_err(Error::internal)
}

/// Let sessions that are open at `now`, not tokens, last longer: a test has moved its clock.
///
/// # Errors
/// Internal.
pub fn postpone(tx: &mut Tx<'_>, now: Time, by_ms: i64) -> Result<()> {
    tx.connection
        .execute(
            "update session set expires_at = expires_at + ?2, seen_at = coalesce(seen_at, created_at) + ?2 \
             where kind <> 'token' and expires_at > ?1",
            (now, by_ms),
        )
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
    let sql = format!("select {COLUMNS} from session where {clause}");
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().optional().map(Option::unwrap_or_default).map_err(Error::internal)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    let created_at = row.get(4)?;
    let scopes: Option<Json<Vec<String>>> = row.get(9)?;
    let addresses: Option<Json<Vec<Net>>> = row.get(10)?;
    Ok(Session {
        id: row.get(0)?,
        user: row.get(1)?,
        kind: row.get(2)?,
        name: row.get(3)?,
        created_at,
        seen_at: row.get::<_, Option<Time>>(5)?.unwrap_or(created_at),
        expires_at: row.get(6)?,
        address: row.get(7)?,
        agent: row.get(8)?,
        scopes: scopes.map_or_else(Vec::new, |Json(scopes)| scopes),
        addresses: addresses.map_or_else(Vec::new, |Json(addresses)| addresses),
    })
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Kind::Session => "session",
            Kind::Token => "token",
            Kind::Oidc => "oidc",
        }))
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Kind> {
        match value.as_str()? {
            "session" => Ok(Kind::Session),
            "token" => Ok(Kind::Token),
            "oidc" => Ok(Kind::Oidc),
            other => Err(FromSqlError::Other(format!("{other:?} is no kind of session").into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn what_was_open_before_the_upgrade_is_open_after_it() {
        let connection = Connection::open_in_memory().unwrap();
        let base = include_str!("../../../migrations/V1__base.sql");
        let table =
            base.split("create table session").nth(1).and_then(|rest| rest.split_once("without rowid;")).unwrap().0;
        connection.execute_batch(&format!("create table session{table}without rowid;")).unwrap();
        connection
            .execute_batch(
                "insert into session values ('a', 's1', 'u1', null, 5, 9), ('b', 't1', 'u1', 'import', 6, 9)",
            )
            .unwrap();
        connection.execute_batch(include_str!("../../../migrations/V10__signin.sql")).unwrap();
        let sql = format!("select {COLUMNS} from session order by id");
        let mut statement = connection.prepare(&sql).unwrap();
        let sessions: Vec<Session> = statement.query_map([], read).unwrap().map(Result::unwrap).collect();
        let told: Vec<_> =
            sessions.iter().map(|session| (session.id.as_str(), session.kind, session.seen_at)).collect();
        assert_eq!(told, [("s1", Kind::Session, Time::from_millis(5)), ("t1", Kind::Token, Time::from_millis(6))]);
        assert!(sessions.iter().all(|session| session.scopes.is_empty() && session.addresses.is_empty()));
    }
}
