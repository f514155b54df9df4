//! Titles of records: what `refs` says of every reference in a list or a single read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    Result,
    model::{Data, FieldType, Id, Kind, Record, Scope},
    store::{View, tables},
};

/// A record that is referred to, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Title {
    /// Its kind.
    pub kind: String,
    /// Its title.
    pub title: String,
}

/// Titles by id.
pub type Refs = BTreeMap<Id, Title>;

/// The titles of everything these records refer to, as far as the view may see it.
///
/// # Errors
/// Internal.
pub fn of(view: &View, kind: &Kind, records: &[Record]) -> Result<Refs> {
    let mut refs = Refs::new();
    for record in records {
        add(view, kind, &record.data, &mut refs)?;
    }
    Ok(refs)
}

/// As [`of`], for the fields of one body.
///
/// # Errors
/// Internal.
pub fn add(view: &View, kind: &Kind, data: &Data, refs: &mut Refs) -> Result<()> {
    for (name, field) in kind.fields.iter() {
        let (FieldType::Ref | FieldType::RefList, Some(to), Some(value)) = (field.r#type, &field.to, data.get(name))
        else {
            continue;
        };
        for id in ids(value) {
            if !refs.contains_key(&id)
                && let Some(title) = title_of(view, to, &id)?
            {
                refs.insert(id, Title { kind: to.clone(), title });
            }
        }
    }
    Ok(())
}

fn ids(value: &Value) -> Vec<Id> {
    let one = std::slice::from_ref(value);
    let values = value.as_array().map_or(one, Vec::as_slice);
    values.iter().filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// The title of a record by id; `None` where there is none for these eyes.
///
/// # Errors
/// Internal.
pub fn title_of(view: &View, kind: &str, id: &Id) -> Result<Option<String>> {
    let Some(definition) = view.kinds().get(kind).cloned() else { return Ok(None) };
    // A dealer's records name people and organisations above it, so the names of those are known to everybody.
    let record = match kind {
        "user" | "org" => tables::record::get(view, kind, id, &Scope::All)?,
        _ => view.get(kind, std::slice::from_ref(id))?.pop().flatten(),
    };
    Ok(record.map(|record| title(&definition, &record)))
}

/// A record's title: its title field or what may be said of it, else its id.
pub fn title(kind: &Kind, record: &Record) -> String {
    if let Some(hint) = record.seen.hints.get(&kind.title) {
        return hint.clone();
    }
    match record.field(&kind.title) {
        Value::String(text) => text.clone(),
        Value::Null => record.id.to_string(),
        other => other.to_string(),
    }
}
