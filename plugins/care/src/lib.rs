//! Care: calls after delivery and service, reminders by vehicle, insurance renewals. Each rule has a file of its own; this one routes.

mod add;
mod alert;
mod appointment;
mod attempt;
mod call;
mod check;
mod clock;
mod complaint;
mod consent;
mod contact;
mod desk;
mod figures;
mod forecast;
mod life;
mod page;
mod people;
mod person;
mod plan;
mod policy;
mod recall;
mod reminder;
mod renewal;
mod settings;
mod stop;
mod task;
mod texts;
mod topic;
mod touch;
mod usage;
mod vehicle;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, event::Fired, json, page::Link};
use serde::Deserialize;

use crate::desk::Desk;

struct Care;

marque_sdk::plugin!(Care: react, act);

impl React for Care {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return ring(&desk, &fired);
        }
        if event.job() == Some("checks") {
            return check::monthly(&desk);
        }
        match event.kind.as_str() {
            "orders.order.delivered" => plan::order_delivered(&desk, event),
            "orders.order.cancelled" | "orders.order.returned" => add::order_undone(&desk, event),
            "workshop.order.settled" | "workshop.order.delivered" => plan::job_done(&desk, event),
            "workshop.appointment.created" => appointment::made(&desk, event),
            "customer.changed" => person::heard(&desk, event),
            kind if kind.starts_with("workshop.recall_car.") => recall::heard(&desk, event),
            kind if kind.starts_with("vehicles.") => vehicle::heard(&desk, event),
            kind if kind.starts_with("complaints.case.") => complaint::heard(&desk, event),
            kind if kind.starts_with("message.") => message(event),
            _ => Ok(Outcome::Skip),
        }
    }
}

fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let id = |name: &str| fired.data.get(name).and_then(Value::as_str).unwrap_or_default();
    match fired.key.split_once(':').map_or("", |(clock, _)| clock) {
        "call" => life::ring(desk, id("call")),
        "tries" => life::tries_over(desk, id("call")),
        "alert" => alert::overdue(desk, id("call")),
        "reminder" => touch::ring(desk, id("reminder")),
        "follow" => usage::follow(desk, id("vehicle")),
        _ => Ok(Outcome::Skip),
    }
}

fn message(event: &Event) -> Result<Outcome> {
    let Some(about) = event.record().filter(|about| about.kind == "message") else { return Ok(Outcome::Skip) };
    let state = event.kind.rsplit('.').next().unwrap_or_default();
    touch::message(&about.id, state, event.quoted_text("reason"))
}

impl Act for Care {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        if let Some(visit) = action.page() {
            return page::answer(&desk, action.target()?, &visit);
        }
        match action.name.as_str() {
            "add_call" => add::call(&desk, &action.input()?),
            "add_reminder" => add::reminder(&desk, &action.input()?),
            "returned" => add::returned(&desk, &action.input()?),
            "figures" => figures::figures(&desk, &action.input()?),
            "state_usage" => usage::state(&desk, &action.input()?),
            "add_policy" => policy::add(&desk, &action.input()?),
            "draw" => check::draw(&desk, &action.input::<Month>()?.month),
            _ => on_one(&desk, action),
        }
    }
}

/// What is done to one record. `stop` is on the kind too: it names a customer instead.
fn on_one(desk: &Desk, action: &Action) -> Result<Value> {
    if action.name == "stop" {
        return stop::stop(desk, &action.input()?);
    }
    let id = action.target()?;
    match action.name.as_str() {
        "attempt" => return attempt::attempt(desk, id, &action.input()?),
        "link" => return Ok(json!({ "links": { "remind": Value::from(Link::new("remind", id.as_str())) } })),
        "renew" => return renewal::renew(desk, id, &action.input()?),
        "judge" => return check::judge(desk, id, &action.input()?),
        "assign" => call::assign(id, &action.input::<Owner>()?.owner)?,
        "cancel" => call::cancel_by_hand(desk, id, &action.input::<Reason>()?.reason)?,
        "verified" => call::verified(desk, id)?,
        "solve" => alert::solve(desk, id, action.input()?)?,
        "sign_off" => alert::sign_off(desk, id)?,
        "answer" => reminder::answered(desk, &reminder::load_open(id)?, &action.input()?, "phone")?,
        "finish" => reminder::finish(desk, id, action.input()?)?,
        "recalculate" => forecast::recalculate(desk, &reminder::load_open(id)?)?,
        "lift" => stop::lift(desk, id)?,
        "add_claim" => policy::add_claim(id, action.input::<Amount>()?.amount)?,
        "end_policy" => policy::end(desk, id, &action.input::<Note>()?.note.unwrap_or_default())?,
        "contacted" => renewal::contacted(desk, id, action.input::<Note>()?.note.as_deref())?,
        "quote" => renewal::quote(desk, id, &action.input()?)?,
        "lose" => renewal::lose(desk, id, &action.input()?)?,
        "take" => renewal::take(id, &action.input::<Owner>()?.owner)?,
        other => return Err(Fault::not_found(format!("care has no action {other:?}"))),
    }
    Ok(json!({ "id": id }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    owner: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Month {
    month: String,
}
