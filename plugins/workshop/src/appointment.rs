//! What becomes of an appointment: confirmed, moved, given to somebody else, kept or not, cancelled; the car fetched and brought back.

use marque_sdk::{Id, Result, Value, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, must_be, refuse, refuse_at},
    file::{File, given, patch},
    flow::{self, Onward},
    moment, people, request, slot, tell,
};

const OPEN: [&str; 4] = ["requested", "acknowledged", "confirmed", "reminded"];

/// Input of `confirm`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    slot: Option<String>,
    owner: Option<Id>,
}

/// Confirms it, at the time wished for or another.
pub fn confirm(desk: &Desk, appointment: &File, input: Confirm) -> Result<Value> {
    must_be(appointment, &["requested", "acknowledged"])?;
    let mut data = match &input.slot {
        Some(at) => moved(desk, appointment, at)?,
        None if appointment.text("slot").is_none() => {
            return refuse_at("slot_missing", "/slot", "say for which time it is confirmed");
        }
        None => patch(json!({})),
    };
    if let Some(owner) = &input.owner {
        data.insert("owner".into(), people::member(&appointment.org, "/owner", owner)?.id.into());
    }
    Ok(request::reply(&request::confirmed(desk, appointment, data)?))
}

/// Takes a place at the new time and gives the old one back.
fn moved(desk: &Desk, appointment: &File, at: &str) -> Result<marque_sdk::Data> {
    let at = moment::parse("/slot", at)?;
    if appointment.text("slot") == Some(&at) {
        return Ok(patch(json!({})));
    }
    let (place, ends) = slot::take(desk, &appointment.org, &at, "/slot", appointment.text("place"))?;
    slot::free(appointment.text("place"))?;
    Ok(patch(json!({ "slot": at, "slot_end": ends, "place": place })))
}

/// Input of `reschedule`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reschedule {
    slot: String,
    reason: Option<String>,
}

/// Another time; when it was asked for first stays.
pub fn reschedule(desk: &Desk, appointment: &File, input: Reschedule) -> Result<Value> {
    must_be(appointment, &OPEN)?;
    let mut data = moved(desk, appointment, &input.slot)?;
    if data.is_empty() {
        return refuse_at("slot_same", "/slot", "that is its time already: choose another one");
    }
    data.insert("rescheduled".into(), (appointment.number("rescheduled") + 1).into());
    data.insert("wished".into(), input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).into());
    let is_confirmed = appointment.is_in(&["confirmed", "reminded"]);
    if is_confirmed {
        data.insert("reminded_at".into(), Value::Null);
    }
    let transition = is_confirmed.then_some(("reschedule", "confirmed"));
    let after = flow::go(desk, appointment, Onward { transition, data, ..Onward::default() })?;
    if is_confirmed {
        tell::confirmed(desk, &after)?;
    }
    Ok(request::reply(&after))
}

/// Input of `assign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    owner: Id,
}

/// Another advisor.
pub fn assign(desk: &Desk, appointment: &File, input: Assign) -> Result<Value> {
    must_be(appointment, &OPEN)?;
    let owner = people::member(&appointment.org, "/owner", &input.owner)?.id;
    if appointment.text("owner") == Some(&owner) {
        return refuse_at("owner_same", "/owner", "it is theirs already");
    }
    let data = patch(json!({ "owner": owner }));
    Ok(request::reply(&flow::go(desk, appointment, Onward { data, ..Onward::default() })?))
}

/// The customer is here; with the order that was opened for it.
pub fn arrive(desk: &Desk, appointment: &File, order: Option<&str>) -> Result<File> {
    must_be(appointment, &OPEN)?;
    let data = given(json!({ "arrived_at": desk.now(), "order": order }));
    flow::go(desk, appointment, Onward { transition: Some(("arrive", "arrived")), data, ..Onward::default() })
}

/// The customer has not come; whoever looks after them calls.
pub fn miss(desk: &Desk, appointment: &File) -> Result<File> {
    must_be(appointment, &["confirmed", "reminded"])?;
    if appointment.text("slot").is_some_and(|slot| slot > desk.now()) {
        return refuse("slot_to_come", "the time has not come yet: cancel it, or move it");
    }
    slot_given_back(desk, appointment)?;
    let data = patch(json!({ "ended_at": desk.now() }));
    let onward =
        Onward { transition: Some(("miss", "no_show")), data, outcome: Some("no_answer"), ..Onward::default() };
    let after = flow::go(desk, appointment, onward)?;
    let due = moment::after(desk.now(), &desk.settings.confirm)?;
    let owner = appointment.text("owner").unwrap_or_default().to_owned();
    crate::task::note(desk, &after, &crate::task::Plan { step: "workshop.missed", owner, due })?;
    Ok(after)
}

/// A place is worth something only before its time.
fn slot_given_back(desk: &Desk, appointment: &File) -> Result<()> {
    match appointment.text("slot") {
        Some(slot) if slot > desk.now() => crate::slot::free(appointment.text("place")),
        _ => Ok(()),
    }
}

/// Input of `cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
}

/// Called off, with why; its place is free again.
pub fn cancel(desk: &Desk, appointment: &File, input: Cancel) -> Result<Value> {
    must_be(appointment, &OPEN)?;
    let reason = input.reason.trim();
    if reason.is_empty() {
        return refuse_at("reason_missing", "/reason", "say why it is called off");
    }
    slot_given_back(desk, appointment)?;
    let data = patch(json!({ "end_reason": reason, "ended_at": desk.now() }));
    let onward =
        Onward { transition: Some(("cancel", "cancelled")), data, outcome: Some("not_needed"), ..Onward::default() };
    Ok(request::reply(&flow::go(desk, appointment, onward)?))
}

/// Input of `fetch`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    pickup: String,
    driver: Option<Id>,
}

/// How far the pick-up service is.
pub fn fetch(desk: &Desk, appointment: &File, input: Fetch) -> Result<Value> {
    if !appointment.says("pickup_service") {
        return refuse("no_pickup", "this customer comes themselves: no pick-up service was agreed");
    }
    if appointment.is_in(&["cancelled", "no_show"]) {
        return refuse("state_refused", "the appointment is over");
    }
    let mut data = patch(json!({ "pickup": input.pickup }));
    let driver = input.driver.as_deref().or(appointment.text("driver"));
    let Some(driver) = driver else {
        return refuse_at("driver_missing", "/driver", "say who drives");
    };
    data.insert("driver".into(), people::member(&appointment.org, "/driver", driver)?.id.into());
    Ok(request::reply(&flow::go(desk, appointment, Onward { data, ..Onward::default() })?))
}
