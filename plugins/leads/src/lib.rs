//! Leads: taken in from every channel, answered in time, followed to the order. Each action is a rule in a file of its own; this one routes.

mod acknowledge;
mod clock;
mod customer;
mod desk;
mod enquiry;
mod intake;
mod lead;
mod level;
mod moment;
mod people;
mod phone;
mod receive;
mod ring;
mod route;
mod score;
mod settings;
mod task;
mod texts;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::desk::Desk;

struct Leads;

marque_sdk::plugin!(Leads: react, act);

impl React for Leads {
    fn handle(event: &Event) -> Result<Outcome> {
        match event.timer() {
            Some(fired) => ring::ring(&Desk::open()?, &fired),
            None => Ok(Outcome::Skip),
        }
    }
}

impl Act for Leads {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "receive" => receive::receive(&desk, action.input()?),
            other => Err(Fault::not_found(format!("leads have no action {other:?}"))),
        }
    }
}
