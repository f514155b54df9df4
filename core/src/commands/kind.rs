//! What organisations make of kinds in the running system: fields, values of enumerations, labels.

mod field_add;
mod field_change;
mod label;

use serde_json::{Value, json};

pub use field_add::FieldAdd;
pub use field_change::{FieldChange, FieldPatch, FieldRetire};
pub use label::Label;

use super::{Ctx, rights};
use crate::{
    Error, ErrorKind, Result,
    error::FieldError,
    model::{EventDraft, Field, Id, Kind, custom::Custom, validate},
    store::{
        Tx,
        tables::{self, audit},
    },
};

/// What one organisation makes of one kind, about to be changed.
struct Own {
    kind: String,
    org: Id,
    custom: Custom,
}

impl Own {
    /// Read it for somebody who may change it.
    fn read(tx: &Tx<'_>, ctx: &Ctx, kind: &str, org: &Id) -> Result<Own> {
        rights::to_shape(ctx, org)?;
        tx.kind(kind)?;
        let custom = tx.kind_tree().custom(kind, org).map(|custom| (**custom).clone()).unwrap_or_default();
        Ok(Own { kind: kind.into(), org: org.clone(), custom })
    }

    /// Write it, if every kind that it touches still makes sense, and tell of it. Answers the kind as it holds now.
    fn write(self, tx: &mut Tx<'_>, ctx: &Ctx, changed: Changed<'_>) -> Result<std::sync::Arc<Kind>> {
        tables::kind_custom::put(tx, &self.kind, &self.org, &self.custom, ctx.now, &ctx.actor.label())?;
        let kind = tx.kind_in(&self.kind, &self.org)?;
        let beside = |name: &str| tx.kind_tree().kind(name, &self.org).cloned();
        validate::kind(&kind)
            .and_then(|()| validate::rollups(&kind, &beside))
            .map_err(|error| as_body(error, changed.field))?;
        let Changed { change, field, before, after } = changed;
        let data = json!({ "kind": self.kind, "change": change, "field": field, "before": before, "after": after });
        let entry = audit::Entry::new(ctx.now, &ctx.actor, self.org.clone(), "kind.changed", data.clone());
        audit::append(tx, &entry)?;
        let draft = EventDraft { kind: "kind.changed".into(), org: self.org, subject: None, record: None, data };
        ctx.raise(tx, &draft)?;
        Ok(kind)
    }
}

/// What is told of a change: `kind.changed`.
struct Changed<'a> {
    /// `field_added`, `field_changed`, `labelled`.
    change: &'static str,
    /// The field, if it is about one.
    field: Option<&'a str>,
    before: Value,
    after: Value,
}

/// A flaw of the kind as the flaw of the field that was sent.
fn as_body(error: Error, field: Option<&str>) -> Error {
    if error.kind != ErrorKind::Invalid {
        return error;
    }
    let at = field.map(|name| format!("/fields/{name}")).unwrap_or_default();
    let mine = |error: FieldError| FieldError {
        pointer: error.pointer.strip_prefix(&at).unwrap_or(&error.pointer).to_owned(),
        code: "field.invalid".into(),
        ..error
    };
    let errors: Vec<FieldError> = error.errors.into_iter().map(mine).collect();
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    let message = messages.join("; ");
    Error { errors, ..Error::invalid("field", message) }
}

/// A wrong place of the body.
fn wrong(pointer: &str, code: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer: pointer.into(), code: code.into(), message }])
}

/// A field may be demanded only when nothing that is there lacks it, and when whoever makes records can know of it.
fn may_be_required(tx: &Tx<'_>, kind: &Kind, org: &Id, name: &str, field: &Field) -> Result<()> {
    if kind.written_by == crate::model::kind::WrittenBy::Plugin && field.default.is_none() {
        let message = format!(
            "{} is made by its plugin, which does not know of {name}: give it a default, or leave it optional",
            kind.kind
        );
        return Err(wrong("/required", "required.closed", message));
    }
    let n_lacking = tables::record::n_without(tx, &kind.kind, &tx.kind_tree().orgs().scope(org), name)?;
    if n_lacking == 0 {
        return Ok(());
    }
    let message = format!(
        "{n_lacking} records of {} have no {name}: fill them first, the list with filter {{{name:?}:null}} shows them",
        kind.kind
    );
    let place = FieldError { pointer: "/required".into(), code: "required.missing".into(), message: message.clone() };
    Err(Error { errors: vec![place], ..Error::conflict("required.missing", message) })
}

/// A field as it is told: its definition, its name, and whose it is.
pub fn told(name: &str, org: &Id, field: &Field) -> Value {
    let mut told = json!(field);
    told["name"] = json!(name);
    told["org"] = json!(org);
    told["retired"] = json!(field.retired);
    told
}
