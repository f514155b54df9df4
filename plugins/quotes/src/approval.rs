//! The decision on a quote above its maker's limit, or in place of a colleague's: with a reason, by somebody who may give as much.

use marque_sdk::{Result, Value, info, json};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse},
    issue,
    limit::{self, Level},
    quote::{Quote, patch},
    task,
};

/// Input of `approve` and `reject`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    reason: String,
}

/// It becomes valid, and what it replaces ends.
pub fn approve(desk: &Desk, quote: &Quote, input: Word) -> Result<Value> {
    may_decide(desk, quote)?;
    if limit::of(desk, quote, desk.level())?.amount < quote.number("discount") {
        return refuse("limit_exceeded", "the discount is above your limit: ask whoever may give as much");
    }
    if Some(quote.text("made_by")) == desk.me() {
        return refuse("own_request", "nobody approves what they asked for: ask somebody else");
    }
    let data = patch(json!({ "approved_by": desk.me(), "approved_at": desk.now(), "approval_note": input.reason }));
    issue::activate(desk, quote, "approve", data, &issue::rivals(quote)?)
}

/// It goes back to whoever made it.
pub fn reject(desk: &Desk, quote: &Quote, input: Word) -> Result<Value> {
    may_decide(desk, quote)?;
    task::end(desk, quote, "done")?;
    let due = info::due(desk.now(), &desk.settings.told_within)?;
    let task = task::open(desk, quote, "quotes.rework", quote.owner(), &due, true)?;
    let data = patch(json!({ "approval_note": input.reason, "conflict_with": null, "task": task }));
    quote.move_to("reject", &data).stage()?;
    Ok(json!({ "id": quote.id, "state": "draft" }))
}

fn may_decide(desk: &Desk, quote: &Quote) -> Result<()> {
    quote.must_be(&["awaiting_approval"])?;
    let needed = Level::of_code(quote.text("approval_level"));
    if desk.level() >= needed {
        return Ok(());
    }
    refuse("limit_exceeded", format!("this is for {} to decide", needed.code()))
}
