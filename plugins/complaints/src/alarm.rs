//! A survey's answer or a follow-up call that alarms: the complaint the customer did not make is raised for them.

use marque_sdk::{Data, Event, Filter, Outcome, RecordRef, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    case::{KIND, State},
    desk::Desk,
    raise::{self, Raise},
    texts,
};

/// The events that surveys and follow-up calls raise.
pub const ALERTS: [&str; 2] = ["surveys.answer.alert", "care.call.alert"];

/// Raises a complaint with the customer's own words, once an answer or a call.
pub fn alarmed(desk: &Desk, event: &Event) -> Result<Outcome> {
    let (Some(RecordRef { kind, id, .. }), Some(customer)) = (event.record(), &event.subject) else {
        return Ok(Outcome::Skip);
    };
    let about = Filter::eq("about", id.as_str()).and(Filter::eq("customer", customer.as_str()));
    if view::find::<Value>(KIND).filter(about.and(State::open_filter())).exists()? {
        return Ok(Outcome::Skip);
    }
    let Some(answer) = view::get::<Data>(&kind, &id)? else { return Ok(Outcome::Skip) };
    let text = |field: &str| answer.data.get(field).and_then(Value::as_str);
    let said = [text("verbatim"), text("alert_reasons")].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let facts = if said.is_empty() { texts::text(&desk.call.locale, "survey.alert") } else { said };
    let channel = if kind == "care.call" { "follow_up_call" } else { "survey_alert" };
    // A low score accuses nobody yet; whom it concerns is found out by whoever owns the complaint.
    let input = json!({
        "customer": customer, "channel": channel, "facts": facts, "about_kind": kind, "about": id,
        "is_grumble": text("verbatim").is_none(),
    });
    raise::raise(desk, Raise::deserialize(&input)?)?;
    Ok(Outcome::Done)
}
