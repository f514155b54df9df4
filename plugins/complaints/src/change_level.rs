//! `change_level`: raised by anyone, lowered by headquarters; the clocks that still run are counted anew.

use marque_sdk::{Result, json};
use serde::Deserialize;

use crate::{
    case::{Case, State, patch},
    clock,
    desk::Desk,
    handle,
    level::Level,
    notes, people,
    step::Step,
    task, timer,
};

/// The input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeLevel {
    level: Level,
    reason: String,
}

/// Changes the level. The step stays, with its task; only its due time moves.
pub fn change_level(desk: &Desk, case: &Case, input: ChangeLevel) -> Result<()> {
    if desk.me().is_some_and(|me| case.accused() == Some(me)) {
        people::may_handle(desk, case)?;
    }
    case.must_be(&State::OPEN)?;
    case.level().may_become(input.level, desk.person.as_ref())?;
    let mut patch = patch(json!({ "level": input.level }));
    patch.extend(clock::at_level(case, input.level, &desk.settings)?);
    notes::add(desk, case, &mut patch, Some(&input.reason));
    let mut after = case.with(&patch);
    if let Some(due) = Step::of(&after).map(|step| step.due(&after).to_owned()) {
        task::change_current(case, json!({ "due": due }))?;
        patch.insert("step_due".into(), due.into());
        after = case.with(&patch);
    }
    handle::keep(case, patch)?;
    timer::follow_step(desk, &after)?;
    tell(desk, case, &after)
}

/// Raises `level_changed` where the level has changed.
pub fn tell(desk: &Desk, before: &Case, after: &Case) -> Result<()> {
    if before.level() == after.level() {
        return Ok(());
    }
    desk.raise(
        "complaints.case.level_changed",
        after,
        json!({ "level_before": before.level(), "level": after.level() }),
    )
}
