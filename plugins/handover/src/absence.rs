//! Deputies: while somebody is away their tasks are a colleague's, also new ones, and what is still open comes back afterwards.

use marque_sdk::{Data, Event, Filter, Id, Outcome, Record, Result, Value, json, new_id, record, stage, timer, view};
use serde::Deserialize;

use crate::{
    brief, deputy,
    desk::{Desk, refuse, refuse_at, said},
    people, task, texts,
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "handover.absence";
const TASK: &str = "worklist.task";
/// More than anybody has.
const MANY: usize = 1_500;
/// Briefs for a deputy: more customers than that nobody sees in an absence.
const BRIEFS: usize = 30;

/// Input of `arrange`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrange {
    person: Option<Id>,
    deputy: Id,
    from: String,
    to: String,
    note: Option<String>,
}

/// What of an arrangement counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Absence {
    person: Id,
    deputy: Id,
    from: String,
    to: String,
    state: String,
    lent: Vec<Id>,
    n_lent: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Task {
    owner: Option<Id>,
    state: String,
    due: Option<String>,
    customer: Option<Id>,
    about_kind: Option<String>,
    about: Option<Id>,
    not_allowed: Vec<Id>,
}

/// Arranges who stands in. For oneself, or by a manager for others.
pub fn arrange(desk: &Desk, input: &Arrange) -> Result<Value> {
    let org = desk.call.org.as_str();
    let person = input.person.as_deref().or(desk.me()).unwrap_or_default();
    if desk.me() != Some(person) && !is_manager(desk) {
        return refuse("denied_manager", "a manager arranges deputies for others");
    }
    let absent = people::known(org, "/person", person)?;
    let deputy = people::at_work(org, "/deputy", &input.deputy)?;
    if absent.id == deputy.id {
        return refuse_at("same_person", "/deputy", "somebody else stands in: choose a colleague");
    }
    let (from, to) = (moment::parse("/from", &input.from)?, moment::parse("/to", &input.to)?);
    if to <= from {
        return refuse_at("time_order", "/to", "an absence ends after it begins");
    }
    if to.as_str() <= desk.now() {
        return refuse_at("slot_past", "/to", format!("{to} has passed: name a later time"));
    }
    let overlapping = Filter::is_in("state", ["planned", "active"]).and(Filter::lt("from", to.as_str()));
    let overlapping = overlapping.and(Filter::gt("to", from.as_str()));
    if view::find::<Value>(KIND).filter(Filter::eq("person", person).and(overlapping)).exists()? {
        return refuse("absence_overlaps", "somebody stands in at that time already");
    }
    let id = new_id();
    let title = texts::filled(&desk.call.locale, "word.away", &[("person", &absent.name), ("deputy", &deputy.name)]);
    let data = said(json!({
        "title": title, "person": absent.id, "deputy": deputy.id, "from": from, "to": to, "note": input.note,
    }));
    record::create(KIND).id(&id).fields(data).stage()?;
    Ok(json!({ "id": id }))
}

fn is_manager(desk: &Desk) -> bool {
    desk.settings.manager_roles.iter().any(|role| desk.call.has_role(role)) || desk.call.has_role("admin")
}

/// Over now.
pub fn end_early(desk: &Desk, id: &str) -> Result<Value> {
    let absence: Record<Absence> = view::require(KIND, id)?;
    theirs(desk, &absence)?;
    // The end that was set rings now, by itself, and gives everything back.
    record::change(KIND, id).if_rev(absence.rev).field("to", desk.now()).stage()?;
    Ok(json!({ "id": id }))
}

/// Not after all.
pub fn call_off(desk: &Desk, id: &str) -> Result<Value> {
    let absence: Record<Absence> = view::require(KIND, id)?;
    theirs(desk, &absence)?;
    record::mov(KIND, id, "cancel").if_rev(absence.rev).stage()?;
    Ok(json!({ "id": id }))
}

fn theirs(desk: &Desk, absence: &Record<Absence>) -> Result<()> {
    let is_theirs = desk.me().is_some_and(|me| absence.data.person == me || absence.data.deputy == me);
    if is_theirs || is_manager(desk) {
        return Ok(());
    }
    refuse("denied_manager", "a manager arranges deputies for others")
}

