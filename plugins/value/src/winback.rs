//! Winning somebody back: the call for the cause, what is offered, what it costs and may cost, the result.

use marque_sdk::{Id, Record, Result, Value, info, json, record, view};
use serde::Deserialize;

use crate::{
    churn::{self, Case, KIND, Plan},
    desk::{Desk, refuse, refuse_at, said},
    people,
    profile::Customer,
};

/// Input of `cause`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    outcome: String,
    cause: Option<String>,
    note: Option<String>,
}

/// Input of `start_winback`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    plan: String,
    owner: Option<Id>,
}

/// Input of `spend`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spend {
    amount: i64,
    what: String,
}

/// Input of `fail`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    note: Option<String>,
}

/// Input of `hand_over`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    owner: Id,
}

fn load(id: &str, states: &[&str]) -> Result<Record<Case>> {
    let case = view::require::<Case>(KIND, id)?;
    if states.contains(&case.data.state.as_str()) {
        return Ok(case);
    }
    refuse(
        "case_state",
        format!("the case is {}: this can be done while it is {}", case.data.state, states.join(" or ")),
    )
}

fn customer(case: &Record<Case>) -> Result<Record<Customer>> {
    view::require("customer", &case.data.customer)
}

/// The call: what it came to, and why the customer stays away.
pub fn cause(desk: &Desk, id: &str, input: Cause) -> Result<Value> {
    let case = load(id, &["alert"])?;
    match (input.outcome.as_str(), input.cause) {
        ("reached", Some(cause)) if cause == "sold" => {
            let left = json!({ "cause": cause, "cause_note": input.note, "called_at": desk.now() });
            churn::end(desk, &case, "leave", left)?;
            mark_sold(&case)?;
        }
        ("reached", Some(cause)) => {
            churn::end_tasks(desk, id)?;
            let due = info::due(desk.now(), &desk.settings.cause_call)?;
            let data = said(json!({ "cause": cause, "cause_note": input.note, "called_at": desk.now(), "due": due }));
            record::mov(KIND, id, "call").if_rev(case.rev).fields(data).stage()?;
            again(desk, &case, "value.cause_call", &due)?;
        }
        ("reached", None) => {
            return refuse_at("cause_missing", "/cause", "say why the customer stays away: choose a cause");
        }
        _ => missed(desk, &case)?,
    }
    Ok(json!({ "id": id }))
}

/// Nobody answered: again later, until it is given up.
fn missed(desk: &Desk, case: &Record<Case>) -> Result<()> {
    let tries = case.data.tries + 1;
    if tries >= desk.settings.tries {
        return churn::end(desk, case, "close", json!({ "tries": tries }));
    }
    let due = info::due(desk.now(), &desk.settings.retry)?;
    for task in churn::tasks(&case.id)? {
        record::change(churn::TASK, &task).field("due", &due).stage()?;
    }
    record::change(KIND, &case.id).if_rev(case.rev).field("tries", tries).field("due", due).stage()
}

/// The car is gone: from now on the customer is not counted as lost.
fn mark_sold(case: &Record<Case>) -> Result<()> {
    let profiles = crate::profile::of(std::slice::from_ref(&case.data.customer))?;
    for profile in profiles.values() {
        record::change(crate::profile::KIND, &profile.id)
            .field("left_reason", "sold")
            .field("churn_state", "left_naturally")
            .stage()?;
    }
    Ok(())
}

/// The next task of a case that goes on.
fn again(desk: &Desk, case: &Record<Case>, step: &str, due: &str) -> Result<()> {
    let owner = match (desk.me(), &case.data.owner) {
        (_, Some(owner)) => owner.clone(),
        (Some(me), None) => me.to_owned(),
        (None, None) => return Ok(()),
    };
    churn::task(desk, &customer(case)?, &Plan { step, owner: &owner, due, case: &case.id })
}

/// What is offered; the result is known within thirty days.
pub fn start(desk: &Desk, id: &str, input: Start) -> Result<Value> {
    let case = load(id, &["called"])?;
    let owner = match input.owner {
        Some(owner) => {
            works_here(&case, &owner)?;
            Some(owner)
        }
        None => case.data.owner.clone().or_else(|| desk.me().map(str::to_owned)),
    };
    churn::end_tasks(desk, id)?;
    let due = info::due(desk.now(), &desk.settings.result)?;
    let data =
        said(json!({ "plan": input.plan, "started_at": desk.now(), "result_due": due, "due": due, "owner": owner }));
    record::mov(KIND, id, "start").if_rev(case.rev).fields(data).stage()?;
    if let Some(owner) = &owner {
        churn::task(desk, &customer(&case)?, &Plan { step: "value.result", owner, due: &due, case: id })?;
    }
    Ok(json!({ "id": id, "result_due": due }))
}

/// What was spent on a person, never above the cap.
pub fn spend(desk: &Desk, id: &str, input: Spend) -> Result<Value> {
    let case = load(id, &["called", "treating"])?;
    let cap = case.data.spend_cap.unwrap_or(0);
    let spent = case.data.spent.saturating_add(input.amount);
    if spent > cap {
        let left = cap - case.data.spent;
        let message = format!("{} fen are above what may be spent: {left} of {cap} fen are left", input.amount);
        return refuse_at("spend_above_cap", "/amount", message);
    }
    let mut spending = case.data.spending.clone();
    spending.push(json!({ "at": desk.now(), "amount": input.amount, "what": input.what, "by": desk.me() }));
    record::change(KIND, id).if_rev(case.rev).field("spent", spent).field("spending", spending).stage()?;
    Ok(json!({ "id": id, "spent": spent, "left": cap - spent }))
}

/// It did not work.
pub fn fail(desk: &Desk, id: &str, input: Fail) -> Result<Value> {
    let case = load(id, &["treating"])?;
    churn::end(desk, &case, "fail", json!({ "result_note": input.note }))?;
    Ok(json!({ "id": id }))
}

/// Somebody else calls.
pub fn hand_over(_: &Desk, id: &str, input: HandOver) -> Result<Value> {
    let case = load(id, &["alert", "called", "treating"])?;
    works_here(&case, &input.owner)?;
    for task in churn::tasks(id)? {
        record::change(churn::TASK, &task).field("owner", &input.owner).stage()?;
    }
    record::change(KIND, id).if_rev(case.rev).field("owner", &input.owner).stage()?;
    Ok(json!({ "id": id }))
}

fn works_here(case: &Record<Case>, owner: &str) -> Result<()> {
    if people::staff(&case.org)?.iter().any(|person| person.id == owner) {
        return Ok(());
    }
    refuse_at("user_unknown", "/owner", format!("user {owner:?} does not work here: choose a member of staff"))
}
