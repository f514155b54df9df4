//! The book of roles, read from the records of kind `role`.

use rusqlite::Connection;

use crate::{
    Error, Result,
    model::{Data, Id, rights::Book},
    store::rows::Json,
};

pub(in crate::store) fn load(connection: &Connection) -> Result<Book> {
    let mut statement =
        connection.prepare_cached("select org, data from k_role order by created_at, id").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, Id>(0)?, row.get::<_, Json<Data>>(1)?.0)))
        .map_err(Error::internal)?;
    let roles: Vec<(Id, Data)> = rows.collect::<Result<_, _>>().map_err(Error::internal)?;
    Ok(Book::new(roles))
}
