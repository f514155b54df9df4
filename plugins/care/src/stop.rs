//! Stops: a customer who wants to hear no more of something, of one vehicle or of all, does not.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Id, Record, Result, Value, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    call::{self, Call},
    desk::Desk,
    reminder, texts, topic,
};

/// The kind's name.
pub const KIND: &str = "care.stop";
/// What stops the calls that ask how it was.
const CALLS: &str = "calls";

#[derive(Clone, Debug, Deserialize)]
struct Stop {
    what: String,
    customer: Id,
    vehicle: Option<Id>,
    state: String,
}

/// Input of `stop`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    customer: Id,
    vehicle: Option<Id>,
    what: String,
    how: String,
    reason: Option<String>,
}

/// Whether the customer wants to hear nothing of a kind. What protects them is said all the same: recalls.
pub fn holds(customer: &str, vehicle: Option<&str>, kind: &str) -> Result<bool> {
    if kind == "recall" {
        return Ok(false);
    }
    let of = Filter::eq("customer", customer).and(Filter::eq("state", "in_force"));
    let stops = view::find::<Stop>(KIND).filter(of).up_to(500)?;
    Ok(stops.iter().any(|stop| covers(&stop.data, vehicle, kind)))
}

/// Whether the customer wants to be asked nothing after a delivery or a job.
pub fn holds_calls(customer: &str, vehicle: Option<&str>) -> Result<bool> {
    holds(customer, vehicle, CALLS)
}

fn covers(stop: &Stop, vehicle: Option<&str>, kind: &str) -> bool {
    let is_kind = stop.what == "all" || stop.what == kind;
    let is_vehicle = stop.vehicle.is_none() || stop.vehicle.as_deref() == vehicle;
    is_kind && is_vehicle
}

/// Writes it down, once.
pub fn create(
    desk: &Desk,
    org: &str,
    customer: &str,
    vehicle: Option<&str>,
    what: &str,
    how: &str,
    reason: Option<&str>,
) -> Result<Option<Id>> {
    let slot = format!("{customer}:{}:{what}", vehicle.unwrap_or("*"));
    if view::find::<Value>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
        return Ok(None);
    }
    let id = new_id();
    let create = record::create(KIND)
        .id(id.as_str())
        .org(org)
        .field("customer", customer)
        .field("what", what)
        .field("how", how)
        .field("at", desk.now())
        .field("slot", slot);
    let create = vehicle.into_iter().fold(create, |create, vehicle| create.field("vehicle", vehicle));
    let create = reason.into_iter().fold(create, |create, reason| create.field("reason", reason));
    desk.me().into_iter().fold(create, |create, me| create.field("by", me)).stage()?;
    Ok(Some(id))
}

/// Stops reminders, and what was about to be said.
pub fn stop(desk: &Desk, input: &Input) -> Result<Value> {
    let unknown = || Fault::at("customer_unknown", "/customer", "there is no such customer here");
    let person = view::get::<Value>("customer", &input.customer)?.ok_or_else(unknown)?;
    let (vehicle, what) = (input.vehicle.as_deref(), input.what.as_str());
    let id = create(desk, &person.org, &input.customer, vehicle, what, &input.how, input.reason.as_deref())?;
    let asked = Stop {
        what: what.into(),
        customer: input.customer.clone(),
        vehicle: input.vehicle.clone(),
        state: String::new(),
    };
    let mut n_stopped = 0;
    let mut calls: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for one in reminder::open(Filter::eq("customer", asked.customer.as_str()))? {
        if one.data.kind != "recall" && covers(&asked, one.data.vehicle.as_deref(), &one.data.kind) {
            n_stopped += 1;
            reminder::end(desk, &one, "stop", "end.stopped", json!({}))?;
            if let Some(call) = one.data.call {
                calls.entry(call).or_default().push(one.data.kind);
            }
        }
    }
    reminder::withdraw_calls(desk, &calls, "end.stopped")?;
    if covers(&asked, vehicle, CALLS) {
        n_stopped += end_calls(desk, &asked)?;
    }
    Ok(json!({ "id": id, "n_stopped": n_stopped }))
}

/// Nobody asks any more how the delivery or the job was.
fn end_calls(desk: &Desk, asked: &Stop) -> Result<usize> {
    let reason = texts::text(&desk.call.locale, "end.stopped");
    let is_meant = |call: &Record<Call>| {
        let kind = call.data.kind.as_str();
        (topic::asks_for_score(kind) || topic::is_after_delivery(kind))
            && covers(asked, call.data.vehicle.as_deref(), CALLS)
    };
    let calls = call::open(Filter::eq("customer", asked.customer.as_str()))?;
    let meant: Vec<_> = calls.iter().filter(|call| is_meant(call)).collect();
    meant.iter().try_for_each(|call| call::cancel(desk, call, &reason))?;
    Ok(meant.len())
}

/// The customer wants to hear of it again; the vehicle's file says when.
pub fn lift(desk: &Desk, id: &str) -> Result<()> {
    let stop = view::require::<Stop>(KIND, id)?;
    if stop.data.state != "in_force" {
        return Err(Fault::new("stop_lifted", "this stop was lifted already"));
    }
    record::mov(KIND, id, "lift").if_rev(stop.rev).field("lifted_at", desk.now()).field("slot", Value::Null).stage()?;
    let Some(vehicle) = &stop.data.vehicle else { return Ok(()) };
    timer::set(&format!("follow:{vehicle}"), &desk.soon()?)
        .subject(stop.data.customer.as_str())
        .field("vehicle", vehicle)
        .stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_covers_its_kind_and_vehicle() {
        let stop = |what: &str, vehicle: Option<&str>| Stop {
            what: what.into(),
            customer: "c1".into(),
            vehicle: vehicle.map(str::to_owned),
            state: "in_force".into(),
        };
        assert!(covers(&stop("renewal", Some("v1")), Some("v1"), "renewal"));
        assert!(!covers(&stop("renewal", Some("v1")), Some("v2"), "renewal"));
        assert!(!covers(&stop("renewal", Some("v1")), Some("v1"), "inspection"));
        assert!(covers(&stop("all", None), Some("v2"), "inspection"));
        assert!(!covers(&stop("all", Some("v1")), None, "birthday"));
    }
}
