//! Trying to reach a customer: what may be tried when, what each outcome makes of the call, and when it is enough.

use std::collections::BTreeSet;

use marque_sdk::{Data, Date, Fault, Id, Record, Result, Value, info, json, message, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    alert::{self, Said},
    call::{self, Attempt, Call, KIND},
    clock::{self, Part},
    consent, contact, desk,
    desk::Desk,
    reminder::{self, Answer},
    renewal, task, texts, topic,
};

/// Input of `attempt`; see plugin.toml.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    outcome: String,
    direction: Option<String>,
    channel: Option<String>,
    notice_given: Option<bool>,
    recording: Option<String>,
    right_person: Option<bool>,
    convenient: Option<bool>,
    solved: Option<String>,
    first_fixed: Option<bool>,
    price_explained: Option<bool>,
    on_time: Option<bool>,
    score: Option<i64>,
    verbatim: Option<String>,
    answer: Option<String>,
    wished_on: Option<String>,
    call_back_at: Option<String>,
    note: Option<String>,
}

impl Input {
    fn is_ours(&self) -> bool {
        self.direction.as_deref() != Some("in")
    }

    fn channel(&self) -> &str {
        self.channel.as_deref().unwrap_or("phone")
    }

    /// What came of it: somebody else on the phone is a wrong number, "not now" is a call later.
    fn outcome(&self) -> &str {
        match (self.outcome.as_str(), self.right_person, self.convenient) {
            ("connected", Some(false), _) => "wrong_number",
            ("connected", _, Some(false)) => "call_back",
            (outcome, _, _) => outcome,
        }
    }
}

/// Takes a try down: in the log of contacts, on the call, on the worklist.
pub fn attempt(desk: &Desk, id: &str, input: &Input) -> Result<Value> {
    let call = call::load(id)?;
    call::must_be_open(&call)?;
    if let Some(me) = desk.me() {
        call::must_be_independent(&call, me, "")?;
    }
    may_try(desk, &call.data, input)?;
    if input.recording.is_some() && input.notice_given != Some(true) {
        let message = "a recording needs the customer's knowledge: say that the call is recorded, and tick it";
        return Err(Fault::at("notice_missing", "/notice_given", message));
    }
    let outcome = input.outcome();
    let patch = attempted(desk, &call.data, outcome, input.channel())?;
    match outcome {
        "connected" => reached(desk, &call, input, patch)?,
        "call_back" => later(desk, &call, input, patch)?,
        "refused" => {
            let reason = texts::text(&desk.call.locale, "end.refused");
            fail(desk, &call, &reason, patch)?;
        }
        "wrong_number" | "stopped_number" => {
            let reason = texts::text(&desk.call.locale, "end.number");
            fail(desk, &call, &reason, with(patch, json!({ "verify_contact": true })))?;
        }
        _ => missed(desk, &call, patch)?,
    }
    contact::log(
        desk,
        &call.org,
        &call.data.customer,
        contact::Said {
            outcome,
            channel: input.channel(),
            is_ours: input.is_ours(),
            what: &call.data.kind,
            note: input.verbatim.as_deref().or(input.note.as_deref()),
        },
    )?;
    Ok(json!({ "id": id, "outcome": outcome }))
}

/// Refuses what is too early, at an hour when people sleep, while a complaint is open, or without consent. Who calls us may speak at any time.
fn may_try(desk: &Desk, call: &Call, input: &Input) -> Result<()> {
    if !input.is_ours() {
        return Ok(());
    }
    if call.due_from.as_str() > desk.now() {
        let message = format!("this call is not made before {}: wait, or say that the customer called", call.due_from);
        return Err(Fault::at("too_early", "/outcome", message));
    }
    if call.state == "paused" {
        return Err(Fault::new("complaint_open", "a complaint is open: this call waits until it is over"));
    }
    let minute = clock::minute(desk.now(), &desk.call)?;
    let is_open = (desk.settings.call_from..desk.settings.call_to).contains(&minute);
    if input.channel() == "phone" && !is_open {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let (from, to) = (clock(desk.settings.call_from), clock(desk.settings.call_to));
        return Err(Fault::at("outside_hours", "/outcome", format!("customers are called from {from} to {to}")));
    }
    if topic::is_marketing(&desk.settings, &call.kind) && !consent::may_offer(desk, &call.customer, "call")? {
        return Err(Fault::new("no_consent", "the customer takes no offers: mention it when the customer calls"));
    }
    Ok(())
}

