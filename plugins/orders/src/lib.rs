//! Orders: from the contract to the car handed over. Each action is a rule in a file of its own; this one routes.

mod allocate;
mod cancel;
mod check;
mod clock;
mod desk;
mod flow;
mod handover;
mod heard;
mod item;
mod ledger;
mod news;
mod open;
mod order;
mod people;
mod promise;
mod report;
mod settings;
mod sign;
mod split;
mod task;
mod texts;
mod unit;
mod web;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};

use crate::{desk::Desk, order::Order};

struct Orders;

marque_sdk::plugin!(Orders: react, act);

impl React for Orders {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return clock::ring(&desk, &fired);
        }
        match event.kind.as_str() {
            "quotes.quote.accepted" => open::accepted(&desk, event),
            "vehicles.vehicle.created" => heard::filed(event),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Orders {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if action.page().is_some() {
            return web::progress(&desk, &Order::load(action.target()?)?);
        }
        match action.name.as_str() {
            "open" => open::open(&desk, action.input()?),
            "report" => report::report(&desk, action.input()?),
            "add_item" => item::add(&desk, action.input()?),
            "begin" | "finish" | "drop" => item::go(&desk, &action.name, action.target()?, action.input()?),
            _ => on_order(&desk, &Order::load(action.target()?)?, action),
        }
    }
}

fn on_order(desk: &Desk, order: &Order, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "pay" => return ledger::pay(desk, order, action.input()?),
        "refund" => return ledger::refund(desk, order, action.input()?),
        "share" => return Ok(web::share(order)),
        "sign" => sign::sign(desk, order, action.input()?),
        "allocate" => allocate::allocate(desk, order, action.input()?),
        "check" => check::check(desk, order, action.input()?),
        "repair" => check::repair(desk, order, action.input()?),
        "release" => ledger::release(desk, order, action.input()?),
        "plan" => handover::plan(desk, order, action.input()?),
        "tick" => handover::tick(order, action.input()?),
        "deliver" => handover::deliver(desk, order, action.input()?),
        "change_promise" => promise::change(desk, order, action.input()?),
        "tell" => news::again(desk, order, action.input()?),
        "split" => split::split(order, action.input()?),
        "cancel" => cancel::cancel(desk, order, action.input()?),
        "take_back" => cancel::take_back(desk, order, action.input()?),
        other => Err(Fault::not_found(format!("orders have no action {other:?}"))),
    }?;
    Ok(json!({ "id": order.id }))
}
