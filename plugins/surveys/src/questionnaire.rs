//! Questionnaires: made from a template or by hand, checked, piloted, published and then frozen.

use marque_sdk::{Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    lint,
    question::{Factor, Question},
    template,
};

/// The kind's name.
pub const KIND: &str = "surveys.questionnaire";

/// What of a questionnaire counts here; what a person writes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Questionnaire {
    /// Which template it was made from.
    pub template: String,
    /// In Chinese.
    pub name: String,
    /// In English.
    pub name_en: String,
    /// What the respondent reads first.
    pub intro_zh: String,
    /// The same in English.
    pub intro_en: String,
    /// What the caller says first.
    pub script_zh: String,
    /// The same in English.
    pub script_en: String,
    /// The message with the link.
    pub invitation_zh: String,
    /// The same in English.
    pub invitation_en: String,
    /// The last words.
    pub thanks_zh: String,
    /// The same in English.
    pub thanks_en: String,
    /// The last words to somebody it is not for.
    pub goodbye_zh: String,
    /// The same in English.
    pub goodbye_en: String,
    /// How long it takes.
    pub max_minutes: u64,
    /// Items of a factor come in another order for everybody.
    pub randomise: bool,
    /// Nobody may know who answered what.
    pub is_anonymous: bool,
    /// What the index is made of.
    pub factors: Vec<Factor>,
    /// What is asked.
    pub questions: Vec<Question>,
}

/// What is stored besides.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// Where it stands.
    pub state: String,
    /// Its number among those of the same name.
    pub version: i64,
    /// The year of its weights.
    pub year: i64,
    /// What a person wrote.
    #[serde(flatten)]
    pub body: Questionnaire,
}

/// Input of `generate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    template: String,
    #[serde(default)]
    year: Option<i64>,
    #[serde(default)]
    name: Option<String>,
}

/// Input of `write`.
#[derive(Deserialize)]
pub struct Write {
    #[serde(default)]
    id: Option<Id>,
    #[serde(default)]
    year: Option<i64>,
    #[serde(flatten)]
    body: Questionnaire,
}

/// A weight as a person keeps it, one record a factor and year.
#[derive(Deserialize)]
struct Weight {
    factor: String,
    name: String,
    name_en: String,
    weight: u32,
}

/// A questionnaire that must be there.
pub fn load(id: &str) -> Result<Record<Stored>> {
    view::require(KIND, id)
}

/// Makes one from a template with the newest weights of that year or before.
pub fn generate(desk: &Desk, input: Generate) -> Result<Value> {
    let this_year = desk.now().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
    let year = input.year.unwrap_or(this_year);
    let weights = weights(&input.template, year)?;
    let mut body = template::questionnaire(&input.template, &weights)?;
    if let Some(name) = input.name {
        body.name = name;
    }
    create(desk, &body, year, 1, None)
}

/// Writes a new one, or a draft anew.
pub fn write(desk: &Desk, input: Write) -> Result<Value> {
    let this_year = desk.now().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
    let Some(id) = input.id else {
        let body = Questionnaire { template: "custom".to_owned(), ..input.body };
        return create(desk, &body, input.year.unwrap_or(this_year), 1, None);
    };
    let stored = load(&id)?;
    if stored.data.state != "draft" {
        return Err(frozen(&stored.data));
    }
    // The template is where it came from; nobody types that.
    let body = Questionnaire { template: stored.data.body.template.clone(), ..input.body };
    let report = report(&body, &desk.call.locale);
    let year = input.year.unwrap_or(stored.data.year);
    record::change(KIND, &id)
        .if_rev(stored.rev)
        .fields(&body)
        .field("year", year)
        .field("n_questions", n_questions(&body))
        .field("n_findings", report.1)
        .field("findings", report.0)
        .stage()?;
    Ok(json!({ "id": id }))
}

/// Looks a draft over and says what is wrong, without refusing.
pub fn check(desk: &Desk, id: &str) -> Result<Value> {
    let stored = load(id)?;
    let (text, n) = report(&stored.data.body, &desk.call.locale);
    record::change(KIND, id).if_rev(stored.rev).field("findings", text).field("n_findings", n).stage()?;
    let findings: Vec<Value> = lint::lint(&stored.data.body)
        .iter()
        .map(|finding| {
            let message = lint::sentence(finding, &desk.call.locale);
            json!({ "rule": finding.rule, "pointer": finding.pointer, "message": message })
        })
        .collect();
    Ok(json!({ "findings": findings }))
}

