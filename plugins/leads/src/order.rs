//! Stages of the funnel, the order, and the delivery that ends a lead.

use marque_sdk::{Data, Date, Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    assist, contact,
    desk::{Desk, refuse, refuse_at},
    flow::{self, Onward},
    lead::{Lead, patch},
    moment, score, task,
};

/// Input of `advance`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    stage: String,
    amount: Option<i64>,
    probability: Option<i64>,
    expected_close: Option<String>,
}

/// Input of `order`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    order_no: Option<String>,
    model: Option<String>,
    amount: Option<i64>,
}

/// Input of `cancel_order`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
}

/// Stages a lead in follow-up goes through, in their order.
const STAGES: [&str; 4] = ["filed", "test_drive", "quote", "negotiation"];

/// Takes a lead to another stage of the funnel.
pub fn advance(desk: &Desk, lead: &Lead, input: Advance) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["qualified"])?;
    if !STAGES.contains(&input.stage.as_str()) {
        return refuse_at(
            "stage_unknown",
            "/stage",
            format!("{:?} is no stage of follow-up: {}", input.stage, STAGES.join(", ")),
        );
    }
    let mut data = patch(json!({
        "stage": input.stage, "amount": input.amount, "probability": input.probability, "expected_close": input.expected_close,
    }));
    data.retain(|_, value| !value.is_null());
    if input.stage == "test_drive" {
        data.insert("test_drive".into(), "done".into());
    }
    let judgement = score::judge(desk, &lead.with(&data))?;
    data.extend(judgement.data.clone());
    let receipts = judgement.receipts();
    flow::go(desk, lead, Onward { data, receipts, ..Onward::default() }).map(drop)
}

/// The customer has ordered. Who received the customer that day shares in it as the rules say.
pub fn order(desk: &Desk, lead: &Lead, input: Order) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["qualified"])?;
    let due = contact::progress_due(desk)?;
    let mut data = patch(json!({ "order_no": input.order_no, "model": input.model, "amount": input.amount }));
    data.retain(|_, value| !value.is_null());
    data.extend(patch(json!({ "stage": "order", "ordered_at": desk.now(), "commission": assist::split(desk, lead)? })));
    let next = Some(task::Plan { step: "leads.progress", owner: lead.owner(), due: &due });
    task::end(desk, lead, &["leads.re_evaluate"], "not_needed")?;
    flow::go(desk, lead, Onward { transition: Some("order"), data, next, ..Onward::default() }).map(drop)
}

/// The order is off: the lead is followed up as before.
pub fn cancel(desk: &Desk, lead: &Lead, input: Cancel) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["ordered"])?;
    if input.reason.trim().is_empty() {
        return refuse_at("reason_missing", "/reason", "say why the order is cancelled");
    }
    let mut data = patch(json!({
        "stage": "negotiation", "end_note": input.reason, "ordered_at": null, "order_no": null, "commission": null,
    }));
    if let Some(level) = lead.text("level") {
        data.extend(crate::level::set(desk, level)?);
    }
    let due = moment::end_of(Date::today(&desk.call)?.plus_days(1), &desk.call)?;
    let next = Some(task::Plan { step: "leads.follow_up", owner: lead.owner(), due: &due });
    flow::go(desk, lead, Onward { transition: Some("cancel_order"), data, next, ..Onward::default() }).map(drop)
}

/// The car is handed over. Nobody hands over a car while a promise is overdue.
pub fn deliver(desk: &Desk, lead: &Lead) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["ordered"])?;
    let overdue =
        Filter::eq("lead", lead.id.as_str()).and(Filter::eq("state", "open")).and(Filter::lt("due", desk.now()));
    if view::find::<Value>("leads.promise").filter(overdue).exists()? {
        return refuse(
            "promise_overdue",
            "a promise to the customer is overdue: keep it, or note why not, before handing over the car",
        );
    }
    let data: Data = patch(json!({ "stage": "delivery", "delivered_at": desk.now(), "ended_at": desk.now() }));
    flow::go(desk, lead, Onward { transition: Some("deliver"), data, ..Onward::default() }).map(drop)
}
