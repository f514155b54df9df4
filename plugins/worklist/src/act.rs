//! What people do with tasks: add, complete, reassign, postpone, cancel.

use marque_sdk::{Fault, Id, Result, Value, json, new_id, record};
use serde::Deserialize;

use crate::{
    desk::{self, Desk, refuse},
    task::{self, KIND},
};

/// Input of `add`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    title: String,
    due: String,
    owner: Option<Id>,
    customer: Option<Id>,
    about_kind: Option<String>,
    about: Option<Id>,
    note: Option<String>,
}

/// Input of `complete`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    outcome: String,
    note: Option<String>,
}

/// Input of `reassign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reassign {
    owner: Id,
    note: Option<String>,
}

/// Input of `postpone`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postpone {
    due: String,
    reason: String,
}

/// Input of `cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    reason: String,
}

/// Adds a free task, one's own unless another owner is named.
pub fn add(desk: &Desk, input: Add) -> Result<Value> {
    let due = future(desk, &input.due)?;
    let owner = match (&input.owner, desk.me()) {
        (Some(owner), _) => desk::member(owner)?,
        (None, Some(me)) => me.to_owned(),
        (None, None) => return Err(refuse("owner_unknown", "/owner", "say whose task it is: nobody is asking")),
    };
    let id = new_id();
    let given =
        [("customer", input.customer), ("about_kind", input.about_kind), ("about", input.about), ("note", input.note)];
    let create =
        record::create(KIND).id(id.as_str()).field("title", &input.title).field("owner", owner).field("due", due);
    let given = given.into_iter().filter_map(|(field, value)| Some((field, value?)));
    given.fold(create, |create, (field, value)| create.field(field, value)).stage()?;
    Ok(json!({ "id": id }))
}

/// Completes a free task. A held one is refused: its record's own action ends it.
pub fn complete(desk: &Desk, id: &str, input: Complete) -> Result<Value> {
    let task = task::to_deal_with(desk, id)?;
    task::must_be_free(desk, &task.data)?;
    let done = record::mov(KIND, id, "complete")
        .if_rev(task.rev)
        .field("outcome", &input.outcome)
        .field("done_at", desk.now());
    let done = desk.me().into_iter().fold(done, |done, me| done.field("done_by", me));
    input.note.iter().fold(done, |done, note| done.field("note", note)).stage()?;
    Ok(json!({ "id": id }))
}

/// Gives a task to somebody else, held or not, but never to somebody too close to the matter.
pub fn reassign(desk: &Desk, id: &str, input: Reassign) -> Result<Value> {
    let task = task::to_deal_with(desk, id)?;
    let owner = desk::member(&input.owner)?;
    if task.data.not_allowed.contains(&owner) {
        return Err(refuse(
            "task_not_allowed",
            "/owner",
            "this person is too close to the matter: choose somebody else",
        ));
    }
    let change = record::change(KIND, id).if_rev(task.rev).field("owner", owner);
    input.note.iter().fold(change, |change, note| change.field("note", note)).stage()?;
    Ok(json!({ "id": id }))
}

/// Puts a free task off, with a reason. The due time of a held one is a limit of its record.
pub fn postpone(desk: &Desk, id: &str, input: Postpone) -> Result<Value> {
    let task = task::to_deal_with(desk, id)?;
    task::must_be_free(desk, &task.data)?;
    let due = future(desk, &input.due)?;
    if due <= task.data.due {
        return Err(refuse(
            "due_not_later",
            "/due",
            format!("it is due {} already: choose a later time", task.data.due),
        ));
    }
    record::change(KIND, id)
        .if_rev(task.rev)
        .field("due", due)
        .field("note", reason(&input.reason)?)
        .field("postponed_count", task.data.postponed_count + 1)
        .field("overdue_at", Value::Null)
        .stage()?;
    Ok(json!({ "id": id }))
}

/// Cancels a free task, with a reason.
pub fn cancel(desk: &Desk, id: &str, input: Cancel) -> Result<Value> {
    let task = task::to_deal_with(desk, id)?;
    task::must_be_free(desk, &task.data)?;
    let cancelled = record::mov(KIND, id, "cancel")
        .if_rev(task.rev)
        .field("note", reason(&input.reason)?)
        .field("done_at", desk.now());
    desk.me().into_iter().fold(cancelled, |cancelled, me| cancelled.field("done_by", me)).stage()?;
    Ok(json!({ "id": id }))
}

fn future(desk: &Desk, due: &str) -> Result<String> {
    let due = desk.moment(due)?;
    if due.as_str() < desk.now() {
        return Err(refuse("due_past", "/due", format!("due {due} lies in the past: choose a later time")));
    }
    Ok(due)
}

fn reason(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(Fault::new("reason_missing", "say why, so that whoever waits for it can understand")),
        reason => Ok(reason),
    }
}
