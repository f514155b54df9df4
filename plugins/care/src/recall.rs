//! Recalls: a vehicle that is called back is spoken of until it is mended. It needs no consent, and nobody can stop it.

use marque_sdk::{Data, Event, Filter, Outcome, Result, json, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    reminder::{self, Wanted},
    texts, vehicle,
};

#[derive(Clone, Debug, Deserialize)]
struct RecallCar {
    vehicle: Option<String>,
    state: String,
    #[serde(default)]
    title: String,
}

/// A vehicle was put on a recall, or taken off it.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(car) = view::get::<RecallCar>(&about.kind, &about.id)? else { return Ok(Outcome::Skip) };
    let known = reminder::open(Filter::eq("about", about.id.as_str()))?;
    match car.data.state.as_str() {
        "open" | "notified" => {}
        "done" => {
            for one in &known {
                reminder::done(desk, one, desk.today, None, json!({}))?;
            }
            return Ok(if known.is_empty() { Outcome::Skip } else { Outcome::Done });
        }
        _ => {
            for one in &known {
                reminder::end(desk, one, "cancel", "end.recall", json!({}))?;
            }
            return Ok(if known.is_empty() { Outcome::Skip } else { Outcome::Done });
        }
    }
    let Some(file) = car.data.vehicle.as_deref().map(vehicle::load).transpose()?.flatten() else {
        return Ok(Outcome::Skip);
    };
    let Some(customer) = file.data.customer.as_deref().filter(|_| known.is_empty() && file.data.is_in_use()) else {
        return Ok(Outcome::Skip);
    };
    let reasons = format!("{} {}", texts::text(&desk.call.locale, "reason.recall"), car.data.title);
    reminder::ensure(
        desk,
        &known,
        &Wanted {
            kind: "recall",
            org: &file.org,
            customer,
            vehicle: Some(&file.id),
            about: Some((&about.kind, &about.id)),
            due_on: desk.today,
            reasons: reasons.trim().chars().take(300).collect(),
            more: Data::new(),
            receipt: None,
        },
    )?;
    Ok(Outcome::Done)
}
