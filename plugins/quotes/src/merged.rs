//! Two customers turned out to be one person: of their valid quotes for the same thing the lowest stays, the others end.

use marque_sdk::{Event, Outcome, Result, json};

use crate::{
    desk::Desk,
    issue,
    quote::{Quote, patch},
};

/// Answers `customer.merged`.
pub fn join(desk: &Desk, event: &Event) -> Result<Outcome> {
    let mut quotes = Quote::active(event.subject()?)?;
    // What was said last counts among equals.
    quotes.sort_by(|one, other| {
        (one.number("total"), other.text("issued_at")).cmp(&(other.number("total"), one.text("issued_at")))
    });
    let mut kept: Vec<&Quote> = Vec::new();
    let mut is_changed = false;
    for quote in &quotes {
        if let Some(stays) = kept.iter().find(|stays| stays.slot() == quote.slot()) {
            issue::supersede(desk, quote, stays)?;
            is_changed = true;
            continue;
        }
        kept.push(quote);
    }
    for quote in kept.iter().filter(|quote| quote.text("slot") != quote.slot()) {
        quote.change(&patch(json!({ "slot": quote.slot() }))).stage()?;
        is_changed = true;
    }
    Ok(if is_changed { Outcome::Done } else { Outcome::Skip })
}
