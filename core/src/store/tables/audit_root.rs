//! Signed roots of the audit log.

use rusqlite::Connection;

use super::Reader;
use crate::{
    Error, Result,
    model::Time,
    store::{Tx, audit::Root},
};

/// Sign where the log stands with this transaction; `None` when it stands where the last root was signed.
///
/// # Errors
/// Internal.
pub fn sign(tx: &mut Tx<'_>, at: Time) -> Result<Option<Root>> {
    let last = read(tx.connection, "order by count desc limit 1")?.pop();
    let Some(root) = Root::sign(tx.audit_keys(), &tx.chain, at) else { return Ok(None) };
    if last.is_some_and(|last| last.count == root.count) {
        return Ok(None);
    }
    tx.connection
        .prepare_cached("insert into audit_root (count, chain, at, key, signature) values (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut statement| statement.execute((root.count, &root.chain, root.at, &root.key, &root.signature)))
        .map_err(Error::internal)?;
    Ok(Some(root))
}

/// Roots below `before`, the newest first.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, before: Option<i64>, limit: u32) -> Result<Vec<Root>> {
    let before = before.unwrap_or(i64::MAX);
    read(reader.connection().0, &format!("where count < {before} order by count desc limit {limit}"))
}

/// The last one.
///
/// # Errors
/// Internal.
pub fn last(reader: &impl Reader) -> Result<Option<Root>> {
    Ok(list(reader, None, 1)?.pop())
}

pub(in crate::store) fn read(connection: &Connection, clause: &str) -> Result<Vec<Root>> {
    let sql = format!("select count, chain, at, key, signature from audit_root {clause}");
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let roots = statement.query_map([], |row| {
        Ok(Root { count: row.get(0)?, chain: row.get(1)?, at: row.get(2)?, key: row.get(3)?, signature: row.get(4)? })
    });
    roots.map_err(Error::internal)?.collect::<Result<_, _>>().map_err(Error::internal)
}
