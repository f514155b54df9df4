//! What is said of a write beside its values: why, who answers for doubtful values, and the receipts of decisions.

use std::collections::BTreeMap;

use crate::{
    Error, Result,
    commands::Ctx,
    error::FieldError,
    model::{
        Id,
        validate::{Overrides, Terms, Writer},
    },
};

/// Receipts by the field that was decided.
pub(in crate::commands) type Receipts = BTreeMap<String, Id>;

const MAX_WHY_CHARS: usize = 500;

/// Kept with the revision that the write makes.
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct Note {
    /// Why it was made.
    pub why: Option<String>,
    /// Field → why its doubtful value is right.
    pub overrides: Overrides,
    /// Of the decisions in it.
    pub receipts: Receipts,
}

impl Note {
    /// What a command brought; a reason of blanks is none.
    pub(in crate::commands) fn new(receipts: Receipts, why: Option<String>, overrides: Overrides) -> Result<Note> {
        let why = why.map(|why| why.trim().to_owned()).filter(|why| !why.is_empty());
        let n_chars = why.as_deref().map_or(0, |why| why.chars().count());
        if n_chars > MAX_WHY_CHARS {
            let message = format!("why has {n_chars} characters: shorten it to {MAX_WHY_CHARS}");
            return Err(Error::fields(vec![FieldError { pointer: "/why".into(), code: "too_long".into(), message }]));
        }
        Ok(Note { why, overrides, receipts })
    }

    /// The terms a record of `org` is checked under.
    pub(in crate::commands) fn terms(&self, ctx: &Ctx, org: &Id, writer: Writer) -> Terms<'_> {
        let today = ctx.catalogue.orgs.calendar(org).local(ctx.now).date();
        Terms { writer, today: Some(today), overrides: Some(&self.overrides) }
    }
}

impl From<Receipts> for Note {
    fn from(receipts: Receipts) -> Note {
        Note { receipts, ..Note::default() }
    }
}
