//! `record.look_up`: what dealers of a brand share of something they have in front of them, for a reason that is kept.

use serde_json::{Map, Value, json};

use super::reveal::{note, said};
use crate::{
    Error, Result,
    commands::{Ctx, Run, rights},
    error::FieldError,
    model::{Data, FieldType, Id, Kind, Record, Scope, format, kind::SharedChild, rights::Verb},
    store::{Tx, erasure::Values, tables},
};

/// Find records of any dealer by the whole of a value and tell what their kind shares: no persons, no prices.
///
/// Writes `record.looked_up` into the audit log in the same commit, found or not. Refuses a kind that shares nothing, part of a value,
/// and roles that do not see the kind at home.
#[derive(Clone, Debug)]
pub struct LookUp {
    /// The kind.
    pub kind: String,
    /// The field it is looked up by, and the value as typed.
    pub by: (String, String),
    /// Why.
    pub reason: String,
}

impl Run for LookUp {
    type Done = Vec<Value>;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Vec<Value>> {
        let reason = said("reason", &self.reason)?;
        let kind = tx.kind(&self.kind)?;
        let shared = kind.shared.as_ref().ok_or_else(|| {
            Error::not_found(
                "look_up",
                format!("{} shares nothing across dealers; there is nothing to look up", kind.kind),
            )
        })?;
        rights::to_kind(tx, ctx, Verb::Read, &kind)?;
        let (name, typed) = &self.by;
        if !shared.by.contains(name) {
            let message = format!("{} is looked up by {}, not by {name:?}", kind.kind, shared.by.join(" or "));
            return Err(Error::invalid("look_up", message));
        }
        let value = whole(&kind, name, typed)?;
        let found = tables::record::with_value_anywhere(tx, &kind.kind, name, &json!(value))?;
        let items = found.iter().map(|record| told(tx, &kind, record)).collect::<Result<Vec<Value>>>()?;
        let ids: Vec<Value> = found.iter().map(|record| json!({ "id": record.id, "org": record.org })).collect();
        let only = match found.as_slice() {
            [only] => Some(&only.id),
            _ => None,
        };
        // The log is never rewritten, so nobody who may be forgotten is named in it.
        let mut persons = Values::default();
        found.iter().try_for_each(|record| add_persons(tx, &kind, record, &mut persons))?;
        let detail = json!({ "by": name, "value": tables::audit::digest_of(tx, value.as_bytes()), "reason": persons.without(&reason), "found": ids });
        note(tx, ctx, "record.looked_up", (&kind.kind, only), detail)?;
        Ok(items)
    }
}

/// The customers a record refers to, and those whom the records that refer to it do.
fn add_persons(tx: &Tx<'_>, kind: &Kind, record: &Record, persons: &mut Values) -> Result<()> {
    add_customers(tx, kind, record, persons)?;
    let tree = tx.kind_tree();
    let referring: Vec<(String, String)> = tree
        .refs_to(&kind.kind)
        .into_iter()
        .filter(|(_, _, is_list)| !is_list)
        .map(|(child, field, _)| (child.to_owned(), field.to_owned()))
        .collect();
    for (child, field) in referring {
        let child = tx.kind(&child)?;
        for record in tables::record::with_value_anywhere(tx, &child.kind, &field, &json!(record.id))? {
            add_customers(tx, &child, &record, persons)?;
        }
    }
    Ok(())
}

fn add_customers(tx: &Tx<'_>, kind: &Kind, record: &Record, persons: &mut Values) -> Result<()> {
    let customer = tx.kind("customer")?;
    for (name, _) in kind.fields.iter().filter(|(_, field)| field.to.as_deref() == Some("customer")) {
        let Some(id) = record.text(name).and_then(|id| id.parse().ok()) else { continue };
        if let Some(found) = tables::record::get(tx, "customer", &id, &Scope::All)? {
            persons.add_fields(&found.data, |name| customer.fields.get(name).is_some_and(|field| field.personal));
        }
    }
    Ok(())
}

/// The value as it is stored; part of one finds nothing, so it is refused rather than looked for.
fn whole(kind: &Kind, name: &str, typed: &str) -> Result<String> {
    let wrong = |message: String| {
        Error::fields(vec![FieldError { pointer: format!("/{name}"), code: format!("{name}.invalid"), message }])
    };
    let normal = match kind.fields.get(name).map(|field| field.r#type) {
        Some(FieldType::Vin) => format::vin::normalize(typed),
        Some(FieldType::Plate) => format::plate::normalize(typed),
        Some(FieldType::Phone) => format::phone::normalize(typed),
        _ => Ok(typed.trim().to_owned()),
    };
    normal.map_err(|error| wrong(format!("{name}: {}; look up by the whole of it", error.message)))
}

fn told(tx: &Tx<'_>, kind: &Kind, record: &Record) -> Result<Value> {
    let Some(shared) = &kind.shared else { return Ok(Value::Null) };
    let org = tables::record::get(tx, "org", &record.org, &Scope::All)?;
    let name = org.and_then(|org| org.text("name").map(str::to_owned));
    let mut children = Map::new();
    for (child, how) in &shared.children {
        children.insert(child.clone(), json!(of_child(tx, child, how, &record.id)?));
    }
    Ok(json!({
        "org": { "id": record.org, "name": name },
        "data": only(record, &shared.fields),
        "children": children,
    }))
}

fn of_child(tx: &Tx<'_>, kind: &str, how: &SharedChild, id: &Id) -> Result<Vec<Data>> {
    // A plugin that is not installed has nothing to share.
    if tx.kind(kind).is_err() {
        return Ok(Vec::new());
    }
    let records = tables::record::with_value_anywhere(tx, kind, &how.via, &json!(id))?;
    Ok(records.iter().map(|record| only(record, &how.fields)).collect())
}

fn only(record: &Record, fields: &[String]) -> Data {
    let value = |name: &String| Some((name.clone(), record.data.get(name)?.clone()));
    fields.iter().filter_map(value).collect()
}
