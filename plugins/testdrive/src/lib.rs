//! Test drives: asked for, confirmed in time, driven, followed up; no car is promised twice. Each action is a rule in a file of its own; this one routes.

mod alarm;
mod answer;
mod arrive;
mod availability;
mod car;
mod clock;
mod conflict;
mod customer;
mod desk;
mod drive;
mod enquiry;
mod event;
mod feedback;
mod heard;
mod log_use;
mod notice;
mod people;
mod request;
mod settings;
mod sign_up;
mod slot;
mod task;
mod texts;
mod web;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};

use crate::{desk::Desk, drive::Drive};

struct TestDrive;

marque_sdk::plugin!(TestDrive: react, act);

impl React for TestDrive {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return alarm::ring(&desk, &fired);
        }
        match event.kind.as_str() {
            "leads.lead.created" => enquiry::heard(&desk, event),
            "testdrive.car.changed" => conflict::heard(&desk, event),
            "testdrive.event.cancelled" => event::cancelled(&desk, event),
            kind if kind.starts_with("testdrive.drive.") => heard::heard(&desk, event),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for TestDrive {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if let Some(visit) = action.page() {
            return web::page(&desk, &visit, action);
        }
        match action.name.as_str() {
            "request" => request::request(&desk, action.input()?),
            "free" => availability::free(&desk, &action.input()?),
            "log_use" => log_use::log(&desk, action.input()?),
            "return_car" => log_use::give_back(&desk, action.target()?, &action.input()?),
            "cancel_use" => log_use::cancel(action.target()?),
            "plan" => event::plan(&desk, action.input()?),
            "resize" => event::resize(&desk, action.target()?, &action.input()?),
            "hold" => event::hold(action.target()?),
            "cancel_event" => event::cancel(action.target()?, &action.input()?),
            "sign_up" => sign_up::sign_up(&desk, action.target()?, &action.input()?),
            _ => {
                let drive = Drive::load(action.target()?)?;
                step(&desk, &drive, action)
            }
        }
    }
}

fn step(desk: &Desk, drive: &Drive, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "confirm" => answer::confirm(desk, drive, &action.input()?)?,
        "offer" => answer::offer(desk, drive, &action.input()?)?,
        "accept" => answer::accept(desk, drive)?,
        "decline" => answer::decline(desk, drive, &action.input()?)?,
        "reschedule" => answer::reschedule(desk, drive, &action.input()?)?,
        "cancel" => answer::cancel(desk, drive, &action.input()?)?,
        "hand_to" => answer::hand_to(drive, &action.input()?)?,
        "check_in" => arrive::check_in(desk, drive, &action.input()?)?,
        "start" => arrive::start(desk, drive, &action.input()?)?,
        "finish" => arrive::finish(desk, drive, &action.input()?)?,
        "miss" => arrive::miss(desk, drive)?,
        "give_feedback" => feedback::give(desk, drive, &action.input()?)?,
        other => return Err(Fault::not_found(format!("test drives have no action {other:?}"))),
    }
    Ok(json!({ "id": drive.id }))
}
