//! The one way a case goes on: the old step's task ends, the next one begins, clocks move, all in one call.

use marque_sdk::{Data, Result, record};

use crate::{
    assignee,
    case::{Case, KIND, State},
    desk::Desk,
    step::Step,
    task::{self, Task},
    timer,
};

/// What is to happen to a case.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The transition to take; none when the step changes within a state.
    pub transition: Option<&'a str>,
    /// Where it stands afterwards.
    pub to: State,
    /// Its changed fields.
    pub patch: Data,
    /// What became of the task of the step that ends.
    pub outcome: &'a str,
    /// The decisions that fields come from.
    pub receipts: Vec<(&'a str, String)>,
}

impl<'a> Turn<'a> {
    /// A transition with changed fields.
    pub fn take(transition: &'a str, to: State, patch: Data) -> Turn<'a> {
        Turn { transition: Some(transition), to, patch, outcome: "done", receipts: Vec::new() }
    }

    /// Another step within the same state.
    pub fn stay(case: &Case, patch: Data) -> Turn<'a> {
        Turn { transition: None, to: case.state(), patch, outcome: "done", receipts: Vec::new() }
    }
}

/// Lets a case go on. I1 holds before and after: an open case has an owner and exactly one open task of ours.
pub fn go(desk: &Desk, case: &Case, turn: Turn) -> Result<Case> {
    let Turn { transition, to, mut patch, outcome, receipts } = turn;
    let mut after = case.with(&patch);
    after.data.insert("state".into(), to.code().into());
    task::end_all(desk, case, outcome)?;
    patch.extend(begin(desk, &after)?);

    let write = match transition {
        Some(transition) => record::mov(KIND, &case.id, transition),
        None => record::change(KIND, &case.id),
    };
    let write = write.if_rev(case.rev).fields(&patch);
    receipts.iter().fold(write, |write, (field, receipt)| write.receipt(field, receipt)).stage()?;

    let after = after.with(&patch);
    timer::follow(desk, Some(case), &after)?;
    Ok(after)
}

/// Opens the task of the step a case stands in; the fields that name the step.
pub fn begin(desk: &Desk, case: &Case) -> Result<Data> {
    let mut fields = Data::new();
    let Some(step) = Step::of(case) else {
        for field in ["step", "step_due", "task"] {
            fields.insert(field.into(), marque_sdk::Value::Null);
        }
        return Ok(fields);
    };
    let due = case.moment(step.due_field()).unwrap_or(desk.now);
    let task = task::open(
        desk,
        case,
        &Task {
            step: &step.task_code(),
            owner: &assignee::of(desk, case, step)?,
            due,
            is_held: true,
            not_allowed: assignee::barred(case, step),
        },
    )?;
    fields.insert("step".into(), step.code().into());
    fields.insert("step_due".into(), due.to_string().into());
    fields.insert("task".into(), task.into());
    Ok(fields)
}
