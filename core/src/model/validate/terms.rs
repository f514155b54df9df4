//! What a write is checked under: who writes, what day it is, and who answers for values that are doubtful.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Writer;
use crate::{error::FieldError, model::Kind};

/// Field → why its value is right although it looks wrong.
pub type Overrides = BTreeMap<String, String>;

const MAX_REASON_CHARS: usize = 500;

/// The terms of one check. A [`Writer`] alone is enough where no day is known and nobody answers for anything.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Who writes.
    pub writer: Writer,
    /// The day it is where the record belongs; without it nothing is held to its time.
    pub today: Option<Date>,
    /// Doubtful values that somebody answers for.
    pub overrides: Option<&'a Overrides>,
}

impl From<Writer> for Terms<'_> {
    fn from(writer: Writer) -> Self {
        Terms { writer, today: None, overrides: None }
    }
}

impl Terms<'_> {
    /// What is wrong with the terms themselves: an override of no field, or without a reason.
    pub(super) fn errors(&self, kind: &Kind) -> Vec<FieldError> {
        let wrong = |(name, reason): (&String, &String)| {
            let shown: String = name.chars().take(60).collect();
            let (code, message) = if kind.fields.get(name).is_none() {
                ("unknown_field", format!("{shown:?} is no field of {}: override a field that it has", kind.kind))
            } else if reason.trim().is_empty() {
                ("override.empty", format!("say why the value of {shown} is right although it looks wrong"))
            } else if reason.chars().count() > MAX_REASON_CHARS {
                ("too_long", format!("the reason for {shown} is too long: shorten it to {MAX_REASON_CHARS} characters"))
            } else {
                return None;
            };
            let pointer = format!("/overrides/{}", shown.replace('~', "~0").replace('/', "~1"));
            Some(FieldError { pointer, code: code.into(), message })
        };
        self.overrides.into_iter().flatten().filter_map(wrong).collect()
    }
}
