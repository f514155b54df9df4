//! Showroom traffic: everybody who walks in is taken down, received in turn, filed, completed and counted. This file routes.

mod count;
mod customer;
mod day;
mod departure;
mod desk;
mod filing;
mod heard;
mod lead;
mod people;
mod phone;
mod register;
mod rota;
mod settings;
mod task;
mod texts;
mod visit;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};

use crate::{desk::Desk, visit::Visit};

struct Showroom;

marque_sdk::plugin!(Showroom: react, act);

impl React for Showroom {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return match fired.key.split_once(':') {
                Some(("late", id)) => departure::late(&desk, id),
                Some(("forgotten", id)) => departure::forgotten(&desk, id),
                Some(("close", day)) => day::close_by_itself(&desk, day),
                _ => Ok(Outcome::Skip),
            };
        }
        match event.kind.as_str() {
            "testdrive.drive.done" => heard::done_elsewhere(&desk, event, "test_drive"),
            "quotes.quote.created" => heard::done_elsewhere(&desk, event, "quoted"),
            _ => heard::heard(&desk, event),
        }
    }
}

impl Act for Showroom {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "register" => register::register(&desk, &action.input()?),
            "close_day" => day::close(&desk, &action.input()?),
            "step_out" => rota::step(&desk, action.target()?, true),
            "come_back" => rota::step(&desk, action.target()?, false),
            _ => {
                let visit = Visit::load(action.target()?)?;
                match action.name.as_str() {
                    "file" => filing::file(&desk, &visit, &action.input()?)?,
                    "leave" => departure::leave(&desk, &visit, &action.input()?)?,
                    "complete" => departure::complete(&desk, &visit, &action.input()?)?,
                    "hand_to" => departure::hand_to(&visit, &action.input()?)?,
                    "void" => departure::void(&visit, &action.input()?)?,
                    other => return Err(Fault::not_found(format!("visits have no action {other:?}"))),
                }
                Ok(json!({ "id": visit.id }))
            }
        }
    }
}
