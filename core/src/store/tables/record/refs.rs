//! Which records refer to others, by the ref fields of all kinds.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{Reader, alias},
    holder,
};
use crate::{
    Error, Result,
    model::{Id, Record, Time},
    store::{rows, schema},
};

/// A kind and field that refers to this record, if any does.
///
/// # Errors
/// Internal.
pub fn referrer(reader: &impl Reader, kind: &str, id: &Id) -> Result<Option<(String, String)>> {
    let family = alias::family(reader, kind, id)?;
    for (other, name, is_list) in reader.kind_tree().refs_to(kind) {
        for id in &family {
            let is_referred_to = if is_list {
                is_listed(reader, other, name, id)?
            } else {
                holder(reader, other, name, &Value::String(id.to_string()), None, id)?.is_some()
            };
            if is_referred_to {
                return Ok(Some((other.to_owned(), name.to_owned())));
            }
        }
    }
    Ok(None)
}

/// Whether any other record of a kind has an id in a list of references. Lists have no index: the text of the body is looked at
/// first, which is quick, and the list itself only where the id stands in it.
fn is_listed(reader: &impl Reader, kind: &str, field: &str, id: &Id) -> Result<bool> {
    let sql = format!(
        "select exists (select 1 from {} where id <> ?1 and instr(data, ?1) > 0
            and exists (select 1 from json_each({}) where value = ?1))",
        schema::table(kind),
        schema::field(field),
    );
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
        .map_err(Error::internal)
}

/// Records whose ref field names one of these ids, the newest first, at most 200.
///
/// # Errors
/// Internal.
pub fn naming(reader: &impl Reader, kind: &str, field: &str, ids: &[Id]) -> Result<Vec<Record>> {
    let sql = format!(
        "select {} from {} where {} in (select value from json_each(?1)) order by created_at desc, id desc limit 200",
        rows::RECORD,
        schema::table(kind),
        schema::field(field)
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found = statement.query_map([rows::Json(ids)], |row| rows::record(kind, row)).map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}

/// A record that was made, and the number of the event that tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// The event.
    pub seq: i64,
}

/// How many records of an organisation refer to this one by any of its ids, by kind.
///
/// # Errors
/// Internal.
pub fn referring(reader: &impl Reader, kind: &str, id: &Id, org: &Id) -> Result<BTreeMap<String, u64>> {
    let family = alias::family(reader, kind, id)?;
    let mut found = BTreeMap::new();
    for (name, test) in refs_to(reader, kind) {
        let sql = format!("select count(*) from {} where org = ?1 and ({test})", schema::table(&name));
        let n: i64 = reader
            .connection()
            .0
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row((org, rows::Json(&family)), |row| row.get(0)))
            .map_err(Error::internal)?;
        if n > 0 {
            found.insert(name, n.max(0) as u64);
        }
    }
    Ok(found)
}

/// Records of an organisation that refer to this one and were made after the event `seq`, which was at `at`.
///
/// # Errors
/// Internal.
pub fn made_since(reader: &impl Reader, kind: &str, id: &Id, org: &Id, at: Time, seq: i64) -> Result<Vec<Made>> {
    let family = alias::family(reader, kind, id)?;
    let mut made = Vec::new();
    for (name, test) in refs_to(reader, kind) {
        let sql = format!(
            "select id, (select min(seq) from event where record_kind = ?4 and record_id = {table}.id) from {table}
             where org = ?1 and created_at >= ?3 and ({test})",
            table = schema::table(&name)
        );
        let connection = reader.connection().0;
        let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
        let rows = statement
            .query_map((org, rows::Json(&family), at, &name), |row| {
                Ok((row.get::<_, Id>(0)?, row.get::<_, Option<i64>>(1)?))
            })
            .map_err(Error::internal)?;
        for row in rows {
            let (id, first) = row.map_err(Error::internal)?;
            if let Some(first) = first.filter(|first| *first > seq) {
                made.push(Made { kind: name.clone(), id, seq: first });
            }
        }
    }
    made.sort_by_key(|made| made.seq);
    Ok(made)
}

/// The records that refer to one by any of its ids, of whatever organisation: kind, field and id.
///
/// # Errors
/// Internal.
pub fn referrers(reader: &impl Reader, kind: &str, family: &[Id]) -> Result<Vec<(String, String, Id)>> {
    let mut found = Vec::new();
    let ids = "(select value from json_each(?1))";
    for (other, name, is_list) in reader.kind_tree().refs_to(kind) {
        let column = schema::field(name);
        let test = match is_list {
            // Lists have no index: the text of the body is looked at first, which is quick.
            true => format!(
                "exists (select 1 from {ids} as of_family where instr(data, of_family.value) > 0)
                 and exists (select 1 from json_each({column}) where value in {ids})"
            ),
            false => format!("{column} in {ids}"),
        };
        let sql = format!("select id from {} where {test} order by id", schema::table(other));
        let connection = reader.connection().0;
        let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
        let rows = statement.query_map([rows::Json(family)], |row| row.get(0)).map_err(Error::internal)?;
        for id in rows {
            found.push((other.to_owned(), name.to_owned(), id.map_err(Error::internal)?));
        }
    }
    Ok(found)
}

/// The records that events about these subjects speak of, whether they are still there or not.
///
/// # Errors
/// Internal.
pub fn spoken_of(reader: &impl Reader, subjects: &[Id]) -> Result<Vec<(String, Id)>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select distinct record_kind, record_id from event where subject = ?1 and record_id is not null order by 1, 2",
        )
        .map_err(Error::internal)?;
    let mut found = Vec::new();
    for subject in subjects {
        let rows = statement.query_map([subject], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
        for row in rows {
            found.push(row.map_err(Error::internal)?);
        }
    }
    Ok(found)
}

/// Each kind that refers to `kind`, with the test that a record does so by one of the ids in `?2`.
fn refs_to(reader: &impl Reader, kind: &str) -> BTreeMap<String, String> {
    let ids = "(select value from json_each(?2))";
    let mut tests: BTreeMap<String, String> = BTreeMap::new();
    for (other, name, is_list) in reader.kind_tree().refs_to(kind) {
        let column = schema::field(name);
        let test = match is_list {
            true => format!("exists (select 1 from json_each({column}) where value in {ids})"),
            false => format!("{column} in {ids}"),
        };
        let place = tests.entry(other.to_owned()).or_default();
        *place = if place.is_empty() { test } else { format!("{place} or {test}") };
    }
    tests
}
