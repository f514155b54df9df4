//! What is done at the dealer when a lead was made elsewhere: its clocks in its own calendar.

use marque_sdk::{Data, Event, Outcome, Result, json, view};

use crate::{
    clock, customer,
    desk::Desk,
    lead::{KIND, Lead, patch},
    task,
};

/// A lead was made: its customer is its owner's to see, and its clocks run as this dealer is open.
pub fn arrive(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record().filter(|record| record.kind == KIND) else { return Ok(Outcome::Skip) };
    let Some(lead) = view::get::<Data>(KIND, &about.id)?.map(Lead::from) else { return Ok(Outcome::Skip) };
    if !lead.is_open() {
        return Ok(Outcome::Skip);
    }
    // The core may have known the customer under another id, with another owner.
    if let Some(known) = lead.customer().map(customer::load).transpose()?.flatten() {
        customer::hand_over(&known, lead.owner())?;
    }
    if !lead.says("clock_pending") {
        return Ok(Outcome::Done);
    }
    let from = lead.text("received_at").unwrap_or(desk.now());
    let mut data = clock::start(desk, from)?;
    let due = data.get("first_due").cloned().unwrap_or_default();
    data.extend(clock::start_for_headquarters(desk, from)?);
    data.extend(patch(json!({ "clock_pending": null, "due": due })));
    task::shift(&lead, &["leads.first_contact", "leads.assign"], None, due.as_str())?;
    lead.change(&data).stage()?;
    clock::follow(None, &lead.with(&data))?;
    Ok(Outcome::Done)
}
