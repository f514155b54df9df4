//! Hand-over: what somebody who leaves looked after goes to others, with a brief of one page; who is away has a deputy. This file routes.

mod absence;
mod begin;
mod brief;
mod deputy;
mod desk;
mod holdings;
mod item;
mod leaving;
mod moving;
mod people;
mod plan;
mod settings;
mod share;
mod task;
mod texts;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, event::Fired};

use crate::desk::Desk;

struct Handover;

marque_sdk::plugin!(Handover: react, act);

impl React for Handover {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return ring(&desk, &fired);
        }
        match event.kind.as_str() {
            "user.changed" => leaving::heard(&desk, event),
            "handover.handover.started" => moving::begin(&desk, event),
            "handover.handover.cancelled" => begin::cancelled(&desk, event),
            "worklist.task.created" => absence::lend_new(&desk, event),
            kind if kind.starts_with("handover.absence.") => absence::heard(&desk, event),
            _ => Ok(Outcome::Skip),
        }
    }
}

fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    match fired.key.split_once(':') {
        Some(("plan", id)) => plan::next(desk, id),
        Some(("auto", id)) => leaving::carry_out_by_itself(desk, id),
        Some(("move", id)) => moving::next(desk, id),
        Some(("begin", id)) => absence::begin(desk, id),
        Some(("end", id)) => absence::end(desk, id),
        _ => Ok(Outcome::Skip),
    }
}

impl Act for Handover {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "begin" => begin::begin(&desk, &action.input()?),
            "replan" => begin::replan(&desk, action.target()?, &action.input()?),
            "carry_out" => begin::carry_out(&desk, action.target()?),
            "cancel" => begin::cancel(action.target()?),
            "give_to" => item::give_to(&desk, action.target()?, &action.input()?),
            "accept" => item::accept(&desk, action.target()?),
            "brief" => brief::ask(&desk, &action.input()?),
            "arrange" => absence::arrange(&desk, &action.input()?),
            "end_early" => absence::end_early(&desk, action.target()?),
            "call_off" => absence::call_off(&desk, action.target()?),
            other => Err(Fault::not_found(format!("hand-overs have no action {other:?}"))),
        }
    }
}
