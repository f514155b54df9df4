//! `receive`: one enquiry, from a form of the house or over the public API.

use marque_sdk::{Result, Value, json};

use crate::{
    desk::Desk,
    enquiry::Enquiry,
    intake::{Batch, Taken},
};

/// Takes it in and answers what became of it.
pub fn receive(desk: &Desk, enquiry: Enquiry) -> Result<Value> {
    let taken = Batch::new(desk).take(&enquiry, None)?;
    Ok(reply(&taken))
}

/// What whoever sent it is told.
pub fn reply(taken: &Taken) -> Value {
    let lead = &taken.lead;
    json!({
        "id": lead.id,
        "result": taken.verdict.code(),
        "customer": lead.customer(),
        "owner": lead.text("owner"),
        "level": lead.text("level"),
        "score": lead.data.get("score"),
        "first_due": lead.text("first_due"),
    })
}
