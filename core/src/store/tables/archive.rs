//! What the law has us keep of customers who were erased. Only the routes of the archive read it.

use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::Reader;
use crate::{
    Error, Result,
    model::{Data, Id, Scope, Time},
    store::{Tx, erasure::Values, rows::Json},
};

/// What is kept of one customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archived {
    /// Its id.
    pub id: Id,
    /// The organisation that has to keep it.
    pub org: Id,
    /// The anonymous customer it belongs to.
    pub customer: Id,
    /// Since when it is locked away.
    pub at: Time,
    /// When it is destroyed.
    pub until: Time,
    /// The minimum: `person` and `items`.
    pub data: Data,
}

impl Archived {
    /// A text that may quote the person, without what they are known by.
    pub fn without_person(&self, text: &str) -> String {
        let mut values = Values::default();
        if let Some(person) = self.data.get("person").and_then(|person| person.as_object()) {
            values.add_fields(person, |_| true);
        }
        values.without(text)
    }
}

const COLUMNS: &str = "id, org, customer, at, until, body";

fn read(row: &Row<'_>) -> rusqlite::Result<Archived> {
    let Json(data) = row.get(5)?;
    Ok(Archived { id: row.get(0)?, org: row.get(1)?, customer: row.get(2)?, at: row.get(3)?, until: row.get(4)?, data })
}

/// Lock something away.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, archived: &Archived) -> Result<()> {
    tx.connection
        .prepare_cached("insert into archive (id, org, customer, at, until, body) values (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            let Archived { id, org, customer, at, until, data } = archived;
            statement.execute((id, org, customer, at, until, Json(data)))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// One, where it is in `scope`.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id, scope: &Scope) -> Result<Option<Archived>> {
    let found = reader
        .connection()
        .0
        .prepare_cached(&format!(
            "select {COLUMNS} from archive where id = ?1 or customer = ?1 order by at desc limit 1"
        ))
        .and_then(|mut statement| statement.query_row([id], read).optional())
        .map_err(Error::internal)?;
    Ok(found.filter(|archived| scope.holds(&archived.org)))
}

/// Those of a scope after `after`, in the order of their ids.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, scope: &Scope, after: Option<&Id>, limit: u32) -> Result<Vec<Archived>> {
    let connection = reader.connection().0;
    let sql = format!("select {COLUMNS} from archive where ?1 is null or id > ?1 order by id");
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map([after], read).map_err(Error::internal)?;
    let mut found = Vec::new();
    for row in rows {
        let archived = row.map_err(Error::internal)?;
        if scope.holds(&archived.org) {
            found.push(archived);
        }
        if found.len() == limit as usize {
            break;
        }
    }
    Ok(found)
}

/// Destroy what need not be kept any longer. Answers whose it was.
///
/// # Errors
/// Internal.
pub fn destroy_due(tx: &mut Tx<'_>, now: Time) -> Result<Vec<(Id, Id)>> {
    let mut statement = tx
        .connection
        .prepare_cached("delete from archive where until <= ?1 returning id, org")
        .map_err(Error::internal)?;
    let rows = statement.query_map([now], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
