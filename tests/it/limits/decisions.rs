//! Decisions asked for on the way: whose time they take and whose fault they are.

use std::{sync::Arc, time::Duration};

use marque::{host::Limits, model::Blame};
use serde_json::json;

use super::desk::{Answering, Desk, limits};

#[test]
fn an_answer_carries_its_receipt_and_the_receipt_is_staged() {
    let (staged, answer) = Desk::new().ask("decide", json!({ "facts": "smoke" })).result.expect("an answer");
    assert_eq!(answer["level"], "general");
    assert_eq!(staged.receipts.len(), 1);
    assert_eq!(answer["receipt"], json!(staged.receipts[0].id));
    assert_eq!(staged.receipts[0].input, json!({ "facts": "smoke" }));
}

#[test]
fn time_spent_in_decisions_is_not_the_plugins() {
    let limits = Limits { call_ms: 100, ..limits() };
    let desk = Desk::with(limits, Arc::new(Answering(Duration::from_millis(60))));
    let (staged, _) = desk.ask("decide_all", json!(5)).result.expect("300 ms of waiting within a deadline of 100 ms");
    assert_eq!(staged.receipts.len(), 5);
}

#[test]
fn waiting_for_decisions_has_its_own_end() {
    let limits = Limits { decides_ms: 40, ..limits() };
    let desk = Desk::with(limits, Arc::new(Answering(Duration::from_millis(60))));
    let fault = desk.ask("decide_all", json!(100)).result.map(drop).expect_err("too long");
    assert_eq!((fault.code.as_str(), fault.blame), ("deadline", Blame::Guest));
}

#[test]
fn our_failure_to_decide_is_not_the_plugins() {
    let fault = Desk::new().ask("decide", json!({ "fail": true })).result.map(drop).expect_err("our failure");
    assert_eq!((fault.code.as_str(), fault.blame, fault.retry), ("host", Blame::Host, true));
}
