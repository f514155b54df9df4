//! The tables of the kinds: one row a record. Revisions, events and search are written by the commands, with these.

mod refs;

use rusqlite::{OptionalExtension, params_from_iter, types::Value as Sql};
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Data, Id, Kind, Record, Scope, matching},
    store::{Tx, derived, filter_sql::Clause, rows, schema, search},
};

pub use refs::{Made, made_since, naming, referrer, referrers, referring, spoken_of};

/// A record by id, through the alias a merge has left. `None` where there is none in `scope`.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, kind: &str, id: &Id, scope: &Scope) -> Result<Option<Record>> {
    let definition = reader.known_kinds().get(kind).ok_or_else(|| crate::store::view::no_kind(kind))?;
    let sql = format!("select {} from {} where id = ?1", rows::RECORD, schema::table(kind));
    let connection = reader.connection().0;
    let read = |id: &Id| {
        connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([id], |row| rows::record(kind, row)).optional())
            .map_err(Error::internal)
    };
    let record = match read(id)? {
        Some(record) => Some(record),
        None => match super::alias::into(reader, kind, id)? {
            Some(into) => read(&into)?,
            None => None,
        },
    };
    let Some(mut record) = record.filter(|record| scope.holds(&record.org)) else { return Ok(None) };
    derived::mark_pending(reader, definition, std::slice::from_mut(&mut record))?;
    Ok(Some(record))
}

/// Whether a record is there, in whatever organisation.
///
/// # Errors
/// Internal.
pub fn exists(reader: &impl Reader, kind: &str, id: &Id) -> Result<bool> {
    get(reader, kind, id, &Scope::All).map(|record| record.is_some())
}

