//! Pairs of customers that were put up for review.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Record, Scope},
    store::{rows::Json, schema},
};

/// Whether these two were ever put up, in whichever order and whatever was decided.
///
/// # Errors
/// Internal.
pub fn of_pair(reader: &impl Reader, one: &Id, other: &Id) -> Result<bool> {
    let (customer, second) = (schema::field("customer"), schema::field("other"));
    // Each half is one range of an index; joined by `or` SQLite would choose neither.
    let sql = format!(
        "select exists (select 1 from {table} where {customer} = ?1 and +{second} = ?2)
             or exists (select 1 from {table} where {customer} = ?2 and +{second} = ?1)",
        table = schema::table("review")
    );
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row((one, other), |row| row.get(0)))
        .map_err(Error::internal)
}

/// Open reviews of which both customers are one by now.
///
/// # Errors
/// Internal.
pub fn open_within(reader: &impl Reader, family: &[Id]) -> Result<Vec<Record>> {
    let sql = format!(
        "select id from {} where {} in (select value from json_each(?1)) and +{} in (select value from json_each(?1))
         and {} = 'open' order by id",
        schema::table("review"),
        schema::field("customer"),
        schema::field("other"),
        schema::field("state"),
    );
    let ids: Vec<Id> = {
        let connection = reader.connection().0;
        let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
        let rows = statement.query_map([Json(family)], |row| row.get(0)).map_err(Error::internal)?;
        rows.collect::<Result<_, _>>().map_err(Error::internal)?
    };
    let get = |id: &Id| super::record::get(reader, "review", id, &Scope::All).transpose();
    ids.iter().filter_map(get).collect()
}
