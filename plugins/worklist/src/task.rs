//! A task as read.

use marque_sdk::{Data, Fault, Id, Record, Result, Value, json, view};
use serde::Deserialize;

use crate::{desk::Desk, texts};

/// The kind's name.
pub const KIND: &str = "worklist.task";
/// The step of an alarm that a record was left alone.
pub const ORPHAN: &str = "worklist.orphan";

/// What of a task counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Task {
    /// What is to be done, for whom.
    pub title: String,
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
        return Err(Fault::new("task_ended", format!("the task is {} already", task.data.state)));
    }
    if !desk.may_deal_with(&task.data.owner) {
        return Err(Fault::new("task_not_yours", "only its owner or a manager may deal with this task"));
    }
    Ok(task)
}

/// Refuse what only the feature may do that made the task, and say where to go.
///
/// The code has no text in texts/, so that the person reads this sentence, which names the place.
pub fn must_be_free(desk: &Desk, task: &Task) -> Result<()> {
    if !task.held {
        return Ok(());
    }
    let (kind, about) = (task.about_kind.as_deref().unwrap_or_default(), task.about.as_deref().unwrap_or_default());
    let record = if kind.is_empty() { None } else { view::get::<Data>(kind, about)? };
    let number = record.as_ref().and_then(|record| record.data.get("number")).and_then(Value::as_str).unwrap_or(about);
    let message =
        texts::text(&desk.call.locale, "held.where").replace("{number}", number).replace("{title}", &task.title);
    Err(Fault::new("task_held", message).details(json!({ "about_kind": kind, "about": about, "step": task.step })))
}
