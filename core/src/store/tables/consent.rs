//! What a person has said of the use of their data, read for the question whether they may be contacted.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{rows::Json, schema},
};

/// One consent, by the words it is stored in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its record.
    pub id: Id,
    /// To whom it was said.
    pub handler: Id,
    /// Of what.
    pub purpose: String,
    /// By which way; none means all of them.
    pub channel: Option<String>,
    /// Granted, refused, withdrawn, expired.
    pub state: String,
    /// When it was said.
    pub at: Time,
    /// Until when it holds.
    pub expires: Option<Time>,
}

/// Everything that was said by any of these customers, in the order it was said; of two things at one moment that which was written down
/// first goes first.
///
/// # Errors
/// Internal.
pub fn of(reader: &impl Reader, customers: &[Id]) -> Result<Vec<Said>> {
    let field = schema::field;
    let sql = format!(
        "select id, {}, {}, {}, {}, {}, {} from {} as said where {} in (select value from json_each(?1)) order by {}, created_at,
            (select seq from revision where revision.kind = 'consent' and revision.id = said.id and rev = 1)",
        field("handler"),
        field("purpose"),
        field("channel"),
        field("state"),
        field("obtained_at"),
        field("expires"),
        schema::table("consent"),
        field("customer"),
        field("obtained_at"),
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement
        .query_map([Json(customers)], |row| {
            Ok(Said {
                id: row.get(0)?,
                handler: row.get(1)?,
                purpose: row.get(2)?,
                channel: row.get(3)?,
                state: row.get(4)?,
                at: moment(row.get(5)?).unwrap_or(Time::from_millis(0)),
                expires: moment(row.get(6)?),
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Bodies hold moments as text in one form.
fn moment(text: Option<String>) -> Option<Time> {
    text?.parse().ok()
}
