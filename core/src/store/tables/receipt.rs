//! Receipts of decisions, and which field of which revision was made from each.

use rusqlite::{OptionalExtension, params_from_iter, types::Value as Sql};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Receipt, Scope, Time},
    store::{Tx, filter_sql::Clause, rows::Json},
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

/// A past decision, with the record that quotes it, if any does.
#[derive(Clone, Debug)]
pub struct Past {
    /// What was decided, and from what.
    pub receipt: Receipt,
    /// Kind and id of the record whose field was made from it.
    pub record: Option<(String, Id)>,
}

/// Decisions of a point in some organisations, in the order of their time: those after `(at, id)`, at most `limit`.
///
/// # Errors
/// Internal.
pub fn of_point(
    reader: &impl Reader,
    point: &str,
    scope: &Scope,
    after: (Time, &str),
    limit: u32,
) -> Result<Vec<Past>> {
    let mut clause = Clause::default();
    clause.text(
        "select body,
            (select receipt_use.kind from receipt_use where receipt_use.receipt = receipt.id order by receipt_use.id limit 1),
            (select receipt_use.id from receipt_use where receipt_use.receipt = receipt.id order by receipt_use.id limit 1)
         from receipt where json_extract(body, '$.point') = ",
    );
    clause.value(Sql::Text(point.into())).text(" and (at, id) > (").value(Sql::Integer(after.0.millis()));
    clause.text(", ").value(Sql::Text(after.1.into())).text(") and ").scope(scope);
    clause.text(&format!(" order by at, id limit {limit}"));
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&clause.sql).map_err(Error::internal)?;
    let rows = statement
        .query_map(params_from_iter(&clause.parameters), |row| {
            let kind: Option<String> = row.get(1)?;
            let record = kind.map(|kind| Ok::<_, rusqlite::Error>((kind, row.get(2)?))).transpose()?;
            Ok(Past { receipt: row.get::<_, Json<Receipt>>(0)?.0, record })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
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
