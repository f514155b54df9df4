//! A follow-up call as it is read, planned and ended.

use marque_sdk::{Data, Fault, Filter, Id, Record, Result, json, log, new_id, record, timer, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    people::{self, Wanted},
    task, texts, topic,
};

/// The kind's name.
pub const KIND: &str = "care.call";
/// Calls that are still to be made.
pub const OPEN: [&str; 4] = ["planned", "due", "overdue", "paused"];
/// Calls that somebody has on the list now.
pub const LISTED: [&str; 2] = ["due", "overdue"];

/// What of a call counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Call {
    /// `service_48h`.
    pub kind: String,
    /// What else is due and said in the same call.
    pub topics: Vec<String>,
    /// Whom.
    pub customer: Id,
    /// About which vehicle.
    pub vehicle: Option<Id>,
    /// What it is about.
    pub about_kind: Option<String>,
    /// Which one.
    pub about: Option<Id>,
    /// Where it stands.
    pub state: String,
    /// The role that calls.
    pub role: String,
    /// Who calls.
    pub owner: Option<Id>,
    /// Who must not.
    pub not_allowed: Vec<Id>,
    /// Not before.
    pub due_from: String,
    /// Not after.
    pub due: String,
    /// When to try.
    pub next_at: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Each try.
    pub attempt_log: Vec<Attempt>,
    /// The first one.
    pub first_attempt_at: Option<String>,
    /// The complaint that came of it.
    pub complaint: Option<Id>,
    /// Whether somebody has to look into it.
    pub is_alert: bool,
    /// What was said.
    pub verbatim: Option<String>,
    /// When it ended.
    pub done_at: Option<String>,
    /// Who called.
    pub done_by: Option<Id>,
    /// Whether the front desk verifies phone and address at the next visit.
    pub verify_contact: bool,
    /// Where the sound of it is.
    pub recording: Option<String>,
}

/// One try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// When.
    pub at: String,
    /// On which day, as the dealer counts days.
    pub day: String,
    /// In which part of it.
    pub part: String,
    /// By phone, in person.
    pub channel: String,
    /// What came of it.
    pub outcome: String,
    /// Who tried.
    pub by: Option<Id>,
}

/// A call to be planned.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// What for.
    pub kind: &'a str,
    /// What else is said in it.
    pub topics: Vec<String>,
    /// In which organisation.
    pub org: &'a str,
    /// Whom.
    pub customer: &'a str,
    /// About which vehicle.
    pub vehicle: Option<&'a str>,
    /// Kind and id of what it is about.
    pub about: Option<(&'a str, &'a str)>,
    /// Not before.
    pub from: String,
    /// When best.
    pub next: String,
    /// Not after.
    pub due: String,
    /// Roles that call, first found.
    pub roles: &'a [String],
    /// Whom the customer knows.
    pub prefer: Option<&'a str>,
    /// Who must not.
    pub not_allowed: Vec<Id>,
    /// What is planned once only.
    pub slot: String,
    /// What it is about, in words.
    pub note: Option<&'a str>,
    /// The receipt of the rule that decided on it.
    pub receipt: Option<&'a str>,
}

/// Reads a call that must be there.
pub fn load(id: &str) -> Result<Record<Call>> {
    view::require(KIND, id)
}

impl Call {
    /// Whether it is still to be made.
    pub fn is_open(&self) -> bool {
        OPEN.contains(&self.state.as_str())
    }

    /// Whether somebody has it on the list.
    pub fn is_listed(&self) -> bool {
        LISTED.contains(&self.state.as_str())
    }
}

/// Refuses what can only be done to a call that is still to be made.
pub fn must_be_open(call: &Record<Call>) -> Result<()> {
    if call.data.is_open() {
        return Ok(());
    }
    Err(Fault::new("call_ended", format!("this call is {} already: nothing more is to be done", call.data.state)))
}

/// Plans a call, once a slot: its id, or none where it was planned before.
pub fn plan(desk: &Desk, plan: &Plan<'_>) -> Result<Option<Id>> {
    let same = Filter::eq("slot", plan.slot.as_str()).and(Filter::eq("org", plan.org));
    if view::find::<Data>(KIND).filter(same).exists()? {
        return Ok(None);
    }
    let wanted = Wanted { roles: plan.roles, prefer: plan.prefer, not_allowed: &plan.not_allowed };
    let owner = people::choose(plan.org, wanted)?;
    if owner.is_none() {
        log::warn(&format!("nobody here may make the call {}: give somebody the role", plan.kind));
    }
    let id = new_id();
    let mut create = record::create(KIND)
        .id(id.as_str())
        .org(plan.org)
        .field("kind", plan.kind)
        .field("customer", plan.customer)
        .field("due_from", &plan.from)
        .field("next_at", &plan.next)
        .field("due", &plan.due)
        .field("slot", &plan.slot)
        .field("script", script(desk, plan.kind, &plan.topics));
    let role = plan.roles.first().map(String::as_str);
    let about_kind = plan.about.map(|(kind, _)| kind);
    let about = plan.about.map(|(_, id)| id);
    let owner = owner.as_deref();
    let given = [("vehicle", plan.vehicle), ("role", role), ("owner", owner), ("note", plan.note)];
    for (name, value) in given.into_iter().chain([("about_kind", about_kind), ("about", about)]) {
        create = value.into_iter().fold(create, |create, value| create.field(name, value));
    }
    if !plan.topics.is_empty() {
        create = create.field("topics", &plan.topics);
    }
    if !plan.not_allowed.is_empty() {
        create = create.field("not_allowed", &plan.not_allowed);
    }
    plan.receipt.into_iter().fold(create, |create, receipt| create.receipt("due", receipt)).stage()?;
    ring_at(desk, &id, plan.customer, &plan.from)?;
    Ok(Some(id))
}

