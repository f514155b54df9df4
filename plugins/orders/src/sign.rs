//! Signing: who signs has been seen, the day is promised, the deposit keeps to the law.

use marque_sdk::{Date, Result, json, timer, view};
use serde::Deserialize;

use crate::{
    clock,
    desk::{self, Desk, refuse, refuse_at},
    flow,
    order::{Order, said},
};

/// Input of `sign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    identity_checked: bool,
    contract_no: String,
    promised_at: String,
    deposit: i64,
    kind: String,
    colour: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    risk_flag: Option<String>,
}

/// Signs a draft.
pub fn sign(desk: &Desk, order: &Order, input: Sign) -> Result<()> {
    flow::must_be(order, &["draft"])?;
    if !input.identity_checked {
        return refuse_at("identity_unchecked", "/identity_checked", "look at the customer's identity document first");
    }
    let customer = view::get::<Customer>("customer", order.customer())?.map(|found| found.data).unwrap_or_default();
    if customer.risk_flag.as_deref() == Some("blocked") && !desk.is_manager() {
        return refuse("credit_hold", "the customer is blocked: a manager signs, or nobody");
    }
    let promised = desk::day("/promised_at", &input.promised_at)?;
    if promised < desk.today {
        return refuse_at(
            "day_past",
            "/promised_at",
            format!("{promised} has passed: promise a day from {}", desk.today),
        );
    }
    let most = order.number("amount") * desk.settings.deposit_percent / 100;
    if input.deposit > most {
        let message = format!(
            "a deposit is {most} fen at most, {} % of the amount: the law allows no more",
            desk.settings.deposit_percent
        );
        return refuse_at("deposit_too_high", "/deposit", message);
    }
    let data = said(json!({
        "identity_checked": true, "contract_no": input.contract_no, "promised_at": promised, "first_promised": promised,
        "deposit_due": input.deposit, "kind": input.kind, "colour": input.colour, "ordered_at": desk.now(), "ordered_on": desk.today,
        "signed_by": desk.me(),
    }));
    let after = flow::go(desk, order, "sign", data)?;
    watch(&after, promised)
}

/// Winds the clock of the promised day: it rings the morning after.
pub fn watch(order: &Order, promised: Date) -> Result<()> {
    timer::set(&format!("{}:{}", clock::PROMISE, order.id), &promised.plus_days(1).morning())
        .subject(order.customer())
        .field("order", &order.id)
        .stage()
}
