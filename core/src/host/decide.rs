//! The seam to whoever answers decision points: the scripts, or a test.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::model::{Fault, Id, Receipt, Time};

/// Answers decision points. Called on the thread of the guest that asks, while that guest waits.
pub trait Decide: Send + Sync {
    /// Decide once.
    ///
    /// # Errors
    /// `not_found` for an unknown point, `invalid` for an input that does not fit it, or the fault of the built-in rule;
    /// blame `host` when it is ours, which ends the asking call too.
    fn decide(&self, call: &DecideCall<'_>) -> Result<Decision, Fault>;
}

/// A question.
#[derive(Debug)]
pub struct DecideCall<'a> {
    /// For which organisation.
    pub org: &'a Id,
    /// The point, `complaint.level`.
    pub point: &'a str,
    /// What to decide on.
    pub input: &'a Value,
    /// The time of the asking call.
    pub now: Time,
    /// The plugin that asks.
    pub plugin: &'a str,
    /// Its version.
    pub plugin_version: &'a str,
    /// The id the receipt is to have; made by the caller, so that a repeated delivery makes the same.
    pub receipt: Id,
    /// The call this question is part of.
    pub batch: &'a Batch,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Valid against the point's output schema.
    pub output: Value,
    /// What it was made from.
    pub receipt: Receipt,
}

/// What decisions of one call share: scripts that overran are not tried again in it, each try would cost as much again.
#[derive(Debug, Default)]
pub struct Batch {
    overrun: Mutex<BTreeSet<(String, Id)>>,
}

impl Batch {
    /// Leave a script of an organisation out for the rest of the call.
    pub fn skip(&self, script: &str, org: &Id) {
        self.lock().insert((script.to_owned(), org.clone()));
    }

    /// Whether it is left out.
    pub fn skips(&self, script: &str, org: &Id) -> bool {
        self.lock().contains(&(script.to_owned(), org.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(String, Id)>> {
        // A set is whole after any panic: insert is the only write.
        self.overrun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
