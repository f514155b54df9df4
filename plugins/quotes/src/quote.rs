//! A quote as read, with what follows from its fields.

use marque_sdk::{Data, Fault, Filter, Id, Record, Result, Value, record, view};
use serde::Deserialize;

use crate::ask::Ask;

/// The kind's name.
pub const KIND: &str = "quotes.quote";

/// A quote.
#[derive(Clone, Debug)]
pub struct Quote {
    pub id: Id,
    /// Its revision when it was read; none while it is being made.
    pub rev: Option<u32>,
    pub org: Id,
    pub data: Data,
}

/// More valid quotes than any customer has.
const MOST: usize = 500;

impl Quote {
    /// Reads one.
    pub fn load(id: &str) -> Result<Quote> {
        match view::get::<Data>(KIND, id)? {
            Some(record) => Ok(record.into()),
            None => Err(Fault::not_found(format!("there is no quote {id:?} in your organisation"))),
        }
    }

    /// A customer's valid quotes.
    pub fn active(customer: &str) -> Result<Vec<Quote>> {
        let theirs = Filter::eq("customer", customer).and(Filter::eq("state", "active"));
        Ok(view::find::<Data>(KIND).filter(theirs).up_to(MOST)?.into_iter().map(Quote::from).collect())
    }

    /// A field's text.
    pub fn text(&self, field: &str) -> &str {
        self.data.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field's text, if it has one.
    pub fn some(&self, field: &str) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// A field's number, 0 where it has none.
    pub fn number(&self, field: &str) -> i64 {
        self.data.get(field).and_then(Value::as_i64).unwrap_or(0)
    }

    /// A list of texts.
    pub fn list(&self, field: &str) -> Vec<String> {
        let values = self.data.get(field).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Where it stands.
    pub fn state(&self) -> &str {
        self.text("state")
    }

    /// Whose it is.
    pub fn owner(&self) -> &str {
        self.text("owner")
    }

    /// For whom.
    pub fn customer(&self) -> &str {
        self.text("customer")
    }

    /// What was chosen.
    pub fn asked(&self) -> Result<Ask> {
        Ok(self.data.get("asked").map(Ask::deserialize).transpose()?.unwrap_or_default())
    }

    /// The lines as people chose them, priced.
    pub fn lines(&self) -> impl Iterator<Item = &Value> {
        self.data.get("lines").and_then(Value::as_array).into_iter().flatten()
    }

    /// Of lines of some kinds, whether there is one.
    pub fn has_line(&self, kinds: &[&str]) -> bool {
        self.lines().any(|line| line["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)))
    }

    /// The price of the car in the list.
    pub fn list_price(&self) -> i64 {
        self.lines().find(|line| line["kind"] == "vehicle").and_then(|line| line["list"].as_i64()).unwrap_or(0)
    }

    /// What no two valid quotes share.
    pub fn slot(&self) -> String {
        format!("{}|{}", self.customer(), self.text("config_key"))
    }

    /// Whether both are the same quote in different versions.
    pub fn is_version_of(&self, other: &Quote) -> bool {
        self.some("root").is_some() && self.text("root") == other.text("root")
    }

    /// The same quote with some fields changed; `null` takes a field away.
    pub fn with(&self, patch: &Data) -> Quote {
        let mut quote = self.clone();
        for (field, value) in patch {
            match value {
                Value::Null => quote.data.remove(field),
                value => quote.data.insert(field.clone(), value.clone()),
            };
        }
        quote
    }

    /// A change of this very revision.
    pub fn change(&self, data: &Data) -> record::Write {
        self.guarded(record::change(KIND, &self.id)).fields(data)
    }

    /// A transition of this very revision: of two who act at once, one is told to look again.
    pub fn move_to(&self, transition: &str, data: &Data) -> record::Write {
        self.guarded(record::mov(KIND, &self.id, transition)).fields(data)
    }

    fn guarded(&self, write: record::Write) -> record::Write {
        match self.rev {
            Some(rev) => write.if_rev(rev),
            None => write,
        }
    }

    /// Refuses what the state does not allow, in words.
    pub fn must_be(&self, states: &[&str]) -> Result<()> {
        if states.contains(&self.state()) {
            return Ok(());
        }
        let message = format!("the quote is {:?}; this is done while it is one of {}", self.state(), states.join(", "));
        Err(Fault::new("state_refused", message))
    }
}

impl From<Record> for Quote {
    fn from(record: Record) -> Quote {
        Quote { id: record.id, rev: Some(record.rev), org: record.org, data: record.data }
    }
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
    fn two_quotes_of_a_customer_for_one_car_share_a_place() {
        let quote = |key: &str| Quote {
            id: "q".into(),
            rev: None,
            org: "d1".into(),
            data: patch(json!({ "customer": "c1", "config_key": key })),
        };
        assert_eq!(quote("C5+HUD").slot(), "c1|C5+HUD");
        assert_ne!(quote("C5").slot(), quote("C5+HUD").slot());
        assert!(!quote("C5").is_version_of(&quote("C5")), "without a first version there is none in common");
    }
}
