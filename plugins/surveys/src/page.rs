//! The page a respondent fills in: opened, saved, sent off. A half-filled one goes on where it stood.

use marque_sdk::{Data, Fault, Record, Result, Value, json, record, timer};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    desk::Desk,
    dice::Dice,
    form, logic, moment,
    question::{Choice, Question, Type},
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

/// Where the page of an answer lies; the server puts its own address in front.
pub fn link(answer: &str) -> String {
    format!("{{page:surveys.answer/{answer}}}")
}

/// Everything the page needs: words, questions that are asked now, what was answered so far.
pub fn open(desk: &Desk, id: &str) -> Result<Value> {
    let answer = answer::load(id)?;
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let is_open = ["invited", "partial", "sampled"].contains(&answer.data.state.as_str());
    let questions: Vec<Value> = if is_open {
        let asked = logic::visible(&body.questions, &answer.data.answers);
        shuffled(&asked, body.randomise, id).into_iter().map(shown).collect()
    } else {
        Vec::new()
    };
    Ok(json!({
        "state": answer.data.state,
        "until": desk_until(&answer),
        "now": desk.now(),
        "title": { "zh-CN": body.name, "en": body.name_en },
        "intro": { "zh-CN": body.intro_zh, "en": body.intro_en },
        "script": if answer.data.mode == "phone" { json!({ "zh-CN": body.script_zh, "en": body.script_en }) } else { Value::Null },
        "end": last_words(&body, &answer.data.state),
        "questions": questions,
        "answers": answer.data.answers,
    }))
}

fn desk_until(answer: &Record<Answer>) -> Value {
    answer.data.ended_at.clone().map_or(Value::Null, Value::String)
}

fn last_words(body: &Questionnaire, state: &str) -> Value {
    match state {
        "screened_out" => json!({ "zh-CN": body.goodbye_zh, "en": body.goodbye_en }),
        _ => json!({ "zh-CN": body.thanks_zh, "en": body.thanks_en }),
    }
}

/// Items of one factor that follow each other in another order for everybody, the same each time for the same answer.
fn shuffled<'a>(asked: &[&'a Question], randomise: bool, seed: &str) -> Vec<&'a Question> {
    let mut found = Vec::with_capacity(asked.len());
    for items in asked.chunk_by(|one, next| !one.factor.is_empty() && one.factor == next.factor) {
        if randomise && items.len() > 1 {
            found.extend(Dice::new(&format!("{seed}/{}", items[0].factor)).draw(items.to_vec(), items.len()));
        } else {
            found.extend_from_slice(items);
        }
    }
    found
}

fn shown(question: &Question) -> Value {
    let choices = |choices: Vec<Choice>| -> Vec<Value> {
        let shown = |choice: Choice| json!({ "value": choice.value, "label": { "zh-CN": choice.zh, "en": choice.en }, "alone": choice.is_exclusive });
        choices.into_iter().map(shown).collect()
    };
    let mut shown = json!({
        "code": question.code,
        "section": question.section,
        "type": question.r#type,
        "text": { "zh-CN": question.zh, "en": question.en },
        "required": question.required,
        "dont_know": question.knows_dont_know(),
    });
    match question.r#type {
        Type::Single | Type::Multiple => shown["options"] = choices(question.choices()).into(),
        Type::Matrix => shown["lines"] = choices(question.matrix()).into(),
        _ => {}
    }
    shown
}

/// Saves answers; `done` sends them off.
pub fn fill(desk: &Desk, id: &str, input: Fill) -> Result<Value> {
    let answer = answer::load(id)?;
    answer.data.must_be(&answer::OPEN)?;
    let study = study::load(&answer.data.study)?.data;
    if study.closes_at.as_deref().is_some_and(|closes_at| closes_at <= desk.now()) {
        return Err(Fault::new("study_over", "the survey has ended: thank you all the same"));
    }
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let mut answers = answer.data.answers.clone();
    answers.extend(input.answers);
    answers.retain(|_, value| !value.is_null());
    form::check(&body.questions, &answers, input.done)?;
    let started_at = answer.data.started_at.clone().unwrap_or_else(|| desk.now().to_owned());
    let mut fields = Data::new();
    fields.insert("answers".into(), Value::Object(answers.clone()));
    fields.insert("started_at".into(), started_at.clone().into());

    if logic::screened_out(&body.questions, &answers).is_some() {
        fields.insert("ended_at".into(), desk.now().into());
        record::mov(answer::KIND, id, "screen_out").if_rev(answer.rev).fields(fields).stage()?;
        timer::cancel(&format!("next:{id}")).stage()?;
        return Ok(json!({ "state": "screened_out", "end": last_words(&body, "screened_out") }));
    }
    // On the phone the caller hangs up before it counts: the recording belongs to it.
    if input.done && answer.data.mode != "phone" {
        finish(desk, &answer, &body, answers, fields)?;
        return Ok(json!({ "state": "complete", "end": last_words(&body, "complete") }));
    }
    if answer.data.state == "partial" {
        record::change(answer::KIND, id).if_rev(answer.rev).fields(fields).stage()?;
    } else {
        record::mov(answer::KIND, id, "begin").if_rev(answer.rev).fields(fields).stage()?;
    }
    Ok(json!({ "state": "partial" }))
}

/// The answer is complete: scores, words and how long it took.
pub fn finish(desk: &Desk, answer: &Record<Answer>, body: &Questionnaire, answers: Data, mut fields: Data) -> Result<()> {
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
