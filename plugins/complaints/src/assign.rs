//! `assign`: another owner, never the person complained about.

use marque_sdk::{Result, json};
use serde::Deserialize;

use crate::{
    assignee,
    case::{Case, State, patch},
    desk::{Desk, refuse},
    handle, notes, owner, people,
    step::Step,
    task,
};

/// The input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    owner: String,
    reason: Option<String>,
}

/// Changes the owner, and with the owner whoever has the open task.
pub fn assign(desk: &Desk, case: &Case, input: Assign) -> Result<()> {
    people::may_handle(desk, case)?;
    let assignable: Vec<State> = State::OPEN.into_iter().chain([State::Closed]).collect();
    case.must_be(&assignable)?;
    owner::must_not_be_accused(&input.owner, case.accused())?;
    if input.owner == case.owner() {
        return refuse("owner_same", "this person owns the complaint already");
    }
    people::member(&input.owner)?;
    let mut patch = patch(json!({ "owner": input.owner }));
    notes::add(desk, case, &mut patch, input.reason.as_deref());
    let after = case.with(&patch);
    if let Some(step) = Step::of(&after) {
        let task = json!({ "owner": assignee::of(desk, &after, step)?, "not_allowed": assignee::barred(&after, step) });
        task::change_current(case, task)?;
    }
    handle::keep(case, patch)
}
