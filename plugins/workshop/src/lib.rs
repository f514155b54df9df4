//! The workshop: appointments, work orders, technicians, parts, recalls. Each action is a rule in a file of its own; this one routes.

mod appointment;
mod clock;
mod come_back;
mod customer;
mod desk;
mod dms;
mod estimate;
mod file;
mod flow;
mod hear;
mod lines;
mod moment;
mod money;
mod order;
mod pages;
mod people;
mod recall;
mod repair;
mod request;
mod ring;
mod settings;
mod settle;
mod slot;
mod standard;
mod step;
mod task;
mod technician;
mod tell;
mod texts;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json, page::Link};

use crate::{
    desk::Desk,
    file::{APPOINTMENT, File, LINE, RECALL, RECALL_CAR, STANDARD},
};

struct Workshop;

marque_sdk::plugin!(Workshop: react, act);

impl React for Workshop {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return ring::ring(&desk, &fired);
        }
        match (event.kind.as_str(), event.job()) {
            ("vehicles.vehicle.created", _) => hear::vehicle(&desk, event),
            ("workshop.order.created" | "workshop.message.changed", _) => hear::order_came(&desk, event),
            (_, Some("recalls")) => recall::nightly(),
            (kind, _) if kind.starts_with("complaints.case.") => hear::complaint(&desk, event),
            (kind, _) if kind.starts_with("care.call.") => hear::followed_up(&desk, event),
            _ => Ok(Outcome::Skip),
        }
    }
}

impl Act for Workshop {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if let Some(visit) = action.page() {
            return match visit.page.as_str() {
                "approve" => pages::approve(&desk, &visit, action.target()?),
                "progress" => pages::progress(&desk, action.target()?),
                _ => pages::book(&desk, &visit),
            };
        }
        match action.name.as_str() {
            "request" => Ok(request::reply(&request::request(&desk, &desk.call.org, &action.input()?)?)),
            "confirm" | "reschedule" | "assign" | "arrive" | "no_show" | "cancel_appointment" | "fetch" => {
                appointments(&desk, &File::load(APPOINTMENT, action.target()?)?, action)
            }
            "open" => order::open(&desk, &action.input()?),
            "change_line" => lines::change(&desk, &File::load(LINE, action.target()?)?, action.input()?),
            "remove_line" => lines::remove(&desk, &File::load(LINE, action.target()?)?),
            "part_arrived" => repair::part_arrived(&desk, &File::load(LINE, action.target()?)?),
            "publish" => standard::publish(&desk, &action.input()?),
            "retire" => standard::retire(&desk, &File::load(STANDARD, action.target()?)?),
            "launch" => recall::launch(&desk, &action.input()?),
            "close" => recall::close(&desk, &File::load(RECALL, action.target()?)?),
            "notify" => recall::notify(&desk, &File::load(RECALL_CAR, action.target()?)?),
            "take" => recall::take(&desk, &File::load(RECALL_CAR, action.target()?)?, &action.input()?),
            "exclude" => recall::exclude(&File::load(RECALL_CAR, action.target()?)?, &action.input()?),
            "receive" => dms::receive(&desk, &action.input()?),
            _ => orders(&desk, &order::load(action.target()?)?, action),
        }
    }
}

fn appointments(desk: &Desk, file: &File, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "confirm" => appointment::confirm(desk, file, action.input()?),
        "reschedule" => appointment::reschedule(desk, file, action.input()?),
        "assign" => appointment::assign(desk, file, action.input()?),
        "arrive" => Ok(request::reply(&appointment::arrive(desk, file, None)?)),
        "no_show" => Ok(request::reply(&appointment::miss(desk, file)?)),
        "fetch" => appointment::fetch(desk, file, action.input()?),
        _ => appointment::cancel(desk, file, action.input()?),
    }
}

fn orders(desk: &Desk, order: &File, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "inspect" => repair::inspect(desk, order, &action.input()?),
        "add_lines" => lines::add(desk, order, action.input()?),
        "estimate" => estimate::estimate(desk, order, &action.input()?),
        "extra" => estimate::extra(desk, order, &action.input()?),
        "revise" => estimate::revise(desk, order),
        "approve" => estimate::approve(desk, order, &action.input()?),
        "refuse" => estimate::refuse_estimate(desk, order, &action.input()?),
        "recommend" => technician::recommend(desk, order),
        "assign_technician" => technician::assign(desk, order, &action.input()?),
        "start" => repair::start(desk, order),
        "wait_parts" => repair::wait(desk, order, &action.input()?),
        "resume" => repair::resume(desk, order),
        "finish" => repair::finish(desk, order),
        "check" => repair::check(desk, order, &action.input()?),
        "promise" => repair::promise(desk, order, &action.input()?),
        "loaner" => repair::loaner(desk, order, &action.input()?),
        "settle" => settle::settle(desk, order, &action.input()?),
        "deliver" => settle::deliver(desk, order),
        "cancel" => settle::cancel(desk, order, &action.input()?),
        "progress_link" => {
            Ok(json!({ "links": { "progress": Value::from(Link::new("progress", order.id.as_str())) } }))
        }
        other => Err(Fault::not_found(format!("the workshop has no action {other:?}"))),
    }
}
