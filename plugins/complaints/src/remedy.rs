//! The remedy: proposed, approved by whoever may spend that much, answered by the customer.

use marque_sdk::{Result, json};
use serde::{Deserialize, Serialize};

use crate::{
    approval::Authority,
    case::{Case, State, patch},
    change_level, clock,
    desk::{Desk, refuse},
    flow::{self, Turn},
    judge, people,
};

/// Input of `propose`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    decision: String,
    remedy: Vec<String>,
    #[serde(default)]
    remedy_cost: i64,
}

/// Input of `approve` and `return_remedy`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    approval_note: Option<String>,
}

/// Input of `agree` and `disagree`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    customer_answer: Option<String>,
}

/// Proposes a remedy. What the proposer may spend is approved with it; a returned remedy is proposed anew.
pub fn propose(desk: &Desk, case: &Case, input: Propose) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&[State::Analysing, State::Proposed])?;
    if case.state() == State::Proposed && case.text("approval") != Some("returned") {
        return refuse(
            "remedy_proposed",
            "a remedy is proposed already: have it returned, or the customer's answer, first",
        );
    }
    let needed = Authority::needed(input.remedy_cost, &desk.settings);
    let is_approved = Authority::of(desk.person.as_ref()) >= needed;
    let mut patch = patch(json!(input));
    patch.extend(self::patch(json!({
        "decided_at": desk.call.now,
        "proposed_by": desk.me(),
        "approver": needed.code(),
        "approval": if is_approved { "approved" } else { "pending" },
        "approved_by": if is_approved { desk.me() } else { None },
        "customer_agrees": null,
        "customer_answer": null,
    })));
    let turn = match case.state() {
        State::Proposed => Turn::stay(case, patch),
        _ => Turn::take("propose", State::Proposed, patch),
    };
    flow::go(desk, case, turn).map(drop)
}

/// Approves a remedy.
pub fn approve(desk: &Desk, case: &Case, input: Verdict) -> Result<()> {
    judge_remedy(desk, case, "approved", input)
}

/// Returns a remedy to be thought over.
pub fn return_remedy(desk: &Desk, case: &Case, input: Verdict) -> Result<()> {
    judge_remedy(desk, case, "returned", input)
}

fn judge_remedy(desk: &Desk, case: &Case, approval: &str, input: Verdict) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&[State::Proposed])?;
    if case.text("approval") != Some("pending") {
        return refuse("nothing_to_approve", "no remedy waits for approval");
    }
    let needed = Authority::parse(case.text("approver").unwrap_or_default());
    if Authority::of(desk.person.as_ref()) < needed {
        return refuse("approval_above_limit", format!("a remedy of this cost is for {} to approve", needed.code()));
    }
    let patch = patch(json!({ "approval": approval, "approved_by": desk.me(), "approval_note": input.approval_note }));
    flow::go(desk, case, Turn::stay(case, patch)).map(drop)
}

/// The customer takes the remedy.
pub fn agree(desk: &Desk, case: &Case, input: Answer) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&[State::Proposed])?;
    if case.text("approval") != Some("approved") {
        return refuse("not_approved", "the remedy is not approved yet: it cannot be promised to the customer");
    }
    let patch = patch(json!({
        "customer_agrees": true,
        "customer_answer": input.customer_answer,
        "agreed_at": desk.call.now,
    }));
    flow::go(desk, case, Turn::take("agree", State::Agreed, patch)).map(drop)
}

/// The customer does not: another remedy is to be found, and the level is asked for again with what the customer has said.
pub fn disagree(desk: &Desk, case: &Case, input: Answer) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&[State::Proposed])?;
    let mut patch = patch(json!({
        "customer_agrees": false,
        "customer_answer": input.customer_answer,
        "approval": null,
        "approver": null,
        "approved_by": null,
    }));
    let repeat_count = case.number("repeat_count").unsigned_abs();
    let judged = judge::judge(desk, &case.with(&patch).data, repeat_count)?;
    let mut receipts = Vec::new();
    if judged.level > case.level() {
        patch.insert("level".into(), json!(judged.level));
        patch.extend(clock::at_level(case, judged.level, &desk.settings)?);
        receipts.push(("level", judged.receipt));
    }
    patch.extend(clock::another_decision(desk)?);
    let turn = Turn { receipts, ..Turn::take("disagree", State::Analysing, patch) };
    let after = flow::go(desk, case, turn)?;
    change_level::tell(desk, case, &after)
}
