//! Leads: taken in from every channel, answered in time, followed to the order. Each action is a rule in a file of its own; this one routes.

mod acknowledge;
mod adf;
mod arrival;
mod assist;
mod clock;
mod contact;
mod customer;
mod deal;
mod dealer;
mod defeat;
mod desk;
mod enquiry;
mod flow;
mod freeze;
mod household;
mod inbound;
mod intake;
mod lead;
mod level;
mod moment;
mod order;
mod people;
mod phone;
mod pool;
mod promise;
mod qualify;
mod receive;
mod ring;
mod route;
mod sale;
mod score;
mod settings;
mod task;
mod texts;
mod web;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};

use crate::{desk::Desk, lead::Lead};

struct Leads;

marque_sdk::plugin!(Leads: react, act);

impl React for Leads {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return ring::ring(&desk, &fired);
        }
        match (event.kind.as_str(), event.job()) {
            ("leads.lead.created", _) => {
                let arrived = arrival::arrive(&desk, event)?;
                Ok(if matches!(deal::heard(&desk, event)?, Outcome::Done) { Outcome::Done } else { arrived })
            }
            ("leads.lead.changed" | "leads.lead.qualified", _) => deal::heard(&desk, event),
            ("contacts.contact.created", _) => contact::heard(&desk, event),
            (kind, None) if kind.starts_with("quotes.quote.") || kind.starts_with("orders.order.") => {
                sale::heard(&desk, event)
            }
            (_, Some("review")) => defeat::review(&desk),
            (_, Some("clear")) => inbound::clear(&desk),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Leads {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if let Some(visit) = action.page() {
            return web::enquire(&desk, &visit);
        }
        match action.name.as_str() {
            "receive" => receive::receive(&desk, action.input()?),
            "receive_list" => receive::receive_list(&desk, action.input()?),
            "receive_adf" => inbound::receive_adf(&desk, action.input()?),
            "write_adf" => adf::write(&desk, &Lead::load(action.target()?)?),
            "promise" => promise::make(&desk, &Lead::load(action.target()?)?, action.input()?),
            "approve_promise" => promise::end(&desk, "approve", action.target()?, action.input()?),
            "refuse_promise" => promise::end(&desk, "refuse", action.target()?, action.input()?),
            "keep" => promise::end(&desk, "keep", action.target()?, action.input()?),
            "break" => promise::end(&desk, "break", action.target()?, action.input()?),
            "withdraw" => promise::end(&desk, "withdraw", action.target()?, action.input()?),
            "notify_owner" => assist::notify_owner(&desk, action.target()?),
            "dispute" => assist::dispute(&desk, action.target()?, action.input()?),
            "follow_proposal" => deal::follow(&desk, action.target()?),
            "choose_other" => deal::choose(&desk, action.target()?, action.input()?),
            "decide" => assist::decide(&desk, action.target()?, action.input()?),
            _ => {
                let lead = Lead::load(action.target()?)?;
                step(&desk, &lead, action)?;
                Ok(json!({ "id": lead.id }))
            }
        }
    }
}

fn step(desk: &Desk, lead: &Lead, action: &Action) -> Result<()> {
    match action.name.as_str() {
        "contact" => contact::contact(desk, lead, action.input()?),
        "claim" => pool::claim(desk, lead),
        "release" => pool::release(desk, lead, action.input()?),
        "assign" => pool::assign(desk, lead, action.input()?),
        "qualify" => qualify::qualify(desk, lead, action.input()?),
        "invalidate" => qualify::invalidate(desk, lead, action.input()?),
        "set_level" => level::set_level(desk, lead, action.input()?),
        "re_evaluate" => level::re_evaluate(desk, lead, action.input()?),
        "advance" => order::advance(desk, lead, action.input()?),
        "order" => order::order(desk, lead, action.input()?),
        "cancel_order" => order::cancel(desk, lead, action.input()?),
        "deliver" => order::deliver(desk, lead),
        "freeze" => freeze::freeze(desk, lead, action.input()?),
        "wake" => freeze::wake(desk, lead),
        "request_defeat" => defeat::request(desk, lead, action.input()?),
        "approve_defeat" => defeat::approve(desk, lead, action.input()?),
        "reject_defeat" => defeat::reject(desk, lead, action.input()?),
        "reopen" => defeat::reopen(desk, lead),
        other => Err(Fault::not_found(format!("leads have no action {other:?}"))),
    }
}
