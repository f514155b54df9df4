//! The end: the bill within what was agreed, the car handed back; or the order cancelled before any work.

use marque_sdk::{Date, Id, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    come_back,
    desk::{Desk, must_be, refuse, refuse_at},
    file::{File, LINE, given, patch},
    flow::{self, Onward},
    lines,
    money::{self, Totals},
    recall,
};

/// Input of `settle`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    pay_method: Option<String>,
    paid_amount: Option<i64>,
    invoice_no: Option<String>,
    hand_back: Option<bool>,
}

/// Totals are added up once more, held against what the customer agreed to, and paid.
pub fn settle(desk: &Desk, order: &File, input: &Settle) -> Result<Value> {
    must_be(order, &["ready"])?;
    let all = lines::of(&order.id)?;
    let totals = Totals::of(&all);
    within_approval(desk, order, totals.customer)?;
    origins_known(&all)?;
    let method = input.pay_method.as_deref().unwrap_or(if totals.customer == 0 { "none" } else { "cash" });
    let paid = input.paid_amount.unwrap_or(totals.customer);
    if method != "account" && paid != totals.customer {
        let message = format!("the customer pays {} and not {}", money::yuan(totals.customer), money::yuan(paid));
        return refuse_at("paid_differs", "/paid_amount", message);
    }
    use_contract(order, &all)?;
    recall::complete(desk, order)?;
    let mut data = lines::totals(desk, order, &all);
    data.extend(given(json!({
        "settled_at": desk.now(), "settled_on": Date::today(&desk.call)?, "pay_method": method, "paid_amount": paid, "invoice_no": input.invoice_no,
    })));
    let drives_off = input.hand_back == Some(true);
    let onward = Onward { transition: Some(("settle", "settled")), data, is_passing: drives_off, ..Onward::default() };
    let settled = flow::go(desk, order, onward)?;
    if drives_off {
        return hand_back(desk, &settled, true);
    }
    Ok(json!({ "id": order.id, "state": settled.state(), "amount": totals.amount, "customer_amount": totals.customer }))
}

/// A bill more than so much beyond the customer's last word cannot be settled; extra work has to be approved first.
fn within_approval(desk: &Desk, order: &File, customer: i64) -> Result<()> {
    if customer == 0 {
        return Ok(());
    }
    let approved = order.number("approved_amount");
    let most = money::most(approved, desk.settings.over_percent);
    if customer <= most {
        return Ok(());
    }
    let message = format!(
        "the bill is {} and the customer agreed to {}: at most {} may be settled; put the rest before them",
        money::yuan(customer),
        money::yuan(approved),
        money::yuan(most)
    );
    refuse("over_approved", message)
}

fn origins_known(lines: &[File]) -> Result<()> {
    match lines
        .iter()
        .find(|line| line.text("sort") == Some("part") && line.text("origin").is_none() && line.state() != "refused")
    {
        Some(line) => {
            let name = line.text("name").unwrap_or(LINE);
            refuse("origin_missing", format!("{name}: say where the part comes from; customers are told by law"))
        }
        None => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
struct Contract {
    state: String,
    vehicle: Option<Id>,
    visits_left: Option<i64>,
}

/// A visit of the service contract is used up by what it pays for.
fn use_contract(order: &File, lines: &[File]) -> Result<()> {
    let pays = lines.iter().any(|line| line.text("payer") == Some("contract") && line.state() != "refused");
    if !pays {
        return Ok(());
    }
    let Some(id) = order.text("contract") else {
        return refuse("contract_missing", "a line is paid by a service contract: say by which one");
    };
    let contract = view::require::<Contract>("vehicles.contract", id)?;
    if contract.data.vehicle.as_deref() != order.text("vehicle") {
        return refuse("contract_other", "that service contract is for another vehicle");
    }
    if contract.data.state != "active" {
        return refuse("contract_over", "that service contract is used up or over: somebody else pays");
    }
    let Some(left) = contract.data.visits_left else { return Ok(()) };
    let write = if left <= 1 {
        record::mov("vehicles.contract", id, "use_up")
    } else {
        record::change("vehicles.contract", id)
    };
    write.if_rev(contract.rev).field("visits_left", (left - 1).max(0)).stage()
}

/// The customer drives off.
pub fn deliver(desk: &Desk, order: &File) -> Result<Value> {
    must_be(order, &["settled"])?;
    hand_back(desk, order, false)
}

fn hand_back(desk: &Desk, order: &File, is_next: bool) -> Result<Value> {
    let data = patch(json!({ "delivered_at": desk.now() }));
    let onward = Onward { transition: Some(("deliver", "delivered")), data, is_next, ..Onward::default() };
    let after = flow::go(desk, order, onward)?;
    Ok(
        json!({ "id": order.id, "state": after.state(), "amount": after.number("amount"), "customer_amount": after.number("customer_amount") }),
    )
}

/// Input of `cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
}

/// Called off before any work.
pub fn cancel(desk: &Desk, order: &File, input: &Cancel) -> Result<Value> {
    must_be(order, &["opened", "inspected", "estimated", "approved"])?;
    if order.text("started_at").is_some() {
        return refuse("work_begun", "work has begun: it is finished and settled, not cancelled");
    }
    let reason = input.reason.trim();
    if reason.is_empty() {
        return refuse_at("reason_missing", "/reason", "say why it is called off");
    }
    come_back::unmark(order)?;
    recall::release(order)?;
    let data = patch(json!({ "end_reason": reason, "ended_at": desk.now(), "approval_open": false }));
    let onward =
        Onward { transition: Some(("cancel", "cancelled")), data, outcome: Some("not_needed"), ..Onward::default() };
    flow::go(desk, order, onward)?;
    Ok(json!({ "id": order.id }))
}
