//! The check before the hand-over: every item is found right, or the car is repaired and checked again.

use marque_sdk::{Result, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    flow,
    order::{Order, said},
};

/// Input of `check`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    passed: Vec<String>,
    #[serde(default)]
    failed: Vec<String>,
    note: Option<String>,
}

/// Input of `repair`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repair {
    note: String,
}

/// Notes what was found.
pub fn check(desk: &Desk, order: &Order, input: Check) -> Result<()> {
    flow::must_be(order, &["arrived"])?;
    if let Some(both) = input.passed.iter().find(|item| input.failed.contains(item)) {
        return refuse_at("checked_twice", "/failed", format!("{both} is both right and wrong: say which"));
    }
    let mut data = said(json!({
        "pdi_passed": input.passed, "pdi_failed": input.failed, "pdi_note": input.note, "pdi_at": desk.now(), "pdi_by": desk.me(),
        "n_pdi": order.number("n_pdi") + 1,
    }));
    if !input.failed.is_empty() {
        return flow::go(desk, order, "fail_pdi", data).map(drop);
    }
    let missing: Vec<&str> =
        desk.settings.pdi_items.iter().filter(|item| !input.passed.contains(item)).map(String::as_str).collect();
    if !missing.is_empty() {
        return refuse_at(
            "check_incomplete",
            "/passed",
            format!("{} was not looked at: check it too", missing.join(", ")),
        );
    }
    data.insert("pdi_failed".into(), json!([]));
    // A car that is paid for already is ready.
    let transition = if order.balance() > 0 { "pass_pdi" } else { "pass_paid" };
    flow::go(desk, order, transition, data).map(drop)
}

/// What was wrong is repaired; the car is checked again from the beginning.
pub fn repair(desk: &Desk, order: &Order, input: Repair) -> Result<()> {
    flow::must_be(order, &["pdi_failed"])?;
    flow::go(desk, order, "repair", said(json!({ "pdi_note": input.note }))).map(drop)
}
