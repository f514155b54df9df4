//! Signing up for an event: a place or the waiting list, answered in the same moment; a place that becomes free goes to who waits longest.

use marque_sdk::{Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    customer,
    desk::{Desk, refuse, refuse_at, said},
    drive::{self, Drive},
    event::{self, Event},
    people, task,
};

/// Input of `sign_up`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    customer: Id,
    group_size: Option<i64>,
    message: Option<String>,
}

/// Who signs up.
#[derive(Clone, Copy, Debug)]
pub struct Guest<'a> {
    /// The customer.
    pub customer: &'a str,
    /// What they are called.
    pub name: &'a str,
    /// How many come.
    pub group_size: i64,
    /// What they said.
    pub message: Option<&'a str>,
    /// Where it was taken down: `event` at the desk, `web`.
    pub channel: &'a str,
}

/// What of a sign-up counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    #[serde(default)]
    state: String,
}

/// Somebody at a desk signs a customer up.
pub fn sign_up(desk: &Desk, id: &str, input: &SignUp) -> Result<Value> {
    let event = Event::planned(id)?;
    let person = customer::at(&event.org, "/customer", &input.customer)?;
    let guest = Guest {
        customer: &person.id,
        name: &person.data.name,
        group_size: input.group_size.unwrap_or(1),
        message: input.message.as_deref(),
        channel: "event",
    };
    let (id, state) = take_in(desk, &event, guest)?;
    Ok(json!({ "id": id, "state": state }))
}

/// A place if there is one and nobody waits for it. The event's revision guards the places.
pub fn take_in(desk: &Desk, event: &Record<Event>, guest: Guest<'_>) -> Result<(Id, &'static str)> {
    let Event { starts_at, ends_at, sign_up_to, .. } = &event.data;
    if desk.now() > sign_up_to.as_ref().unwrap_or(starts_at).as_str() {
        return refuse("sign_up_closed", "nobody signs up for this event any more");
    }
    let theirs = Filter::eq("customer", guest.customer).and(Filter::eq("event", event.id.as_str()));
    let open = ["requested", "acknowledged", "waitlisted", "confirmed", "reminded", "checked_in"];
    if view::find::<Value>(drive::KIND).filter(theirs.and(Filter::is_in("state", open))).exists()? {
        return refuse_at("signed_up_already", "/customer", "this customer has signed up already");
    }
    let mut after = event.data.clone();
    let has_place = after.n_waiting == 0 && after.n_confirmed < after.capacity;
    *(if has_place { &mut after.n_confirmed } else { &mut after.n_waiting }) += 1;
    keep(event, &after)?;
    let owner = people::taker(desk, &event.org, &[Some(&event.data.owner)])?;
    let id = new_id();
    let data = said(json!({
        "kind": "event_slot", "event": event.id, "customer": guest.customer, "model": event.data.model, "slot_start": starts_at,
        "slot_end": ends_at, "wished_start": starts_at, "group_size": guest.group_size, "message": guest.message, "owner": owner,
        "channel": guest.channel, "campaign": event.data.campaign, "requested_at": desk.now(), "ack_sent_at": desk.now(),
        "answered_at": desk.now(),
    }));
    record::create(drive::KIND).id(&id).org(&event.org).fields(data).stage()?;
    let (step, state) = match has_place {
        true => {
            record::mov(drive::KIND, &id, "confirm").field("confirmed_at", desk.now()).stage()?;
            ("testdrive.receive", "confirmed")
        }
        false => {
            record::mov(drive::KIND, &id, "wait").stage()?;
            ("testdrive.waiting", "waitlisted")
        }
    };
    let (org, customer, who) = (event.org.as_str(), guest.customer, guest.name);
    task::first(desk, &task::New { drive: &id, org, customer, who, step, owner: &owner, due: starts_at })?;
    Ok((id, state))
}

/// A sign-up was cancelled: its place goes to who waits longest.
pub fn let_in(desk: &Desk, id: &str, gone: &Drive) -> Result<()> {
    let event = view::require::<Event>(event::KIND, id)?;
    if event.data.state != "planned" {
        return Ok(());
    }
    let mut after = event.data.clone();
    if gone.is_in(&["waitlisted"]) {
        after.n_waiting = (after.n_waiting - 1).max(0);
    } else {
        after.n_confirmed = (after.n_confirmed - 1).max(0);
        // Whoever is let in on the doorstep comes too late.
        if desk.now() < event.data.starts_at.as_str() {
            fill(desk, id, &mut after, Some(&gone.id))?;
        }
    }
    keep(&event, &after)
}

/// Those who wait take free places in their order; whoever they are.
pub fn fill(desk: &Desk, id: &str, event: &mut Event, but: Option<&str>) -> Result<Vec<Id>> {
    let mut let_in = Vec::new();
    for waiting in of(id, &["waitlisted"])?.into_iter().filter(|one| Some(one.id.as_str()) != but) {
        if event.n_confirmed >= event.capacity {
            break;
        }
        event.n_confirmed += 1;
        event.n_waiting = (event.n_waiting - 1).max(0);
        record::mov(drive::KIND, &waiting.id, "confirm")
            .if_rev(waiting.rev)
            .field("confirmed_at", desk.now())
            .stage()?;
        let_in.push(waiting.id);
    }
    Ok(let_in)
}

/// Sign-ups in some states, who came first before the others.
pub fn of(event: &str, states: &[&str]) -> Result<Vec<Record<Place>>> {
    let theirs = Filter::eq("event", event).and(Filter::is_in("state", states.iter().copied()));
    let mut found = view::find::<Place>(drive::KIND).filter(theirs).order("requested_at,number").up_to(event::MANY)?;
    found.retain(|place| states.contains(&place.data.state.as_str()));
    Ok(found)
}

fn keep(event: &Record<Event>, after: &Event) -> Result<()> {
    record::change(event::KIND, &event.id)
        .if_rev(event.rev)
        .field("n_confirmed", after.n_confirmed)
        .field("n_waiting", after.n_waiting)
        .stage()
}
