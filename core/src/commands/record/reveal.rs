//! `record.reveal`: one masked value, for a purpose that is kept.

use serde_json::{Value, json};

use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, rights},
    error::FieldError,
    model::{Data, Id, rights::On},
    store::{
        Tx,
        erasure::Values,
        tables::{audit, reveal},
    },
};

/// Values a person is shown so in a day at most.
pub const MAX_A_DAY: u64 = 30;
const DAY_MS: i64 = 86_400_000;
const MAX_PURPOSE_CHARS: usize = 200;

/// Show masked fields of a record to a person whose role allows it and who says what for.
///
/// Writes `field.revealed` into the audit log in the same commit, so that nothing is shown that is not on record. Refuses
/// (`field.denied`) roles that may not, hidden fields, and (`reveal.limit`) more than 30 values in 24 hours.
#[derive(Clone, Debug)]
pub struct Reveal {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The fields.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
}

impl Run for Reveal {
    type Done = Data;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Data> {
        let purpose = said("purpose", &self.purpose)?;
        let missing =
            || Error::not_found("record", format!("there is no {} {} in your organisations", self.kind, self.id));
        let record = rights::seen(tx, ctx, &self.kind, &self.id)?.ok_or_else(missing)?;
        let kind = tx.kind_in(&self.kind, &record.org)?;
        if self.fields.is_empty() {
            return Err(Error::invalid("fields", "name the fields to be shown, {\"fields\":[\"phone\"]}"));
        }
        let unknown = self.fields.iter().find(|name| kind.fields.get(name).is_none());
        if let Some(name) = unknown {
            return Err(Error::invalid("fields", format!("{} has no field {name:?}", kind.kind)));
        }
        let rights = tx.rights(&ctx.actor);
        if let On::Some(_) = rights.on(&kind) {
            let open = tx.eyes(&rights, ctx.now).revealed(&kind, &record)?;
            let closed = self.fields.iter().find(|name| !open.contains(name.as_str()));
            if let Some(name) = closed {
                let message =
                    format!("your roles do not let you see {name} of this {}, with a purpose or without", kind.kind);
                let errors = vec![FieldError {
                    pointer: "/fields".into(),
                    code: "field.denied".into(),
                    message: message.clone(),
                }];
                return Err(Error { errors, ..Error::new(ErrorKind::Denied, "field.denied", message) });
            }
        }
        count(tx, ctx, self.fields.len() as u64)?;
        // The log is never rewritten, so nobody who is forgotten may be named in it.
        let mut known = Values::default();
        known.add_fields(&record.data, |name| kind.fields.get(name).is_some_and(|field| field.personal));
        let detail = json!({ "fields": self.fields, "purpose": known.without(&purpose) });
        note(tx, ctx, "field.revealed", (&record.kind, Some(&record.id)), detail)?;
        let value = |name: &String| (name.clone(), record.field(name).clone());
        Ok(self.fields.iter().map(value).collect())
    }
}

fn count(tx: &mut Tx<'_>, ctx: &Ctx, n: u64) -> Result<()> {
    let Some(person) = ctx.actor.person() else { return Ok(()) };
    let since = ctx.now.plus_millis(-DAY_MS);
    let shown = reveal::n_since(tx, person, since)?;
    if shown + n > MAX_A_DAY {
        let message = format!(
            "you have been shown {shown} masked values in 24 hours and {MAX_A_DAY} are allowed; go on tomorrow, or ask a manager"
        );
        return Err(Error::new(ErrorKind::TooMany, "reveal.limit", message));
    }
    reveal::note(tx, person, ctx.now, n, since)
}

/// What was said, in a few words at least.
///
/// # Errors
/// `<what>.invalid`.
pub(super) fn said(what: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if (2..=MAX_PURPOSE_CHARS).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let message = format!("{what} is kept with what you see: say it in 2 to {MAX_PURPOSE_CHARS} characters");
    Err(Error {
        errors: vec![FieldError {
            pointer: format!("/{what}"),
            code: format!("{what}.invalid"),
            message: message.clone(),
        }],
        ..Error::invalid(what, message)
    })
}

/// A line of the audit log in the commit of what it tells of: what was done, and with which record.
pub(super) fn note(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    what: &str,
    (kind, record): (&str, Option<&Id>),
    detail: Value,
) -> Result<()> {
    let entry = audit::Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), what, detail);
    audit::append(tx, &entry.about(kind, record))
}
