//! The worklist: everybody's open tasks, and the watch that no open business is left alone. This file routes.

mod act;
mod desk;
mod orphan;
mod overdue;
mod settings;
mod task;
mod texts;
mod watch;

#[cfg(test)]
mod tests;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::desk::Desk;

struct Worklist;

marque_sdk::plugin!(Worklist: react, act);

impl React for Worklist {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        let Some(fired) = event.timer() else {
            watch::wake(&desk)?;
            return overdue::follow(&desk, event);
        };
        match fired.key.split_once(':') {
            Some(("overdue", id)) => overdue::ring(&desk, id),
            Some(("watch", _)) => watch::ring(&desk, &fired.data),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Worklist {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "add" => act::add(&desk, action.input()?),
            "complete" => act::complete(&desk, action.target()?, action.input()?),
            "reassign" => act::reassign(&desk, action.target()?, action.input()?),
            "postpone" => act::postpone(&desk, action.target()?, action.input()?),
            "cancel" => act::cancel(&desk, action.target()?, action.input()?),
            other => Err(Fault::not_found(format!("tasks have no action {other:?}"))),
        }
    }
}
