//! The worklist: a call on somebody's list is an open task, and so is what a manager has to look into.

use marque_sdk::{Filter, Id, Record, Result, Value, new_id, record, texts, view};

use crate::{
    call::{self, Call},
    desk::Desk,
    texts::text,
};

const TASK: &str = "worklist.task";
/// The step of a call.
pub const CALL: &str = "care.call";
/// The step of a customer who is not satisfied.
pub const ALERT: &str = "care.alert";
/// The step of an inspection.
pub const CHECK: &str = "care.check";
/// The step of a call that nobody made in time.
pub const LATE: &str = "care.late";

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What is to be done.
    pub step: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: &'a str,
    /// The kind of what it is about.
    pub about_kind: &'a str,
    /// Which one.
    pub about: &'a str,
    /// Whether what it is about ends it.
    pub held: bool,
}

/// Makes a task.
pub fn open(
    desk: &Desk,
    org: &str,
    title: &str,
    customer: Option<&str>,
    not_allowed: &[Id],
    plan: Plan<'_>,
) -> Result<()> {
    let mut create = record::create(TASK)
        .id(new_id())
        .org(org)
        .field(
            "title",
            texts::title(&desk.call.locale, &text(&desk.call.locale, &format!("step.{}", plan.step)), title),
        )
        .field("step", plan.step)
        .field("owner", plan.owner)
        .field("due", plan.due)
        .field("about_kind", plan.about_kind)
        .field("about", plan.about)
        .field("held", plan.held);
    if !not_allowed.is_empty() {
        create = create.field("not_allowed", not_allowed);
    }
    customer.into_iter().fold(create, |create, customer| create.field("customer", customer)).stage()
}

/// The task of a call, titled with what it is about and whom.
pub fn of_call(desk: &Desk, call: &Record<Call>, owner: &str, due: &str) -> Result<()> {
    let name = name_of(&call.data.customer)?;
    let what = text(&desk.call.locale, &format!("kind.{}", call.data.kind));
    let title =
        [what.as_str(), name.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let plan = Plan { step: CALL, owner, due, about_kind: call::KIND, about: &call.id, held: true };
    open(desk, &call.org, &title, Some(&call.data.customer), &call.data.not_allowed, plan)
}

/// What a customer is called; nothing where the name may not be read.
pub fn name_of(customer: &str) -> Result<String> {
    let found = view::get::<Value>("customer", customer)?;
    Ok(found.and_then(|found| found.data["name"].as_str().map(str::to_owned)).unwrap_or_default())
}

fn of(about: &str, steps: &[&str]) -> Result<Vec<Record<Value>>> {
    let open = Filter::eq("about", about).and(Filter::eq("state", "open"));
    let mut tasks = view::find::<Value>(TASK).filter(open).limit(100).page()?.items;
    tasks.retain(|task| steps.iter().any(|step| task.data["step"] == **step));
    Ok(tasks)
}

/// Ends the open tasks of some steps.
pub fn end(desk: &Desk, about: &str, steps: &[&str], outcome: &str) -> Result<()> {
    for task in of(about, steps)? {
        let end = record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now());
        desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
    }
    Ok(())
}

/// Gives the task of a call to somebody else.
pub fn give(about: &str, owner: &str) -> Result<()> {
    for task in of(about, &[CALL])? {
        record::change(TASK, &task.id).field("owner", owner).stage()?;
    }
    Ok(())
}

/// Moves the task of a call to another time.
pub fn shift(about: &str, due: &str) -> Result<()> {
    for task in of(about, &[CALL])? {
        record::change(TASK, &task.id).field("due", due).stage()?;
    }
    Ok(())
}
