//! Saved mappings: what somebody worked out once for a kind of file, found again by name or by its headers.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Error, Result,
    model::{Id, Query, Record},
    store::View,
};

/// A record of the kind `import_mapping`, read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedMapping {
    /// The record.
    pub id: Id,
    /// What somebody called it.
    pub name: String,
    /// Header → field or `null`.
    pub mapping: Map<String, Value>,
    /// The field by which rows are known.
    pub key: Option<String>,
}

impl SavedMapping {
    /// Whether a file has every column it speaks of.
    pub fn fits(&self, headers: &[String]) -> bool {
        !self.mapping.is_empty() && self.mapping.keys().all(|header| headers.contains(header))
    }

    /// What it says of these columns. It is a whole: a column that it does not name is left out, not guessed.
    pub fn for_headers(&self, headers: &[String]) -> Map<String, Value> {
        let field = |header: &String| self.mapping.get(header).cloned().unwrap_or(Value::Null);
        headers.iter().map(|header| (header.clone(), field(header))).collect()
    }
}

/// All for a kind that the view may see, the newest first.
///
/// # Errors
/// Internal.
pub fn list(view: &View, kind: &str) -> Result<Vec<SavedMapping>> {
    let query = Query { filter: json!({ "kind": kind }), limit: Some(200), ..Query::default() };
    Ok(view.find("import_mapping", &query)?.items.into_iter().map(read).collect())
}

/// The one of this name; of several the newest.
///
/// # Errors
/// `mapping.not_found`.
pub fn named(view: &View, kind: &str, name: &str) -> Result<SavedMapping> {
    let query = Query { filter: json!({ "kind": kind, "name": name }), limit: Some(1), ..Query::default() };
    let found = view.find("import_mapping", &query)?.items.pop().map(read);
    found.ok_or_else(|| {
        Error::not_found("mapping", format!("there is no saved mapping {name:?} for {kind} in your organisations"))
    })
}

fn read(record: Record) -> SavedMapping {
    let text = |field: &str| record.text(field).map(str::to_owned);
    SavedMapping {
        name: text("name").unwrap_or_default(),
        mapping: record.field("mapping").as_object().cloned().unwrap_or_default(),
        key: text("key"),
        id: record.id,
    }
}
