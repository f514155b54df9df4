//! A record as read: its fields by name, and the changes of that very revision.

use marque_sdk::{Data, Fault, Id, Record, RecordRef, Result, Value, record, view};

/// Kinds of this plugin.
pub const APPOINTMENT: &str = "workshop.appointment";
pub const ORDER: &str = "workshop.order";
pub const LINE: &str = "workshop.line";
pub const APPROVAL: &str = "workshop.approval";
pub const SLOT: &str = "workshop.slot";
pub const STANDARD: &str = "workshop.standard";
pub const RECALL: &str = "workshop.recall";
pub const RECALL_CAR: &str = "workshop.recall_car";
pub const MESSAGE: &str = "workshop.message";

/// A record.
#[derive(Clone, Debug)]
pub struct File {
    pub kind: String,
    pub id: Id,
    /// The revision it was read at.
    pub rev: u32,
    pub org: Id,
    pub data: Data,
}

impl File {
    /// One that must be there.
    pub fn load(kind: &str, id: &str) -> Result<File> {
        match view::get::<Data>(kind, id)? {
            Some(record) => Ok(record.into()),
            None => Err(Fault::not_found(format!("there is no {kind} {id:?} in your organisation"))),
        }
    }

    /// One that this very call makes.
    pub fn new(kind: &str, id: &str, org: &str, data: Data) -> File {
        File { kind: kind.into(), id: id.into(), rev: 1, org: org.into(), data }
    }

    /// A field's text; none where it is empty.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A field's number, 0 where it has none.
    pub fn number(&self, field: &str) -> i64 {
        self.data.get(field).and_then(Value::as_i64).unwrap_or(0)
    }

    /// Whether a field says yes.
    pub fn says(&self, field: &str) -> bool {
        self.data.get(field) == Some(&Value::Bool(true))
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.text("state").unwrap_or_default()
    }

    /// Whether it stands in one of these states.
    pub fn is_in(&self, states: &[&str]) -> bool {
        states.contains(&self.state())
    }

    /// The same with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> File {
        let mut after = self.clone();
        for (field, value) in patch {
            match value {
                Value::Null => after.data.remove(field),
                value => after.data.insert(field.clone(), value.clone()),
            };
        }
        after
    }

    /// A change of this very revision: of two who act at once, one looks again.
    pub fn change(&self, data: &Data) -> record::Write {
        record::change(&self.kind, &self.id).if_rev(self.rev).fields(data)
    }

    /// A transition of this very revision.
    pub fn move_to(&self, transition: &str, data: &Data) -> record::Write {
        let write = record::mov(&self.kind, &self.id, transition).if_rev(self.rev);
        if data.is_empty() { write } else { write.fields(data) }
    }

    /// As events name it.
    pub fn named(&self) -> RecordRef {
        RecordRef { kind: self.kind.clone(), id: self.id.clone(), rev: self.rev }
    }
}

impl From<Record> for File {
    fn from(Record { id, kind, rev, org, data, .. }: Record) -> File {
        File { kind, id, rev, org, data }
    }
}

/// An object as a patch.
pub fn patch(value: Value) -> Data {
    match value {
        Value::Object(fields) => fields,
        _ => Data::new(),
    }
}

/// The same without what was not said.
pub fn given(value: Value) -> Data {
    let mut data = patch(value);
    data.retain(|_, value| !value.is_null());
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::json;

    #[test]
    fn a_patch_sets_and_takes_away() {
        let order = File::new(ORDER, "w1", "d1", patch(json!({ "state": "opened", "technician": "zhao" })));
        let after = order.with(&patch(json!({ "state": "inspected", "technician": null })));
        assert_eq!((after.state(), after.text("technician")), ("inspected", None));
        assert!(given(json!({ "a": null, "b": 1 })).len() == 1);
    }
}
