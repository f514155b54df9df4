//! On the phone: one task a caller and study, the notice of the recording, and the end of the call.

use marque_sdk::{Data, Date, Fault, Filter, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    desk::{CALLERS, Desk, KEEPERS},
    form, page, questionnaire,
    study::{self, Study},
    texts,
};

const TASK: &str = "worklist.task";
/// The step of a caller's task.
pub const STEP: &str = "survey.calls";

/// Input of `begin_call`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    notice_given: bool,
}

/// Input of `end_call`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    spoke_to: String,
    #[serde(default)]
    recording: Option<String>,
    #[serde(default)]
    recording_s: Option<i64>,
    #[serde(default)]
    answers: Data,
}

/// One open task for each caller, without a customer's name: who is in the sample is nobody else's business until it is closed.
pub fn tasks(desk: &Desk, id: &str, study: &Study) -> Result<()> {
    let open = Filter::eq("about", id).and(Filter::eq("state", "open"));
    let there = view::find::<Data>(TASK).filter(open).limit(500).page()?.items;
    let due = study.closes_at.clone().unwrap_or_else(|| desk.now().to_owned());
    for caller in &study.callers {
        if there.iter().any(|task| task.data.get("owner").and_then(Value::as_str) == Some(caller)) {
            continue;
        }
        record::create(TASK)
            .id(new_id())
            .field("title", format!("{}：{}", texts::text(&desk.call.locale, "step.survey.calls"), study.name))
            .field("step", STEP)
            .field("owner", caller)
            .field("due", &due)
            .field("about_kind", study::KIND)
            .field("about", id)
            .field("held", true)
            .stage()?;
    }
    Ok(())
}

/// Ends the callers' tasks of a study.
pub fn end_tasks(desk: &Desk, id: &str) -> Result<()> {
    let open = Filter::eq("about", id).and(Filter::eq("state", "open")).and(Filter::eq("step", STEP));
    for task in view::find::<Value>(TASK).filter(open).limit(500).page()?.items {
        record::mov(TASK, &task.id, "complete").field("outcome", "done").field("done_at", desk.now()).stage()?;
    }
    Ok(())
}

fn called(desk: &Desk, answer: &Answer) -> Result<()> {
    answer.must_be(&["invited", "partial"])?;
    if answer.mode != "phone" {
        return Err(Fault::new("not_by_phone", "this answer is given by link, not on the phone"));
    }
    if answer.owner.as_deref() == desk.me() {
        return Ok(());
    }
    desk.must_have(&KEEPERS)
}

/// The customer has answered the phone.
pub fn begin(desk: &Desk, id: &str, input: &Begin) -> Result<Value> {
    desk.must_have(&CALLERS)?;
    let answer = answer::load(id)?;
    called(desk, &answer.data)?;
    if !input.notice_given {
        return Err(Fault::at(
            "notice_missing",
            "/notice_given",
            "tell the customer first that the call is recorded, then go on",
        ));
    }
    let fields = json!({ "notice_at": desk.now(), "started_at": desk.now(), "owner": desk.me().or(answer.data.owner.as_deref()) });
    if answer.data.state == "partial" {
        record::change(answer::KIND, id).if_rev(answer.rev).fields(fields).stage()?;
    } else {
        record::mov(answer::KIND, id, "begin").if_rev(answer.rev).fields(fields).stage()?;
    }
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    Ok(json!({ "id": id, "script": { "zh-CN": body.script_zh, "en": body.script_en } }))
}

/// The call is over: with the recording and whom it was spoken to, the answers count.
pub fn end(desk: &Desk, id: &str, input: End) -> Result<Value> {
    desk.must_have(&CALLERS)?;
    let answer = answer::load(id)?;
    called(desk, &answer.data)?;
    if answer.data.notice_at.is_none() {
        return Err(Fault::new("call_not_begun", "begin the call first, with the notice that it is recorded"));
    }
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let mut answers = answer.data.answers.clone();
    answers.extend(input.answers);
    answers.retain(|_, value| !value.is_null());
    form::check(&body.questions, &answers, true)?;
    let mut fields = Data::new();
    fields.insert("spoke_to".into(), input.spoke_to.into());
    // Inspections go by the month in which a caller called.
    fields.insert("call_month".into(), crate::fieldwork::month(Date::today(&desk.call)?).into());
    fields.extend(input.recording.map(|recording| ("recording".to_owned(), recording.into())));
    fields.extend(input.recording_s.map(|seconds| ("recording_s".to_owned(), seconds.into())));
    page::finish(desk, &answer, &body, answers, fields)?;
    Ok(json!({ "state": "complete" }))
}

/// Nobody took the call; after so many tries it is enough.
pub fn no_answer(desk: &Desk, id: &str) -> Result<Value> {
    desk.must_have(&CALLERS)?;
    let answer = answer::load(id)?;
    called(desk, &answer.data)?;
    let tries = answer.data.tries + 1;
    if tries >= desk.settings.call_tries {
        record::mov(answer::KIND, id, "expire")
            .if_rev(answer.rev)
            .field("tries", tries)
            .field("end_reason", "no_answer")
            .stage()?;
    } else {
        record::change(answer::KIND, id).if_rev(answer.rev).field("tries", tries).field("tried_at", desk.now()).stage()?;
    }
    Ok(json!({ "tries": tries }))
}
