//! Between SQL values and ours.

use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde_json::{Value, json};

use super::derived::Side;
use crate::{
    Error,
    model::{Data, Id, Record, Time},
};

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes())))
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Id> {
        value.as_str()?.parse().map_err(|error: Error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(self.millis().into()))
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Time> {
        Ok(Time::from_millis(value.as_i64()?))
    }
}

/// JSON text in a column.
pub(super) struct Json<T>(pub T);

impl<T: serde::de::DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Json<T>> {
        serde_json::from_str(value.as_str()?).map(Json).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl<T: serde::Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text =
            serde_json::to_string(&self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(ToSqlOutput::Owned(text.into()))
    }
}

/// The columns every record is read by, in the order [`record`] expects.
pub(super) const RECORD: &str = "id, rev, org, created_at, updated_at, data, derived";

pub(super) fn record(kind: &str, row: &rusqlite::Row<'_>) -> rusqlite::Result<Record> {
    let Json(mut data): Json<Data> = row.get(5)?;
    let side = row.get::<_, Option<Json<Side>>>(6)?.map(|Json(side)| side).unwrap_or_default();
    data.extend(side.values);
    Ok(Record {
        id: row.get(0)?,
        kind: kind.to_owned(),
        rev: row.get(1)?,
        org: row.get(2)?,
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
        data,
        stale: side.book.stale.into_keys().collect(),
        seen: Default::default(),
    })
}

/// A JSON scalar as SQLite's `json_extract` would give it: booleans are 0 and 1, structures their text.
pub(super) fn scalar(value: &Value) -> rusqlite::types::Value {
    use rusqlite::types::Value as Sql;
    match value {
        Value::Null => Sql::Null,
        Value::Bool(flag) => Sql::Integer((*flag).into()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Sql::Integer(whole),
            None => number.as_f64().map_or(Sql::Null, Sql::Real),
        },
        Value::String(text) => Sql::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Sql::Text(value.to_string()),
    }
}

/// A value of SQLite as JSON; what is no JSON is none.
pub(super) fn json_value(value: rusqlite::types::Value) -> Value {
    use rusqlite::types::Value as Sql;
    match value {
        Sql::Null | Sql::Blob(_) => Value::Null,
        Sql::Integer(whole) => json!(whole),
        Sql::Real(real) => json!(real),
        Sql::Text(text) => json!(text),
    }
}
