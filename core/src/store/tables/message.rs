//! Messages that were sent, counted for the caps and looked through for repetitions.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::{rows::Json, schema},
};

/// A marketing contact that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// By which way.
    pub channel: String,
    /// When.
    pub at: Time,
}

/// The marketing contacts made with any of these customers after `since` and up to `until`, the oldest first.
///
/// # Errors
/// Internal.
pub fn touches(reader: &impl Reader, customers: &[Id], since: Time, until: Time) -> Result<Vec<Touch>> {
    let field = schema::field;
    let sql = format!(
        "select {}, {sent} from {} where {} in (select value from json_each(?1)) and +{} = 'marketing' and +{} = 'sent'
         and {sent} > ?2 and {sent} <= ?3 order by {sent}",
        field("channel"),
        schema::table("message"),
        field("customer"),
        field("purpose"),
        field("state"),
        sent = format_args!("+{}", field("sent_at")),
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement
        .query_map((Json(customers), since.to_string(), until.to_string()), |row| {
            let at: String = row.get(1)?;
            Ok(Touch { channel: row.get(0)?, at: at.parse().unwrap_or(until) })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Whether the customer was sent the same text by the same way, or another message of the same campaign, under another of these ids.
///
/// # Errors
/// Internal.
pub fn is_repeated(reader: &impl Reader, customers: &[Id], message: &Id) -> Result<bool> {
    let field = schema::field;
    let sql = format!(
        "select exists (select 1 from {table} as other, {table} as own
         where own.id = ?2 and other.id <> ?2 and {} in (select value from json_each(?1)) and {} <> {} and {} = 'sent' and {} = {}
         and ({} = {} or {} = {}))",
        of("other", &field("customer")),
        of("other", &field("customer")),
        of("own", &field("customer")),
        of("other", &field("state")),
        of("other", &field("channel")),
        of("own", &field("channel")),
        of("other", &field("body")),
        of("own", &field("body")),
        of("other", &field("campaign")),
        of("own", &field("campaign")),
        table = schema::table("message"),
    );
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row((Json(customers), message), |row| row.get(0)))
        .map_err(Error::internal)
}

/// A field of one of two rows of the same table.
fn of(row: &str, field: &str) -> String {
    field.replacen("(data,", &format!("({row}.data,"), 1)
}
