//! A customer who is not satisfied: the alert that complaints hear, and a manager who knows of it at once.

use marque_sdk::{Data, Decision, Outcome, Record, Result, Value, decide, info, json, record, timer, view};
use serde::Deserialize;

use crate::{
    call::{self, Call, KIND},
    desk::{self, Desk},
    people, task, texts,
};

/// What the rule answers; see points/care.alert.json.
#[derive(Debug, Deserialize)]
pub struct Judged {
    alert: String,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    fallback: Option<String>,
}

/// What a customer has said.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Whether the problem is solved.
    pub solved: Option<&'a str>,
    /// From 1 to 10.
    pub score: Option<i64>,
    /// In their own words.
    pub words: &'a str,
}

/// Asks the rule: what goes into the call, and its receipt, where somebody has to look into it.
pub fn judge(desk: &Desk, kind: &str, said: Said<'_>) -> Result<Option<(Data, String)>> {
    let input = json!({
        "kind": kind, "solved": said.solved, "score": said.score, "words": said.words,
        "alert_score": desk.settings.alert_score, "now": desk.now(),
    });
    let Decision { output, receipt } = decide::<Judged>("care.alert", &input)?;
    if output.alert != "yes" {
        return Ok(None);
    }
    let reasons = output.reasons.into_iter().chain(output.fallback).collect::<Vec<_>>().join("；");
    let data = json!({ "is_alert": true, "alert_reasons": reasons });
    Ok(Some((data.as_object().cloned().unwrap_or_default(), receipt)))
}

/// Tells of it: complaints open a case, a manager has a task, and if no case is there in time the manager has to open one.
pub fn raise(desk: &Desk, call: &Record<Call>, said: Said<'_>) -> Result<()> {
    let data = json!({ "kind": call.data.kind, "score": said.score, "solved": said.solved });
    desk::raise("care.call.alert", KIND, &call.id, call.rev, &call.data.customer, data)?;
    manager(desk, call, task::ALERT, "30m")?;
    timer::set(&format!("alert:{}", call.id), &info::due(desk.now(), &desk.settings.alert_within)?)
        .subject(call.data.customer.as_str())
        .field("call", &call.id)
        .stage()
}

fn manager(desk: &Desk, call: &Record<Call>, step: &str, within: &str) -> Result<()> {
    let except = &call.data.not_allowed;
    let Some(manager) = people::first_with(&call.org, &["crm_mgr", "gm", "crm_officer"], except)? else {
        return Ok(());
    };
    let name = task::name_of(&call.data.customer)?;
    let due = info::due(desk.now(), within)?;
    let plan = task::Plan { step, owner: &manager, due: &due, about_kind: KIND, about: &call.id, held: false };
    task::open(desk, &call.org, &name, Some(&call.data.customer), except, plan)
}

/// A complaint was opened: if a call was the reason, it knows its complaint.
pub fn complaint_opened(_desk: &Desk, case: &Record<Value>) -> Result<bool> {
    let about = case.data["about"].as_str().unwrap_or_default();
    if case.data["about_kind"] != KIND || about.is_empty() || view::get::<Value>(KIND, about)?.is_none() {
        return Ok(false);
    }
    record::change(KIND, about).field("complaint", &case.id).stage()?;
    timer::cancel(&format!("alert:{about}")).stage()?;
    Ok(true)
}

/// The minutes are over. Where no complaint was opened, a manager opens it.
pub fn overdue(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(call) = view::get::<Call>(KIND, id)?.filter(|call| call.data.complaint.is_none()) else {
        return Ok(Outcome::Skip);
    };
    manager(desk, &call, "care.complaint", "30m")?;
    Ok(Outcome::Done)
}

/// Input of `solve`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solve {
    solution: String,
    solved_on: Option<String>,
    first_satisfied: Option<bool>,
}

/// The problem book: what was done about it.
pub fn solve(desk: &Desk, id: &str, input: Solve) -> Result<()> {
    let call = call::load(id)?;
    must_be_problem(&call.data)?;
    let on = desk.past_day(input.solved_on.as_deref(), "/solved_on")?;
    let mut change =
        record::change(KIND, id).if_rev(call.rev).field("solution", input.solution.trim()).field("solved_on", on);
    if input.first_satisfied == Some(true) {
        change = change.field("solved", "yes");
    }
    change.stage()?;
    task::end(desk, id, &[task::ALERT, "care.complaint"], "done")
}

/// The problem book: a manager who did not solve it signs it off.
pub fn sign_off(desk: &Desk, id: &str) -> Result<()> {
    let call = view::require::<Data>(KIND, id)?;
    if call.data.get("solution").is_none() {
        return Err(marque_sdk::Fault::new("not_solved", texts::text("en", "fault.not_solved")));
    }
    if desk.me().is_some_and(|me| call.data.get("done_by").and_then(Value::as_str) == Some(me)) {
        return Err(marque_sdk::Fault::new("own_call", "whoever made the call does not sign it off: ask a colleague"));
    }
    let change = record::change(KIND, id).if_rev(call.rev);
    desk.me().into_iter().fold(change, |change, me| change.field("signed_by", me)).stage()
}

fn must_be_problem(call: &Call) -> Result<()> {
    if call.is_alert {
        return Ok(());
    }
    Err(marque_sdk::Fault::new("no_problem", "the customer was satisfied: there is nothing to solve"))
}
