//! The customer's answer to a valid quote; and drafts that come to nothing.

use marque_sdk::{Data, Result, Value, json, timer};
use serde::Deserialize;

use crate::{
    desk::{self, Desk},
    disclosure::Disclosed,
    issue,
    quote::{Quote, patch},
    task,
};

/// Input of `refuse`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    refuse_reason: String,
    note: Option<String>,
}

/// Input of `discard`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discard {
    reason: String,
}

/// The customer accepts at the desk, having been told everything.
pub fn accept(desk: &Desk, quote: &Quote, input: Disclosed) -> Result<Value> {
    must_be_valid(desk, quote)?;
    let told = input.complete(quote)?;
    let mut data = patch(json!({ "disclosures": told, "answered_on": "desk" }));
    if quote.some("disclosed_by").is_none() || quote.list("disclosures") != told {
        data.extend(patch(json!({ "disclosed_at": desk.now(), "disclosed_by": desk.me() })));
    }
    accepted(desk, quote, data)
}

/// Accepted, whichever way: the place is free, nothing is to be followed up.
pub fn accepted(desk: &Desk, quote: &Quote, mut data: Data) -> Result<Value> {
    data.extend(patch(json!({ "answered_at": desk.now(), "slot": null })));
    end(desk, quote, "accept", data)
}

/// The customer will not have it.
pub fn refuse_with(desk: &Desk, quote: &Quote, reason: &str, note: Option<&str>, on: &str) -> Result<Value> {
    quote.must_be(&["active"])?;
    let mut data = patch(json!({
        "refuse_reason": reason, "refuse_note": note, "answered_at": desk.now(), "answered_on": on, "slot": null,
    }));
    data.retain(|field, value| field == "slot" || !value.is_null());
    end(desk, quote, "refuse", data)
}

/// The same, said at the desk.
pub fn refuse(desk: &Desk, quote: &Quote, input: Refusal) -> Result<Value> {
    refuse_with(desk, quote, &input.refuse_reason, input.note.as_deref(), "desk")
}

/// A draft comes to nothing.
pub fn discard(desk: &Desk, quote: &Quote, input: Discard) -> Result<Value> {
    quote.must_be(&["draft", "awaiting_approval"])?;
    task::end(desk, quote, "not_needed")?;
    quote.move_to("discard", &patch(json!({ "task": null }))).why(&input.reason).stage()?;
    Ok(json!({ "id": quote.id, "state": "discarded" }))
}

fn end(desk: &Desk, quote: &Quote, transition: &str, mut data: Data) -> Result<Value> {
    task::end(desk, quote, "done")?;
    timer::cancel(&format!("expire:{}", quote.id)).stage()?;
    data.insert("task".into(), Value::Null);
    quote.move_to(transition, &data).stage()?;
    let state = if transition == "accept" { "accepted" } else { "refused" };
    let mut after = quote.with(&data);
    after.data.insert("state".into(), state.into());
    Ok(issue::reply(&after))
}

/// Valid in every sense: the day has not run out though its timer may be late.
pub fn must_be_valid(desk: &Desk, quote: &Quote) -> Result<()> {
    quote.must_be(&["active"])?;
    if quote.text("valid_until") > desk.now() {
        return Ok(());
    }
    desk::refuse("quote_expired", "the quote has run out: make a new version at today's prices")
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing::Given;

    #[test]
    fn a_quote_whose_time_is_over_is_not_valid_though_no_timer_has_rung() {
        let _ = Given::new()
            .now("2026-03-13T10:00:00+08:00")
            .settings(json!(marque_sdk::testing::defaults(include_str!("../settings.json"))))
            .run(|| {
                let desk = Desk::open()?;
                let quote = |until: &str| Quote {
                    id: "q".into(),
                    rev: Some(1),
                    org: "d1".into(),
                    data: patch(json!({ "state": "active", "valid_until": until })),
                };
                assert_eq!(must_be_valid(&desk, &quote("2026-03-13T02:00:00.000Z")).unwrap_err().code, "quote_expired");
                assert!(must_be_valid(&desk, &quote("2026-03-13T02:00:00.001Z")).is_ok());
                Ok(())
            });
    }
}
