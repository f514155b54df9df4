//! What is planned with a delivery and with a car that was handed back: which calls, when, by whom.

use marque_sdk::{Date, Decision, Event, Id, Outcome, Record, Result, Value, decide, info, json, log, record, view};
use serde::Deserialize;

use crate::{
    call::{self, Plan},
    clock,
    desk::{self, Desk},
    reminder, stop, topic, vehicle,
};

/// What the rule answers; see points/care.cadence.json.
#[derive(Debug, Deserialize)]
struct Cadence {
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    kind: String,
    #[serde(default)]
    from_day: i64,
    #[serde(default)]
    day: i64,
    #[serde(default)]
    to_day: i64,
    from_hours: Option<i64>,
    to_hours: Option<i64>,
    roles: Vec<String>,
}

/// What of an order counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Order {
    customer: Option<Id>,
    vehicle: Option<Id>,
    owner: Option<Id>,
    model: Option<String>,
    delivered_at: Option<String>,
}

/// A delivery, from whichever plugin has told of it.
struct Delivery<'a> {
    org: &'a str,
    customer: &'a str,
    vehicle: Option<&'a str>,
    /// Kind and id of the order, or of the vehicle where there is none.
    about: (&'a str, &'a str),
    seller: Option<&'a str>,
    model: Option<&'a str>,
    on: Date,
}

/// An order was delivered.
pub fn order_delivered(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(order) = view::get::<Order>(&about.kind, &about.id)? else { return Ok(Outcome::Skip) };
    let Record { org, data, .. } = order;
    let Some(customer) = &data.customer else { return Ok(Outcome::Skip) };
    let on = Date::of(data.delivered_at.as_deref().unwrap_or(desk.now()), &desk.call)?;
    let seller = data.owner.as_deref();
    let (vehicle, model) = (data.vehicle.as_deref(), data.model.as_deref());
    let about = (about.kind.as_str(), about.id.as_str());
    delivered(desk, &Delivery { org: &org, customer, vehicle, about, seller, model, on })
}

/// A vehicle was handed over. Where an order tells of the same, its plan is the same and nothing is planned twice.
pub fn vehicle_delivered(desk: &Desk, file: &Record<vehicle::Vehicle>) -> Result<Outcome> {
    let (Some(customer), Some(on)) = (&file.data.customer, file.data.delivery_date) else { return Ok(Outcome::Skip) };
    // A used car keeps the day it was first handed over.
    let on = if on.days_until(desk.today) > 30 { desk.today } else { on };
    let about = (vehicle::KIND, file.id.as_str());
    let model = file.data.model.as_deref();
    let seller =
        view::get::<Value>("customer", customer)?.and_then(|found| found.data["owner"].as_str().map(str::to_owned));
    let seller = seller.as_deref();
    delivered(desk, &Delivery { org: &file.org, customer, vehicle: Some(&file.id), about, seller, model, on })
}

fn delivered(desk: &Desk, delivery: &Delivery<'_>) -> Result<Outcome> {
    let input = json!({ "occasion": "delivery", "on": delivery.on, "model": delivery.model, "now": desk.now() });
    let input = without_nulls(input);
    let Decision { output, receipt } = decide::<Cadence>("care.cadence", &input)?;
    let mut n_planned = 0;
    let is_stopped = stop::holds_calls(delivery.customer, delivery.vehicle)?;
    for step in output.steps.iter().filter(|_| !is_stopped) {
        n_planned += usize::from(after_delivery(desk, delivery, step, &receipt)?);
    }
    if let Some(file) = delivery.vehicle.map(vehicle::load).transpose()?.flatten() {
        // The order may tell before the vehicle's file knows its owner: the owner is the buyer.
        let known = vehicle::Vehicle {
            customer: Some(delivery.customer.into()),
            delivery_date: file.data.delivery_date.or(Some(delivery.on)),
            status: "owned".into(),
            ..file.data.clone()
        };
        reminder::follow(desk, &Record { data: known, ..file })?;
    }
    if n_planned == 0 {
        return Ok(Outcome::Skip);
    }
    let data = json!({ "n_calls": n_planned, "on": delivery.on });
    desk::raise("care.planned", delivery.about.0, delivery.about.1, 1, &delivery.customer.into(), data)?;
    Ok(Outcome::Done)
}

