//! Tasks that hand-overs make for people.

use marque_sdk::{Filter, Result, Value, new_id, record, view};

use crate::{desk::Desk, texts};

const TASK: &str = "worklist.task";

/// A task to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What is to be done, `handover.review`.
    pub step: &'a str,
    /// For whose sake.
    pub who: &'a str,
    /// By whom.
    pub owner: &'a str,
    /// By when.
    pub due: &'a str,
    /// About a record of which kind.
    pub about_kind: &'a str,
    /// About which.
    pub about: &'a str,
}

/// Makes one.
pub fn make(desk: &Desk, org: &str, new: &New<'_>) -> Result<()> {
    let locale = &desk.call.locale;
    let title = marque_sdk::texts::title(locale, &texts::text(locale, &format!("step.{}", new.step)), new.who);
    let create = record::create(TASK).id(new_id()).org(org).field("title", title).field("step", new.step);
    let create = create.field("owner", new.owner).field("due", new.due).field("about_kind", new.about_kind);
    create.field("about", new.about).field("held", new.step == "handover.review").stage()
}

/// Ends those about a record.
pub fn end(desk: &Desk, about: &str, step: &str, outcome: &str) -> Result<()> {
    let open = Filter::eq("about", about).and(Filter::eq("state", "open")).and(Filter::eq("step", step));
    for task in view::find::<Value>(TASK).filter(open).limit(100).page()?.items {
        record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now()).stage()?;
    }
    Ok(())
}
