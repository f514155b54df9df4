//! Timers: durable alarms that become `timer.fired` events.

use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{Tx, rows::Json},
};

/// A timer: one a key, owner and organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    /// The plugin that set it.
    pub owner: String,
    /// For which organisation.
    pub org: Id,
    /// Its name among the owner's.
    pub key: String,
    /// When it fires.
    pub due_at: Time,
    /// The subject of its event: it comes in order with the subject's others.
    pub subject: Option<Id>,
    /// Handed back when it fires.
    pub data: Value,
    /// Depth of its event: that of whoever set it, plus one.
    pub depth: u8,
}

/// Set a timer, or move it.
///
/// # Errors
/// Internal.
pub fn set(tx: &mut Tx<'_>, timer: &Timer) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into timer (owner, org, key, due_at, subject, data, depth) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict do update set due_at = ?4, subject = ?5, data = ?6, depth = ?7",
        )
        .and_then(|mut statement| {
            statement.execute((
                &timer.owner,
                &timer.org,
                &timer.key,
                timer.due_at,
                &timer.subject,
                Json(&timer.data),
                timer.depth,
            ))
        })
        .map_err(Error::internal)?;
    tx.touched_timer();
    Ok(())
}

/// Let no timer whose key begins so be due before a moment.
///
/// # Errors
/// Internal.
pub fn put_off(tx: &mut Tx<'_>, prefix: &str, until: Time) -> Result<()> {
    tx.connection
        .execute("update timer set due_at = ?2 where substr(key, 1, length(?1)) = ?1 and due_at < ?2", (prefix, until))
        .map_err(Error::internal)?;
    tx.touched_timer();
    Ok(())
}

/// Take a timer away; `false` when there was none.
///
/// # Errors
/// Internal.
pub fn cancel(tx: &mut Tx<'_>, owner: &str, org: &Id, key: &str) -> Result<bool> {
    tx.connection
        .prepare_cached("delete from timer where owner = ?1 and org = ?2 and key = ?3")
        .and_then(|mut statement| statement.execute((owner, org, key)))
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}

/// Take away all timers of an owner whose keys begin so.
///
/// # Errors
/// Internal.
pub fn cancel_all(tx: &mut Tx<'_>, owner: &str, prefix: &str) -> Result<()> {
    tx.connection
        .execute("delete from timer where owner = ?1 and substr(key, 1, length(?2)) = ?2", (owner, prefix))
        .map(drop)
        .map_err(Error::internal)
}

/// Timers that are due, the oldest first.
///
/// # Errors
/// Internal.
pub fn due(reader: &impl Reader, now: Time, limit: u32) -> Result<Vec<Timer>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select owner, org, key, due_at, subject, data, depth from timer where due_at <= ?1 order by due_at, owner, org, key limit ?2")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((now, limit), |row| {
            let Json(data) = row.get(5)?;
            Ok(Timer {
                owner: row.get(0)?,
                org: row.get(1)?,
                key: row.get(2)?,
                due_at: row.get(3)?,
                subject: row.get(4)?,
                data,
                depth: row.get(6)?,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// When the next timer is due.
///
/// # Errors
/// Internal.
pub fn next_due(reader: &impl Reader) -> Result<Option<Time>> {
    reader
        .connection()
        .0
        .prepare_cached("select min(due_at) from timer")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(Error::internal)
}
