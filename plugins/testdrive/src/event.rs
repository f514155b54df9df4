//! Test-drive events: planned with so many places, made larger or smaller, held or called off. Whoever signed up always hears of it.

use marque_sdk::{Data, Event as Heard, Filter, Id, Outcome, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at, said},
    drive, people, sign_up,
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "testdrive.event";
/// Places of an event; the schema allows no more.
pub const MANY: usize = 2_500;

/// What of an event counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// What it is called.
    pub name: String,
    /// What is driven.
    pub model: String,
    /// When.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
    /// The last moment to sign up; its beginning unless said.
    pub sign_up_to: Option<String>,
    /// How many.
    pub capacity: i64,
    /// Places that are given.
    #[serde(default)]
    pub n_confirmed: i64,
    /// Who waits.
    #[serde(default)]
    pub n_waiting: i64,
    /// Who is responsible.
    pub owner: Id,
    /// The campaign it belongs to.
    pub campaign: Option<String>,
    /// `planned`, `held`, `cancelled`.
    pub state: String,
}

/// Input of `plan`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    name: String,
    model: String,
    starts_at: String,
    ends_at: String,
    capacity: i64,
    sign_up_to: Option<String>,
    place: Option<String>,
    owner: Option<Id>,
    campaign: Option<String>,
    note: Option<String>,
}

/// Input of `resize`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resize {
    capacity: i64,
}

/// Input of `cancel_event`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
}

impl Event {
    /// Reads one that is still to come.
    pub fn planned(id: &str) -> Result<Record<Event>> {
        let event = view::require::<Event>(KIND, id)?;
        match event.data.state.as_str() {
            "planned" => Ok(event),
            state => refuse("event_over", format!("the event is {state} already")),
        }
    }
}

/// Plans an event.
pub fn plan(desk: &Desk, input: Plan) -> Result<Value> {
    let starts_at = moment::parse("/starts_at", &input.starts_at)?;
    let ends_at = moment::parse("/ends_at", &input.ends_at)?;
    let sign_up_to = input.sign_up_to.as_deref().map(|at| moment::parse("/sign_up_to", at)).transpose()?;
    if starts_at.as_str() <= desk.now() {
        return refuse_at("slot_past", "/starts_at", format!("{starts_at} has passed: name a later time"));
    }
    if ends_at <= starts_at {
        return refuse_at("time_order", "/ends_at", "an event ends after it begins");
    }
    if sign_up_to.as_ref().is_some_and(|until| *until > starts_at) {
        return refuse_at("time_order", "/sign_up_to", "people sign up before it begins");
    }
    let Some(owner) = input.owner.as_deref().or(desk.me()) else {
        return refuse_at("owner_missing", "/owner", "say who is responsible");
    };
    people::member(&desk.call.org, "/owner", owner)?;
    let id = new_id();
    let data = said(json!({
        "name": input.name, "model": input.model, "starts_at": starts_at, "ends_at": ends_at, "sign_up_to": sign_up_to,
        "capacity": input.capacity, "place": input.place, "owner": owner, "campaign": input.campaign, "note": input.note,
    }));
    record::create(KIND).id(&id).fields(data).stage()?;
    Ok(json!({ "id": id }))
}

/// More places let in who waits longest; fewer than are promised there cannot be.
pub fn resize(desk: &Desk, id: &str, input: &Resize) -> Result<Value> {
    let event = Event::planned(id)?;
    if input.capacity < event.data.n_confirmed {
        let message = format!("{} places are promised: cancel some first", event.data.n_confirmed);
        return refuse_at("event_full", "/capacity", message);
    }
    let mut after = event.data.clone();
    after.capacity = input.capacity;
    let let_in = sign_up::fill(desk, id, &mut after, None)?;
    record::change(KIND, id)
        .if_rev(event.rev)
        .field("capacity", after.capacity)
        .field("n_confirmed", after.n_confirmed)
        .field("n_waiting", after.n_waiting)
        .stage()?;
    Ok(json!({ "id": id, "let_in": let_in }))
}

/// It has taken place. Who still waits is told that there was no place.
pub fn hold(id: &str) -> Result<Value> {
    let event = Event::planned(id)?;
    record::mov(KIND, id, "hold").if_rev(event.rev).field("n_waiting", 0).stage()?;
    for waiting in sign_up::of(id, &["waitlisted"])? {
        let decline = record::mov(drive::KIND, &waiting.id, "decline").if_rev(waiting.rev);
        decline.field("end_reason", "event_full").stage()?;
    }
    Ok(json!({ "id": id }))
}

/// It does not take place.
pub fn cancel(id: &str, input: &Cancel) -> Result<Value> {
    let event = Event::planned(id)?;
    record::mov(KIND, id, "cancel").if_rev(event.rev).field("cancel_reason", &input.reason).stage()?;
    Ok(json!({ "id": id }))
}

/// Everybody who had signed up is told; one commit for all of them.
pub fn cancelled(_desk: &Desk, event: &Heard) -> Result<Outcome> {
    let Some(event) = event.record() else { return Ok(Outcome::Skip) };
    let open = ["requested", "acknowledged", "waitlisted", "confirmed", "reminded", "checked_in"];
    for one in view::find::<Data>(drive::KIND)
        .filter(Filter::eq("event", event.id.as_str()).and(Filter::is_in("state", open)))
        .up_to(MANY)?
    {
        let cancel = record::mov(drive::KIND, &one.id, "cancel").if_rev(one.rev);
        cancel.field("end_reason", "event_cancelled").stage()?;
    }
    Ok(Outcome::Done)
}
