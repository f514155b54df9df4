//! The one way a record goes on: its fields, its state, the next step's task in place of the last one's, its timers.

use marque_sdk::{Data, Result, json, record};

use crate::{
    clock,
    desk::Desk,
    file::{File, patch},
    step, task,
};

/// How a record goes on.
#[derive(Clone, Debug, Default)]
pub struct Onward<'a> {
    /// The transition and the state it leads to.
    pub transition: Option<(&'a str, &'a str)>,
    /// The fields that change.
    pub data: Data,
    /// How the task of the last step ended; done unless said.
    pub outcome: Option<&'a str>,
    /// By which decisions fields have their values.
    pub receipts: Vec<(&'a str, String)>,
    /// Another move of the same call went before: the revision is guarded there.
    pub is_next: bool,
    /// Another move of the same call follows: nobody has to do anything in between.
    pub is_passing: bool,
}

/// Takes a record on and answers it as it then is.
pub fn go(desk: &Desk, file: &File, onward: Onward<'_>) -> Result<File> {
    let Onward { transition, mut data, outcome, receipts, is_next, is_passing } = onward;
    let mut after = file.with(&data);
    if let Some((_, state)) = transition {
        after.data.insert("state".into(), state.into());
    }
    let plan = if is_passing { None } else { step::of(desk, &after)? };
    // Who has to do the same as before, by the same time, keeps the task.
    let is_same = plan.is_some() && file.text("task").is_some() && step::of(desk, file)? == plan;
    if transition.is_some() && !is_same {
        task::end(desk, file, outcome.unwrap_or("done"))?;
        let next = plan.as_ref().map(|plan| task::open(desk, &after, plan)).transpose()?;
        data.extend(patch(json!({ "task": next })));
    } else if let Some(plan) = plan.as_ref().filter(|_| !is_same) {
        task::shift(file, plan)?;
    }
    after = after.with(&data);
    let write = match transition {
        Some((transition, _)) => record::mov(&file.kind, &file.id, transition),
        None if data.is_empty() => return Ok(after),
        None => record::change(&file.kind, &file.id),
    };
    let write = if is_next { write } else { write.if_rev(file.rev) }.fields(&data);
    receipts.iter().fold(write, |write, (field, receipt)| write.receipt(field, receipt)).stage()?;
    clock::follow(desk, Some(file), &after)?;
    after.rev += 1;
    Ok(after)
}
