//! The open task of a test drive: one at a time, as its state asks, so that nobody who wants to drive is ever left alone.

use marque_sdk::{Filter, Record, Result, info, new_id, record, view};
use serde::Deserialize;

use crate::{
    customer,
    desk::Desk,
    drive::{Drive, KIND},
    texts,
};
use marque_sdk::moment;

const TASK: &str = "worklist.task";

/// What a drive waits for, one at a time.
pub const STEPS: [&str; 7] = [
    "testdrive.confirm",
    "testdrive.await_answer",
    "testdrive.waiting",
    "testdrive.receive",
    "testdrive.start",
    "testdrive.finish",
    "testdrive.recall",
];
/// What is asked for beside the step.
#[cfg(test)]
pub const ASIDE: [&str; 4] =
    ["testdrive.answer_late", "testdrive.unconfirmed", "testdrive.follow_up", "testdrive.other_car"];
/// What ends by itself as soon as the drive goes on.
const ENDS: [&str; 3] = ["testdrive.answer_late", "testdrive.unconfirmed", "testdrive.other_car"];

/// What of a task counts here.
#[derive(Clone, Debug, Deserialize)]
struct Task {
    #[serde(default)]
    step: String,
    owner: Option<String>,
    due: Option<String>,
}

/// What a drive asks for now, and until when; nothing when it has ended.
pub fn wanted(desk: &Desk, drive: &Drive) -> Result<Option<(&'static str, String)>> {
    let start = drive.text("slot_start");
    let or_start = |due: String| start.filter(|start| **start < *due).map_or(due.clone(), str::to_owned);
    Ok(Some(match drive.state() {
        "requested" | "acknowledged" => {
            ("testdrive.confirm", drive.text("confirm_due").map_or_else(|| desk.now().to_owned(), str::to_owned))
        }
        "alternative" => ("testdrive.await_answer", or_start(info::due(desk.now(), "24h")?)),
        "waitlisted" => ("testdrive.waiting", start.unwrap_or(desk.now()).to_owned()),
        "confirmed" | "reminded" => ("testdrive.receive", start.unwrap_or(desk.now()).to_owned()),
        "checked_in" => ("testdrive.start", moment::plus(desk.now(), 15)?),
        "driving" => ("testdrive.finish", drive.text("slot_end").unwrap_or(desk.now()).to_owned()),
        "no_show" => ("testdrive.recall", info::due(desk.now(), &desk.settings.recall)?),
        _ => return Ok(None),
    }))
}

/// The first task of a drive that is being made in this call; `id`, `org` and the rest are not in the View yet.
pub fn first(desk: &Desk, new: &New<'_>) -> Result<()> {
    let title = texts::title(&desk.call.locale, new.step, new.who);
    let create = record::create(TASK).id(new_id()).org(new.org).field("title", title).field("step", new.step);
    let create = create.field("owner", new.owner).field("due", new.due).field("customer", new.customer);
    create.field("about_kind", KIND).field("about", new.drive).field("held", true).stage()
}

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// About which drive.
    pub drive: &'a str,
    /// At which dealer.
    pub org: &'a str,
    /// For whom.
    pub customer: &'a str,
    /// What they are called.
    pub who: &'a str,
    /// What is to be done.
    pub step: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: &'a str,
}

/// Brings the tasks of a drive to what its state asks for: the new one is made before the last one ends, in one commit.
pub fn settle(desk: &Desk, drive: &Drive) -> Result<()> {
    let open = of(drive)?;
    let wanted = wanted(desk, drive)?;
    let owner = drive.text("owner").unwrap_or_default();
    if let Some((step, due)) = &wanted {
        match open.iter().find(|task| task.data.step == *step) {
            Some(task) => shift(task, owner, due)?,
            None => make(desk, drive, step, owner, due, true)?,
        }
    }
    let is_over = |task: &&Record<Task>| {
        let step = task.data.step.as_str();
        let is_wanted = wanted.as_ref().is_some_and(|(wanted, _)| *wanted == step);
        !is_wanted && (STEPS.contains(&step) || ENDS.contains(&step))
    };
    let outcome = if drive.is_in(&["done", "checked_in", "driving", "confirmed"]) { "done" } else { "not_needed" };
    for task in open.iter().filter(is_over) {
        record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now()).stage()?;
    }
    Ok(())
}

/// One more task beside the step; a second of the same sort is not made while one is open.
pub fn aside(desk: &Desk, drive: &Drive, step: &str, owner: &str, due: &str) -> Result<()> {
    if of(drive)?.iter().any(|task| task.data.step == step) {
        return Ok(());
    }
    make(desk, drive, step, owner, due, ENDS.contains(&step))
}

fn make(desk: &Desk, drive: &Drive, step: &str, owner: &str, due: &str, held: bool) -> Result<()> {
    let who = customer::get(drive.customer()?)?.map(|customer| customer.data.name).unwrap_or_default();
    let title = texts::title(&desk.call.locale, step, &who);
    let create = record::create(TASK).id(new_id()).org(&drive.org).field("title", title).field("step", step);
    let create = create.field("owner", owner).field("due", due).field("customer", drive.customer()?);
    create.field("about_kind", KIND).field("about", &drive.id).field("held", held).stage()
}

fn shift(task: &Record<Task>, owner: &str, due: &str) -> Result<()> {
    if task.data.owner.as_deref() == Some(owner) && task.data.due.as_deref() == Some(due) {
        return Ok(());
    }
    record::change(TASK, &task.id).field("owner", owner).field("due", due).stage()
}

fn of(drive: &Drive) -> Result<Vec<Record<Task>>> {
    let about = Filter::eq("about", drive.id.as_str()).and(Filter::eq("state", "open"));
    Ok(view::find::<Task>(TASK).filter(about).limit(100).page()?.items)
}
