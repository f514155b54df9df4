//! A timeline narrowed to one department: whose doing an event was, by the team the person belongs to.

use std::collections::HashMap;

use super::super::params;
use crate::{
    Result,
    model::{Event, Id, Scope},
    store::{View, tables},
};

/// Events looked through for one page at most: where a department has not met the customer for long, the page ends before it is full, and
/// the next one goes on from there.
const MOST_READ: usize = 5_000;
const BATCH: u32 = 200;

/// The newest events before `before` that somebody of the department caused, at most `limit`, as a timeline reads them; and where to go on,
/// if the search ended before that many were found.
///
/// # Errors
/// `department.unknown`.
pub fn about(
    view: &View,
    kind: &str,
    id: &Id,
    department: &str,
    before: i64,
    limit: u32,
) -> Result<(Vec<Event>, Option<i64>)> {
    check(view, department)?;
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
            return Ok((truncated(found, limit), None));
        }
        at = last;
    }
    let goes_on = (found.len() < limit as usize && n_read >= MOST_READ).then_some(at);
    Ok((truncated(found, limit), goes_on))
}

fn truncated(mut found: Vec<Event>, limit: u32) -> Vec<Event> {
    found.truncate(limit as usize);
    found
}

/// A department is a kind of team; one that is misspelled would have done nothing, ever.
fn check(view: &View, department: &str) -> Result<()> {
    let values = view.kinds().get("team").and_then(|team| team.fields.get("kind")).map(|field| field.values.as_slice());
    let known: Vec<&str> = values.unwrap_or_default().iter().map(|value| value.value.as_str()).collect();
    if known.contains(&department) {
        return Ok(());
    }
    let message = format!("there is no department {department:?}; teams are of the kinds {}", known.join(", "));
    Err(params::wrong_param("department", message))
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
