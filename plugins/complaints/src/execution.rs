//! Carrying the remedy out: begin, and finish with proof.

use marque_sdk::{Result, json};
use serde::Deserialize;

use crate::{
    case::{Case, State, patch},
    clock,
    desk::{Desk, refuse},
    flow::{self, Turn},
    handle::Note,
    notes, people, web,
};

/// Input of `finish`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    proof: String,
    executed_by: Option<String>,
}

/// Begins.
pub fn execute(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    people::may_handle(desk, case)?;
    let mut patch = patch(json!({ "executing_from": desk.call.now }));
    notes::add(desk, case, &mut patch, input.note.as_deref());
    flow::go(desk, case, Turn::take("execute", State::Executing, patch)).map(drop)
}

/// Finishes; from now on somebody else has a day to ask the customer.
pub fn finish(desk: &Desk, case: &Case, input: Finish) -> Result<()> {
    people::may_handle(desk, case)?;
    let executed_by = match &input.executed_by {
        Some(id) => Some(people::member(id)?.id),
        None => desk.me().map(str::to_owned),
    };
    if input.proof.trim().is_empty() {
        return refuse("proof_missing", "say which work order, refund or voucher proves that it was done");
    }
    let patch = patch(json!({
        "proof": input.proof,
        "executed_at": desk.call.now,
        "executed_by": executed_by,
        "verify_due": clock::after(desk.now, &desk.settings.verify)?.to_string(),
        "verify_tries": 0,
        "satisfaction_after": null,
        "verified_at": null,
        "verified_by": null,
        "customer_words": null,
    }));
    flow::go(desk, case, Turn::take("finish", State::Verifying, patch))?;
    web::ask(desk, case)
}
