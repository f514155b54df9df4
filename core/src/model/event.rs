//! Events: numbered facts, the only way out.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Id, Time};

/// Which record at which revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRef {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// Its revision after the fact.
    pub rev: u32,
}

/// A committed fact. `seq` is gap-free in commit order of one store.
///
/// `data` of a record's event is `{"changed":[names],"quoted":{name:value}}`: only enum, number, date, bool and ref
/// fields that are not personal are quoted, all others are named. A raised event carries what its plugin said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number.
    pub seq: i64,
    /// `customer.created`, `complaints.case.accepted`, `timer.fired`.
    pub kind: String,
    /// When it was committed.
    pub at: Time,
    /// The organisation it belongs to.
    pub org: Id,
    /// What it is about; the customer where there is one. Order holds within a subject.
    pub subject: Option<Id>,
    /// Who caused it, as `user:ID`, `plugin:NAME`, `plugin:NAME/user:ID` when it acts for somebody, or `system`.
    pub actor: String,
    /// The event that was being answered.
    pub cause: Option<i64>,
    /// Number of reactions between this event and the first cause.
    pub depth: u8,
    /// The record it speaks of.
    pub record: Option<RecordRef>,
    /// See above.
    pub data: Value,
}

/// An event before it has a number; who, when, cause and depth come from the command's context.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDraft {
    /// `noun.past_verb`.
    pub kind: String,
    /// The organisation it belongs to.
    pub org: Id,
    /// What it is about.
    pub subject: Option<Id>,
    /// The record it speaks of.
    pub record: Option<RecordRef>,
    /// Payload.
    pub data: Value,
}

/// An event as CloudEvents 1.0 in JSON. Attributes of ours are extensions, whose names are small letters and digits alone.
pub fn cloud_event(event: &Event) -> Value {
    let mut told = json!({
        "specversion": "1.0",
        "id": event.seq.to_string(),
        "source": "/api/v1/events",
        "type": event.kind,
        "time": event.at,
        "datacontenttype": "application/json",
        "org": event.org,
        "actor": event.actor,
        "depth": event.depth,
        "data": event.data,
    });
    if let Some(subject) = &event.subject {
        told["subject"] = json!(subject);
    }
    if let Some(cause) = event.cause {
        told["cause"] = json!(cause.to_string());
    }
    if let Some(record) = &event.record {
        told["recordkind"] = json!(record.kind);
        told["recordid"] = json!(record.id);
        told["recordrev"] = json!(record.rev);
    }
    told
}
