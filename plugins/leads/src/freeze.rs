//! Freezing: a customer who buys later sleeps until a day that was agreed, and wakes by the clock.

use marque_sdk::{Date, Outcome, Result, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    flow::{self, Onward},
    lead::{Lead, patch},
    moment, task,
};

/// Input of `freeze`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    wake_on: Date,
    reason: String,
}

/// Puts a lead to sleep until a day.
pub fn freeze(desk: &Desk, lead: &Lead, input: Freeze) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["contacted", "qualified"])?;
    let days = Date::today(&desk.call)?.days_until(input.wake_on);
    if !(1..=desk.settings.freeze_days).contains(&days) {
        let message = format!(
            "wake_on {} is {days} days away: choose a day within {} days",
            input.wake_on, desk.settings.freeze_days
        );
        return refuse_at("wake_invalid", "/wake_on", message);
    }
    let due = input.wake_on.morning();
    let data = patch(json!({ "wake_on": input.wake_on, "end_note": input.reason }));
    let next = Some(task::Plan { step: "leads.wake", owner: lead.owner(), due: &due });
    flow::go(desk, lead, Onward { transition: Some("freeze"), data, next, ..Onward::default() }).map(drop)
}

/// Somebody wakes it before its day.
pub fn wake(desk: &Desk, lead: &Lead) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["frozen"])?;
    awake(desk, lead)
}

/// Its day has come.
pub fn ring(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    if lead.state() != "frozen" || lead.text("due").is_some_and(|due| due > desk.now()) {
        return Ok(Outcome::Skip);
    }
    awake(desk, lead)?;
    Ok(Outcome::Done)
}

fn awake(desk: &Desk, lead: &Lead) -> Result<()> {
    let due = moment::end_of(Date::today(&desk.call)?, &desk.call)?;
    let mut data = patch(json!({ "wake_on": null }));
    if let Some(level) = lead.text("level") {
        data.extend(crate::level::set(desk, level)?);
    }
    let next = Some(task::Plan { step: "leads.follow_up", owner: lead.owner(), due: &due });
    flow::go(desk, lead, Onward { transition: Some("wake"), data, next, ..Onward::default() }).map(drop)
}
