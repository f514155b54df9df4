//! What records of other kinds lend to the matching of customers: second phones, e-mails, vehicles.

use serde_json::Value;

use super::{Reader, alias, record};
use crate::{
    Error, Result,
    model::{
        Data, FieldType, Id, Kind, Record, Scope, Time,
        filter::{Context, Filter},
        kind::Lends,
        matching,
    },
    store::{rows, schema},
};

/// A value that a customer is known by and that stands in a record of another kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Lent {
    /// What it is matched as.
    pub field: String,
    /// The value.
    pub value: Value,
    /// When it was proved, if it was.
    pub verified_at: Option<Time>,
}

/// Everything that is lent to a customer, by any of its ids.
///
/// # Errors
/// Internal.
pub fn to(reader: &impl Reader, org: &Id, family: &[Id]) -> Result<Vec<Lent>> {
    let mut lent = Vec::new();
    for (kind, lends) in lending(reader) {
        for id in family {
            let id = Value::String(id.to_string());
            for record in record::with_value(reader, &kind.kind, org, &lends.by, &id)? {
                if does_lend(reader, kind, lends, &record)? {
                    lent.extend(values(reader, kind, lends, &record)?);
                }
            }
        }
    }
    Ok(lent)
}

/// What a customer is matched by: its own fields and what is lent to it.
///
/// # Errors
/// Internal.
pub fn facts(reader: &impl Reader, customer: &Record) -> Result<Data> {
    if lending(reader).next().is_none() {
        return Ok(customer.data.clone());
    }
    let family = alias::family(reader, "customer", &customer.id)?;
    let lent = to(reader, &customer.org, &family)?;
    Ok(matching::with_lent(&customer.data, lent.into_iter().map(|lent| (lent.field, lent.value))))
}

/// Customers of an organisation to whom this value is lent.
///
/// # Errors
/// Internal.
pub fn borrowers(reader: &impl Reader, org: &Id, field: &str, value: &Value) -> Result<Vec<Record>> {
    let mut found: Vec<Record> = Vec::new();
    for (kind, lends) in lending(reader) {
        let Some(own) = lends.fields.get(field) else { continue };
        for lender in lenders(reader, org, kind, own, value)? {
            let id = lender.text(&lends.by).and_then(|id| id.parse::<Id>().ok());
            let (Some(id), true) = (id, does_lend(reader, kind, lends, &lender)?) else { continue };
            let customer = record::get(reader, "customer", &id, &Scope::one(org.clone()))?;
            found.extend(customer.filter(|customer| !found.iter().any(|known| known.id == customer.id)));
        }
    }
    Ok(found)
}

fn lending(reader: &impl Reader) -> impl Iterator<Item = (&Kind, &Lends)> {
    let kinds = reader.known_kinds().values();
    kinds.filter_map(|kind| Some((&**kind, kind.lends.as_ref().filter(|lends| lends.to == "customer")?)))
}

/// Records that hold the value themselves, or refer to one that does.
fn lenders(reader: &impl Reader, org: &Id, kind: &Kind, own: &str, value: &Value) -> Result<Vec<Record>> {
    let Some((step, far)) = own.split_once('.') else {
        return record::with_value(reader, &kind.kind, org, own, value);
    };
    let Some(next) = kind.fields.get(step).and_then(|field| field.to.as_deref()) else { return Ok(Vec::new()) };
    let sql = format!(
        "select {} from {} where org = ?1 and {} in (select id from {} where org = ?1 and {} = ?2) order by created_at, id limit 50",
        rows::RECORD,
        schema::table(&kind.kind),
        schema::field(step),
        schema::table(next),
        schema::field(far),
    );
    if !reader.known_kinds().contains_key(next) {
        return Ok(Vec::new());
    }
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let found = statement
        .query_map((org, rows::scalar(value)), |row| rows::record(&kind.kind, row))
        .map_err(Error::internal)?;
    found.collect::<Result<_, _>>().map_err(Error::internal)
}

fn does_lend(reader: &impl Reader, kind: &Kind, lends: &Lends, record: &Record) -> Result<bool> {
    let Some(when) = &lends.when else { return Ok(true) };
    let kinds = |name: &str| reader.known_kinds().get(name).cloned();
    let filter = Filter::parse(kind, when, &Context { me: None, now: Time::from_millis(0), kinds: &kinds })?;
    Ok(filter.holds(&record.data))
}

fn values(reader: &impl Reader, kind: &Kind, lends: &Lends, record: &Record) -> Result<Vec<Lent>> {
    let verified = lends.verified.as_ref().and_then(|field| record.text(field));
    // A date is a moment too: its midnight.
    let verified_at = verified.and_then(|text| text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok());
    let mut lent = Vec::new();
    for (field, own) in &lends.fields {
        let value = match own.split_once('.') {
            None => record.field(own).clone(),
            Some((step, far)) => {
                beyond(reader, kind, record, step)?.map(|record| record.field(far).clone()).unwrap_or_default()
            }
        };
        if !value.is_null() {
            lent.push(Lent { field: field.clone(), value, verified_at });
        }
    }
    Ok(lent)
}

fn beyond(reader: &impl Reader, kind: &Kind, record: &Record, step: &str) -> Result<Option<Record>> {
    let to = kind.fields.get(step).filter(|field| field.r#type == FieldType::Ref).and_then(|field| field.to.as_deref());
    let id = record.text(step).and_then(|id| id.parse::<Id>().ok());
    match (to, id) {
        (Some(to), Some(id)) if reader.known_kinds().contains_key(to) => {
            record::get(reader, to, &id, &Scope::one(record.org.clone()))
        }
        _ => Ok(None),
    }
}