/// One call of the plan. The seller greets, and is not the one who asks how it was.
fn after_delivery(desk: &Desk, delivery: &Delivery<'_>, step: &Step, receipt: &str) -> Result<bool> {
    if !topic::is_after_delivery(&step.kind) && step.kind != "custom" {
        log::warn(&format!("care.cadence: {} is no call after a delivery", step.kind));
        return Ok(false);
    }
    let (from, day) = (delivery.on.plus_days(step.from_day), delivery.on.plus_days(step.day.max(step.from_day)));
    let to = delivery.on.plus_days(step.to_day.max(step.day).max(step.from_day));
    let asks = topic::asks_for_score(&step.kind);
    let not_allowed: Vec<Id> = delivery.seller.filter(|_| asks).map(str::to_owned).into_iter().collect();
    let what = delivery.vehicle.unwrap_or(delivery.about.1);
    let (opens, closes) = (desk.settings.call_from, desk.settings.call_to);
    let planned = call::plan(
        desk,
        &Plan {
            kind: &step.kind,
            topics: Vec::new(),
            org: delivery.org,
            customer: delivery.customer,
            vehicle: delivery.vehicle,
            about: Some(delivery.about),
            from: clock::at(from, opens, &desk.call)?,
            next: clock::at(day, opens, &desk.call)?,
            due: clock::at(to, closes, &desk.call)?,
            roles: &step.roles,
            prefer: delivery.seller.filter(|_| !asks),
            not_allowed,
            slot: format!("{what}:{}:{}", step.kind, delivery.on),
            note: None,
            receipt: Some(receipt),
        },
    )?;
    Ok(planned.is_some())
}

/// What of a work order counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    customer: Option<Id>,
    vehicle: Option<Id>,
    kind: String,
    advisor: Option<Id>,
    technician: Option<Id>,
    settled_at: Option<String>,
    delivered_at: Option<String>,
    odometer: Option<i64>,
    payer: Option<String>,
    model: Option<String>,
}

/// A car was paid for or handed back: it is asked how it was, and what it was there for is done.
pub fn job_done(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(job) = view::get::<Job>(&about.kind, &about.id)? else { return Ok(Outcome::Skip) };
    let Some(customer) = &job.data.customer else { return Ok(Outcome::Skip) };
    let handed_back = [&job.data.delivered_at, &job.data.settled_at].into_iter().flatten().next();
    let at = handed_back.cloned().unwrap_or_else(|| desk.now().to_owned());
    follow_up(desk, &job, &about.kind, customer, &at)?;
    if let (Some(vehicle), true) = (&job.data.vehicle, desk.settings.service_jobs.contains(&job.data.kind)) {
        let on = Date::of(&at, &desk.call)?;
        reminder::serviced(desk, vehicle, customer, on, job.data.odometer)?;
    }
    Ok(Outcome::Done)
}

fn follow_up(desk: &Desk, job: &Record<Job>, kind: &str, customer: &str, at: &str) -> Result<()> {
    let data = &job.data;
    if stop::holds_calls(customer, data.vehicle.as_deref())? {
        return Ok(());
    }
    let on = Date::of(at, &desk.call)?;
    let input = json!({
        "occasion": "service", "on": on, "job": data.kind, "payer": data.payer, "model": data.model, "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Cadence>("care.cadence", &without_nulls(input))?;
    let Some(step) = output.steps.iter().find(|step| step.kind == "service_48h") else { return Ok(()) };
    // Whatever a rule says, nobody is called within a day and everybody within three.
    let from_hours = step.from_hours.unwrap_or(24).clamp(24, 72);
    let to_hours = step.to_hours.unwrap_or(72).clamp(from_hours.max(25), 72);
    let (from, due) = (info::due(at, &format!("{from_hours}h"))?, info::due(at, &format!("{to_hours}h"))?);
    let slot = format!("{}:service_48h", job.id);
    let before = call::open(marque_sdk::Filter::eq("slot", slot.as_str()))?;
    if let Some(planned) = before.first() {
        // Paid in the morning, fetched in the evening: the window counts from the hand-back.
        if planned.data.state == "planned" && planned.data.due_from != from {
            record::change(call::KIND, &planned.id)
                .if_rev(planned.rev)
                .field("due_from", &from)
                .field("next_at", &from)
                .field("due", &due)
                .stage()?;
            call::ring_at(desk, &planned.id, customer, &from)?;
        }
        return Ok(());
    }
    let not_allowed: Vec<Id> = [&data.advisor, &data.technician].into_iter().flatten().cloned().collect();
    call::plan(
        desk,
        &Plan {
            kind: "service_48h",
            topics: Vec::new(),
            org: &job.org,
            customer,
            vehicle: data.vehicle.as_deref(),
            about: Some((kind, &job.id)),
            next: from.clone(),
            from,
            due,
            roles: &step.roles,
            prefer: None,
            not_allowed,
            slot,
            note: None,
            receipt: Some(&receipt),
        },
    )?;
    Ok(())
}

fn without_nulls(mut input: Value) -> Value {
    if let Some(object) = input.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    input
}
