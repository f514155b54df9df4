//! The open task of a step on the worklist: one begins as the last one ends, so that no car and no request is ever left alone.

use marque_sdk::{Id, Result, new_id, record, texts::title, view};
use serde::Deserialize;

use crate::{desk::Desk, file::File, texts};

const TASK: &str = "worklist.task";

/// What of a task counts here.
#[derive(Debug, Deserialize)]
struct Task {
    state: String,
}

/// A task to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is to be done, `workshop.confirm`.
    pub step: &'static str,
    /// By whom.
    pub owner: Id,
    /// By when.
    pub due: String,
}

/// Makes a task about a record; its id. The record ends it, not its owner.
pub fn open(desk: &Desk, about: &File, plan: &Plan) -> Result<Id> {
    let id = new_id();
    let what = texts::text(&desk.call.locale, &format!("task.{}", plan.step));
    let create = record::create(TASK)
        .id(id.as_str())
        .org(about.org.as_str())
        .field("title", title(&desk.call.locale, &what, about.text("model").unwrap_or_default()))
        .field("step", plan.step)
        .field("owner", &plan.owner)
        .field("due", &plan.due)
        .field("about_kind", &about.kind)
        .field("about", &about.id)
        .field("held", true);
    about.text("customer").into_iter().fold(create, |create, customer| create.field("customer", customer)).stage()?;
    Ok(id)
}

/// A task beside the steps, which its owner ends: a call back, a loaner to be arranged.
pub fn note(desk: &Desk, about: &File, plan: &Plan) -> Result<()> {
    let what = texts::text(&desk.call.locale, &format!("task.{}", plan.step));
    let create = record::create(TASK)
        .org(about.org.as_str())
        .field("title", title(&desk.call.locale, &what, about.text("model").unwrap_or_default()))
        .field("step", plan.step)
        .field("owner", &plan.owner)
        .field("due", &plan.due)
        .field("about_kind", &about.kind)
        .field("about", &about.id);
    about.text("customer").into_iter().fold(create, |create, customer| create.field("customer", customer)).stage()
}

/// Ends the task of a record's step, if it is still open.
pub fn end(desk: &Desk, about: &File, outcome: &str) -> Result<()> {
    let Some(id) = about.text("task") else { return Ok(()) };
    let Some(task) = view::get::<Task>(TASK, id)?.filter(|task| task.data.state == "open") else { return Ok(()) };
    let end = record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now());
    desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()
}

/// Moves the task of a record's step to another time, another person, or both.
pub fn shift(about: &File, plan: &Plan) -> Result<()> {
    let Some(id) = about.text("task") else { return Ok(()) };
    match view::get::<Task>(TASK, id)? {
        Some(task) if task.data.state == "open" => {
            record::change(TASK, id).field("owner", &plan.owner).field("due", &plan.due).stage()
        }
        _ => Ok(()),
    }
}
