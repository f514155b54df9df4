//! Cursors: one a lane, moved only by the transaction that holds the effects of what it passes.

use std::collections::BTreeMap;

use super::Reader;
use crate::{Error, Result, store::Tx};

/// Lanes of a subscription. 64 keeps the cursors of twenty plugins in a few pages and still feeds every core.
pub const LANES: u8 = 64;

/// The cursors of a subscription by lane; a lane that has none yet stands at `since`.
///
/// # Errors
/// Internal.
pub fn cursors(reader: &impl Reader, subscription: &str, since: i64) -> Result<BTreeMap<u8, i64>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached("select lane, seq from lane where subscription = ?1").map_err(Error::internal)?;
    let stored = statement.query_map([subscription], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    let mut cursors: BTreeMap<u8, i64> = (0..LANES).map(|lane| (lane, since)).collect();
    for row in stored {
        let (lane, seq): (u8, i64) = row.map_err(Error::internal)?;
        cursors.insert(lane, seq);
    }
    Ok(cursors)
}

/// A subscription that has no cursors yet begins with the next event; one that has them stays where it stands.
///
/// # Errors
/// Internal.
pub fn begin(tx: &mut Tx<'_>, subscription: &str) -> Result<()> {
    let since = tx.last_seq();
    let mut statement = tx
        .connection
        .prepare_cached("insert into lane (subscription, lane, seq) values (?1, ?2, ?3) on conflict do nothing")
        .map_err(Error::internal)?;
    for lane in 0..LANES {
        statement.execute((subscription, lane, since)).map_err(Error::internal)?;
    }
    drop(statement);
    tx.touched_work();
    Ok(())
}

/// A subscription begins with the next event, wherever it stood: what came while it rested is not made up for.
///
/// # Errors
/// Internal.
pub fn begin_anew(tx: &mut Tx<'_>, subscription: &str) -> Result<()> {
    tx.connection.execute("delete from lane where subscription = ?1", [subscription]).map_err(Error::internal)?;
    begin(tx, subscription)
}

/// Whether a subscription has ever begun.
///
/// # Errors
/// Internal.
pub fn has_begun(reader: &impl Reader, subscription: &str) -> Result<bool> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached("select 1 from lane where subscription = ?1").map_err(Error::internal)?;
    statement.exists([subscription]).map_err(Error::internal)
}

/// Move a lane from one event to a later one.
///
/// # Errors
/// `lane.moved` when it does not stand at `from`: somebody else has delivered the event.
pub fn advance(tx: &mut Tx<'_>, subscription: &str, lane: u8, from: i64, to: i64) -> Result<()> {
    let moved = tx
        .connection
        .prepare_cached(
            "insert into lane (subscription, lane, seq) values (?1, ?2, ?4)
             on conflict do update set seq = ?4 where seq = ?3",
        )
        .and_then(|mut statement| statement.execute((subscription, lane, from, to)))
        .map_err(Error::internal)?;
    if moved == 1 {
        Ok(())
    } else {
        Err(Error::conflict("lane.moved", format!("lane {lane} of {subscription} does not stand at {from} any more")))
    }
}