/// An arrangement was made, moved or called off: its clocks follow.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(absence) = view::get::<Absence>(KIND, &about.id)? else { return Ok(Outcome::Skip) };
    let (begin, end) = (format!("begin:{}", absence.id), format!("end:{}", absence.id));
    match (event.kind.rsplit('.').next().unwrap_or_default(), absence.data.state.as_str()) {
        ("created", "planned") => {
            timer::set(&begin, later(desk, &absence.data.from)).field("absence", &absence.id).stage()?;
            timer::set(&end, &absence.data.to).field("absence", &absence.id).stage()?;
            task::end(desk, &absence.data.person, "handover.deputy", "done")?;
        }
        ("changed", "active") if event.changed("to") => {
            timer::set(&end, later(desk, &absence.data.to)).field("absence", &absence.id).stage()?;
        }
        ("cancelled", _) => stage([timer::cancel(&begin), timer::cancel(&end)])?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

fn later<'a>(desk: &'a Desk, at: &'a str) -> &'a str {
    if at > desk.now() { at } else { desk.now() }
}

/// They are away: what is due until they are back is the deputy's, with a brief of each customer.
pub fn begin(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(absence) = view::get::<Absence>(KIND, id)?.filter(|one| one.data.state == "planned") else {
        return Ok(Outcome::Skip);
    };
    let Absence { person, deputy, to, .. } = &absence.data;
    let open = Filter::eq("owner", person.as_str()).and(Filter::eq("state", "open"));
    let mut lent = Vec::new();
    let mut customers: Vec<Id> = Vec::new();
    for task in view::find::<Task>(TASK).filter(open).order("due").up_to(MANY)? {
        let is_due = task.data.due.as_ref().is_none_or(|due| due <= to);
        if !is_due || task.data.not_allowed.contains(deputy) {
            continue;
        }
        lend(&task.id, deputy)?;
        lent.push(task.id);
        customers.extend(task.data.customer.filter(|customer| !customers.contains(customer)));
    }
    deputy::stand_in(person, deputy)?;
    let begun = record::mov(KIND, id, "begin").if_rev(absence.rev).field("n_lent", lent.len());
    begun.field("lent", &lent).stage()?;
    for customer in customers.iter().take(BRIEFS) {
        if view::get::<Data>("customer", customer)?.is_some() {
            brief::make(desk, customer, &brief::About { former: Some(person), handover: None, reader: deputy })?;
        }
    }
    Ok(Outcome::Done)
}

/// A task came while its owner is away.
pub fn lend_new(_desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    let Some(owner) = event.quoted_text("owner") else { return Ok(Outcome::Skip) };
    let active = Filter::eq("person", owner).and(Filter::eq("state", "active"));
    let Some(absence) = view::find::<Absence>(KIND).filter(active).first()? else { return Ok(Outcome::Skip) };
    let Some(task) = view::get::<Task>(TASK, &about.id)? else { return Ok(Outcome::Skip) };
    let Absence { deputy, to, lent, n_lent, .. } = &absence.data;
    let is_due = task.data.due.as_ref().is_none_or(|due| due <= to);
    let is_theirs = task.data.owner.as_deref() == Some(owner) && task.data.state == "open";
    if !is_due || !is_theirs || task.data.not_allowed.contains(deputy) {
        return Ok(Outcome::Skip);
    }
    lend(&task.id, deputy)?;
    if let (Some(kind), Some(about)) = (&task.data.about_kind, &task.data.about) {
        deputy::stand_in_for(kind, about, owner, deputy)?;
    }
    let lent: Vec<&Id> = lent.iter().chain([&task.id]).collect();
    record::change(KIND, &absence.id).if_rev(absence.rev).field("lent", lent).field("n_lent", n_lent + 1).stage()?;
    Ok(Outcome::Done)
}

/// They are back: what the deputy has not done is theirs again. Who has left meanwhile gets nothing back.
pub fn end(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(absence) = view::get::<Absence>(KIND, id)?.filter(|one| one.data.to.as_str() <= desk.now()) else {
        return Ok(Outcome::Skip);
    };
    if absence.data.state != "active" {
        return Ok(Outcome::Skip);
    }
    let Absence { person, deputy, lent, .. } = &absence.data;
    let is_back =
        people::known(&absence.org, "/person", person).is_ok_and(|person| person.status.as_deref() != Some("left"));
    let mut n_back = 0;
    let tasks = if is_back { view::get_many::<Task>(TASK, lent)? } else { Vec::new() };
    for task in tasks.into_iter().flatten() {
        if task.data.state == "open" && task.data.owner.as_ref() == Some(deputy) {
            lend(&task.id, person)?;
            n_back += 1;
        }
    }
    let still = Filter::eq("deputy", deputy.as_str()).and(Filter::eq("state", "active")).and(Filter::ne("id", id));
    let others = view::find::<Absence>(KIND).filter(still).limit(100).page()?.items;
    deputy::stand_down(deputy, &others.into_iter().map(|other| other.data.person).collect::<Vec<Id>>())?;
    record::mov(KIND, id, "end").if_rev(absence.rev).field("n_back", n_back).stage()?;
    Ok(Outcome::Done)
}

fn lend(task: &str, to: &str) -> Result<()> {
    record::change(TASK, task).field("owner", to).why("deputy").stage()
}
