//! Beginning a hand-over: who leaves, who takes over, how it is shared out; looked at and changed before anything moves.

use marque_sdk::{
    Date, Event, Filter, Id, Outcome, Record, Result, Value, info, json, new_id, record, stage, timer, view,
};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at, said},
    item,
    people::{self, Person},
    task,
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "handover.handover";

/// What of a hand-over counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Handover {
    /// Where it stands.
    pub state: String,
    /// Who leaves.
    pub leaver: Id,
    /// `leaving`, `transfer`, `leave`.
    pub reason: String,
    /// Who takes over, as named.
    pub successors: Vec<Id>,
    /// `even`, `one`, `rule`.
    pub rule: String,
    /// Who is responsible.
    pub owner: Id,
    /// When it was begun.
    pub begun_at: String,
    /// When they left.
    pub left_at: Option<String>,
    /// Customers that have been handed over.
    pub n_moved: i64,
    /// Customers in the plan.
    pub n_customers: i64,
    /// Records in the plan.
    pub n_records: i64,
}

/// Input of `begin`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Begin {
    /// Who leaves.
    pub leaver: Id,
    /// How.
    pub rule: Option<String>,
    /// Who takes over.
    pub successors: Vec<Id>,
    /// Why.
    pub reason: Option<String>,
    /// Their last day.
    pub last_day: Option<Date>,
    /// In words.
    pub note: Option<String>,
}

/// Input of `replan`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replan {
    rule: String,
    #[serde(default)]
    successors: Vec<Id>,
}

/// A manager begins one.
pub fn begin(desk: &Desk, input: &Begin) -> Result<Value> {
    let org = desk.call.org.as_str();
    let leaver = people::known(org, "/leaver", &input.leaver)?;
    if of(&leaver.id)?.is_some() {
        return refuse("running_already", "a hand-over of this person is under way: open it instead");
    }
    let rule = input.rule.as_deref().unwrap_or(&desk.settings.rule);
    check(org, &leaver, rule, &input.successors)?;
    // Whether anybody can take over is found out now, not in the night.
    let able = people::successors(desk, org, &leaver, &input.successors)?;
    let people = people::everybody(org)?;
    // Whoever leaves is not responsible for what becomes of it.
    let me = desk.me().filter(|me| *me != leaver.id).map(str::to_owned);
    let manager = people::manager(desk, &people, &leaver.id).or(able.first()).map(|person| person.id.clone());
    let owner = me.or(manager).unwrap_or_default();
    let id = open(desk, org, &leaver, &owner, input)?;
    Ok(json!({ "id": id }))
}

fn check(org: &str, leaver: &Person, rule: &str, successors: &[Id]) -> Result<()> {
    for successor in successors {
        if *successor == leaver.id {
            return refuse_at("same_person", "/successors", "somebody else takes over: choose a colleague");
        }
        people::at_work(org, "/successors", successor)?;
    }
    if rule == "one" && successors.len() != 1 {
        return refuse_at("one_successor", "/successors", "all to one takes exactly one successor: choose one");
    }
    Ok(())
}

/// Makes a hand-over with its task, and has it planned.
pub fn open(desk: &Desk, org: &str, leaver: &Person, owner: &str, input: &Begin) -> Result<Id> {
    let id = new_id();
    let has_left = leaver.status.as_deref() == Some("left");
    let last_day = input.last_day.or_else(|| leaver.last_day.as_deref().and_then(|day| day.parse().ok()));
    let auto_at = auto_at(desk, has_left, last_day)?;
    let rule = input.rule.as_deref().unwrap_or(&desk.settings.rule);
    let successor = input.successors.first().filter(|_| rule == "one");
    let successors = (!input.successors.is_empty()).then_some(&input.successors);
    let data = said(json!({
        "leaver": leaver.id, "reason": input.reason.as_deref().unwrap_or("leaving"), "last_day": last_day, "rule": rule,
        "successors": successors, "successor": successor, "owner": owner, "begun_at": desk.now(), "auto_at": auto_at,
        "left_at": has_left.then(|| desk.now()), "note": input.note,
    }));
    record::create(KIND).id(&id).org(org).fields(data).stage()?;
    let due = auto_at.clone().map_or_else(|| info::due(desk.now(), "8bh"), Ok)?;
    let new = task::New { step: "handover.review", who: &leaver.name, owner, due: &due, about_kind: KIND, about: &id };
    task::make(desk, org, &new)?;
    timer::set(&format!("plan:{id}"), desk.now()).field("handover", &id).stage()?;
    if let Some(at) = auto_at {
        timer::set(&format!("auto:{id}"), &at).field("handover", &id).stage()?;
    }
    Ok(id)
}

