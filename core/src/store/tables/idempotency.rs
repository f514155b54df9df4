//! Answers already given: the same `Idempotency-Key` and body is told the same again.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{Error, Result, model::Time, store::Tx};

/// An answer given for a key.
#[derive(Clone, Debug)]
pub struct Given {
    /// Digest of the request it answered.
    pub request: String,
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub answer: String,
}

/// Answers are told again for three days.
pub const KEPT_MS: i64 = 72 * 3_600_000;

/// The answer given to an actor's key, as long as it is kept.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, actor: &str, key: &str, now: Time) -> Result<Option<Given>> {
    reader
        .connection()
        .0
        .prepare_cached("select request, status, answer from idempotency where actor = ?1 and key = ?2 and at >= ?3")
        .and_then(|mut statement| {
            statement
                .query_row((actor, key, now.plus_millis(-KEPT_MS)), |row| {
                    Ok(Given { request: row.get(0)?, status: row.get(1)?, answer: row.get(2)? })
                })
                .optional()
        })
        .map_err(Error::internal)
}

/// Keep an answer, in the transaction of the work it tells of.
///
/// # Errors
/// `idempotency.used` when the key was used meanwhile.
pub fn insert(tx: &mut Tx<'_>, actor: &str, key: &str, given: &Given, at: Time) -> Result<()> {
    let n_rows = tx
        .connection
        // An answer that is kept no longer may still be there; its key is free.
        .prepare_cached(
            "insert into idempotency (actor, key, request, status, answer, at) values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict do update set request = excluded.request, status = excluded.status, answer = excluded.answer, at = excluded.at
             where idempotency.at < ?7",
        )
        .and_then(|mut statement| {
            let kept_since = at.plus_millis(-KEPT_MS);
            statement.execute((actor, key, &given.request, given.status, &given.answer, at, kept_since))
        })
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::conflict(
            "idempotency.used",
            format!("the idempotency key {key:?} is being used by another request"),
        ));
    }
    Ok(())
}

/// Forget answers older than `before`.
///
/// # Errors
/// Internal.
pub fn sweep(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    tx.connection.execute("delete from idempotency where at < ?1", [before]).map(drop).map_err(Error::internal)
}
