//! How a complaint ends otherwise: archived with a lesson, rejected, withdrawn, transferred.

use marque_sdk::{Data, Fault, Result, json};
use serde::Deserialize;

use crate::{
    case::{Case, State, patch},
    desk::{Desk, refuse},
    flow::{self, Turn},
    people,
};

/// Input of `archive`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    lessons: String,
}

/// Input of `reject`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    reason: String,
}

/// Input of `withdraw`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    words: String,
}

/// Input of `transfer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    to_org: String,
    accepted_by: String,
    reason: String,
}

/// Who may find a complaint unfounded.
const MAY_REJECT: [&str; 6] = ["service_mgr", "sales_mgr", "crm_mgr", "gm", "hq_crm", "hq_admin"];

/// Keeps the lesson.
pub fn archive(desk: &Desk, case: &Case, input: Archive) -> Result<()> {
    people::may_handle(desk, case)?;
    if input.lessons.trim().is_empty() {
        return refuse("lesson_missing", "write down what was learnt: a complaint without a lesson comes again");
    }
    let patch = patch(json!({ "lessons": input.lessons, "archived_at": desk.call.now }));
    flow::go(desk, case, Turn::take("archive", State::Archived, patch)).map(drop)
}

/// A manager finds it unfounded and has told the customer why.
pub fn reject(desk: &Desk, case: &Case, input: Reject) -> Result<()> {
    people::may_handle(desk, case)?;
    if !desk.person.as_ref().is_none_or(|person| person.may_as(&MAY_REJECT)) {
        return Err(Fault::denied("only a manager may reject a complaint"));
    }
    let patch = patch(json!({ "end_reason": input.reason, "informed_at": informed_at(desk, case) }));
    end(desk, case, "reject", State::Rejected, patch)
}

/// The customer takes it back; kept in the customer's own words.
pub fn withdraw(desk: &Desk, case: &Case, input: Withdraw) -> Result<()> {
    people::may_handle(desk, case)?;
    let patch = patch(json!({ "end_reason": input.words, "informed_at": informed_at(desk, case) }));
    end(desk, case, "withdraw", State::Withdrawn, patch)
}

/// Headquarters or another dealer has accepted it; here it ends.
pub fn transfer(desk: &Desk, case: &Case, input: Transfer) -> Result<()> {
    people::may_handle(desk, case)?;
    if input.to_org == desk.call.org {
        return refuse("transfer_to_self", "the complaint is here already: choose headquarters or another dealer");
    }
    let patch = patch(json!({
        "end_reason": input.reason,
        "transferred_to": input.to_org,
        "transfer_accepted_by": input.accepted_by,
        "informed_at": informed_at(desk, case),
    }));
    end(desk, case, "transfer", State::Transferred, patch)
}

/// The customer is told as it ends, unless told before: the first time counts for the law.
fn informed_at(desk: &Desk, case: &Case) -> String {
    case.text("informed_at").unwrap_or(&desk.call.now).to_owned()
}

fn end(desk: &Desk, case: &Case, transition: &str, to: State, patch: Data) -> Result<()> {
    case.must_be(&[State::Accepted, State::Soothed, State::Analysing, State::Proposed])?;
    flow::go(desk, case, Turn { outcome: "not_needed", ..Turn::take(transition, to, patch) }).map(drop)
}
