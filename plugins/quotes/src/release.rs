//! An order that was called off: its quote is valid again for as long as it would have been, or has run out meanwhile.

use marque_sdk::{Data, Event, Id, Outcome, Result, json, timer, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    quote::{KIND, Quote, patch},
    task,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Order {
    quote: Option<Id>,
}

/// Answers `orders.order.cancelled`.
pub fn release(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(order) = event.record() else { return Ok(Outcome::Skip) };
    let quote = view::get::<Order>(&order.kind, &order.id)?.and_then(|order| order.data.quote);
    let Some(quote) = quote else { return Ok(Outcome::Skip) };
    let Some(quote) = view::get::<Data>(KIND, &quote)?.map(Quote::from) else { return Ok(Outcome::Skip) };
    if quote.state() != "accepted" {
        return Ok(Outcome::Skip);
    }
    let until = quote.text("valid_until");
    let is_taken = Quote::active(quote.customer())?.iter().any(|other| other.slot() == quote.slot());
    if until <= desk.now() || is_taken {
        quote.move_to("expire", &patch(json!({ "task": null }))).stage()?;
        return Ok(Outcome::Done);
    }
    let task = task::open(desk, &quote, "quotes.follow_up", quote.owner(), until, true)?;
    let data = json!({ "slot": quote.slot(), "task": task, "answered_at": null, "answered_on": null });
    quote.move_to("release", &patch(data)).stage()?;
    timer::set(&format!("expire:{}", quote.id), until).subject(quote.customer()).field("quote", &quote.id).stage()?;
    Ok(Outcome::Done)
}
