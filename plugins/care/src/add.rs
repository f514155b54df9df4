//! What people plan by hand: a call, a reminder; and a vehicle that was given back.

use marque_sdk::{Data, Event, Fault, Filter, Id, Outcome, Record, Result, Value, json, new_id, view};
use serde::Deserialize;

use crate::{
    call::{self, Plan},
    desk::{self, CARERS, Desk},
    reminder::{self, Wanted},
    texts, vehicle,
};

/// Input of `add_call`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddCall {
    customer: Id,
    vehicle: Option<Id>,
    kind: Option<String>,
    from: Option<String>,
    due: String,
    owner: Option<Id>,
    note: Option<String>,
}

/// Input of `add_reminder`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddReminder {
    customer: Id,
    vehicle: Option<Id>,
    kind: String,
    due_on: String,
    note: Option<String>,
}

/// Input of `returned`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    vehicle: Id,
    reason: String,
}

fn person(customer: &str) -> Result<Record<Value>> {
    let unknown = || Fault::at("customer_unknown", "/customer", "there is no such customer here");
    view::get::<Value>("customer", customer)?.ok_or_else(unknown)
}

/// Plans a call.
pub fn call(desk: &Desk, input: &AddCall) -> Result<Value> {
    let person = person(&input.customer)?;
    let from = input.from.as_deref().map_or(Ok(desk.now().to_owned()), |text| desk::moment(text, "/from"))?;
    let due = desk::moment(&input.due, "/due")?;
    if due <= from || due.as_str() <= desk.now() {
        return Err(Fault::at("due_past", "/due", format!("a call cannot be due at {due}: name a later time")));
    }
    let kind = input.kind.as_deref().unwrap_or("custom");
    let way = desk.settings.way(kind);
    if let Some(owner) = &input.owner {
        crate::people::member(&person.org, owner)?;
    }
    let named = input.owner.as_deref().or(desk.me());
    let id = call::plan(
        desk,
        &Plan {
            kind,
            topics: Vec::new(),
            org: &person.org,
            customer: &input.customer,
            vehicle: input.vehicle.as_deref(),
            about: None,
            next: from.clone(),
            from,
            due,
            roles: &way.roles,
            prefer: named,
            not_allowed: Vec::new(),
            slot: format!("{}:{kind}:{}", input.customer, new_id()),
            note: input.note.as_deref(),
            receipt: None,
        },
    )?;
    Ok(json!({ "id": id }))
}

/// Adds a reminder, or moves the one of the same kind.
pub fn reminder(desk: &Desk, input: &AddReminder) -> Result<Value> {
    let person = person(&input.customer)?;
    let due_on = desk::day(&input.due_on, "/due_on")?;
    if due_on < desk.today {
        return Err(Fault::at("date_past", "/due_on", format!("{due_on} has passed: write today or a later day")));
    }
    if let Some(vehicle) = &input.vehicle
        && vehicle::load(vehicle)?.is_none_or(|file| file.data.customer.as_ref() != Some(&input.customer))
    {
        return Err(Fault::at("vehicle_elsewhere", "/vehicle", "this vehicle is not the customer's: choose another"));
    }
    let stopped = crate::stop::holds(&input.customer, input.vehicle.as_deref(), &input.kind)?;
    if stopped {
        return Err(Fault::new("stopped", "the customer wants to hear no more of this: lift the stop first"));
    }
    let mut more = Data::new();
    more.extend(input.note.clone().map(|note| ("note".to_owned(), note.into())));
    more.extend(desk.me().map(|me| ("owner".to_owned(), me.into())));
    let known = reminder::open(Filter::eq("customer", input.customer.as_str()))?;
    reminder::ensure(
        desk,
        &known,
        &Wanted {
            kind: &input.kind,
            org: &person.org,
            customer: &input.customer,
            vehicle: input.vehicle.as_deref(),
            about: None,
            due_on,
            reasons: texts::text(&desk.call.locale, "reason.by_hand"),
            more,
            receipt: None,
        },
    )?;
    Ok(json!({ "due_on": due_on }))
}

/// The customer has given the vehicle back: what was planned is off.
pub fn returned(desk: &Desk, input: &Returned) -> Result<Value> {
    desk.must_have(&CARERS)?;
    let unknown = || Fault::at("vehicle_unknown", "/vehicle", "there is no such vehicle here");
    let file = vehicle::load(&input.vehicle)?.ok_or_else(unknown)?;
    let words = format!("{}：{}", texts::text(&desk.call.locale, "end.returned"), input.reason.trim());
    let n_calls = call::cancel_of_vehicle(desk, &file.id, None, &words)?;
    vehicle::reminders_gone(desk, &file.id, "end.returned")?;
    Ok(json!({ "n_cancelled": n_calls }))
}

/// An order that was called off or undone after its delivery.
pub fn order_undone(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let calls = call::open(Filter::eq("about", about.id.as_str()))?;
    for one in &calls {
        call::cancel(desk, one, &texts::text(&desk.call.locale, "end.returned"))?;
    }
    let vehicle =
        view::get::<Value>(&about.kind, &about.id)?.and_then(|order| order.data["vehicle"].as_str().map(str::to_owned));
    let is_returned = event.kind == "orders.order.returned";
    if let Some(vehicle) = vehicle.filter(|_| is_returned || !calls.is_empty()) {
        vehicle::reminders_gone(desk, &vehicle, "end.returned")?;
    }
    Ok(if calls.is_empty() { Outcome::Skip } else { Outcome::Done })
}
