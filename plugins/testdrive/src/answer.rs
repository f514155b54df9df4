//! The answer to a wish: confirmed, another time offered, not possible; and what becomes of it later: moved, cancelled, given to a colleague.

use marque_sdk::{Id, Result, Value, record};
use serde::Deserialize;

use crate::{
    car,
    desk::{Desk, refuse, refuse_at},
    drive::{Drive, HELD, KIND, TO_COME, UNANSWERED},
    people, request,
    slot::Slot,
};

/// Input of `confirm`, `offer` and `reschedule`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    car: Option<Id>,
    slot_start: Option<String>,
    minutes: Option<i64>,
    owner: Option<Id>,
    note: Option<String>,
}

/// Input of `decline` and `cancel`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct End {
    /// Why, `customer`.
    pub reason: String,
    /// In words.
    pub note: Option<String>,
}

/// Input of `hand_to`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandTo {
    owner: Id,
}

const WAITING: [&str; 4] = ["requested", "acknowledged", "alternative", "waitlisted"];
const MOVABLE: [&str; 2] = ["confirmed", "reminded"];

/// The dealer says yes.
pub fn confirm(desk: &Desk, drive: &Drive, plan: &Plan) -> Result<()> {
    drive.must_be(&WAITING)?;
    if drive.is_of_event() {
        return refuse(
            "event_place",
            "places at an event are given out in the order of sign-up: make room or cancel others",
        );
    }
    let write = planned(desk, drive, plan, drive.take("confirm"))?;
    answered(desk, drive, write.field("confirmed_at", desk.now())).stage()
}

/// The dealer proposes another time or another car, and keeps it until the customer has said yes or no.
pub fn offer(desk: &Desk, drive: &Drive, plan: &Plan) -> Result<()> {
    drive.must_be(&[&UNANSWERED[..], &MOVABLE[..]].concat())?;
    individual(drive)?;
    if plan.slot_start.is_none() && plan.car.is_none() {
        return refuse_at("slot_missing", "/slot_start", "an offer is another time or another car: say which");
    }
    let write = planned(desk, drive, plan, drive.take("offer"))?;
    answered(desk, drive, write.field("offer_note", plan.note.as_deref()).field("offer_answer", Value::Null)).stage()
}

/// The customer agrees to what was offered. The slot was kept for them.
pub fn accept(desk: &Desk, drive: &Drive) -> Result<()> {
    drive.must_be(&["alternative"])?;
    let write = drive.take("confirm").field("confirmed_at", desk.now()).field("offer_answer", "accepted");
    desk.me().into_iter().fold(write, |write, me| write.field("confirmed_by", me)).stage()
}

/// It cannot be done.
pub fn decline(desk: &Desk, drive: &Drive, input: &End) -> Result<()> {
    drive.must_be(&WAITING)?;
    individual(drive)?;
    answered(desk, drive, ended(desk, drive.take("decline"), input)).stage()
}

/// Another slot or another car for one that was confirmed.
pub fn reschedule(desk: &Desk, drive: &Drive, plan: &Plan) -> Result<()> {
    drive.must_be(&MOVABLE)?;
    individual(drive)?;
    if plan.slot_start.is_none() && plan.car.is_none() {
        return refuse_at("slot_missing", "/slot_start", "say the new time, or the other car");
    }
    let write = planned(desk, drive, plan, drive.take("reschedule"))?;
    write.field("n_moves", drive.number("n_moves").unwrap_or(0) + 1).field("n_reminders", 0).stage()
}

/// Called off, by the customer or by us, until the car has left. A place at an event goes to who waits longest.
pub fn cancel(desk: &Desk, drive: &Drive, input: &End) -> Result<()> {
    drive.must_be(&[&WAITING[..], &TO_COME[..]].concat())?;
    ended(desk, drive.take("cancel"), input).stage()?;
    match drive.text("event") {
        Some(event) => crate::sign_up::let_in(desk, event, drive),
        None => Ok(()),
    }
}

/// A colleague takes it. Its task follows.
pub fn hand_to(drive: &Drive, input: &HandTo) -> Result<()> {
    drive.must_be(&[&HELD[..], &["waitlisted"]].concat())?;
    people::member(&drive.org, "/owner", &input.owner)?;
    record::change(KIND, &drive.id).if_rev(drive.rev).field("owner", &input.owner).stage()
}

fn individual(drive: &Drive) -> Result<()> {
    match drive.is_of_event() {
        true => {
            refuse("event_place", "an event takes place when it does: cancel this place, or sign up for another event")
        }
        false => Ok(()),
    }
}

/// The slot and the car of a plan, kept; what it does not name stays.
fn planned(desk: &Desk, drive: &Drive, plan: &Plan, write: record::Write) -> Result<record::Write> {
    let same = drive.slot();
    let slot = match (&plan.slot_start, &same) {
        (Some(start), _) => request::slot(desk, start, plan.minutes.or(same.as_ref().map(Slot::minutes).transpose()?))?,
        (None, Some(slot)) => slot.clone(),
        (None, None) => return refuse_at("slot_missing", "/slot_start", "no time was asked for: agree on one"),
    };
    let chosen = plan.car.as_deref().or(drive.text("car"));
    let mut write = write;
    let car = match chosen {
        Some(id) => {
            let chosen = car::load("/car", id)?;
            car::take(desk, "/car", &chosen, &slot, Some(&drive.id))?;
            if drive.text("model") != Some(&chosen.data.model) {
                write = write.field("model", &chosen.data.model);
            }
            chosen.id
        }
        None => match car::take_one(desk, &drive.org, drive.text("model").unwrap_or_default(), &slot)? {
            Some(car) => car,
            None => return refuse_at("car_missing", "/car", "no car of this model is free then: offer another time"),
        },
    };
    let write = write.field("car", car).field("slot_start", &slot.start).field("slot_end", &slot.end);
    Ok(match &plan.owner {
        Some(owner) => {
            people::member(&drive.org, "/owner", owner)?;
            write.field("owner", owner)
        }
        None => write,
    })
}

fn answered(desk: &Desk, drive: &Drive, write: record::Write) -> record::Write {
    let write = match drive.text("answered_at") {
        Some(_) => write,
        None => write.field("answered_at", desk.now()),
    };
    desk.me().into_iter().fold(write, |write, me| write.field("confirmed_by", me))
}

fn ended(desk: &Desk, write: record::Write, input: &End) -> record::Write {
    let reason = if input.reason.is_empty() { "customer" } else { &input.reason };
    let write = write.field("end_reason", reason);
    let write = input.note.iter().fold(write, |write, note| write.field("end_note", note));
    desk.me().into_iter().fold(write, |write, me| write.field("ended_by", me))
}
