//! Answers as they come in: saved bit by bit, sent off, refused, taken back. The public page is in `public`.

use marque_sdk::{Data, Fault, Record, Result, Value, info, json, page::Link, record, timer};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    desk::Desk,
    form, logic, moment,
    questionnaire::{self, Questionnaire},
    study,
};

/// Input of `fill`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    answers: Data,
    #[serde(default)]
    done: bool,
}

/// What became of answers that were handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// More is to come.
    Saved,
    /// It is not for this person.
    ScreenedOut,
    /// All of it is there.
    Complete,
}

/// A link to the page of an answer.
pub fn link(desk: &Desk, answer: &str) -> Result<Link> {
    Ok(Link::new("answer", answer).until(&info::due(desk.now(), &desk.settings.expiry)?).once())
}

/// Saves answers that a program or a colleague hands in; `done` sends them off.
pub fn fill(desk: &Desk, id: &str, input: Fill) -> Result<Value> {
    let answer = answer::load(id)?;
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let state = match take(desk, &answer, &body, input.answers, input.done, "/answers", None)? {
        Came::Saved => "partial",
        Came::ScreenedOut => "screened_out",
        Came::Complete => "complete",
    };
    Ok(json!({ "id": id, "state": state }))
}

/// Takes answers: checked, put beside those that are there, and scored when it is all.
pub fn take(
    desk: &Desk,
    answer: &Record<Answer>,
    body: &Questionnaire,
    given: Data,
    is_done: bool,
    place: &str,
    began: Option<&str>,
) -> Result<Came> {
    answer.data.must_be(&answer::OPEN)?;
    let study = study::load(&answer.data.study)?.data;
    if study.closes_at.as_deref().is_some_and(|closes_at| closes_at <= desk.now()) {
        return Err(Fault::new("study_over", "the survey has ended: thank you all the same"));
    }
    let mut answers = answer.data.answers.clone();
    answers.extend(given);
    answers.retain(|_, value| !value.is_null());
    form::check(&body.questions, &answers, is_done, place)?;
    let mut fields = Data::new();
    fields.insert("answers".into(), Value::Object(answers.clone()));
    // What is typed from paper in one go took nobody knows how long.
    let begins_now = (!is_done).then_some(desk.now());
    if let Some(started_at) = answer.data.started_at.as_deref().or(began).or(begins_now) {
        fields.insert("started_at".into(), started_at.into());
    }

    if logic::screened_out(&body.questions, &answers).is_some() {
        fields.insert("ended_at".into(), desk.now().into());
        record::mov(answer::KIND, &answer.id, "screen_out").if_rev(answer.rev).fields(fields).stage()?;
        timer::cancel(&format!("next:{}", answer.id)).stage()?;
        return Ok(Came::ScreenedOut);
    }
    // On the phone the caller hangs up before it counts: the recording belongs to it.
    if is_done && answer.data.mode != "phone" {
        finish(desk, answer, body, answers, fields)?;
        return Ok(Came::Complete);
    }
    if answer.data.state == "partial" {
        record::change(answer::KIND, &answer.id).if_rev(answer.rev).fields(fields).stage()?;
    } else {
        record::mov(answer::KIND, &answer.id, "begin").if_rev(answer.rev).fields(fields).stage()?;
    }
    Ok(Came::Saved)
}

/// The answer is complete: scores, words and how long it took.
pub fn finish(
    desk: &Desk,
    answer: &Record<Answer>,
    body: &Questionnaire,
    answers: Data,
    mut fields: Data,
) -> Result<()> {
    let started_at = fields.get("started_at").and_then(Value::as_str).or(answer.data.started_at.as_deref());
    if let Some(started_at) = started_at {
        fields.insert("duration_s".into(), moment::seconds_between(started_at, desk.now())?.into());
    }
    fields.extend(answer::scored(body, &answers));
    fields.insert("answers".into(), Value::Object(answers));
    fields.insert("ended_at".into(), desk.now().into());
    record::mov(answer::KIND, &answer.id, "finish").if_rev(answer.rev).fields(fields).stage()?;
    timer::cancel(&format!("next:{}", answer.id)).stage()
}

/// The respondent does not want to take part.
pub fn refuse(desk: &Desk, id: &str) -> Result<Value> {
    let answer = answer::load(id)?;
    answer.data.must_be(&answer::OPEN)?;
    record::mov(answer::KIND, id, "refuse").if_rev(answer.rev).field("ended_at", desk.now()).stage()?;
    timer::cancel(&format!("next:{id}")).stage()?;
    Ok(json!({ "state": "refused" }))
}

/// A correction after the fact, with the reason kept: this answer does not count any more.
pub fn exclude(id: &str, note: &str) -> Result<Value> {
    let answer = answer::load(id)?;
    answer.data.must_be(&["valid", "counted"])?;
    record::mov(answer::KIND, id, "exclude")
        .if_rev(answer.rev)
        .field("end_reason", "correction")
        .field("end_note", note)
        .stage()?;
    Ok(json!({ "state": "excluded" }))
}
