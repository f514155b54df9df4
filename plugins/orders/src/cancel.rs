//! Cancelling an order puts everything back.
//!
//! An order that is off puts everything back: the car is free, the money is due, tasks and clocks end, the customer is told. Quote and
//! lead hear of it and go back by themselves.

use marque_sdk::{Result, json, timer};
use serde::Deserialize;

use crate::{
    clock,
    desk::{Desk, refuse, refuse_at},
    flow, item, ledger,
    order::{Order, patch},
    people, task, unit,
};

/// Input of `cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
    note: String,
    #[serde(default)]
    withhold: i64,
}

/// Input of `take_back`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeBack {
    note: String,
    refund: i64,
}

/// Whoever pays money back, the first that is there.
const CASHIERS: [&str; 3] = ["credit_ctrl", "gm", "sales_mgr"];
/// What is cancelled for one of these is not the customer's doing: nothing is withheld.
const OURS: [&str; 3] = ["delay", "quality", "dealer"];

/// Cancels an order before the hand-over.
pub fn cancel(desk: &Desk, order: &Order, input: Cancel) -> Result<()> {
    if !order.is_open() {
        return refuse("state_refused", "the car is handed over or the order is off already: take it back instead");
    }
    if order.state() != "draft" && !desk.is_manager() {
        return refuse("manager_only", "a signed order is cancelled by the sales manager or the general manager");
    }
    if input.note.trim().is_empty() {
        return refuse_at("reason_missing", "/note", "say why the order is cancelled");
    }
    let paid = ledger::sum(order)?;
    if input.withhold > paid.min(order.number("deposit_due")) {
        return refuse_at("withheld_too_much", "/withhold", "no more than the deposit that was paid can be withheld");
    }
    if input.withhold > 0 && OURS.contains(&input.reason.as_str()) {
        return refuse_at("withheld_wrongly", "/withhold", "the customer did not cause this: pay everything back");
    }
    unit::set_free(order)?;
    item::drop_all(order, &input.note)?;
    let refund = paid - input.withhold;
    let data = patch(json!({
        "cancel_reason": input.reason, "cancel_note": input.note, "withheld": input.withhold, "refund_due": refund, "balance": 0,
        "quote_slot": null, "unit": null, "vin": null, "vehicle": null, "planned_at": null, "at_risk": false,
        "ended_at": desk.now(), "ended_by": desk.me(),
    }));
    let after = flow::go(desk, order, "cancel", data)?;
    owe(desk, &after, refund)
}

/// Takes a car back after the hand-over, by a decision on sanbao or otherwise.
pub fn take_back(desk: &Desk, order: &Order, input: TakeBack) -> Result<()> {
    flow::must_be(order, &["delivered", "closed"])?;
    if input.refund > ledger::sum(order)? {
        return refuse_at("refund_too_high", "/refund", "more is to be paid back than was paid: check the amount");
    }
    let data = patch(json!({
        "cancel_note": input.note, "refund_due": input.refund, "ended_at": desk.now(), "ended_by": desk.me(),
    }));
    timer::cancel(&format!("{}:{}", clock::CLOSE, order.id)).stage()?;
    let after = flow::go(desk, order, "take_back", data)?;
    owe(desk, &after, input.refund)
}

/// Somebody pays the customer back.
fn owe(desk: &Desk, order: &Order, refund: i64) -> Result<()> {
    if refund == 0 {
        return Ok(());
    }
    let cashier = people::first_with(&order.org, &CASHIERS)?;
    let due = desk.after(&desk.settings.refund_within)?;
    task::open(desk, order, "orders.refund", cashier.as_deref().unwrap_or(order.owner()), &due)?;
    Ok(())
}
