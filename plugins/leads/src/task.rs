//! The open task of a step on the worklist: one begins as the last one ends, so that no lead is ever left alone.

use marque_sdk::{Filter, Id, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    lead::{KIND, Lead},
    texts,
};

const TASK: &str = "worklist.task";

/// Steps a lead is in, one at a time.
pub const STEPS: [&str; 8] = [
    "leads.first_contact",
    "leads.assign",
    "leads.qualify",
    "leads.follow_up",
    "leads.approve_defeat",
    "leads.wake",
    "leads.retry",
    "leads.progress",
];
/// What is asked for beside the step; a contact answers those of [`ANSWERED`].
pub const ALARMS: [&str; 9] = [
    "leads.alert",
    "leads.hq_alarm",
    "leads.reply",
    "leads.guest",
    "leads.re_evaluate",
    "leads.decide",
    "leads.approve_promise",
    "leads.review",
    "leads.big_deal",
];
/// What a word with the customer settles.
pub const ANSWERED: [&str; 4] = ["leads.alert", "leads.hq_alarm", "leads.reply", "leads.guest"];

/// What of a task counts here.
#[derive(Debug, Deserialize)]
struct Task {
    #[serde(default)]
    step: String,
}

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What is to be done, `leads.first_contact`.
    pub step: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: &'a str,
}

/// Makes a task about a lead; its id. The lead ends it, not its owner.
pub fn open(desk: &Desk, lead: &Lead, plan: Plan<'_>) -> Result<Id> {
    let id = new_id();
    let create = record::create(TASK)
        .id(id.as_str())
        .org(lead.org.as_str())
        .field("title", texts::title(&desk.call.locale, plan.step, lead.text("name").unwrap_or_default()))
        .field("step", plan.step)
        .field("owner", plan.owner)
        .field("due", plan.due)
        .field("about_kind", KIND)
        .field("about", &lead.id)
        .field("held", true);
    lead.customer().into_iter().fold(create, |create, customer| create.field("customer", customer)).stage()?;
    Ok(id)
}

/// The open tasks of some steps about a lead.
fn of(lead: &Lead, steps: &[&str]) -> Result<Vec<Record<Task>>> {
    let about = Filter::eq("about", lead.id.as_str()).and(Filter::eq("state", "open"));
    let mut tasks = view::find::<Task>(TASK).filter(about).limit(100).page()?.items;
    tasks.retain(|task| steps.contains(&task.data.step.as_str()));
    Ok(tasks)
}

/// Whether a task of one of these steps is open.
pub fn is_open(lead: &Lead, steps: &[&str]) -> Result<bool> {
    Ok(!of(lead, steps)?.is_empty())
}

/// Ends the open tasks of some steps.
pub fn end(desk: &Desk, lead: &Lead, steps: &[&str], outcome: &str) -> Result<()> {
    for task in of(lead, steps)? {
        let end = record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now());
        desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
    }
    Ok(())
}

/// Moves the open tasks of some steps to another time, another person, or both.
pub fn shift(lead: &Lead, steps: &[&str], owner: Option<&str>, due: Option<&str>) -> Result<()> {
    for task in of(lead, steps)? {
        let change = record::change(TASK, &task.id);
        let change = owner.into_iter().fold(change, |change, owner| change.field("owner", owner));
        due.into_iter().fold(change, |change, due| change.field("due", due)).stage()?;
    }
    Ok(())
}
