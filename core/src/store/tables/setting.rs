//! Settings of plugins, by organisation.

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::Id,
    store::{Tx, rows::Json},
};

/// Everything that was set: plugin, organisation, settings.
///
/// # Errors
/// Internal.
pub fn all(reader: &impl Reader) -> Result<Vec<(String, Id, Value)>> {
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached("select plugin, org, body from setting").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Json<Value>>(2)?.0)))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// What one organisation has set under a name.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, name: &str, org: &Id) -> Result<Option<Value>> {
    reader
        .connection()
        .0
        .prepare_cached("select body from setting where plugin = ?1 and org = ?2")
        .and_then(|mut statement| statement.query_row((name, org), |row| row.get::<_, Json<Value>>(0)).optional())
        .map(|found| found.map(|Json(body)| body))
        .map_err(Error::internal)
}

/// Set an organisation's settings for a plugin.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, plugin: &str, org: &Id, body: &Value) -> Result<()> {
    tx.connection
        .execute(
            "insert into setting (plugin, org, body) values (?1, ?2, ?3) on conflict do update set body = ?3",
            (plugin, org, Json(body)),
        )
        .map(drop)
        .map_err(Error::internal)
}
