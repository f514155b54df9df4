//! How well founded the fields of a record are, as its revisions tell.

use serde_json::{Map, Value};

use super::Reader;
use crate::{
    Error, Result,
    model::{
        Kind, Record, Time,
        survivorship::{Class, Source, Standing, Standings},
    },
    store::rows::Json,
};

/// The standing of every field of a record. A value that no revision tells of is taken for imported when the record was made.
///
/// # Errors
/// Internal.
pub fn of(reader: &impl Reader, kind: &Kind, record: &Record) -> Result<Standings> {
    let mut found = Standings::new();
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select rev, at, actor, source, changes from revision where kind = ?1 and id = ?2 order by rev desc",
        )
        .map_err(Error::internal)?;
    let mut rows = statement.query((&record.kind, &record.id)).map_err(Error::internal)?;
    while found.len() < record.data.len() {
        let Some(row) = rows.next().map_err(Error::internal)? else { break };
        let revision = read(row).map_err(Error::internal)?;
        for name in revision.changes.keys().filter(|name| record.data.contains_key(*name)) {
            if !found.contains_key(name) {
                found.insert(name.clone(), revision.standing(kind, record, name));
            }
        }
    }
    for name in record.data.keys() {
        found.entry(name.clone()).or_insert(Standing(Class::Imported, record.created_at));
    }
    Ok(found)
}

struct Revision {
    rev: u32,
    at: Time,
    actor: String,
    source: Source,
    changes: Map<String, Value>,
}

impl Revision {
    fn standing(&self, kind: &Kind, record: &Record, name: &str) -> Standing {
        let is_default =
            |value: &Value| kind.fields.get(name).is_some_and(|field| field.default.as_ref() == Some(value));
        match &self.source {
            Source::Fields(standings) if standings.contains_key(name) => standings[name],
            // What stands there from the beginning and is the default was said by nobody.
            _ if self.rev == 1 && is_default(record.field(name)) => Standing(Class::Assumed, self.at),
            Source::Class(class) => Standing(*class, self.at),
            Source::Actor | Source::Fields(_) => Standing(Class::of_trace(&self.actor), self.at),
        }
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Revision> {
    let source: Option<Json<Source>> = row.get(3)?;
    let Json(changes) = row.get(4)?;
    Ok(Revision {
        rev: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        source: source.map(|Json(source)| source).unwrap_or_default(),
        changes,
    })
}
