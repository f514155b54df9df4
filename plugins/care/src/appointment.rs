//! An appointment in the workshop answers the reminder of the same thing.

use marque_sdk::{Event, Filter, Outcome, Record, Result, Value, view};

use crate::{
    desk::Desk,
    reminder::{self, Answer, Reminder},
    topic,
};

/// An appointment was made for the vehicle: nobody calls to make one.
pub fn made(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(made) = view::get::<Value>(&about.kind, &about.id)? else { return Ok(Outcome::Skip) };
    let (Some(vehicle), Some(kind)) = (made.data["vehicle"].as_str(), made.data["kind"].as_str()) else {
        return Ok(Outcome::Skip);
    };
    let is_meant = |one: &Record<Reminder>| {
        let service = topic::is_service(&one.data.kind) && topic::is_service(kind);
        (service || one.data.kind == kind) && one.data.state != "answered"
    };
    let known = reminder::open(Filter::eq("vehicle", vehicle))?;
    let meant: Vec<_> = known.into_iter().filter(is_meant).collect();
    for one in &meant {
        let answer = Answer { answer: Some("book".into()), wished_on: None, note: None };
        reminder::answered(desk, one, &answer, "staff")?;
        if let Some(call) = &one.data.call {
            reminder::withdraw_call(desk, call, &one.data.kind, "end.booked")?;
        }
    }
    Ok(if meant.is_empty() { Outcome::Skip } else { Outcome::Done })
}
