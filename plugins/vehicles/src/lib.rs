//! Vehicles: who owns and drives them, how far they have run, until when they are covered. This file routes.

mod change;
mod contract;
mod desk;
mod ending;
mod history;
mod odometer;
mod order;
mod ownership;
mod people;
mod plate;
mod register;
mod sale;
mod settings;
mod transfer;
mod vehicle;
mod vin;
mod warranty;
mod workshop;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::{desk::Desk, vehicle::File};

struct Vehicles;

marque_sdk::plugin!(Vehicles: react, act);

impl React for Vehicles {
    fn handle(event: &Event) -> Result<Outcome> {
        if order::ARRIVED.contains(&event.kind.as_str()) || event.kind == order::DELIVERED {
            return order::heard(&Desk::open()?, event);
        }
        let Some(fired) = event.timer() else { return workshop::heard(event) };
        let desk = Desk::open()?;
        match fired.key.split_once(':') {
            Some(("warranty", id)) => warranty::ring(&desk, id, &fired.data),
            Some(("contract", id)) => contract::ring(&desk, id),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Vehicles {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "register" => register::register(&desk, action.input()?),
            "sign" => contract::sign(&desk, action.input()?),
            "use_visit" => contract::use_visit(action.target()?),
            "end" => contract::end(action.target()?, action.input()?),
            "end_role" => ownership::end_role(&desk, action.target()?, action.input()?),
            _ => on_vehicle(&desk, &File::load(action.target()?)?, action),
        }
    }
}

fn on_vehicle(desk: &Desk, vehicle: &File, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "change" => change::change(desk, vehicle, action.input()?),
        "sell" => sale::sell(desk, vehicle, action.input()?),
        "hand_over" => sale::hand_over(desk, vehicle, action.input()?),
        "transfer" => transfer::transfer(desk, vehicle, action.input()?),
        "add_user" => transfer::add_user(desk, vehicle, action.input()?),
        "record_odometer" => odometer::record_odometer(desk, vehicle, action.input()?),
        "change_plate" => plate::change_plate(desk, vehicle, action.input()?),
        "show" | "restock" => ending::move_within(vehicle, &action.name),
        "trade_in" => ending::trade_in(desk, vehicle, action.input()?),
        "scrap" | "export" => ending::leave(desk, vehicle, &action.name, action.input()?),
        "technical_history" => history::technical(vehicle),
        other => Err(Fault::not_found(format!("vehicles have no action {other:?}"))),
    }
}
