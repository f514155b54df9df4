//! Events: numbered facts, and how a plugin raises its own.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Command, Fault, Id, Result, Value, bind::RawEvent, json};

/// A numbered fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number as text.
    pub seq: String,
    /// `customer.created`, `complaints.case.accepted`, `timer.fired` …
    pub kind: String,
    /// When it was committed, RFC 3339 in UTC with milliseconds; such texts compare like the moments they name.
    pub at: String,
    /// What it is about: events of one subject arrive in order.
    pub subject: Option<Id>,
    /// The organisation it belongs to.
    pub org: Id,
    /// Who caused it, `user:ID`, `plugin:NAME`, `system`.
    pub actor: Option<Id>,
    /// The number of the event that was being answered.
    pub cause: Option<String>,
    /// How many reactions lie between this event and the first cause.
    pub depth: u8,
    data: Value,
}

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

/// What a fired timer says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Fired {
    /// As given to [`timer::set`](crate::timer::set).
    pub key: String,
    /// When it was due.
    pub due_at: String,
    /// What was given along, `Null` if nothing.
    #[serde(default)]
    pub data: Value,
}

impl Event {
    /// An event as the server makes it; `data` is the event's data.
    pub(crate) fn from_raw(raw: RawEvent) -> Result<Event> {
        let RawEvent { seq, kind, at, subject, org, actor, cause, depth, data } = raw;
        let data = serde_json::from_str(&data)?;
        Ok(Event { seq, kind, at, subject, org, actor, cause, depth, data })
    }

    /// Its data as it came.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// Its data as a type: for events that a plugin raised.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(T::deserialize(&self.data)?)
    }

    /// The record it speaks of.
    pub fn record(&self) -> Option<RecordRef> {
        self.data.get("record").and_then(|record| RecordRef::deserialize(record).ok())
    }

    /// The subject; a fault where the event has none.
    pub fn subject(&self) -> Result<&Id> {
        self.subject.as_ref().ok_or_else(|| Fault::new("invalid", format!("event {} has no subject", self.seq)))
    }

    /// A quoted field: enum, number, date, bool and ref fields that are not personal. Others are read from the View.
    ///
    /// ```
    /// # use marque_sdk::{Event, Outcome, React, Result};
    /// fn is_urgent(event: &Event) -> bool {
    ///     event.quoted("level").is_some_and(|level| level == "important")
    /// }
    /// ```
    pub fn quoted(&self, field: &str) -> Option<&Value> {
        self.data.get("quoted").and_then(|quoted| quoted.get(field)).filter(|value| !value.is_null())
    }

    /// A quoted field's text.
    pub fn quoted_text(&self, field: &str) -> Option<&str> {
        self.quoted(field).and_then(Value::as_str)
    }

    /// Whether a field was changed.
    pub fn changed(&self, field: &str) -> bool {
        let changed = self.data.get("changed").and_then(Value::as_array);
        changed.is_some_and(|names| names.iter().any(|name| name == field))
    }

    /// The name of the job that is due, for `job.due`: one of `owns.jobs`.
    pub fn job(&self) -> Option<&str> {
        if self.kind == "job.due" { self.data.get("job").and_then(Value::as_str) } else { None }
    }

    /// The timer that fired, for `timer.fired`.
    pub fn timer(&self) -> Option<Fired> {
        if self.kind == "timer.fired" { Fired::deserialize(&self.data).ok() } else { None }
    }
}

/// Raises one of the plugin's own events, named in `owns.events`.
///
/// ```
/// use marque_sdk::event;
/// let command = event::raise("points.earned").subject("c1").field("points", 20).command();
/// assert_eq!(command.body["data"]["points"], 20);
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn raise(kind: &str) -> Raise {
    Raise { command: Command::new("event.raise", json!({ "kind": kind })) }
}

/// An event to be raised.
#[derive(Clone, Debug)]
pub struct Raise {
    command: Command,
}

impl Raise {
    /// What it is about; it is then heard in the order of that subject.
    #[must_use]
    pub fn subject(mut self, id: impl Into<Id>) -> Raise {
        self.command.set("subject", &id.into());
        self
    }

    /// The record it speaks of, which the timeline shows beside it.
    #[must_use]
    pub fn record(mut self, record: &RecordRef) -> Raise {
        self.command.set("record", record);
        self
    }

    /// One value of its data.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Raise {
        self.command.set_in("data", name, &value);
        self
    }

    /// All its data at once.
    #[must_use]
    pub fn data(mut self, data: impl Serialize) -> Raise {
        self.command.set("data", &data);
        self
    }
}

crate::command::finish!(Raise);
