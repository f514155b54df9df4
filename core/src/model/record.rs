//! Records: an instance of a kind.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Id, Time, rights::Seen};

/// The fields of a record by name. Absent and `null` mean the same; `null` is never stored.
pub type Data = Map<String, Value>;

/// A record of some kind; also the shape of an item over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The record's id, unique over all kinds.
    pub id: Id,
    /// Its kind, `customer` or `complaints.case`.
    pub kind: String,
    /// Rises by one with every change; a write may demand it (`if_rev`).
    pub rev: u32,
    /// The organisation that owns it.
    pub org: Id,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Its fields, derived ones included.
    pub data: Data,
    /// Derived fields whose value is behind what it is made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// What of it is kept from whoever looks.
    #[serde(flatten)]
    pub seen: Seen,
}

impl Record {
    /// A record in its first revision.
    pub fn new(kind: &str, id: Id, org: Id, at: Time, data: Data) -> Record {
        Record {
            id,
            kind: kind.to_owned(),
            rev: 1,
            org,
            created_at: at,
            updated_at: at,
            data,
            stale: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// A field's value, `Null` when it has none.
    pub fn field(&self, name: &str) -> &Value {
        self.data.get(name).unwrap_or(&Value::Null)
    }

    /// A field's text, if it has one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }
}
