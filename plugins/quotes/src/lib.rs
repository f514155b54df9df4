//! Quotes: one valid total a customer and configuration, priced from published lists. Each action is a rule in a file of its own; this one routes.

mod answer;
mod approval;
mod ask;
mod catalogue;
mod desk;
mod disclosure;
mod expiry;
mod issue;
mod limit;
mod list;
mod make;
mod merged;
mod options;
mod parallel;
mod people;
mod quote;
mod release;
mod send;
mod settings;
mod sheet;
mod task;
mod tax;
mod texts;
mod web;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::{desk::Desk, quote::Quote};

struct Quotes;

marque_sdk::plugin!(Quotes: react, act);

impl React for Quotes {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return expiry::ring(&desk, &fired);
        }
        match (event.kind.as_str(), event.job()) {
            ("orders.order.cancelled", _) => release::release(&desk, event),
            ("customer.merged", _) => merged::join(&desk, event),
            (_, Some(parallel::JOB)) => parallel::find(&desk),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Quotes {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if let Some(visit) = action.page() {
            return web::answer(&desk, &Quote::load(action.target()?)?, &visit);
        }
        match action.name.as_str() {
            "add_list" => list::add(action.input()?),
            "publish" => list::publish(&desk, action.target()?),
            "withdraw" => list::withdraw(action.target()?),
            "make" => make::make(&desk, action.input()?),
            _ => on_quote(&desk, &Quote::load(action.target()?)?, action),
        }
    }
}

fn on_quote(desk: &Desk, quote: &Quote, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "edit" => make::edit(desk, quote, action.input()?),
        "revise" => make::revise(desk, quote, action.input()?),
        "issue" => issue::again(desk, quote, action.input()?),
        "approve" => approval::approve(desk, quote, action.input()?),
        "reject" => approval::reject(desk, quote, action.input()?),
        "disclose" => disclosure::disclose(desk, quote, action.input()?),
        "send" => send::send(desk, quote, action.input()?),
        "accept" => answer::accept(desk, quote, action.input()?),
        "refuse" => answer::refuse(desk, quote, action.input()?),
        "discard" => answer::discard(desk, quote, action.input()?),
        other => Err(Fault::not_found(format!("quotes have no action {other:?}"))),
    }
}
