//! Money of an order: every payment and refund is an entry, and what the order says it has been paid is their sum.

use marque_sdk::{Data, Filter, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    flow,
    order::{Order, patch, said},
    task,
};
use marque_sdk::money::yuan;

const PAYMENT: &str = "orders.payment";
/// More entries than any order has.
const MOST: usize = 1_000;

/// Input of `pay` and `refund`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    amount: i64,
    method: String,
    receipt_no: String,
    note: Option<String>,
}

/// Input of `release`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    order: String,
    effect: i64,
}

/// Takes a payment. The deposit secures the order; the last of it settles one that is ready.
pub fn pay(desk: &Desk, order: &Order, input: Money) -> Result<Value> {
    if !order.is_waiting() {
        return refuse("state_refused", "payments are taken from the contract to the hand-over");
    }
    if is_known(order, &input, 1)? {
        return Ok(reply(order, true));
    }
    if input.amount > order.balance() {
        let message = format!("{} yuan are still to be paid: take no more", yuan(order.balance()));
        return refuse_at("overpaid", "/amount", message);
    }
    let kind = if order.state() == "signed" { "deposit" } else { "balance" };
    let paid = post(desk, order, &input, kind, 1)?;
    let mut data = patch(json!({ "paid": paid, "balance": order.number("amount") - paid }));
    let after = order.with(&data);
    let transition = match order.state() {
        "signed" if paid >= order.number("deposit_due") => Some("secure"),
        "pdi_passed" if after.balance() == 0 => Some("settle"),
        _ => None,
    };
    let after = match transition {
        Some(transition) => flow::go(desk, order, transition, data)?,
        None => {
            data.retain(|_, value| !value.is_null());
            order.change(&data).stage()?;
            after
        }
    };
    Ok(reply(&after, false))
}

/// Pays back what is due to the customer of an order that is off.
pub fn refund(desk: &Desk, order: &Order, input: Money) -> Result<Value> {
    flow::must_be(order, &["cancelled", "returned"])?;
    if is_known(order, &input, -1)? {
        return Ok(reply(order, true));
    }
    let due = order.number("refund_due");
    if input.amount > due {
        return refuse_at(
            "refund_too_high",
            "/amount",
            format!("{} yuan are due to the customer: pay back no more", yuan(due)),
        );
    }
    let paid = post(desk, order, &input, "refund", -1)?;
    let data = patch(json!({ "paid": paid, "refund_due": due - input.amount }));
    order.change(&data).stage()?;
    if due == input.amount {
        task::end_beside(desk, order, &["orders.refund"], "done")?;
    }
    Ok(reply(&order.with(&data), false))
}

/// Finance lets a car go that is not paid to the last fen: a loan is granted and on its way.
pub fn release(desk: &Desk, order: &Order, input: Release) -> Result<()> {
    flow::must_be(order, &["pdi_passed"])?;
    let data = said(json!({ "finance_by": desk.me(), "finance_note": input.reason }));
    flow::go(desk, order, "settle", data).map(drop)
}

/// Makes the entry and answers what the order has been paid then. The revision of the order guards the sum: of two who post at once one
/// is asked again.
fn post(desk: &Desk, order: &Order, input: &Money, kind: &str, sign: i64) -> Result<i64> {
    let before = sum(order)?;
    if before != order.number("paid") {
        let message =
            format!("the entries come to {before} fen and the order says {}: have it looked at", order.number("paid"));
        return refuse("ledger_mismatch", message);
    }
    record::create(PAYMENT)
        .id(new_id())
        .org(&order.org)
        .fields(said(json!({
            "order": order.id, "customer": order.customer(), "kind": kind, "amount": input.amount, "effect": sign * input.amount,
            "method": input.method, "receipt_no": input.receipt_no.trim(), "at": desk.now(), "on": desk.today, "by": desk.me(),
            "note": input.note,
        })))
        .stage()?;
    Ok(before + sign * input.amount)
}

/// What the entries come to.
pub fn sum(order: &Order) -> Result<i64> {
    let entries = view::find::<Entry>(PAYMENT).filter(Filter::eq("order", order.id.as_str())).up_to(MOST)?;
    Ok(entries.iter().map(|entry| entry.data.effect).sum())
}

/// Whether this very receipt is there already: it was sent twice. Another payment under its number is refused.
fn is_known(order: &Order, input: &Money, sign: i64) -> Result<bool> {
    let same = Filter::eq("receipt_no", input.receipt_no.trim()).and(Filter::eq("org", order.org.as_str()));
    let Some(known) = view::find::<Entry>(PAYMENT).filter(same).first()? else { return Ok(false) };
    if known.data.order == order.id && known.data.effect == sign * input.amount {
        return Ok(true);
    }
    refuse_at(
        "receipt_taken",
        "/receipt_no",
        format!("receipt {} is another payment's: write its own number", input.receipt_no),
    )
}

fn reply(order: &Order, is_known: bool) -> Value {
    let mut data: Data = patch(json!({
        "id": order.id, "state": order.state(), "paid": order.number("paid"), "balance": order.number("balance"),
        "refund_due": order.number("refund_due"),
    }));
    if is_known {
        data.insert("known".into(), true.into());
    }
    Value::Object(data)
}
