//! One respondent's answer: read, looked up, counted. What is done to it is in `page`, `call` and `judge`.

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, Result, Value, view};
use serde::Deserialize;

use crate::{
    index::{self, Sum},
    logic,
    question::{Question, Role, Type},
    questionnaire::Questionnaire,
};

/// The kind's name.
pub const KIND: &str = "surveys.answer";

/// What of an answer counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Where it stands.
    pub state: String,
    /// The study it belongs to.
    pub study: Id,
    /// What is asked.
    pub questionnaire: Id,
    /// Who is asked; none where it is anonymous.
    pub customer: Option<Id>,
    /// Who calls.
    pub owner: Option<Id>,
    /// Whose work it is about.
    pub staff: Option<Id>,
    /// `phone`, `link` or `codes`.
    pub mode: String,
    /// What it is about.
    pub about: Option<Id>,
    /// The day of that.
    pub happened_on: Option<Date>,
    /// The car.
    pub model: Option<String>,
    /// What was answered so far.
    pub answers: Data,
    /// When the respondent began.
    pub started_at: Option<String>,
    /// When the respondent ended.
    pub ended_at: Option<String>,
    /// How long it took.
    pub duration_s: Option<i64>,
    /// The month it counts for.
    pub month: Option<String>,
    /// Whom the caller spoke to.
    pub spoke_to: Option<String>,
    /// Where the recording lies.
    pub recording: Option<String>,
    /// How long it is.
    pub recording_s: Option<i64>,
    /// When the customer was told of the recording.
    pub notice_at: Option<String>,
    /// Calls that nobody took.
    pub tries: i64,
    /// Whether it tries the questionnaire out.
    pub is_pilot: bool,
    /// Whether it waits for an inspection before it counts.
    pub set_aside: bool,
    /// What an inspection found.
    pub inspection: Option<String>,
    /// Whether somebody has to look into it.
    pub is_alert: bool,
    /// The complaint that was opened.
    pub complaint: Option<Id>,
    /// The customer's own words.
    pub verbatim: Option<String>,
    /// 0 to 10.
    pub nps: Option<u64>,
    /// Sums of scores by factor.
    pub sums: Data,
    /// Items with their scores.
    pub items: Data,
}

/// States of answers that were given in full.
pub const FINISHED: [&str; 5] = ["complete", "valid", "invalid", "counted", "excluded"];
/// States of answers that are still to come.
pub const OPEN: [&str; 3] = ["sampled", "invited", "partial"];

/// A filter for answers given in full.
pub fn finished() -> Filter {
    Filter::is_in("state", FINISHED)
}

/// A filter for answers that count.
pub fn counting() -> Filter {
    Filter::is_in("state", ["valid", "counted"]).and(Filter::ne("set_aside", true))
}

/// An answer that must be there.
pub fn load(id: &str) -> Result<Record<Answer>> {
    view::require(KIND, id)
}

/// How many meet a filter.
pub fn count(filter: Filter) -> Result<u64> {
    #[derive(Deserialize)]
    struct Row {
        n: u64,
    }
    let rows: Vec<Row> = view::aggregate(KIND).filter(filter).count("n").rows()?;
    Ok(rows.first().map_or(0, |row| row.n))
}

/// All that meet a filter, at most `most`.
pub fn all(filter: &Filter, most: usize) -> Result<Vec<Record<Answer>>> {
    crate::source::pages(KIND, filter, most)
}

impl Answer {
    /// Refuses what its state does not allow.
    pub fn must_be(&self, states: &[&str]) -> Result<()> {
        if states.contains(&self.state.as_str()) {
            return Ok(());
        }
        Err(Fault::new(
            "answer_closed",
            format!("the answer is {}: this is done while it is {}", self.state, states.join(", ")),
        ))
    }

    /// Sums of scores by factor, as stored.
    pub fn sums(&self) -> Vec<(String, Sum)> {
        let number = |value: &Value, n: usize| value.get(n).and_then(Value::as_u64).unwrap_or(0);
        self.sums
            .iter()
            .map(|(factor, value)| (factor.clone(), Sum { sum: number(value, 0), n: number(value, 1) }))
            .collect()
    }
}

