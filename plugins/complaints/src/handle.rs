//! Taking a complaint up and speaking to the customer: accept, soothe, answer, inform, note.

use marque_sdk::{Data, Result, Value, json, message, page::Link, record};
use serde::Deserialize;

use crate::{
    case::{Case, KIND, State, patch},
    desk::{Desk, refuse},
    flow::{self, Turn},
    forum, notes, people, texts, timer,
};

/// Input of `accept`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    informed_by: Option<String>,
    note: Option<String>,
}

/// Input of `soothe`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soothe {
    comfort: Option<Vec<String>>,
    note: Option<String>,
}

/// Input of `answer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    public_answer: String,
}

/// Input of actions that take a note and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What is to be remembered.
    pub note: Option<String>,
}

/// Takes a complaint up; the customer is given its number, unless that is still to be done.
pub fn accept(desk: &Desk, case: &Case, input: Accept) -> Result<()> {
    people::may_handle(desk, case)?;
    let mut patch = patch(json!({ "accepted_at": desk.call.now, "accepted_by": desk.me() }));
    if input.informed_by.as_deref() != Some("not_yet") {
        patch.insert("informed_at".into(), desk.call.now.as_str().into());
    }
    notes::add(desk, case, &mut patch, input.note.as_deref());
    flow::go(desk, case, Turn::take("accept", State::Accepted, patch))?;
    if input.informed_by.as_deref() == Some("message") {
        acknowledge(case)?;
    }
    Ok(())
}

/// Gives the customer the number and where to look up how it stands. It is service: it takes no consent, and waits for the morning at night.
fn acknowledge(case: &Case) -> Result<()> {
    let (Some(customer), Some(number)) = (case.text("customer"), case.text("number")) else { return Ok(()) };
    let text = texts::text("zh-CN", "message.accepted").replace("{number}", number);
    let status = Link::new("status", case.id.as_str());
    let send = message::serve(customer, "sms", &text).link("status", status);
    send.template("complaints.accepted").value("number", number).stage()
}

/// Records that the customer was spoken to in person.
pub fn soothe(desk: &Desk, case: &Case, input: Soothe) -> Result<()> {
    people::may_handle(desk, case)?;
    let mut patch = patch(json!({ "soothed_at": desk.call.now, "contacted_at": desk.call.now }));
    if case.text("informed_at").is_none() {
        patch.insert("informed_at".into(), desk.call.now.as_str().into());
    }
    if let Some(comfort) = input.comfort {
        patch.insert("comfort".into(), json!(comfort));
    }
    notes::add(desk, case, &mut patch, input.note.as_deref());
    forum::follow(desk, case, &patch)?;
    flow::go(desk, case, Turn::take("soothe", State::Soothed, patch)).map(drop)
}

/// Records the public answer to somebody who posted on a forum or in social media.
pub fn answer(desk: &Desk, case: &Case, input: Answer) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&State::OPEN)?;
    if case.text("answer_due").is_none() {
        return refuse("not_public", "only complaints from a forum or from social media are answered in public");
    }
    let mut patch = patch(json!({ "public_answer": input.public_answer, "answered_at": desk.call.now }));
    if case.text("first_due").is_some() && case.text("first_answered_at").is_none() {
        patch.insert("first_answered_at".into(), desk.call.now.as_str().into());
    }
    forum::follow(desk, case, &patch)?;
    keep(case, patch)
}

/// Records that somebody who posted in public was told at once that it was seen.
pub fn first_answer(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&State::OPEN)?;
    if case.text("first_due").is_none() {
        return refuse("not_public", "only complaints from a forum or from social media are answered in public");
    }
    if case.text("first_answered_at").is_some() {
        return refuse("first_answered", "the first word was said already: give the public answer now");
    }
    let mut patch = patch(json!({ "first_answered_at": desk.call.now }));
    notes::add(desk, case, &mut patch, input.note.as_deref());
    forum::follow(desk, case, &patch)?;
    keep(case, patch)
}

/// Records that the customer was told, as the law asks.
pub fn inform(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    people::may_handle(desk, case)?;
    let mut patch = patch(json!({ "informed_at": desk.call.now }));
    notes::add(desk, case, &mut patch, input.note.as_deref());
    keep(case, patch)
}

/// Adds a note. Anybody who sees the case may, but for the person complained about.
pub fn add_note(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    if desk.me().is_some_and(|me| case.accused() == Some(me)) {
        people::may_handle(desk, case)?;
    }
    let mut patch = Data::new();
    notes::add(desk, case, &mut patch, input.note.as_deref());
    keep(case, patch)
}

/// Changes a case without touching its step.
pub fn keep(case: &Case, patch: Data) -> Result<()> {
    record::change(KIND, &case.id).if_rev(case.rev).fields(Value::Object(patch.clone())).stage()?;
    timer::keep_promises(Some(case), &case.with(&patch))
}
