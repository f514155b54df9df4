//! Receipts of decisions, and which field of which revision was made from each.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Receipt},
    store::{Tx, rows::Json},
};

/// Keep a receipt. The same one twice is one.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, receipt: &Receipt) -> Result<()> {
    tx.connection
        .prepare_cached("insert into receipt (id, at, org, body) values (?1, ?2, ?3, ?4) on conflict do nothing")
        .and_then(|mut statement| statement.execute((&receipt.id, receipt.at, &receipt.org, Json(receipt))))
        .map(drop)
        .map_err(Error::internal)
}

/// Say that a field of a revision was made from a receipt.
///
/// # Errors
/// `receipt.not_found` when there is no such receipt.
pub fn link(tx: &mut Tx<'_>, kind: &str, id: &Id, rev: u32, field: &str, receipt: &Id) -> Result<()> {
    let n_rows = tx
        .connection
        .prepare_cached(
            "insert into receipt_use (kind, id, rev, field, receipt) select ?1, ?2, ?3, ?4, id from receipt where id = ?5
             on conflict do update set receipt = excluded.receipt",
        )
        .and_then(|mut statement| statement.execute((kind, id, rev, field, receipt)))
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::not_found("receipt", format!("there is no receipt {receipt} for field {field:?}")));
    }
    Ok(())
}

/// The newest receipt of a field.
///
/// # Errors
/// Internal.
pub fn newest(reader: &impl Reader, kind: &str, id: &Id, field: &str) -> Result<Option<Receipt>> {
    reader
        .connection()
        .0
        .prepare_cached(
            "select body from receipt_use join receipt on receipt.id = receipt_use.receipt
             where kind = ?1 and receipt_use.id = ?2 and field = ?3 order by rev desc limit 1",
        )
        .and_then(|mut statement| {
            statement.query_row((kind, id, field), |row| row.get::<_, Json<Receipt>>(0)).optional()
        })
        .map(|found| found.map(|Json(receipt)| receipt))
        .map_err(Error::internal)
}

/// The receipts of one revision, by field.
///
/// # Errors
/// Internal.
pub fn of_revision(reader: &impl Reader, kind: &str, id: &Id, rev: u32) -> Result<Vec<(String, Receipt)>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select field, body from receipt_use join receipt on receipt.id = receipt_use.receipt
             where kind = ?1 and receipt_use.id = ?2 and rev = ?3 order by field",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((kind, id, rev), |row| Ok((row.get(0)?, row.get::<_, Json<Receipt>>(1)?.0)))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