/// What the scores of an answer come to, as fields of the record.
pub fn scored(questionnaire: &Questionnaire, answers: &Data) -> Data {
    let scores = logic::scores(&questionnaire.questions, answers);
    let mut sums: Vec<(u32, Sum)> = Vec::new();
    let mut by_factor = Data::new();
    for factor in &questionnaire.factors {
        let mut sum = Sum::default();
        let of_factor = scores.iter().filter(|score| score.factor == factor.code);
        of_factor.for_each(|score| sum.add(Sum { sum: score.score, n: 1 }));
        if sum.n > 0 {
            by_factor.insert(factor.code.clone(), Value::from(vec![sum.sum, sum.n]));
        }
        sums.push((factor.weight, sum));
    }
    let overall = scores.iter().find(|score| score.role == Role::Overall).map(|score| score.score);
    let items: Data = scores.iter().map(|score| (score.item.clone(), score.score.into())).collect();
    let mut fields = Data::new();
    let mut put = |name: &str, value: Option<Value>| fields.extend(value.map(|value| (name.to_owned(), value)));
    put("index", index::index_tenths(&sums).map(|tenths| index::decimal(tenths.cast_signed()).into()));
    put("nps", nps(&questionnaire.questions, answers).map(Value::from));
    put("overall", overall.map(Value::from));
    put("lowest", scores.iter().map(|score| score.score).min().map(Value::from));
    put("verbatim", verbatim(&questionnaire.questions, answers).map(Value::from));
    put("sums", Some(Value::Object(by_factor)));
    put("items", Some(Value::Object(items)));
    fields
}

fn nps(questions: &[Question], answers: &Data) -> Option<u64> {
    let question = logic::visible(questions, answers).into_iter().find(|question| question.r#type == Type::Nps)?;
    answers.get(&question.code).and_then(Value::as_u64).filter(|answer| *answer <= 10)
}

fn verbatim(questions: &[Question], answers: &Data) -> Option<String> {
    let comments = logic::visible(questions, answers).into_iter().filter(|question| question.role == Role::Comment);
    let words: Vec<&str> =
        comments.filter_map(|question| answers.get(&question.code)?.as_str()).filter(|text| !text.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;
    use marque_sdk::json;

    fn ssi(tenths: &[(&str, u64)]) -> (Questionnaire, Data) {
        let questionnaire = template::questionnaire("ssi", &[]).unwrap();
        let mut answers = json!({ "is_right_person": "yes", "in_scope": "yes", "drove": "yes", "overall": 8, "nps": 9 });
        for question in questionnaire.questions.iter().filter(|question| !question.factor.is_empty()) {
            let score = tenths.iter().find(|(factor, _)| *factor == question.factor).map_or(8, |(_, score)| *score);
            answers[&question.code] = score.into();
        }
        (questionnaire, answers.as_object().cloned().unwrap())
    }

    #[test]
    fn factors_are_summed_and_weighted() {
        let (questionnaire, answers) = ssi(&[("delivery", 10), ("deal", 4)]);
        let fields = scored(&questionnaire, &answers);
        // (18+9+14+13+10)·8 + 17·4 + 20·10 = 780; ÷ 101 · 100 = 772.27…
        assert_eq!(fields["index"], 772.3);
        assert_eq!(fields["sums"]["deal"], json!([12, 3]));
        assert_eq!((&fields["nps"], &fields["overall"], &fields["lowest"]), (&json!(9), &json!(8), &json!(4)));
    }

    #[test]
    fn without_a_test_drive_its_weight_is_left_out() {
        let (questionnaire, mut answers) = ssi(&[("test_drive", 2)]);
        let with = scored(&questionnaire, &answers);
        answers.insert("drove".into(), "no".into());
        let without = scored(&questionnaire, &answers);
        assert_eq!((&with["index"], &without["index"]), (&json!(740.6), &json!(800.0)));
        assert!(without["sums"].get("test_drive").is_none(), "old answers to hidden questions do not count");
    }

    #[test]
    fn the_customers_own_words_are_kept_together() {
        let (questionnaire, mut answers) = ssi(&[]);
        answers.insert("comment".into(), "顾问很好".into());
        answers.insert("overall".into(), 5.into());
        answers.insert("why_low".into(), "等太久".into());
        assert_eq!(scored(&questionnaire, &answers)["verbatim"], "等太久\n顾问很好");
    }
}
