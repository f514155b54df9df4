//! What the event log, which holds facts alone, does not say: refused moves, sign-ins. Each row seals the one before.

use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use crate::{
    Error, Result,
    model::{Id, Time, digest},
    store::{Tx, rows::Json},
};

/// One thing worth keeping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// Where.
    pub org: Option<Id>,
    /// `state.refused`, `session.opened`, `session.refused`.
    pub what: String,
    /// Ids and codes; never personal data.
    pub detail: Value,
}

/// Append an entry. Its `chain` is the digest of the one before and of itself, so that a row changed, removed or moved shows.
///
/// # Errors
/// Internal.
pub fn append(tx: &mut Tx<'_>, entry: &Entry) -> Result<()> {
    let last: Option<String> = tx
        .connection
        .prepare_cached("select chain from audit order by seq desc limit 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(Error::internal)?;
    let sealed = json!([last, entry.at, entry.actor, entry.org, entry.what, entry.detail]);
    tx.connection
        .prepare_cached("insert into audit (at, actor, org, what, detail, chain) values (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            statement.execute((
                entry.at,
                &entry.actor,
                &entry.org,
                &entry.what,
                Json(&entry.detail),
                digest::hex(sealed.to_string()),
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}
