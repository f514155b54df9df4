//! What the built-in catcher was handed in place of a gateway.

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{Tx, rows::Json},
};

/// Something that was handed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Caught {
    /// The message's id: the key under which a gateway would know it again.
    pub key: Id,
    /// When it was handed over first.
    pub at: Time,
    /// By which way it would have gone.
    pub channel: String,
    /// Where to.
    pub address: String,
    /// Its subject, if it has one.
    pub subject: Option<String>,
    /// Its text, as it would have arrived.
    pub body: String,
    /// What goes before the text, by name.
    pub headers: Value,
    /// How often it was handed over.
    pub n_handed: u32,
}

/// Catch something. The same key again is counted and not kept twice; what waits no more, for its customer was erased meanwhile, is not kept.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, caught: &Caught) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into caught (key, at, channel, address, subject, body, headers, n_handed)
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1 where exists (select 1 from outbox where message = ?1)
             on conflict do update set n_handed = n_handed + 1",
        )
        .and_then(|mut statement| {
            statement.execute((
                &caught.key,
                caught.at,
                &caught.channel,
                &caught.address,
                &caught.subject,
                &caught.body,
                Json(&caught.headers),
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// What was caught under a key.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, key: &Id) -> Result<Option<Caught>> {
    reader
        .connection()
        .0
        .prepare_cached("select key, at, channel, address, subject, body, headers, n_handed from caught where key = ?1")
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Caught {
                    key: row.get(0)?,
                    at: row.get(1)?,
                    channel: row.get(2)?,
                    address: row.get(3)?,
                    subject: row.get(4)?,
                    body: row.get(5)?,
                    headers: row.get::<_, Json<Value>>(6)?.0,
                    n_handed: row.get(7)?,
                })
            };
            statement.query_row([key], read).optional()
        })
        .map_err(Error::internal)
}

/// Let go of what was caught for these messages: for the erasure of a person.
///
/// # Errors
/// Internal.
pub fn forget(tx: &mut Tx<'_>, messages: &[Id]) -> Result<()> {
    tx.connection
        .execute("delete from caught where key in (select value from json_each(?1))", [Json(messages)])
        .map(drop)
        .map_err(Error::internal)
}
