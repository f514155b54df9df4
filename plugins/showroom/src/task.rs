//! Tasks about visits and the leads that come of them.

use marque_sdk::{Filter, Record, Result, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    texts,
    visit::{KIND, Visit},
};

const TASK: &str = "worklist.task";

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    step: String,
}

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What is to be done.
    pub step: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: &'a str,
    /// About a record of which kind.
    pub about_kind: &'a str,
    /// About which record.
    pub about: &'a str,
}

/// Makes a task. It ends with its record.
pub fn make(desk: &Desk, id: Option<&str>, org: &str, customer: Option<&str>, who: &str, new: &New<'_>) -> Result<()> {
    let id = id.map_or_else(new_id, str::to_owned);
    let create = record::create(TASK)
        .id(id)
        .org(org)
        .field("title", texts::title(&desk.call.locale, new.step, who))
        .field("step", new.step)
        .field("owner", new.owner)
        .field("due", new.due)
        .field("about_kind", new.about_kind)
        .field("about", new.about)
        .field("held", new.about_kind != "showroom.day");
    customer.into_iter().fold(create, |create, customer| create.field("customer", customer)).stage()
}

/// The register is to be completed.
pub fn complete(desk: &Desk, visit: &Visit, due: &str) -> Result<()> {
    let (Some(owner), true) = (visit.text("received_by"), of(visit)?.is_empty()) else { return Ok(()) };
    let new = New { step: "showroom.complete", owner, due, about_kind: KIND, about: &visit.id };
    make(desk, None, &visit.org, visit.text("customer"), visit.text("name").unwrap_or_default(), &new)
}

/// It is.
pub fn end(desk: &Desk, visit: &Visit, outcome: &str) -> Result<()> {
    for task in of(visit)? {
        record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now()).stage()?;
    }
    Ok(())
}

/// Somebody else completes it.
pub fn follow(visit: &Visit) -> Result<()> {
    for task in of(visit)? {
        record::change(TASK, &task.id).field("owner", visit.text("received_by")).stage()?;
    }
    Ok(())
}

fn of(visit: &Visit) -> Result<Vec<Record<Task>>> {
    let about = Filter::eq("about", visit.id.as_str()).and(Filter::eq("state", "open"));
    let mut tasks = view::find::<Task>(TASK).filter(about).limit(20).page()?.items;
    tasks.retain(|task| task.data.step == "showroom.complete");
    Ok(tasks)
}
