//! Tasks on the worklist: whoever is to do the next thing about a quote has one.

use marque_sdk::{Filter, Id, Result, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, theirs},
    quote::{KIND, Quote},
    texts,
};

const TASK: &str = "worklist.task";

/// What is asked for about quotes.
#[cfg(test)]
pub const STEPS: [&str; 4] = ["quotes.approve", "quotes.follow_up", "quotes.rework", "quotes.superseded"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Customer {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Task {
    held: bool,
}

/// Makes a task about a quote. One that is held ends with the quote's next step.
pub fn open(desk: &Desk, quote: &Quote, step: &str, owner: &str, due: &str, is_held: bool) -> Result<Id> {
    let id = new_id();
    let name = view::get::<Customer>("customer", quote.customer())?.map_or_else(String::new, |found| found.data.name);
    record::create(TASK)
        .id(id.as_str())
        .org(quote.org.as_str())
        .field("title", texts::title(&desk.call.locale, step, &name))
        .field("step", step)
        .field("owner", owner)
        .field("due", due)
        .field("customer", quote.customer())
        .field("about_kind", KIND)
        .field("about", &quote.id)
        .field("held", is_held)
        .stage()?;
    Ok(id)
}

/// Ends what is to be done about a quote.
pub fn end(desk: &Desk, quote: &Quote, outcome: &str) -> Result<()> {
    if quote.rev.is_none() {
        return Ok(());
    }
    let about = Filter::eq("about", quote.id.as_str()).and(Filter::eq("state", "open"));
    if theirs(view::find::<Task>(TASK).filter(about.clone()))?.is_none() {
        return Ok(());
    }
    for task in view::find::<Task>(TASK).filter(about).limit(100).page()?.items {
        if task.data.held {
            let end = record::mov(TASK, &task.id, "complete").field("outcome", outcome).field("done_at", desk.now());
            desk.me().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
        }
    }
    Ok(())
}
