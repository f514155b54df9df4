//! What a list is asked for, and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Record;

/// A list of records of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Query {
    /// The filter as JSON, see [`filter`](crate::model::filter).
    pub filter: Value,
    /// `-created_at,name`; the id is always the last key.
    pub order: String,
    /// How many at most: 25 unless said, never more than 500.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Words to search for within the list, as typed into the search box.
    pub search: Option<String>,
    /// Whether to count all that match.
    pub count: bool,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The records, in order.
    pub items: Vec<Record>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// How many match in all, when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Groups and measures over a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aggregate {
    /// The filter as JSON.
    pub filter: Value,
    /// Fields to group by.
    pub group: Vec<String>,
    /// Name → `{"count":true}`, `{"sum":"field"}`, `{"min":…}`, `{"max":…}`, `{"avg":…}`, `{"distinct":…}`.
    pub measures: serde_json::Map<String, Value>,
}
