//! Messages that wait to be sent, by when to look at them next.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::Tx,
};

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its record.
    pub message: Id,
    /// When to look at it.
    pub due_at: Time,
    /// Times the transport could not be reached.
    pub attempts: u32,
    /// Depth of the events that tell what became of it.
    pub depth: u8,
}

/// Let a message wait, or wait on.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into outbox (message, due_at, attempts, depth) values (?1, ?2, ?3, ?4)
             on conflict do update set due_at = ?2, attempts = ?3, depth = ?4",
        )
        .and_then(|mut statement| {
            statement.execute((&waiting.message, waiting.due_at, waiting.attempts, waiting.depth))
        })
        .map_err(Error::internal)?;
    tx.touched_timer();
    Ok(())
}

/// It waits no more.
///
/// # Errors
/// Internal.
pub fn remove(tx: &mut Tx<'_>, message: &Id) -> Result<()> {
    tx.connection
        .prepare_cached("delete from outbox where message = ?1")
        .and_then(|mut statement| statement.execute([message]))
        .map(drop)
        .map_err(Error::internal)
}

/// Those to be looked at by now, the longest due first.
///
/// # Errors
/// Internal.
pub fn due(reader: &impl Reader, now: Time, limit: u32) -> Result<Vec<Waiting>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select message, due_at, attempts, depth from outbox where due_at <= ?1 order by due_at, message limit ?2",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((now, limit), |row| {
            Ok(Waiting { message: row.get(0)?, due_at: row.get(1)?, attempts: row.get(2)?, depth: row.get(3)? })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// When the next one is due.
///
/// # Errors
/// Internal.
pub fn next_due(reader: &impl Reader) -> Result<Option<Time>> {
    reader
        .connection()
        .0
        .prepare_cached("select min(due_at) from outbox")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(Error::internal)
}
