//! What earlier rows of a file will have made, for later rows that refer to it: dealers to their region.

use std::collections::HashMap;

use serde_json::Value;

use super::{Outcome, Planned, Target};
use crate::{
    imports::Referred,
    model::{Id, Kind, job::Job},
};

/// Records to be made, by the value of the field that is theirs alone. Only of kinds that refer to themselves.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The kind and the field.
    of: Option<(String, String)>,
    job: Option<Job>,
    made: HashMap<String, Id>,
}

impl Names {
    pub(super) fn new(kind: &Kind) -> Names {
        let refers_to_itself = kind.fields.iter().any(|(_, field)| field.to.as_deref() == Some(&kind.kind));
        let unique = kind.fields.iter().find(|(_, field)| field.unique.is_some());
        let of = unique.filter(|_| refers_to_itself).map(|(name, _)| (kind.kind.clone(), name.to_owned()));
        Names { of, ..Names::default() }
    }

    /// Ids of new records follow from the job.
    pub(super) fn made_by(&mut self, job: &Job) {
        self.job = Some(job.clone());
    }

    pub(super) fn note(&mut self, planned: &Planned) {
        let (Some((_, field)), Some(job)) = (&self.of, &self.job) else { return };
        let (Outcome::New { data } | Outcome::Review { data, .. }) = &planned.outcome else { return };
        if let Some(name) = data.get(field).and_then(Value::as_str) {
            let id = planned.id.clone().unwrap_or_else(|| Target::Row(planned.row).id(job));
            self.made.insert(name.to_owned(), id);
        }
    }

    /// What is in the store goes first.
    pub(super) fn or_made(&self, to: &str, text: &str, stored: Referred) -> Referred {
        match (&self.of, &stored) {
            (Some((kind, _)), Referred::Nothing) if kind == to => {
                self.made.get(text.trim()).cloned().map_or(stored, Referred::One)
            }
            _ => stored,
        }
    }
}
