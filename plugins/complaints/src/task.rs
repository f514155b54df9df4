//! The open task of a step on the worklist: one begins as the last one ends, so that no case is left alone.

use marque_sdk::{Data, Filter, Record, Result, Value, new_id, record, view};
use serde::Deserialize;

use crate::{
    case::{Case, KIND},
    desk::Desk,
    moment::Moment,
    texts,
};

/// What of a customer counts here.
#[derive(Deserialize)]
struct Customer {
    #[serde(default)]
    name: String,
}

/// The kind's name.
pub const TASK: &str = "worklist.task";
/// The step of a task for somebody who was told of a missed limit.
pub const ESCALATION: &str = "complaint.escalation";

/// A task to be made.
pub struct Task<'a> {
    /// What is to be done, `complaint.response`.
    pub step: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: Moment,
    /// Whether the case ends it, rather than its owner.
    pub is_held: bool,
    /// Who must not do it.
    pub not_allowed: Vec<String>,
}

/// Makes a task about a case; its id.
pub fn open(desk: &Desk, case: &Case, task: &Task) -> Result<String> {
    let id = new_id();
    let customer = view::get::<Customer>("customer", case.customer())?;
    // Who complains on the public page may be a customer only with this call.
    let told = || case.text("contact_name").unwrap_or_default().to_owned();
    let name = customer.map_or_else(told, |customer| customer.data.name);
    let mut create = record::create(TASK)
        .id(id.as_str())
        .field("title", texts::title(&desk.call.locale, task.step, &name))
        .field("step", task.step)
        .field("owner", task.owner)
        .field("due", task.due.to_string())
        .field("customer", case.customer())
        .field("about_kind", KIND)
        .field("about", &case.id)
        .field("held", task.is_held);
    if !task.not_allowed.is_empty() {
        create = create.field("not_allowed", &task.not_allowed);
    }
    create.stage()?;
    Ok(id)
}

/// The open tasks that this plugin has made about a case. A person's own tasks about it are not among them.
pub fn of(case: &Case) -> Result<Vec<Record>> {
    about(&case.id)
}

/// The same about a record of any kind of ours.
pub fn about(id: &str) -> Result<Vec<Record>> {
    let about = Filter::eq("about", id).and(Filter::eq("state", "open"));
    let mut tasks = view::find::<Data>(TASK).filter(about).limit(500).page()?.items;
    tasks.retain(|task| {
        task.data.get("step").and_then(Value::as_str).is_some_and(|step| step.starts_with("complaint."))
    });
    Ok(tasks)
}

/// Ends what is open about a case: its step is done, and whoever was told of a missed limit need not look any more.
pub fn end_all(desk: &Desk, case: &Case, outcome: &str) -> Result<()> {
    end_about(desk, &case.id, outcome)
}

/// The same about a record of any kind of ours.
pub fn end_about(desk: &Desk, id: &str, outcome: &str) -> Result<()> {
    for task in about(id)? {
        let is_held = task.data.get("held") == Some(&Value::Bool(true));
        let mut end = record::mov(TASK, &task.id, "complete")
            .field("outcome", if is_held { outcome } else { "not_needed" })
            .field("done_at", &desk.call.now);
        if let Some(me) = desk.me() {
            end = end.field("done_by", me);
        }
        end.stage()?;
    }
    Ok(())
}

/// Changes the open task of the current step.
pub fn change_current(case: &Case, data: Value) -> Result<()> {
    match case.text("task") {
        Some(id) => record::change(TASK, id).fields(data).stage(),
        None => Ok(()),
    }
}
