//! Titles of what records refer to, remembered from row to row.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    Result,
    model::{Id, Scope},
    store::{View, tables},
};

/// Titles remembered at most; beyond that it begins anew, so that a long export does not grow.
const MAX_REMEMBERED: usize = 20_000;

/// Titles by kind and id.
#[derive(Debug, Default)]
pub(super) struct Titles {
    known: HashMap<(String, String), String>,
}

impl Titles {
    /// The title of a record for these eyes, else its id.
    pub(super) fn of(&mut self, view: &View, kind: &str, id: &str) -> Result<String> {
        let key = (kind.to_owned(), id.to_owned());
        if let Some(title) = self.known.get(&key) {
            return Ok(title.clone());
        }
        let title = read(view, kind, id)?.unwrap_or_else(|| id.to_owned());
        if self.known.len() >= MAX_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(key, title.clone());
        Ok(title)
    }
}

fn read(view: &View, kind: &str, id: &str) -> Result<Option<String>> {
    let (Some(definition), Ok(id)) = (view.kinds().get(kind), id.parse::<Id>()) else { return Ok(None) };
    // A dealer's records name people and organisations above it, so the names of those are known to everybody.
    let record = match kind {
        "user" | "org" => tables::record::get(view, kind, &id, &Scope::All)?,
        _ => view.get(kind, std::slice::from_ref(&id))?.pop().flatten(),
    };
    Ok(record.map(|record| match record.field(&definition.title) {
        Value::String(title) => title.clone(),
        _ => record.seen.hints.get(&definition.title).cloned().unwrap_or_else(|| record.id.to_string()),
    }))
}
