//! A study: who is asked what, when and how. Planned by a person, then drawn, asked, closed and reported.

use marque_sdk::{Date, Fault, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    desk::{self, Desk, KEEPERS},
    questionnaire,
    sample::{self, Method},
};

/// The kind's name.
pub const KIND: &str = "surveys.study";

/// What of a study counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Study {
    /// Where it stands.
    pub state: String,
    /// What it is called.
    pub name: String,
    /// What is asked.
    pub questionnaire: Id,
    /// The template of the questionnaire, by which studies compare.
    pub template: String,
    /// `phone`, `link` or `codes`.
    pub mode: String,
    /// Where people come from.
    #[serde(flatten)]
    pub source: Source,
    /// How people are drawn.
    pub method: Method,
    /// What makes a stratum.
    pub strata: Vec<String>,
    /// Precision in tenths of a percent.
    pub margin: Option<u64>,
    /// How many, whatever the formula says.
    pub size: Option<u64>,
    /// At least so many a stratum.
    pub least: u64,
    /// What chance begins from.
    pub seed: String,
    /// Who calls.
    pub callers: Vec<Id>,
    /// Whether it tries the questionnaire out.
    pub is_pilot: bool,
    /// Until when answers are taken.
    pub closes_at: Option<String>,
    /// When it was closed.
    pub closed_at: Option<String>,
}

/// Where people come from: records with a customer and a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Source {
    /// `delivery`, `customers` or `custom`.
    #[serde(rename = "source")]
    pub name: String,
    /// The kind of the records.
    pub source_kind: Option<String>,
    /// The field with the customer; none where they are the customers.
    pub customer_field: Option<String>,
    /// The field with the day.
    pub date_field: Option<String>,
    /// The field with whoever is judged.
    pub staff_field: Option<String>,
    /// The field with the model.
    pub model_field: Option<String>,
    /// Which records.
    pub filter: Value,
    /// The first day of the quota.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// A study that must be there.
pub fn load(id: &str) -> Result<Record<Study>> {
    view::require(KIND, id)
}

/// Plans one.
pub fn plan(desk: &Desk, input: &Value) -> Result<Value> {
    desk.must_have(&KEEPERS)?;
    let study = Study::deserialize(input).map_err(|error| Fault::invalid("", "input.invalid", error.to_string()))?;
    let questionnaire = questionnaire::load(&study.questionnaire)?.data;
    // A pilot tries a questionnaire that is not published yet; everything else takes a frozen one.
    let wanted = if study.is_pilot { "pilot" } else { "published" };
    if questionnaire.state != wanted {
        return Err(Fault::at(
            "questionnaire_not_ready",
            "/questionnaire",
            format!("the questionnaire is {}: it has to be {wanted}", questionnaire.state),
        ));
    }
    if questionnaire.body.is_anonymous && study.mode != "codes" {
        return Err(Fault::at(
            "anonymous_by_code",
            "/mode",
            "an anonymous questionnaire is answered with codes, so that nobody knows whose answer it is",
        ));
    }
    if let Some(margin) = study.margin {
        sample::margin(margin)?;
    }
    if let (Some(from), Some(to)) = (study.source.from, study.source.to)
        && from > to
    {
        return Err(Fault::at("quota_days", "/to", format!("{to} lies before {from}: turn them round")));
    }
    let id = new_id();
    let mut create = record::create(KIND)
        .id(id.as_str())
        .fields(input)
        .field("template", &questionnaire.body.template)
        .field("questionnaire_version", questionnaire.version);
    if study.seed.is_empty() {
        create = create.field("seed", &id);
    }
    if study.callers.is_empty() && study.mode == "phone" {
        let callers: Vec<Id> = desk::staff(&desk.call.org)?
            .into_iter()
            .filter(|person| person.has_role(&["crm_officer", "hq_agent"]))
            .map(|person| person.id)
            .collect();
        if callers.is_empty() {
            return Err(Fault::at("callers_missing", "/callers", "nobody here makes calls: say who does"));
        }
        create = create.field("callers", callers);
    }
    if let Some(me) = desk.me() {
        create = create.field("owner", me);
    }
    create.stage()?;
    Ok(json!({ "id": id }))
}
