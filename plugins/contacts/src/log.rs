//! Logging a contact: the record itself, the task it ends, the task it begins, all in one commit.

use marque_sdk::{Fault, Id, Record, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

const KIND: &str = "contacts.contact";
const TASK: &str = "worklist.task";
/// Nobody was spoken to: the task is still to be done, by another number if need be.
const UNREACHED: [&str; 2] = ["no_answer", "wrong_number"];
/// As long as a summary may be, in characters.
const MOST: usize = 120;

/// Input of `log`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    customer: Id,
    outcome: String,
    channel: Option<String>,
    direction: Option<String>,
    note: Option<String>,
    next: Option<String>,
    task: Option<Id>,
}

/// What of a customer counts here.
#[derive(Debug, Deserialize)]
struct Customer {
    #[serde(default)]
    name: String,
}

/// What of a task counts here.
#[derive(Debug, Deserialize)]
struct Task {
    state: String,
    owner: Option<Id>,
    customer: Option<Id>,
    #[serde(default)]
    held: bool,
}

/// Takes down a contact. A task it was for ends when the customer was reached; a call that reached nobody leaves it open.
pub fn log(call: &info::Call, input: Log) -> Result<Value> {
    let unknown =
        || Fault::at("customer_unknown", "/customer", format!("there is no customer {:?} here", input.customer));
    let person = view::get::<Customer>("customer", &input.customer)?.ok_or_else(unknown)?;
    let next = next(call, &input)?;
    let id = new_id();
    let create = record::create(KIND)
        .id(id.as_str())
        .org(&person.org)
        .field("customer", &person.id)
        .field("summary", summary(&call.locale, &input.outcome, input.note.as_deref()))
        .field("outcome", &input.outcome)
        .field("channel", input.channel.as_deref().unwrap_or("phone"))
        .field("direction", input.direction.as_deref().unwrap_or("out"))
        .field("at", &call.now);
    let create = call.person().into_iter().fold(create, |create, me| create.field("by", me));
    let given = [("note", &input.note), ("next", &next), ("task", &input.task)];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    given.fold(create, |create, (name, value)| create.field(name, value)).stage()?;
    let ended = match &input.task {
        Some(task) => end(call, task, &person, &input.outcome)?,
        None => false,
    };
    let task = match (&next, call.person()) {
        (Some(due), Some(me)) => Some(plan(call, &person, &id, me, due)?),
        _ => None,
    };
    Ok(json!({ "contact": id, "task": task, "ended": ended }))
}

/// When to call back: said, and not past. Who has promised to call back has to say when.
fn next(call: &info::Call, input: &Log) -> Result<Option<String>> {
    let Some(text) = &input.next else {
        return match input.outcome.as_str() {
            "call_back" => Err(Fault::at("next_missing", "/next", "say when to call back")),
            _ => Ok(None),
        };
    };
    let wrong = |_| {
        Fault::at("next_invalid", "/next", format!("{text:?} is not a moment: write it like 2026-03-13T10:00:00+08:00"))
    };
    let due = info::due(text, "0m").map_err(wrong)?;
    if due <= call.now {
        return Err(Fault::at("next_past", "/next", format!("{due} has passed: name a later time")));
    }
    Ok(Some(due))
}

/// Ends the task this contact was for, and says whether it did. A task that a feature holds is ended by its feature.
fn end(call: &info::Call, id: &str, person: &Record<Customer>, outcome: &str) -> Result<bool> {
    let unknown = || Fault::at("task_unknown", "/task", format!("there is no task {id:?} of yours here"));
    let task = view::get::<Task>(TASK, id)?.ok_or_else(unknown)?;
    if task.data.customer.as_deref().is_some_and(|of| of != person.id) {
        return Err(Fault::at("task_elsewhere", "/task", "that task is about another customer"));
    }
    let is_mine = call.person().is_none_or(|me| task.data.owner.as_ref() == Some(me));
    if task.data.state != "open" || task.data.held || !is_mine || UNREACHED.contains(&outcome) {
        return Ok(false);
    }
    let end = record::mov(TASK, id, "complete").if_rev(task.rev).field("outcome", "done").field("done_at", &call.now);
    call.person().into_iter().fold(end, |end, me| end.field("done_by", me)).stage()?;
    Ok(true)
}

/// The next contact as a task of whoever promised it.
fn plan(call: &info::Call, person: &Record<Customer>, contact: &str, me: &str, due: &str) -> Result<Id> {
    let id = new_id();
    record::create(TASK)
        .id(id.as_str())
        .field("title", text(&call.locale, "title.call_back").replace("{name}", &person.data.name))
        .field("step", "contacts.call_back")
        .field("owner", me)
        .field("due", due)
        .field("customer", &person.id)
        .field("about_kind", KIND)
        .field("about", contact)
        .stage()?;
    Ok(id)
}

/// What came of it, and the beginning of what was said.
fn summary(locale: &str, outcome: &str, note: Option<&str>) -> String {
    let said = text(locale, &format!("summary.{outcome}"));
    match note.and_then(|note| note.lines().map(str::trim).find(|line| !line.is_empty())) {
        Some(line) => format!("{said} · {line}").chars().take(MOST).collect(),
        None => said,
    }
}

marque_sdk::texts!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_what_came_of_it_and_the_first_line_of_what_was_said() {
        assert_eq!(summary("en", "reached", None), "Reached");
        assert_eq!(summary("zh-CN", "no_answer", Some("\n 下午再打 \n第二行")), "无人接听 · 下午再打");
        assert_eq!(summary("en", "reached", Some(&"x".repeat(500))).chars().count(), MOST);
    }
}