/// The id of a record that has this value in a field, other than `except`: in one organisation, or anywhere.
///
/// # Errors
/// Internal.
pub fn holder(
    reader: &impl Reader,
    kind: &str,
    field: &str,
    value: &Value,
    org: Option<&Id>,
    except: &Id,
) -> Result<Option<Id>> {
    let column = schema::field(field);
    let org_clause = if org.is_some() { "org = ?3 and " } else { "?3 is null and " };
    let sql = format!("select id from {} where {org_clause}{column} = ?1 and id <> ?2 limit 1", schema::table(kind));
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row((rows::scalar(value), except, org), |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// Records of one organisation whose `field` has one of these values; for matching.
///
/// # Errors
/// Internal.
pub fn with_value(reader: &impl Reader, kind: &str, org: &Id, field: &str, value: &Value) -> Result<Vec<Record>> {
    let sql = format!(
        "select {} from {} where org = ?1 and {} = ?2 order by created_at, id limit 50",
        rows::RECORD,
        schema::table(kind),
        schema::field(field)
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found =
        statement.query_map((org, rows::scalar(value)), |row| rows::record(kind, row)).map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Records of whatever organisation whose `field` has this value, the oldest first, at most 50.
///
/// # Errors
/// Internal.
pub fn with_value_anywhere(reader: &impl Reader, kind: &str, field: &str, value: &Value) -> Result<Vec<Record>> {
    let sql = format!(
        "select {} from {} where {} = ?1 order by created_at, id limit 50",
        rows::RECORD,
        schema::table(kind),
        schema::field(field)
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found = statement.query_map([rows::scalar(value)], |row| rows::record(kind, row)).map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The record that has this text in a field that is unique in the brand.
///
/// # Errors
/// Internal.
pub fn holder_record(reader: &impl Reader, kind: &str, field: &str, value: &str) -> Result<Option<Record>> {
    let sql =
        format!("select {} from {} where {} = ?1 limit 1", rows::RECORD, schema::table(kind), schema::field(field));
    reader
        .connection()
        .0
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row([value], |row| rows::record(kind, row)).optional())
        .map_err(Error::internal)
}

/// People with an e-mail address who have not left, two at most: more than one is nobody in particular.
///
/// # Errors
/// Internal.
pub fn with_email(reader: &impl Reader, email: &str) -> Result<Vec<Id>> {
    let sql = format!(
        "select id from {} where lower(data ->> '$.email') = lower(?1) and coalesce(data ->> '$.status', '') <> 'left' limit 2",
        schema::table("user")
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map([email], |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Customers of an organisation that may be the same as one with these facts: all that share a group of
/// [`matching::LOOKUPS`], with a field of their own or with what is lent to them.
///
/// # Errors
/// Internal.
pub fn candidates(reader: &impl Reader, org: &Id, facts: &Data) -> Result<Vec<Record>> {
    let kind = reader.known_kinds().get("customer");
    let mut found: Vec<Record> = Vec::new();
    let mut add = |record: Record| {
        if !found.iter().any(|known| known.id == record.id) {
            found.push(record);
        }
    };
    for group in matching::LOOKUPS {
        let first = group[0];
        let has_index = kind.and_then(|kind| kind.fields.get(first)).is_some_and(|field| field.indexed);
        for value in matching::values(facts, first) {
            let value = Value::String(value.to_owned());
            if has_index {
                let holders = with_value(reader, "customer", org, first, &value)?;
                let is_shared = |record: &Record| {
                    group[1..]
                        .iter()
                        .all(|name| facts.get(*name).is_some_and(|fact| record.data.get(*name) == Some(fact)))
                };
                holders.into_iter().filter(is_shared).for_each(&mut add);
            }
            if group.len() == 1 {
                super::lent::borrowers(reader, org, first, &value)?.into_iter().for_each(&mut add);
            }
        }
    }
    // The oldest first, whichever way it was found.
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(found)
}

/// How many records in `scope` have no value in a field.
///
/// # Errors
/// Internal.
pub fn n_without(reader: &impl Reader, kind: &str, scope: &Scope, field: &str) -> Result<u64> {
    let mut clause = Clause::default();
    clause.text(&format!("select count(*) from {} where ", schema::table(kind)));
    clause.scope(scope).text(&format!(" and {} is null", schema::field(field)));
    let connection = reader.connection().0;
    connection
        .query_row(&clause.sql, rusqlite::params_from_iter(&clause.parameters), |row| row.get::<_, i64>(0))
        .map(|n| n.max(0) as u64)
        .map_err(Error::internal)
}

/// How many records an organisation has of a kind.
///
/// # Errors
/// Internal.
pub fn count(reader: &impl Reader, kind: &str) -> Result<u64> {
    let sql = format!("select count(*) from {}", schema::table(kind));
    reader
        .connection()
        .0
        .query_row(&sql, [], |row| row.get::<_, i64>(0))
        .map(|n| n.max(0) as u64)
        .map_err(Error::internal)
}

/// An organisation and those below it, as this reader sees the tree.
///
/// # Errors
/// Internal.
pub fn scope(reader: &impl Reader, org: &Id) -> Result<Scope> {
    Ok(super::org::load(reader.connection().0)?.scope(org))
}

/// How many records a scope has of a kind.
///
/// # Errors
/// Internal.
pub fn count_in(reader: &impl Reader, kind: &str, scope: &Scope) -> Result<u64> {
    let mut clause = Clause::default();
    clause.text(&format!("select count(*) from {} where ", schema::table(kind))).scope(scope);
    reader
        .connection()
        .0
        .query_row(&clause.sql, params_from_iter(&clause.parameters), |row| row.get::<_, i64>(0))
        .map(|n| n.max(0) as u64)
        .map_err(Error::internal)
}

/// How many records of a scope have one of these texts in a field.
///
/// # Errors
/// Internal.
pub fn count_with(reader: &impl Reader, kind: &str, scope: &Scope, field: &str, values: &[String]) -> Result<u64> {
    let mut clause = Clause::default();
    clause.text(&format!("select count(*) from {} where ", schema::table(kind))).scope(scope);
    clause.text(&format!(" and {} in (select value from json_each(", schema::field(field)));
    clause.value(Sql::Text(serde_json::to_string(values).map_err(Error::internal)?)).text("))");
    reader
        .connection()
        .0
        .query_row(&clause.sql, params_from_iter(&clause.parameters), |row| row.get::<_, i64>(0))
        .map(|n| n.max(0) as u64)
        .map_err(Error::internal)
}

/// The next ids of a kind after one, in their order.
///
/// # Errors
/// Internal.
pub fn ids_after(reader: &impl Reader, kind: &str, scope: &Scope, after: &str, limit: u32) -> Result<Vec<Id>> {
    let clause = walk("id", kind, scope, after, limit);
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&clause.sql).map_err(Error::internal)?;
    let rows = statement.query_map(params_from_iter(&clause.parameters), |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// A walk in the order of ids.
pub(in crate::store) fn walk(columns: &str, kind: &str, scope: &Scope, after: &str, limit: u32) -> Clause {
    let mut clause = Clause::default();
    clause.text(&format!("select {columns} from {} where id > ", schema::table(kind)));
    clause.value(Sql::Text(after.into())).text(" and ").walk_scope(scope).text(&format!(" order by id limit {limit}"));
    clause
}

/// The next records of a kind after an id, in the order of their ids.
///
/// # Errors
/// `kind.not_found`, or internal.
pub fn after(reader: &impl Reader, kind: &str, scope: &Scope, after: &str, limit: u32) -> Result<Vec<Record>> {
    let definition = reader.known_kinds().get(kind).ok_or_else(|| crate::store::view::no_kind(kind))?;
    let clause = walk(rows::RECORD, kind, scope, after, limit);
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&clause.sql).map_err(Error::internal)?;
    let rows = statement
        .query_map(params_from_iter(&clause.parameters), |row| rows::record(kind, row))
        .map_err(Error::internal)?;
    let mut records: Vec<Record> = rows.collect::<Result<_, _>>().map_err(Error::internal)?;
    derived::mark_pending(reader, definition, &mut records)?;
    Ok(records)
}

/// Write a new record.
///
/// # Errors
/// `record.exists` when the id is taken.
pub fn insert(tx: &mut Tx<'_>, kind: &Kind, record: &Record) -> Result<()> {
    let sql = format!(
        "insert into {} (id, rev, org, created_at, updated_at, data) values (?1, ?2, ?3, ?4, ?5, ?6)",
        schema::table(&record.kind)
    );
    let written = tx.connection.prepare_cached(&sql).and_then(|mut statement| {
        statement.execute((
            &record.id,
            record.rev,
            &record.org,
            record.created_at,
            record.updated_at,
            text(kind, &record.data),
        ))
    });
    match written {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => Err(
            Error::conflict("record.exists", format!("a {} with the id {} is there already", record.kind, record.id)),
        ),
        other => other.map_err(Error::internal),
    }?;
    search::put(tx, kind, record);
    derived::inserted(tx, kind, record)?;
    touched(tx, &record.kind);
    Ok(())
}

/// Write a record's new body and revision. The caller has read it in this transaction, so nothing can lie between.
///
/// # Errors
/// Internal.
pub fn update(tx: &mut Tx<'_>, kind: &Kind, record: &Record) -> Result<()> {
    let before = derived::before(tx, kind, &record.id)?;
    let sql = format!(
        "update {} set rev = ?2, updated_at = ?3, data = ?4, org = ?5 where id = ?1",
        schema::table(&record.kind)
    );
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement.execute((&record.id, record.rev, record.updated_at, text(kind, &record.data), &record.org))
        })
        .map_err(Error::internal)?;
    search::put(tx, kind, record);
    derived::updated(tx, kind, before, record)?;
    touched(tx, &record.kind);
    Ok(())
}

/// Take a record away; its revisions stay.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, record: &Record) -> Result<()> {
    let kind = tx.kind_in(&record.kind, &record.org)?;
    let before = derived::before(tx, &kind, &record.id)?;
    let sql = format!("delete from {} where id = ?1", schema::table(&record.kind));
    tx.connection
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.execute([&record.id]))
        .map_err(Error::internal)?;
    search::remove(tx, &record.kind, &record.id);
    derived::removed(tx, before)?;
    touched(tx, &record.kind);
    Ok(())
}

fn touched(tx: &mut Tx<'_>, kind: &str) {
    match kind {
        "org" => tx.touched_org(),
        "role" => tx.touched_role(),
        _ => {}
    }
}

/// The body alone: what is derived stands beside it.
fn text(kind: &Kind, data: &Data) -> Sql {
    let body = derived::without(kind, data);
    // A map of JSON values always has a text.
    Sql::Text(serde_json::to_string(body.as_ref()).unwrap_or_default())
}
