//! Parties: ways to reach a customer, family, company, likes, and how complete the file is. This file routes.

mod account;
mod add;
mod authorised;
mod book;
mod channel;
mod desk;
mod file;
mod household;
mod point;
mod preference;
mod quality;
mod recognise;
mod relation;
mod round;
mod settings;
mod tree;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::desk::Desk;

struct Parties;

marque_sdk::plugin!(Parties: react, act);

impl React for Parties {
    fn handle(event: &Event) -> Result<Outcome> {
        if let Some(fired) = event.timer() {
            return match fired.key.split_once(':') {
                Some(("expire", id)) => preference::ring(&Desk::open()?, id),
                Some(("files", _)) => round::ring(&Desk::open()?, &fired.data),
                _ => Ok(Outcome::Skip),
            };
        }
        let followed = event.kind == "customer.changed" && file::follow(event)?;
        // Where the file was just brought in line, the event of that tells of the rest.
        if followed { Ok(Outcome::Done) } else { quality::follow(event) }
    }
}

impl Act for Parties {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "add" => add::add(&desk, action.input()?),
            "recognise" => recognise::recognise(action.input()?),
            "make_primary" | "verify" | "fail" | "stop" | "bar" | "restore" => {
                point::act(&desk, &action.name, action.target()?, action.input()?)
            }
            "found" => household::found(&desk, action.input()?),
            "rename" => household::rename(action.target()?, action.input()?),
            "dissolve" => household::dissolve(&desk, action.target()?),
            "join" => household::join(&desk, action.input()?),
            "leave" => household::leave(&desk, action.target()?),
            "relate" => relation::relate(&desk, action.input()?),
            "end" => relation::end(&desk, action.target()?),
            "open" => account::open(action.input()?),
            "close" => account::close(&desk, action.target()?, action.input()?),
            "tree" => tree::tree(action.input()?),
            "authorise" => authorised::authorise(&desk, action.input()?),
            "change_rights" => authorised::change_rights(action.target()?, action.input()?),
            "revoke" => authorised::revoke(&desk, action.target()?),
            "may" => authorised::may(action.target()?, action.input()?),
            "note" => preference::note(&desk, action.input()?),
            "withdraw" => preference::withdraw(action.target()?),
            "assess" => quality::assess(&desk, action.input()?),
            "check_files" => round::begin(&desk),
            "change_role" => household::change_role(action.target()?, action.input()?),
            "change" => account::change(action.target()?, action.input()?),
            other => Err(Fault::not_found(format!("parties have no action {other:?}"))),
        }
    }
}
