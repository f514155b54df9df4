//! Which person of the brand a customer is. Only the core's own matching and the maker read it.

use rusqlite::{OptionalExtension, types::Value as Sql};

use super::Reader;
use crate::{
    Error, Result,
    model::{Data, Id, Record, matching},
    store::{Tx, rows, schema},
};

/// A customer of an organisation as a part of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The customer.
    pub customer: Id,
    /// Its organisation.
    pub org: Id,
}

/// Same-brand candidates looked at for one value: more than a handful of customers of one phone are a switchboard.
const MAX_CANDIDATES: u32 = 20;

/// The person a customer is taken for.
///
/// # Errors
/// Internal.
pub fn identity(reader: &impl Reader, customer: &Id) -> Result<Option<Id>> {
    reader
        .connection()
        .0
        .prepare_cached("select identity from membership where customer = ?1")
        .and_then(|mut statement| statement.query_row([customer], |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// The customers that one person is.
///
/// # Errors
/// Internal.
pub fn members(reader: &impl Reader, identity: &Id) -> Result<Vec<Member>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select customer, org from membership where identity = ?1 order by org, customer")
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([identity], |row| Ok(Member { customer: row.get(0)?, org: row.get(1)? }))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Every id under which the person that a customer is is known to anybody of the brand. `own` are those of the customer itself.
///
/// # Errors
/// Internal.
pub fn everywhere(reader: &impl Reader, customer: &Id, own: &[Id]) -> Result<Vec<Id>> {
    let mut all = own.to_vec();
    if let Some(identity) = identity(reader, customer)? {
        for member in members(reader, &identity)?.into_iter().filter(|member| member.customer != *customer) {
            all.extend(super::alias::family(reader, "customer", &member.customer)?);
        }
    }
    Ok(all)
}

/// Take a customer for a person.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, customer: &Id, identity: &Id, org: &Id) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into membership (customer, identity, org) values (?1, ?2, ?3)
             on conflict do update set identity = ?2, org = ?3",
        )
        .and_then(|mut statement| statement.execute((customer, identity, org)))
        .map(drop)
        .map_err(Error::internal)
}

/// Forget whom a customer was taken for.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, customer: &Id) -> Result<()> {
    tx.connection.execute("delete from membership where customer = ?1", [customer]).map(drop).map_err(Error::internal)
}

/// Customers of other organisations that may be the same person: all that share a group of [`matching::LOOKUPS`] of their own fields.
///
/// # Errors
/// Internal.
pub fn candidates(reader: &impl Reader, org: &Id, data: &Data) -> Result<Vec<Record>> {
    let mut found: Vec<Record> = Vec::new();
    for group in matching::LOOKUPS {
        let values: Option<Vec<Sql>> = group.iter().map(|name| data.get(*name).map(rows::scalar)).collect();
        let (Some(mut values), false) = (values, matches!(group[0], "vin" | "plate")) else { continue };
        let sql = candidates_sql(group);
        values.push(Sql::Text(org.to_string()));
        let connection = reader.connection().0;
        let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
        let rows = statement
            .query_map(rusqlite::params_from_iter(values), |row| rows::record("customer", row))
            .map_err(Error::internal)?;
        for record in rows {
            let record = record.map_err(Error::internal)?;
            if !found.iter().any(|known| known.id == record.id) {
                found.push(record);
            }
        }
    }
    Ok(found)
}

/// Customers of other organisations by what a group of fields holds. The leading `+` keeps SQLite from walking all of theirs.
pub(in crate::store) fn candidates_sql(group: &[&str]) -> String {
    let tests: Vec<String> = group.iter().map(|name| format!("{} = ?", schema::field(name))).collect();
    format!(
        "select {} from {} where {} and +org <> ? order by +created_at, +id limit {MAX_CANDIDATES}",
        rows::RECORD,
        schema::table("customer"),
        tests.join(" and "),
    )
}

/// Customers that were made before there were persons of the brand, the oldest first.
///
/// # Errors
/// Internal.
pub fn homeless(reader: &impl Reader, after: &str, limit: u32) -> Result<Vec<Record>> {
    let sql = format!(
        "select {} from {} as customer where id > ?1
         and not exists (select 1 from membership where membership.customer = customer.id) order by id limit ?2",
        rows::RECORD,
        schema::table("customer"),
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found = statement.query_map((after, limit), |row| rows::record("customer", row)).map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}