/// Sets the call's clock, for what has come already to a minute from now.
pub fn ring_at(desk: &Desk, id: &str, customer: &str, at: &str) -> Result<()> {
    let soon = desk.soon()?;
    let at = if at > soon.as_str() { at } else { &soon };
    timer::set(&format!("call:{id}"), at).subject(customer).field("call", id).stage()
}

/// What to say, in the language of the house: the greeting, the questions of each topic, the end.
pub fn script(desk: &Desk, kind: &str, topics: &[String]) -> String {
    let locale = &desk.call.locale;
    let topics = topics.iter().map(String::as_str).filter(|topic| *topic != kind);
    let asked = std::iter::once(kind).chain(topics).map(|topic| texts::text(locale, &format!("script.{topic}")));
    let greeting = texts::filled(locale, "script.begin", &[("dealer", &desk.call.org_name)]);
    let end = texts::text(locale, "script.end");
    std::iter::once(greeting).chain(asked).chain([end]).collect::<Vec<_>>().join("\n")
}

/// Ends a call that is not to be made any more.
pub fn cancel(desk: &Desk, call: &Record<Call>, reason: &str) -> Result<()> {
    record::mov(KIND, &call.id, "cancel")
        .if_rev(call.rev)
        .field("end_reason", reason)
        .field("done_at", desk.now())
        .stage()?;
    quiet(desk, call, "not_needed")
}

/// Calls it off by hand, with the reason.
pub fn cancel_by_hand(desk: &Desk, id: &str, reason: &str) -> Result<()> {
    let call = load(id)?;
    must_be_open(&call)?;
    cancel(desk, &call, reason.trim())
}

/// Ends its task and stops its clocks.
pub fn quiet(desk: &Desk, call: &Record<Call>, outcome: &str) -> Result<()> {
    task::end(desk, &call.id, &[task::CALL], outcome)?;
    for clock in ["call", "tries"] {
        timer::cancel(&format!("{clock}:{}", call.id)).stage()?;
    }
    Ok(())
}

/// The open calls that meet a filter.
pub fn open(filter: Filter) -> Result<Vec<Record<Call>>> {
    view::find::<Call>(KIND).filter(filter.and(Filter::is_in("state", OPEN))).order("created_at").up_to(500)
}

/// Cancels what is still to be said about a vehicle: all of it, or what its former owner was to be told.
pub fn cancel_of_vehicle(desk: &Desk, vehicle: &str, keep: Option<&str>, reason: &str) -> Result<usize> {
    let calls = open(Filter::eq("vehicle", vehicle))?;
    let mut n_cancelled = 0;
    for call in calls.iter().filter(|call| Some(call.data.customer.as_str()) != keep) {
        cancel(desk, call, reason)?;
        n_cancelled += 1;
    }
    Ok(n_cancelled)
}

/// Gives a call to somebody, who must be allowed to make it.
pub fn assign(id: &str, owner: &str) -> Result<()> {
    let call = load(id)?;
    must_be_open(&call)?;
    must_be_independent(&call, owner, "/owner")?;
    let person = people::member(&call.org, owner)?;
    record::change(KIND, id).if_rev(call.rev).field("owner", &person.id).stage()?;
    task::give(id, &person.id)
}

/// Refuses whoever did the work that is asked about.
pub fn must_be_independent(call: &Record<Call>, person: &str, pointer: &str) -> Result<()> {
    if !call.data.not_allowed.iter().any(|other| other == person) {
        return Ok(());
    }
    let message = "whoever sold or repaired it does not ask how it was: choose somebody else";
    Err(Fault::at("not_independent", pointer, message))
}

/// Fields of a call that wait for the front desk: phone and address are verified.
pub fn verified(desk: &Desk, id: &str) -> Result<()> {
    let call = load(id)?;
    if !call.data.verify_contact {
        return Err(Fault::new("nothing_to_verify", "nothing of this call is to be verified"));
    }
    let data = json!({ "verify_contact": false, "verified_at": desk.now() });
    record::change(KIND, id).if_rev(call.rev).fields(data).stage()
}

/// Whether a topic waits while a complaint of the customer is open: only if everything said in the call does.
pub fn waits_for_complaint(call: &Call) -> bool {
    std::iter::once(&call.kind).chain(&call.topics).all(|topic| topic::waits_for_complaint(topic))
}
