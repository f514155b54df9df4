//! Whether a lead is valid: filed with name, number, model and window, or ended with a reason.

use marque_sdk::{Result, json};
use serde::Deserialize;

use crate::{
    contact,
    desk::{Desk, refuse_at},
    enquiry::{cut, window_of},
    flow::{self, Onward},
    lead::{Lead, patch},
    score, task,
};

/// Input of `qualify`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualify {
    name: Option<String>,
    model: Option<String>,
    window: Option<String>,
    window_days: Option<i64>,
    level: Option<String>,
    budget: Option<i64>,
    price: Option<i64>,
    trade_in: Option<bool>,
    pay_method: Option<String>,
    competitor: Option<String>,
    amount: Option<i64>,
    expected_close: Option<String>,
    next_note: Option<String>,
}

/// Input of `invalidate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invalidate {
    reason: String,
    note: Option<String>,
}

/// Files a lead that was contacted: from now on it is followed up as its level says.
pub fn qualify(desk: &Desk, lead: &Lead, input: Qualify) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["contacted"])?;
    let window = input.window.clone().or(input.window_days.map(|days| window_of(days).to_owned()));
    let mut data = patch(json!({
        "name": input.name.as_deref().map(|name| cut(name, 100)), "model": input.model.as_deref().map(|model| cut(model, 100)),
        "window": window, "budget": input.budget, "price": input.price, "trade_in": input.trade_in, "pay_method": input.pay_method,
        "competitor": input.competitor, "amount": input.amount, "expected_close": input.expected_close, "next_note": input.next_note,
    }));
    data.retain(|_, value| !value.is_null());
    data.extend(patch(json!({ "stage": "filed", "qualified_at": desk.now() })));
    let mut after = lead.with(&data);
    for field in ["model", "window"] {
        if after.text(field).is_none_or(|text| text == "unknown") {
            let pointer = format!("/{field}");
            return refuse_at(
                "record_incomplete",
                &pointer,
                format!("{field} is missing: a filed lead says what is wanted and when"),
            );
        }
    }
    // What was guessed from the enquiry is decided anew from what the customer said.
    after.data.remove("level");
    let mut judgement = score::judge(desk, &after)?;
    if let Some(level) = input.level {
        judgement.overrule(crate::level::set(desk, &level)?);
    }
    data.extend(judgement.data.clone());
    let after = lead.with(&data);
    data.insert("protected_until".into(), json!(crate::level::protected_until(desk, &after)?));
    let due = contact::follow_up_due(desk, &lead.with(&data))?;
    let next = Some(task::Plan { step: "leads.follow_up", owner: lead.owner(), due: &due });
    let receipts = judgement.receipts();
    flow::go(desk, lead, Onward { transition: Some("qualify"), data, next, outcome: "done", receipts }).map(drop)
}

/// Ends a lead that is none, with a reason.
pub fn invalidate(desk: &Desk, lead: &Lead, input: Invalidate) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["assigned", "pool", "attempted", "contacted"])?;
    let data = patch(json!({ "end_reason": input.reason, "end_note": input.note, "ended_at": desk.now() }));
    flow::go(desk, lead, Onward { transition: Some("invalidate"), data, outcome: "not_needed", ..Onward::default() })
        .map(drop)
}
