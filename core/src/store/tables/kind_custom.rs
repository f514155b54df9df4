//! What organisations have made of kinds, one row a kind and organisation.

use rusqlite::Connection;

use crate::{
    Error, Result,
    model::{Id, Time, custom::Custom},
    store::{Tx, kinds::Customs, rows::Json},
};

pub(in crate::store) fn load(connection: &Connection) -> Result<Customs> {
    let mut statement =
        connection.prepare_cached("select kind, org, body from kind_custom").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, Json<Custom>>(2)?.0.into())))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Set what an organisation makes of a kind; it holds for the rest of the transaction, and for everybody after it.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, kind: &str, org: &Id, custom: &Custom, at: Time, by: &str) -> Result<()> {
    tx.connection
        .execute(
            "insert into kind_custom (kind, org, body, changed_at, changed_by) values (?1, ?2, ?3, ?4, ?5)
             on conflict do update set body = ?3, changed_at = ?4, changed_by = ?5",
            (kind, org, Json(custom), at, by),
        )
        .map_err(Error::internal)?;
    tx.customs_changed(kind)
}
