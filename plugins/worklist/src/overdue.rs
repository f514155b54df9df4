//! Overdue tasks: one timer a task, one event when it rings.

use marque_sdk::{Event, Outcome, Result, Value, json, record, stage, timer, view};

use crate::{
    desk::{self, Desk},
    task::{KIND, Task},
};

/// Sets, moves and cancels the timer as its task changes, whichever plugin changed it.
pub fn follow(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(task) = event.record().filter(|record| record.kind == KIND) else { return Ok(Outcome::Skip) };
    let is_about_time = !event.kind.ends_with(".changed") || event.changed("due") || event.changed("state");
    if !is_about_time {
        return Ok(Outcome::Skip);
    }
    let key = format!("overdue:{}", task.id);
    let Some(task) = view::get::<Task>(KIND, &task.id)?.filter(|task| task.data.is_open()) else {
        stage([timer::cancel(&key)])?;
        return Ok(Outcome::Done);
    };
    if task.data.overdue_at.is_some() {
        if task.data.due.as_str() <= desk.now() {
            return Ok(Outcome::Skip);
        }
        record::change(KIND, &task.id).field("overdue_at", Value::Null).stage()?;
    }
    let timer = timer::set(&key, &task.data.due);
    task.data.customer.iter().fold(timer, |timer, customer| timer.subject(customer.as_str())).stage()?;
    Ok(Outcome::Done)
}

/// Says once that a task is overdue.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(task) = view::get::<Task>(KIND, id)? else { return Ok(Outcome::Skip) };
    let Task { due, overdue_at, .. } = &task.data;
    if !task.data.is_open() || overdue_at.is_some() || due.as_str() > desk.now() {
        return Ok(Outcome::Skip);
    }
    record::change(KIND, id).field("overdue_at", desk.now()).stage()?;
    let data = json!({
        "step": task.data.step,
        "owner": task.data.owner,
        "due": due,
        "about_kind": task.data.about_kind,
        "about": task.data.about,
    });
    desk::raise("worklist.task.overdue", task.data.customer.as_deref(), &task, data)?;
    Ok(Outcome::Done)
}
