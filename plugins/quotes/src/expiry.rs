//! A valid quote runs out when its time is over.

use marque_sdk::{Data, Outcome, Result, Value, event::Fired, json, view};

use crate::{
    desk::Desk,
    quote::{KIND, Quote, patch},
    task,
};

/// Answers a timer. One that was set before the quote was renewed is late and says nothing.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let id = fired.data.get("quote").and_then(Value::as_str).unwrap_or_default();
    let Some(quote) = view::get::<Data>(KIND, id)?.map(Quote::from) else { return Ok(Outcome::Skip) };
    if quote.state() != "active" || quote.text("valid_until") > desk.now() {
        return Ok(Outcome::Skip);
    }
    task::end(desk, &quote, "not_needed")?;
    quote.move_to("expire", &patch(json!({ "slot": null, "task": null }))).stage()?;
    Ok(Outcome::Done)
}
