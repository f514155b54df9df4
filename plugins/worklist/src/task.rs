//! A task as read.

use marque_sdk::{Id, Record, Result, view};
use serde::Deserialize;

use crate::desk::{Desk, refuse};

/// The kind's name.
pub const KIND: &str = "worklist.task";
/// The step of an alarm that a record was left alone.
pub const ORPHAN: &str = "worklist.orphan";

/// What of a task counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Task {
    /// `open`, `done` or `cancelled`.
    pub state: String,
    /// Whose it is.
    pub owner: Id,
    /// By when.
    pub due: String,
    /// What kind of task, `complaint.response`.
    pub step: String,
    /// The kind of the record it is about.
    pub about_kind: Option<String>,
    /// The record it is about.
    pub about: Option<Id>,
    /// The customer it serves.
    pub customer: Option<Id>,
    /// Whether its record ends it, not a person.
    pub held: bool,
    /// Who must not do it.
    pub not_allowed: Vec<Id>,
    /// Since when it is overdue.
    pub overdue_at: Option<String>,
    /// How often it was put off.
    pub postponed_count: i64,
}

impl Task {
    /// Whether it still waits.
    pub fn is_open(&self) -> bool {
        self.state == "open"
    }
}

/// An open task that whoever asks may deal with.
pub fn to_deal_with(desk: &Desk, id: &str) -> Result<Record<Task>> {
    let task = view::require::<Task>(KIND, id)?;
    if !task.data.is_open() {
        return Err(marque_sdk::Fault::new("task_ended", format!("the task is {} already", task.data.state)));
    }
    if !desk.may_deal_with(&task.data.owner) {
        return Err(marque_sdk::Fault::new("task_not_yours", "only its owner or a manager may deal with this task"));
    }
    Ok(task)
}

/// Refuse what only the feature may do that made the task, and say where to go.
pub fn must_be_free(task: &Task) -> Result<()> {
    if !task.held {
        return Ok(());
    }
    let kind = task.about_kind.as_deref().unwrap_or("record");
    let about = task.about.as_deref().unwrap_or("?");
    let message = format!("this task is a step of {kind} {about}: finish it there with that step's action");
    let details = marque_sdk::json!({ "about_kind": kind, "about": about, "step": task.step });
    Err(refuse("task_held", "/held", message).details(details))
}
