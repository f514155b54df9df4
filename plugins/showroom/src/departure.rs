//! They leave, and the consultant completes what was learned within the half hour. Whoever does not is reminded, and the sheet shows it.

use marque_sdk::{Data, Id, Outcome, Result, info, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    filing::{self, Words},
    people,
    visit::{KIND, Visit},
};
use marque_sdk::moment;

/// Input of `leave`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Leave {
    left_at: Option<String>,
}

/// Input of `hand_to`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandTo {
    received_by: Id,
}

/// Input of `void`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Void {
    reason: String,
}

/// They leave. Whoever did not look at a car leaves nothing to complete.
pub fn leave(desk: &Desk, visit: &Visit, input: &Leave) -> Result<()> {
    visit.must_be(&["present"])?;
    let left_at = input.left_at.as_deref().map_or(Ok(desk.now().to_owned()), |at| moment::parse("/left_at", at))?;
    if left_at.as_str() > desk.now() {
        return refuse_at("time_future", "/left_at", format!("{left_at} has not come yet"));
    }
    if visit.text("arrived_at").is_some_and(|arrived| left_at.as_str() < arrived) {
        return refuse_at("time_order", "/left_at", "they leave after they arrive");
    }
    gone(desk, visit, &left_at)
}

fn gone(desk: &Desk, visit: &Visit, left_at: &str) -> Result<()> {
    let minutes = moment::between(visit.text("arrived_at").unwrap_or(left_at), left_at)?;
    let write = visit.take(if visit.is_sales() { "leave" } else { "complete" });
    let write = write.field("left_at", left_at).field("minutes", minutes);
    if visit.is_sales() {
        return write.field("complete_due", info::due(left_at, &desk.settings.complete_limit)?).stage();
    }
    write.field("completed_at", desk.now()).stage()
}

/// The consultant has written down what was learned. Still here means they leave now.
pub fn complete(desk: &Desk, visit: &Visit, words: &Words) -> Result<()> {
    visit.must_be(&["present", "left"])?;
    let mut data = filing::learned(desk, visit, words)?;
    let is_filed = visit.says("contact_left") || data.contains_key("contact_left");
    data.insert("completed_at".into(), desk.now().into());
    if visit.text("left_at").is_none() {
        let minutes = moment::between(visit.text("arrived_at").unwrap_or(desk.now()), desk.now())?;
        data.insert("left_at".into(), desk.now().into());
        data.insert("minutes".into(), minutes.into());
    }
    if visit.is_sales() && visit.text("visit_no") == Some("first") {
        data.insert("unfiled".into(), (!is_filed).into());
    }
    visit.take("complete").fields(data).stage()
}

/// A colleague receives them.
pub fn hand_to(visit: &Visit, input: &HandTo) -> Result<()> {
    visit.must_be(&["present", "left"])?;
    people::member(&visit.org, "/received_by", &input.received_by)?;
    visit.change().field("received_by", &input.received_by).stage()
}

/// It was none.
pub fn void(visit: &Visit, input: &Void) -> Result<()> {
    visit.must_be(&["present", "left", "completed"])?;
    visit.take("void").field("void_reason", &input.reason).stage()
}

/// The half hour is over.
pub fn late(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(visit) = view::get::<Data>(KIND, id)?.map(Visit::from) else { return Ok(Outcome::Skip) };
    let is_due = visit.text("complete_due").is_some_and(|due| due <= desk.now());
    if visit.state() != "left" || visit.says("late") || !is_due {
        return Ok(Outcome::Skip);
    }
    record::change(KIND, id).if_rev(visit.rev).field("late", true).stage()?;
    visit.raise(
        "showroom.visit.unfiled",
        json!({ "received_by": visit.text("received_by"), "contact_left": visit.says("contact_left") }),
    )?;
    Ok(Outcome::Done)
}

/// Nobody noted that they left: they are not here any more, and their consultant is free.
pub fn forgotten(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(visit) = view::get::<Data>(KIND, id)?.map(Visit::from) else { return Ok(Outcome::Skip) };
    if visit.state() != "present" {
        return Ok(Outcome::Skip);
    }
    gone(desk, &visit, desk.now())?;
    Ok(Outcome::Done)
}