/// When it is carried out by itself: so long after they have left, or after their last day is over; never without either.
fn auto_at(desk: &Desk, has_left: bool, last_day: Option<Date>) -> Result<Option<String>> {
    let from = match (has_left, last_day) {
        (true, _) => desk.now().to_owned(),
        (false, Some(day)) => moment::begin_of(day.plus_days(1), &desk.call)?,
        (false, None) => return Ok(None),
    };
    info::due(&from, &desk.settings.auto_after).map(Some)
}

/// Other successors, or another way to share out.
pub fn replan(desk: &Desk, id: &str, input: &Replan) -> Result<Value> {
    let handover = planned(id)?;
    let leaver = people::known(&handover.org, "/leaver", &handover.data.leaver)?;
    check(&handover.org, &leaver, &input.rule, &input.successors)?;
    people::successors(desk, &handover.org, &leaver, &input.successors)?;
    let successor = input.successors.first().filter(|_| input.rule == "one");
    let change = record::change(KIND, id).if_rev(handover.rev).field("rule", &input.rule);
    let change = change.field("successors", &input.successors).field("successor", successor);
    change.field("n_customers", 0).field("n_records", 0).stage()?;
    for item in item::planned_of(id)? {
        record::remove(item::KIND, &item.id).stage()?;
    }
    timer::set(&format!("plan:{id}"), desk.now()).field("handover", id).stage()?;
    Ok(json!({ "id": id }))
}

/// Now.
pub fn carry_out(desk: &Desk, id: &str) -> Result<Value> {
    let handover = planned(id)?;
    let start = record::mov(KIND, id, "start").if_rev(handover.rev).field("started_at", desk.now());
    desk.me().into_iter().fold(start, |start, me| start.field("started_by", me)).stage()?;
    Ok(json!({ "id": id }))
}

/// They stay after all.
pub fn cancel(id: &str) -> Result<Value> {
    let handover = planned(id)?;
    let leaver: Option<Record<Person>> = view::get("user", &handover.data.leaver)?;
    if leaver.is_some_and(|leaver| leaver.data.status.as_deref() == Some("left")) {
        return refuse("state_refused", "they have left: what they looked after is handed over, not kept");
    }
    record::mov(KIND, id, "cancel").if_rev(handover.rev).stage()?;
    Ok(json!({ "id": id }))
}

/// Nothing of the plan is kept.
pub fn cancelled(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    for item in item::planned_of(&record.id)? {
        record::mov(item::KIND, &item.id, "drop").stage()?;
    }
    task::end(desk, &record.id, "handover.review", "not_needed")?;
    stage([timer::cancel(&format!("auto:{}", record.id)), timer::cancel(&format!("plan:{}", record.id))])?;
    Ok(Outcome::Done)
}

fn planned(id: &str) -> Result<Record<Handover>> {
    let handover: Record<Handover> = view::require(KIND, id)?;
    match handover.data.state.as_str() {
        "planned" => Ok(handover),
        state => refuse("state_refused", format!("the hand-over is {state} already")),
    }
}

/// The hand-over of somebody that is under way.
pub fn of(leaver: &str) -> Result<Option<Record<Handover>>> {
    let open = Filter::eq("leaver", leaver).and(Filter::is_in("state", ["planned", "running"]));
    view::find(KIND).filter(open).first()
}
