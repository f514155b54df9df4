//! Records against their kind: every field checked and brought into its normal form, every wrong one named at once.

mod contact;
mod definition;
mod derived;
mod doubt;
mod terms;
mod value;

pub use definition::kind;
pub use derived::{computed, parsed as rollup_filter, rollups};
pub use doubt::doubtful;
pub use terms::{Overrides, Terms};

use serde_json::Value;

use crate::{
    Error, Result,
    error::FieldError,
    model::{Data, Field, Kind},
};

/// Who writes: only the owner of a kind may set its `readonly` fields and its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A person or machine through the API.
    Request,
    /// The core, or the plugin that owns the kind.
    Owner,
}

/// A new record's data, checked and in normal form, defaults and the first state filled in.
///
/// Whether refs exist and unique values are free is the store's business; the store also fills the numbered field,
/// so that one may be missing here.
///
/// # Errors
/// `invalid`, with every wrong field.
pub fn create<'a>(kind: &'a Kind, data: &'a Data, terms: impl Into<Terms<'a>>) -> Result<Data> {
    let mut checked = Checked::new(kind, Data::new(), data, terms.into());
    for (name, value) in data {
        checked.set(name, value);
    }
    for (name, field) in kind.fields.iter() {
        if !checked.data.contains_key(name)
            && !field.retired
            && let Some(default) = start_value(kind, name, field)
        {
            checked.data.insert(name.to_owned(), default.clone());
        }
        let is_numbered = kind.number.as_ref().is_some_and(|number| number.field == name);
        // What plugins and the server make knows nothing of organisations' own fields.
        let is_known = !field.custom || checked.terms.writer == Writer::Request;
        if field.required && !field.retired && is_known && !is_numbered {
            checked.demand(name);
        }
    }
    checked.finish()
}

/// A record's data after a merge patch (RFC 7396: `null` removes), checked and in normal form.
///
/// Only patched fields are checked: a record that was right when it was written stays editable when its kind has
/// become stricter since.
///
/// # Errors
/// `invalid`, with every wrong field.
pub fn change<'a>(kind: &'a Kind, old: &Data, patch: &'a Data, terms: impl Into<Terms<'a>>) -> Result<Data> {
    let mut checked = Checked::new(kind, old.clone(), patch, terms.into());
    for (name, value) in patch {
        checked.set(name, value);
        if kind.fields.get(name).is_some_and(|field| field.required && !field.retired) {
            checked.demand(name);
        }
    }
    checked.finish()
}

/// What a field holds when a create leaves it out.
fn start_value(kind: &Kind, name: &str, field: &Field) -> Option<Value> {
    match &kind.states {
        Some(states) if states.field == name => Some(Value::String(states.initial.clone())),
        _ => field.default.clone(),
    }
}

/// A record under check: what is right so far, and what is wrong.
struct Checked<'a> {
    kind: &'a Kind,
    terms: Terms<'a>,
    /// What kind of document `id_no` is of.
    id_type: Option<&'a str>,
    data: Data,
    errors: Vec<FieldError>,
}

impl<'a> Checked<'a> {
    fn new(kind: &'a Kind, data: Data, given: &'a Data, terms: Terms<'a>) -> Checked<'a> {
        let errors = terms.errors(kind);
        Checked { kind, terms, id_type: given.get("id_type").and_then(Value::as_str), data, errors }
    }

    /// One field to a new value, if the value and the writer allow it.
    fn set(&mut self, name: &str, given: &Value) {
        let Some(field) = self.kind.fields.get(name) else {
            self.errors.push(unknown(self.kind, name));
            return;
        };
        let old = self.data.get(name).unwrap_or(&Value::Null);
        let id_type = self.id_type.or_else(|| self.data.get("id_type").and_then(Value::as_str));
        let merged = value::merged(field, old, given);
        match value::normal(name, field, &merged, id_type) {
            Err(error) => self.errors.push(error),
            Ok(new) if new.as_ref() == self.data.get(name) => {}
            Ok(new) => {
                match self.refusal(name, field, new.as_ref()).or_else(|| self.doubt(name, field, new.as_ref())) {
                    Some(error) => self.errors.push(error),
                    None => match new {
                        Some(new) => _ = self.data.insert(name.to_owned(), new),
                        None => _ = self.data.remove(name),
                    },
                }
            }
        }
    }

    /// Why the writer may not set this field. Sending back what is stored already was no change and did not come here.
    fn refusal(&self, name: &str, field: &Field, new: Option<&Value>) -> Option<FieldError> {
        if field.derived.is_some() {
            let message = format!("{name} is worked out by the server from other values: leave it out");
            return Some(FieldError::field(name, "readonly", message));
        }
        if self.terms.writer == Writer::Owner {
            return None;
        }
        if let Some(states) = self.kind.states.as_ref().filter(|states| states.field == name) {
            let is_first = self.data.get(name).is_none() && new.and_then(Value::as_str) == Some(&states.initial);
            let message = format!("{name} is the state of a {}: change it by one of its moves", self.kind.kind);
            return (!is_first).then(|| FieldError::field(name, "state.refused", message));
        }
        let message = || format!("{name} is kept by the system: leave it out");
        field.readonly.then(|| FieldError::field(name, "readonly", message()))
    }

    /// What is wrong with a value that is well-formed: it lies outside its time, or is doubtful and nobody answers for it.
    fn doubt(&self, name: &str, field: &Field, new: Option<&Value>) -> Option<FieldError> {
        let new = new?;
        if let Some(error) = doubt::out_of_use(name, field, self.data.get(name), new) {
            return Some(error);
        }
        let is_answered_for = self.terms.overrides.is_some_and(|overrides| overrides.contains_key(name));
        let out_of_time = self.terms.today.and_then(|today| doubt::out_of_time(name, field, new, today));
        out_of_time.or_else(|| doubt::of(name, field, new).filter(|_| !is_answered_for))
    }

    /// The field must have a value, unless its value has been found wrong already.
    fn demand(&mut self, name: &str) {
        let pointer = format!("/data/{name}");
        if !self.data.contains_key(name) && !self.errors.iter().any(|error| error.pointer == pointer) {
            let message = format!("{name} is missing: a {} cannot be without it", self.kind.kind);
            self.errors.push(FieldError { pointer, code: "required".into(), message });
        }
    }

    fn finish(self) -> Result<Data> {
        if self.errors.is_empty() { Ok(self.data) } else { Err(Error::fields(self.errors)) }
    }
}

fn unknown(kind: &Kind, name: &str) -> FieldError {
    let known: Vec<&str> =
        kind.fields.iter().filter(|(_, field)| !field.readonly && !field.retired).map(|(known, _)| known).collect();
    let shown: String = name.chars().take(60).collect();
    // RFC 6901: a slash or tilde in a name must not look like a level.
    let pointer = format!("/data/{}", shown.replace('~', "~0").replace('/', "~1"));
    let message = format!("{shown:?} is no field of {}: use {}", kind.kind, known.join(", "));
    FieldError { pointer, code: "unknown_field".into(), message }
}

#[cfg(test)]
mod tests;
