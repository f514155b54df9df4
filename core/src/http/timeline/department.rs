//! A timeline narrowed to one department: whose doing an event was, by the team the person belongs to.

use std::collections::HashMap;

use crate::{
    Result,
    model::{Event, Id, Scope},
    store::{View, tables},
};

/// Events looked through for one page at most: a department that has never met the customer ends the search.
const MOST_READ: usize = 5_000;
const BATCH: u32 = 200;

/// The newest events before `before` that somebody of the department caused, at most `limit`, as a timeline reads them.
///
/// # Errors
/// Internal.
pub fn about(view: &View, kind: &str, id: &Id, department: &str, before: i64, limit: u32) -> Result<Vec<Event>> {
    let mut teams = HashMap::new();
    let mut found = Vec::new();
    let (mut at, mut n_read) = (before, 0);
    while found.len() < limit as usize && n_read < MOST_READ {
        let batch = tables::event::about(view, view.scope(), kind, id, at, BATCH)?;
        let Some(last) = batch.last().map(|event| event.seq) else { break };
        n_read += batch.len();
        let is_end = batch.len() < BATCH as usize;
        for event in batch {
            if department_of(view, &event.actor, &mut teams)?.as_deref() == Some(department) {
                found.push(event);
            }
        }
        if is_end {
            break;
        }
        at = last;
    }
    found.truncate(limit as usize);
    Ok(found)
}

/// The department of whoever stands behind an actor's label, `user:ID` or `plugin:NAME/user:ID`. The server and plugins by themselves have none.
fn department_of(view: &View, actor: &str, known: &mut HashMap<String, Option<String>>) -> Result<Option<String>> {
    let person = actor.rsplit('/').next().unwrap_or(actor);
    let Some(id) = person.strip_prefix("user:") else { return Ok(None) };
    if let Some(department) = known.get(id) {
        return Ok(department.clone());
    }
    let department = read(view, id)?;
    known.insert(id.to_owned(), department.clone());
    Ok(department)
}

fn read(view: &View, user: &str) -> Result<Option<String>> {
    let text = |kind: &str, id: &str, field: &str| -> Result<Option<String>> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(tables::record::get(view, kind, &id, &Scope::All)?.and_then(|found| found.text(field).map(str::to_owned)))
    };
    match text("user", user, "team")? {
        Some(team) => text("team", &team, "kind"),
        None => Ok(None),
    }
}
