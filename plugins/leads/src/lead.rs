//! A lead as read, with its states.

use marque_sdk::{Data, Fault, Filter, Id, Record, Result, Value, record, view};

/// The kind's name.
pub const KIND: &str = "leads.lead";

/// The states in which somebody still has to act. The moves between all of them are in records/leads.lead.json.
pub const OPEN: [&str; 9] = [
    "assigned",
    "pool",
    "attempted",
    "contacted",
    "qualified",
    "ordered",
    "defeat_requested",
    "frozen",
    "out_of_reach",
];

/// A lead.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Its id.
    pub id: Id,
    /// Its revision when it was read.
    pub rev: u32,
    /// The dealer it belongs to.
    pub org: Id,
    /// Its fields.
    pub data: Data,
}

impl Lead {
    /// Reads one.
    pub fn load(id: &str) -> Result<Lead> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(record.into()),
            None => Err(Fault::not_found(format!("there is no lead {id:?} in your organisation"))),
        }
    }

    /// A field's text.
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

    /// A list of texts.
    pub fn list(&self, field: &str) -> Vec<String> {
        let values = self.data.get(field).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.text("state").unwrap_or("assigned")
    }

    /// Whether somebody still has to act.
    pub fn is_open(&self) -> bool {
        OPEN.contains(&self.state())
    }

    /// Whose it is.
    pub fn owner(&self) -> &str {
        self.text("owner").unwrap_or_default()
    }

    /// Who enquired.
    pub fn customer(&self) -> Option<&str> {
        self.text("customer")
    }

    /// The same lead with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> Lead {
        let mut lead = self.clone();
        for (field, value) in patch {
            match value {
                Value::Null => lead.data.remove(field),
                value => lead.data.insert(field.clone(), value.clone()),
            };
        }
        lead
    }

    /// A change of this very revision: of two who act at once, one is told to look again.
    pub fn change(&self, data: &Data) -> record::Write {
        record::change(KIND, &self.id).if_rev(self.rev).fields(data)
    }

    /// A transition of this very revision.
    pub fn move_to(&self, transition: &str, data: &Data) -> record::Write {
        record::mov(KIND, &self.id, transition).if_rev(self.rev).fields(data)
    }
}

impl From<Record> for Lead {
    fn from(record: Record) -> Lead {
        Lead { id: record.id, rev: record.rev, org: record.org, data: record.data }
    }
}

/// A filter for the open states.
pub fn open() -> Filter {
    Filter::is_in("state", OPEN)
}

/// An object's fields, as a patch.
pub fn patch(value: Value) -> Data {
    match value {
        Value::Object(fields) => fields,
        _ => Data::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::json;

    #[test]
    fn the_open_states_are_those_of_the_kind() {
        let kind: Value = serde_json::from_str(include_str!("../records/leads.lead.json")).unwrap();
        assert_eq!(kind["states"]["open"], json!(OPEN));
    }

    #[test]
    fn a_patch_sets_and_takes_away() {
        let lead = Lead {
            id: "l1".into(),
            rev: 1,
            org: "d1".into(),
            data: patch(json!({ "state": "pool", "owner": "chen", "due": "x" })),
        };
        let after = lead.with(&patch(json!({ "owner": "li", "due": null })));
        assert_eq!((after.owner(), after.text("due"), after.state()), ("li", None, "pool"));
        assert!(after.is_open());
    }
}