/// The fields of one try more.
fn attempted(desk: &Desk, call: &Call, outcome: &str, channel: &str) -> Result<Data> {
    let minute = clock::minute(desk.now(), &desk.call)?;
    let attempt = Attempt {
        at: desk.now().to_owned(),
        day: desk.today.to_string(),
        part: Part::of(minute).code().to_owned(),
        channel: channel.to_owned(),
        outcome: outcome.to_owned(),
        by: desk.me().map(str::to_owned),
    };
    let mut log = call.attempt_log.clone();
    log.push(attempt);
    let data = json!({ "attempts": call.attempts + 1, "attempt_log": log, "outcome": outcome });
    let is_first = call.first_attempt_at.is_none();
    let in_window = if desk.now() <= call.due.as_str() { 100 } else { 0 };
    let first = json!({ "first_attempt_at": desk.now(), "rated_on_time": in_window });
    Ok(with(object(data), if is_first { first } else { json!({}) }))
}

fn reached(desk: &Desk, call: &Record<Call>, input: &Input, patch: Data) -> Result<()> {
    let kind = call.data.kind.as_str();
    let asks = topic::asks_for_score(kind);
    if asks && input.score.is_none() {
        return Err(Fault::at("score_missing", "/score", "ask for the overall score, 1 to 10, and write it down"));
    }
    if kind == "service_48h" && input.solved.is_none() {
        return Err(Fault::at("solved_missing", "/solved", "ask whether the problem is solved"));
    }
    let words = input.verbatim.as_deref().unwrap_or_default();
    let said = Said { solved: input.solved.as_deref(), score: input.score, words };
    let judged = alert::judge(desk, kind, said)?;
    let answers = json!({
        "solved": input.solved, "first_fixed": input.first_fixed, "price_explained": input.price_explained,
        "on_time": input.on_time, "score": input.score, "verbatim": input.verbatim, "recording": input.recording,
        "note": input.note, "notice_at": input.notice_given.filter(|given| *given).map(|_| desk.now()),
        "rated_satisfied": asks.then_some(if judged.is_some() { 0 } else { 100 }),
        "rated_success": 100, "done_at": desk.now(), "done_by": desk.me(),
        "call_month": desk.today.to_string().get(..7),
    });
    let mut finish = record::mov(KIND, &call.id, "finish").if_rev(call.rev).fields(with(patch, answers));
    if let Some((data, receipt)) = &judged {
        finish = finish.fields(data).receipt("is_alert", receipt);
    }
    finish.stage()?;
    end_tasks(desk, call, "done")?;
    if judged.is_some() {
        alert::raise(desk, call, said)?;
    }
    let answer = Answer { answer: input.answer.clone(), wished_on: input.wished_on.clone(), note: input.note.clone() };
    reminder::spoken_of(desk, call, &answer)?;
    renewal::spoken_of(desk, call)
}

/// The customer has named a time.
fn later(desk: &Desk, call: &Record<Call>, input: &Input, patch: Data) -> Result<()> {
    let Some(text) = &input.call_back_at else {
        return Err(Fault::at("call_back_missing", "/call_back_at", "say when to call back"));
    };
    let at = desk::moment(text, "/call_back_at")?;
    if at.as_str() <= desk.now() {
        return Err(Fault::at("call_back_past", "/call_back_at", format!("{at} has passed: name a later time")));
    }
    let mut data = with(patch, json!({ "next_at": at, "note": input.note }));
    // A promise to call later than the window moves the window.
    if at > call.data.due {
        data.insert("due".into(), info::due(&at, "1d")?.into());
    }
    record::change(KIND, &call.id).if_rev(call.rev).fields(data).stage()?;
    timer::cancel(&format!("tries:{}", call.id)).stage()?;
    task::shift(&call.id, &at)
}

