//! What becomes of a complete answer: is it valid, and does somebody have to call back now?

use marque_sdk::{
    Decision, Event, Filter, Outcome, Record, RecordRef, Result, Value, decide, event, info, json, new_id, record, timer, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    answer::{self, Answer},
    desk::{self, Desk},
    questionnaire,
    study::{self, Study},
    texts,
    validity::{self, Facts},
};

/// So many durations make the median.
const OTHERS: u32 = 500;

/// An answer has come in.
pub fn answered(desk: &Desk, heard: &Event) -> Result<Outcome> {
    let Some(RecordRef { id, .. }) = heard.record() else { return Ok(Outcome::Skip) };
    let answer = answer::load(&id)?;
    if answer.data.state != "complete" {
        return Ok(Outcome::Skip);
    }
    let study = study::load(&answer.data.study)?.data;
    alert(desk, &answer)?;
    let reasons = reasons(&answer, &study)?;
    let transition = if reasons.is_empty() { "validate" } else { "invalidate" };
    let mut judge = record::mov(answer::KIND, &id, transition);
    if !reasons.is_empty() {
        judge = judge.field("invalid_reasons", &reasons);
    }
    judge.stage()?;
    Ok(Outcome::Done)
}

fn reasons(answer: &Record<Answer>, study: &Study) -> Result<Vec<&'static str>> {
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let data = &answer.data;
    let of_study = Filter::eq("study", data.study.as_str()).and(answer::finished()).and(Filter::gt("duration_s", 0));
    let others = view::find::<Answer>(answer::KIND).filter(of_study).order("-ended_at").limit(OTHERS).page()?.items;
    let others = others.into_iter().filter(|other| other.id != answer.id).filter_map(|other| other.data.duration_s);
    let facts = Facts {
        seconds: data.duration_s,
        others: others.collect(),
        is_second: is_second(answer)?,
        spoke_to: data.spoke_to.as_deref(),
        happened_on: data.happened_on,
        quota: (study.source.from, study.source.to),
        is_phone: data.mode == "phone",
        has_recording: data.recording.is_some(),
        recording_s: data.recording_s,
    };
    Ok(validity::check(&body.questions, &data.answers, &facts))
}

/// Whether the same job was answered for before, in whichever study of this questionnaire's kind.
fn is_second(answer: &Record<Answer>) -> Result<bool> {
    let Some(about) = &answer.data.about else { return Ok(false) };
    let same = Filter::eq("about", about.as_str())
        .and(Filter::eq("questionnaire", answer.data.questionnaire.as_str()))
        .and(Filter::is_in("state", ["valid", "counted"]));
    Ok(view::find::<Value>(answer::KIND).filter(same).limit(5).page()?.items.iter().any(|other| other.id != answer.id))
}

/// What the rule is told; see points/survey.alert.json.
#[derive(Serialize)]
struct Input<'a> {
    lowest: Option<u64>,
    nps: Option<u64>,
    words: &'a str,
    alert_score: u64,
    alert_nps: u64,
    now: &'a str,
}

#[derive(Deserialize)]
struct Output {
    alert: String,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    fallback: Option<String>,
}

/// Asks the rule, marks the answer and raises the alert that others hear.
fn alert(desk: &Desk, answer: &Record<Answer>) -> Result<()> {
    let data = &answer.data;
    // A pilot and a colleague's anonymous answer have nobody who could be called back.
    let Some(customer) = data.customer.as_ref().filter(|_| !data.is_pilot) else { return Ok(()) };
    let lowest = data.items.values().filter_map(Value::as_u64).min();
    let input = Input {
        lowest,
        nps: data.nps,
        words: data.verbatim.as_deref().unwrap_or_default(),
        alert_score: desk.settings.alert_score,
        alert_nps: desk.settings.alert_nps,
        now: desk.now(),
    };
    let Decision { output, receipt } = decide::<Output>("survey.alert", &input)?;
    if output.alert != "yes" {
        return Ok(());
    }
    let reasons = output.reasons.into_iter().chain(output.fallback).collect::<Vec<_>>().join("；");
    record::change(answer::KIND, &answer.id)
        .field("is_alert", true)
        .field("alert_reasons", reasons)
        .field("alerted_at", desk.now())
        .receipt("is_alert", &receipt)
        .stage()?;
    let about = RecordRef { kind: answer::KIND.into(), id: answer.id.clone(), rev: answer.rev };
    let data = json!({ "answer": answer.id, "lowest": lowest, "nps": data.nps, "staff": data.staff });
    event::raise("surveys.answer.alert").subject(customer.as_str()).record(&about).data(data).stage()?;
    timer::set(&format!("alert:{}", answer.id), &info::due(desk.now(), &desk.settings.alert_within)?)
        .subject(customer.as_str())
        .field("answer", &answer.id)
        .stage()
}

/// A complaint was opened: if an answer was the reason, it knows its complaint.
pub fn complaint_opened(heard: &Event) -> Result<Outcome> {
    let Some(RecordRef { kind, id, .. }) = heard.record() else { return Ok(Outcome::Skip) };
    let Some(case) = view::get::<Value>(&kind, &id)? else { return Ok(Outcome::Skip) };
    let about = case.data["about"].as_str().unwrap_or_default();
    if case.data["about_kind"] != answer::KIND || view::get::<Value>(answer::KIND, about)?.is_none() {
        return Ok(Outcome::Skip);
    }
    record::change(answer::KIND, about).field("complaint", &id).stage()?;
    timer::cancel(&format!("alert:{about}")).stage()?;
    Ok(Outcome::Done)
}

/// Five minutes have passed since the alert. Where no complaint was opened, somebody is told to do it.
pub fn overdue(desk: &Desk, id: &str) -> Result<Outcome> {
    let answer = answer::load(id)?;
    if answer.data.complaint.is_some() {
        return Ok(Outcome::Skip);
    }
    let staff = desk::staff(&answer.org)?;
    let Some(owner) = desk::first_with(&staff, &["crm_mgr", "crm_officer", "gm"]) else { return Ok(Outcome::Park) };
    let mut task = record::create("worklist.task")
        .id(new_id())
        .org(answer.org.as_str())
        .field("title", texts::text(&desk.call.locale, "step.survey.alert"))
        .field("step", "survey.alert")
        .field("owner", &owner.id)
        .field("due", info::due(desk.now(), "30m")?)
        .field("about_kind", answer::KIND)
        .field("about", id);
    if let Some(customer) = &answer.data.customer {
        task = task.field("customer", customer);
    }
    task.stage()?;
    Ok(Outcome::Done)
}
