//! What each computed value was last made from: one receipt a record and field.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Receipt},
    store::{Tx, rows::Json},
};

/// Keep a receipt in place of the field's last one.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, kind: &str, id: &Id, field: &str, receipt: &Receipt) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into computed (kind, id, field, receipt) values (?1, ?2, ?3, ?4) on conflict do update set receipt = ?4",
        )
        .and_then(|mut statement| statement.execute((kind, id, field, Json(receipt))))
        .map(drop)
        .map_err(Error::internal)
}

/// The receipt of a field.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, kind: &str, id: &Id, field: &str) -> Result<Option<Receipt>> {
    reader
        .connection()
        .0
        .prepare_cached("select receipt from computed where kind = ?1 and id = ?2 and field = ?3")
        .and_then(|mut statement| {
            statement.query_row((kind, id, field), |row| row.get::<_, Json<Receipt>>(0)).optional()
        })
        .map(|found| found.map(|Json(receipt)| receipt))
        .map_err(Error::internal)
}

/// Forget those of a record that is gone.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, kind: &str, id: &Id) -> Result<()> {
    tx.connection
        .prepare_cached("delete from computed where kind = ?1 and id = ?2")
        .and_then(|mut statement| statement.execute((kind, id)))
        .map(drop)
        .map_err(Error::internal)
}