/// Nobody was spoken to: once more in another part of the day, or it is enough.
fn missed(desk: &Desk, call: &Record<Call>, patch: Data) -> Result<()> {
    let mut log = call.data.attempt_log.clone();
    log.extend(patch.get("attempt_log").and_then(|log| Vec::<Attempt>::deserialize(log).ok()?.pop()));
    let parts: BTreeSet<&str> = log.iter().map(|attempt| attempt.part.as_str()).collect();
    let enough = log.len() as i64 >= desk.settings.tries && parts.len() as i64 >= desk.settings.try_parts;
    if enough {
        return not_reached(desk, call, patch);
    }
    let next = next_try(desk, &call.data.customer, &parts)?;
    record::change(KIND, &call.id).if_rev(call.rev).fields(with(patch, json!({ "next_at": next }))).stage()?;
    if log.len() == 1 {
        let last = desk.today.plus_days(desk.settings.try_days - 1);
        let at = clock::at(last, desk.settings.call_to, &desk.call)?;
        let at = if at.as_str() > desk.now() { at } else { desk.soon()? };
        timer::set(&format!("tries:{}", call.id), &at)
            .subject(call.data.customer.as_str())
            .field("call", &call.id)
            .stage()?;
    }
    task::shift(&call.id, &next)
}

/// The next part of a day that was not tried yet: the one the customer likes first, else the next that comes.
fn next_try(desk: &Desk, customer: &str, tried: &BTreeSet<&str>) -> Result<String> {
    let liked = preferred(customer)?.filter(|part| !tried.contains(part.code()));
    let untried = |part: &Part| !tried.contains(part.code());
    let parts: Vec<Part> = match liked {
        Some(part) => vec![part],
        None if tried.len() == Part::ALL.len() => Part::ALL.to_vec(),
        None => Part::ALL.into_iter().filter(untried).collect(),
    };
    soonest(desk, &parts, desk.today)
}

fn soonest(desk: &Desk, parts: &[Part], from: Date) -> Result<String> {
    for day in [from, from.plus_days(1)] {
        for part in parts {
            let at = clock::at(day, part.minute(), &desk.call)?;
            if at.as_str() > desk.now() {
                return Ok(at);
            }
        }
    }
    desk.soon()
}

/// The part of the day a customer likes to be called in.
pub fn preferred(customer: &str) -> Result<Option<Part>> {
    let found = view::get::<Value>("customer", customer)?;
    let likes = found.as_ref().and_then(|found| found.data["preferred_time"].as_str());
    Ok(Part::ALL.into_iter().find(|part| Some(part.code()) == likes))
}

/// It is enough: a message instead, and the front desk verifies phone and address at the next visit.
pub fn not_reached(desk: &Desk, call: &Record<Call>, patch: Data) -> Result<()> {
    let mut patch = with(patch, json!({ "verify_contact": true }));
    // A word of service needs no consent; an offer nobody asked for is left at that.
    if !topic::is_marketing(&desk.settings, &call.data.kind) {
        let id: Id = new_id();
        let words = texts::filled("zh-CN", "message.not_reached", &[("dealer", &desk.call.org_name)]);
        let mut send = message::serve(call.data.customer.as_str(), &desk.settings.channel, &words)
            .template("care.not_reached")
            .command();
        send.body["id"] = id.as_str().into();
        if desk.settings.channel == "email" {
            send.body["subject"] = texts::text("zh-CN", "message.subject").into();
        }
        send.stage()?;
        patch.insert("message".into(), id.into());
    }
    fail(desk, call, &texts::text(&desk.call.locale, "end.not_reached"), patch)
}

/// Ends a call that has not succeeded.
pub fn fail(desk: &Desk, call: &Record<Call>, reason: &str, patch: Data) -> Result<()> {
    let end = json!({
        "end_reason": reason, "done_at": desk.now(), "done_by": desk.me(), "call_month": desk.today.to_string().get(..7),
    });
    record::mov(KIND, &call.id, "fail").if_rev(call.rev).fields(with(patch, end)).stage()?;
    end_tasks(desk, call, "no_answer")
}

fn end_tasks(desk: &Desk, call: &Record<Call>, outcome: &str) -> Result<()> {
    call::quiet(desk, call, outcome)?;
    task::end(desk, &call.id, &[task::LATE], outcome)
}

/// One object and another over it; what is null says nothing.
fn with(mut data: Data, more: Value) -> Data {
    data.extend(object(more).into_iter().filter(|(_, value)| !value.is_null()));
    data
}

fn object(value: Value) -> Data {
    match value {
        Value::Object(data) => data,
        _ => Data::new(),
    }
}
