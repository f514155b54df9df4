//! The one way a lead goes on: its fields, its state, the next step's task in place of the last one's, its clocks.

use marque_sdk::{Data, Result, json};

use crate::{
    clock, customer,
    desk::{Desk, refuse},
    lead::{Lead, patch, reached},
    task,
};

/// How a lead goes on.
#[derive(Clone, Debug, Default)]
pub struct Onward<'a> {
    /// The transition, if it changes its state.
    pub transition: Option<&'a str>,
    /// The fields that change.
    pub data: Data,
    /// Step, owner and due time of the next task; none leaves the one there is.
    pub next: Option<task::Plan<'a>>,
    /// How the task of the last step ended.
    pub outcome: &'a str,
    /// By which decisions fields have their values.
    pub receipts: Vec<(&'a str, String)>,
}

/// Takes a lead on and answers it as it then is.
pub fn go(desk: &Desk, lead: &Lead, onward: Onward<'_>) -> Result<Lead> {
    let mut data = onward.data;
    let mut after = lead.with(&data);
    if let Some(transition) = onward.transition {
        after.data.insert("state".into(), reached(transition).into());
    }
    let outcome = if onward.outcome.is_empty() { "done" } else { onward.outcome };
    if let Some(plan) = onward.next {
        task::end(desk, lead, &task::STEPS, outcome)?;
        let id = task::open(desk, &after, plan)?;
        data.extend(patch(json!({ "task": id, "due": plan.due })));
    } else if !after.is_open() {
        task::end(desk, lead, &task::STEPS, outcome)?;
        task::end(desk, lead, &task::ALARMS, "not_needed")?;
        data.extend(patch(json!({ "task": null, "due": null })));
    }
    if lead.text("deputy").is_some() && after.owner() != lead.owner() {
        // The deputy stood in for the owner before.
        data.insert("deputy".into(), marque_sdk::Value::Null);
    }
    after = after.with(&data);
    let write = match onward.transition {
        Some(transition) => lead.move_to(transition, &data),
        None => lead.change(&data),
    };
    onward.receipts.iter().fold(write, |write, (field, receipt)| write.receipt(field, receipt)).stage()?;
    if after.owner() != lead.owner()
        && let Some(customer) = after.customer().map(customer::load).transpose()?.flatten()
    {
        customer::hand_over(&customer, after.owner())?;
    }
    clock::follow(Some(lead), &after)?;
    Ok(after)
}

/// Refuses what the state does not allow, in words.
pub fn must_be(lead: &Lead, states: &[&str]) -> Result<()> {
    if states.contains(&lead.state()) {
        return Ok(());
    }
    refuse(
        "state_refused",
        format!("the lead is {:?}; this is done while it is one of {}", lead.state(), states.join(", ")),
    )
}

/// Only its owner works on a lead, and who decides for others.
pub fn must_be_ours(desk: &Desk, lead: &Lead) -> Result<()> {
    // Whoever stands in for the owner works the lead as the owner would, as long as the owner is away.
    let is_mine = desk.me().is_some_and(|me| me == lead.owner() || lead.text("deputy") == Some(me));
    let is_ours = desk.is_manager() || is_mine;
    // The web and phone desk makes first contacts for everybody.
    let is_first = desk.call.has_role("reception") && matches!(lead.state(), "assigned" | "pool" | "attempted");
    if is_ours || is_first {
        Ok(())
    } else {
        refuse("not_owner", "the lead is a colleague's: ask the owner, or a manager to assign it")
    }
}