/// Draft to pilot: nothing may be wrong with it any more.
pub fn pilot(desk: &Desk, id: &str) -> Result<Value> {
    let stored = load(id)?;
    lint::must_be_clean(&stored.data.body, &desk.call.locale)?;
    record::mov(KIND, id, "pilot").if_rev(stored.rev).field("findings", Value::Null).field("n_findings", 0).stage()?;
    Ok(json!({ "id": id }))
}

/// Pilot to published: enough people have tried it, and it is frozen.
pub fn publish(desk: &Desk, id: &str) -> Result<Value> {
    let stored = load(id)?;
    lint::must_be_clean(&stored.data.body, &desk.call.locale)?;
    let tried = Filter::eq("questionnaire", id).and(Filter::eq("is_pilot", true)).and(crate::answer::finished());
    let n = crate::answer::count(tried)?;
    if n < desk.settings.pilot_answers {
        return Err(Fault::new(
            "pilot_too_small",
            format!("{n} pilot answers: at least {} are needed before it is published", desk.settings.pilot_answers),
        ));
    }
    let mut publish = record::mov(KIND, id, "publish").if_rev(stored.rev).field("published_at", desk.now());
    if let Some(me) = desk.me() {
        publish = publish.field("published_by", me);
    }
    publish.field("pilot_count", n).stage()?;
    Ok(json!({ "id": id }))
}

/// Pilot back to draft.
pub fn rework(id: &str) -> Result<Value> {
    record::mov(KIND, id, "rework").if_rev(load(id)?.rev).stage()?;
    Ok(json!({ "id": id }))
}

/// Out of use.
pub fn retire(id: &str) -> Result<Value> {
    record::mov(KIND, id, "retire").if_rev(load(id)?.rev).stage()?;
    Ok(json!({ "id": id }))
}

/// A draft of the next version; the published one stays as it is.
pub fn revise(desk: &Desk, id: &str) -> Result<Value> {
    let stored = load(id)?;
    create(desk, &stored.data.body, stored.data.year, stored.data.version + 1, Some(id))
}

fn create(desk: &Desk, body: &Questionnaire, year: i64, version: i64, follows: Option<&str>) -> Result<Value> {
    let id = new_id();
    let (findings, n_findings) = report(body, &desk.call.locale);
    let mut create = record::create(KIND)
        .id(id.as_str())
        .fields(body)
        .field("year", year)
        .field("version", version)
        .field("n_questions", n_questions(body))
        .field("n_findings", n_findings);
    if !findings.is_null() {
        create = create.field("findings", findings);
    }
    if let Some(follows) = follows {
        create = create.field("follows", follows);
    }
    create.stage()?;
    Ok(json!({ "id": id, "n_findings": n_findings }))
}

/// What is wrong, a line each; null where nothing is.
fn report(body: &Questionnaire, locale: &str) -> (Value, usize) {
    let findings = lint::lint(body);
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} · {}", place(body, &finding.pointer), lint::sentence(finding, locale)))
        .collect();
    (if lines.is_empty() { Value::Null } else { lines.join("\n").into() }, findings.len())
}

/// `/questions/3/en` as the builder counts it: `4 reception_greet`.
fn place(body: &Questionnaire, pointer: &str) -> String {
    let mut parts = pointer.trim_start_matches('/').split('/');
    match (parts.next(), parts.next().and_then(|n| n.parse::<usize>().ok())) {
        (Some("questions"), Some(n)) => {
            format!("{} {}", n + 1, body.questions.get(n).map_or("", |question| question.code.as_str()))
        }
        (Some(field), _) => field.to_owned(),
        (None, _) => String::new(),
    }
}

fn n_questions(body: &Questionnaire) -> usize {
    body.questions.iter().map(Question::n_items).sum()
}

fn frozen(stored: &Stored) -> Fault {
    Fault::new(
        "questionnaire_frozen",
        format!("the questionnaire is {}: take it back to draft, or make a new version", stored.state),
    )
}

/// Weights somebody keeps for a template: those of the newest year that is not after `year`.
fn weights(template: &str, year: i64) -> Result<Vec<Factor>> {
    let newest = Filter::eq("template", template).and(Filter::lte("year", year));
    let Some(first) = view::find::<Value>("surveys.weight").filter(newest).order("-year").first()? else {
        return Ok(Vec::new());
    };
    let of_year = Filter::eq("template", template).and(Filter::eq("year", first.data["year"].clone()));
    let rows = view::find::<Weight>("surveys.weight").filter(of_year).order("position").limit(50).page()?.items;
    let factor = |row: Weight| Factor { code: row.factor, zh: row.name, en: row.name_en, weight: row.weight };
    Ok(rows.into_iter().map(|row| factor(row.data)).collect())
}
