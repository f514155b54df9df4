//! Reports: index, NPS and shares by factor, question, dealer, person, model and month, kept as records that anybody may chart.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::{Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    desk::Desk,
    index::{self, Nps, Sum},
    question::{Factor, Role},
    questionnaire::{self, Questionnaire},
    settings::Settings,
    source,
    study::{self, Study},
};

/// The kind's name.
pub const KIND: &str = "surveys.score";

/// What a group of answers comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub n: u64,
    /// By factor.
    pub sums: BTreeMap<String, Sum>,
    /// Recommendations.
    pub nps: Nps,
    /// Of an item or factor: scores of 9 and 10.
    pub top: u64,
    /// Of an item or factor: all its scores.
    pub scores: Sum,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `total`, `dealer`, `person`, `model`, `month`, `factor` or `question`.
    pub scope: &'static str,
    /// Which of them.
    pub key: String,
    /// What it comes to.
    pub group: Group,
}

impl Group {
    fn add(&mut self, answer: &Answer) {
        self.n += 1;
        for (factor, sum) in answer.sums() {
            self.sums.entry(factor).or_default().add(sum);
        }
        if let Some(nps) = answer.nps {
            self.nps.add(nps);
        }
    }

    fn add_score(&mut self, score: u64) {
        self.scores.add(Sum { sum: score, n: 1 });
        self.top += u64::from(score >= 9);
    }

    /// The index by the weights of the questionnaire.
    pub fn index_tenths(&self, factors: &[Factor]) -> Option<u64> {
        let sums: Vec<(u32, Sum)> = factors
            .iter()
            .map(|factor| (factor.weight, self.sums.get(&factor.code).copied().unwrap_or_default()))
            .collect();
        index::index_tenths(&sums)
    }

    /// The share of 9 and 10 among its scores, in tenths of a percent.
    pub fn top_tenths(&self) -> Option<u64> {
        (self.scores.n > 0).then(|| index::round(u128::from(self.top) * 1_000, u128::from(self.scores.n)) as u64)
    }
}

/// Every line of a report over answers that count.
pub fn lines(body: &Questionnaire, answers: &[(Id, Answer)]) -> Vec<Line> {
    let mut groups: BTreeMap<(&'static str, String), Group> = BTreeMap::new();
    for (org, answer) in answers {
        let mut add = |scope, key: Option<&String>| {
            if let Some(key) = key {
                groups.entry((scope, key.clone())).or_default().add(answer);
            }
        };
        add("total", Some(&String::new()));
        add("dealer", Some(org));
        add("model", answer.model.as_ref());
        add("month", answer.month.as_ref());
        // Colleagues judge anonymously: nobody is told apart.
        if !body.is_anonymous {
            add("person", answer.staff.as_ref());
        }
        let mut seen: BTreeSet<(&'static str, String)> = BTreeSet::new();
        for (item, score) in &answer.items {
            let Some(score) = score.as_u64() else { continue };
            let code = item.split('.').next().unwrap_or(item);
            let question = body.questions.iter().find(|question| question.code == code);
            let Some(question) = question.filter(|question| question.role != Role::Overall) else { continue };
            let keys = [("question", item.clone()), ("factor", question.factor.clone())];
            for key in keys.into_iter().filter(|(_, key)| !key.is_empty()) {
                let group = groups.entry(key.clone()).or_default();
                group.add_score(score);
                group.n += u64::from(seen.insert(key));
            }
        }
    }
    groups.into_iter().map(|((scope, key), group)| Line { scope, key, group }).collect()
}

/// From how many answers on a line says anything.
fn least(scope: &str, body: &Questionnaire, settings: &Settings) -> u64 {
    match scope {
        _ if body.is_anonymous => settings.least_of_employees,
        "person" => settings.least_of_person,
        _ => 1,
    }
}

/// Strong, weak or neither: weak is a low share of 9 and 10, or one that falls.
pub fn verdict(top: u64, before: Option<u64>, settings: &Settings) -> &'static str {
    let is_falling = before.is_some_and(|before| before >= top + settings.falling_points * 10);
    if top < settings.weak_percent * 10 || is_falling {
        "weak"
    } else if top >= 800 {
        "strong"
    } else {
        "plain"
    }
}

/// Works a study's report out anew; scores that are gone are taken away.
pub fn report(desk: &Desk, id: &str) -> Result<Value> {
    let study = study::load(id)?;
    let body = questionnaire::load(&study.data.questionnaire)?.data.body;
    let counting = Filter::eq("study", id).and(answer::counting());
    let answers: Vec<(Id, Answer)> =
        answer::all(&counting, source::MOST)?.into_iter().map(|answer| (answer.org, answer.data)).collect();
    let before = before(id, &study.data)?;
    let mut old: BTreeMap<String, Record<Value>> = BTreeMap::new();
    for score in source::pages::<Value>(KIND, &Filter::eq("study", id), source::MOST)? {
        old.insert(score.data["slot"].as_str().unwrap_or_default().to_owned(), score);
    }
    let lines = lines(&body, &answers);
    for line in &lines {
        let slot = format!("{id}:{}:{}", line.scope, line.key);
        let fields = fields(desk, &study.data, &body, line, before.get(&(line.scope.to_owned(), line.key.clone())))?;
        match old.remove(&slot) {
            Some(score) if same(&score.data, &fields) => {}
            Some(score) => record::change(KIND, &score.id).fields(&fields).stage()?,
            None => {
                let mut create = record::create(KIND).fields(&fields).field("study", id).field("slot", &slot);
                if line.scope == "dealer" {
                    create = create.org(line.key.as_str());
                }
                create.stage()?;
            }
        }
    }
    for score in old.values() {
        record::remove(KIND, &score.id).stage()?;
    }
    let n = answers.len();
    let total = lines.iter().find(|line| line.scope == "total");
    let is_shown = n as u64 >= least("total", &body, &desk.settings);
    let mut change = record::change(study::KIND, id).field("n_counted", n).field("reported_at", desk.now());
    let index = total.and_then(|line| line.group.index_tenths(&body.factors)).filter(|_| is_shown);
    change = change.field("index", index.map(|tenths| index::decimal(tenths.cast_signed())));
    change = change.field("nps", total.and_then(|line| line.group.nps.tenths()).filter(|_| is_shown).map(index::decimal));
    change.stage()?;
    Ok(json!({ "id": id, "n_counted": n, "n_scores": lines.len() }))
}

/// The fields of a line as stored: nothing but the number of answers where there are too few.
fn fields(desk: &Desk, study: &Study, body: &Questionnaire, line: &Line, before: Option<&Before>) -> Result<Value> {
    let group = &line.group;
    let least = least(line.scope, body, &desk.settings);
    let is_shown = group.n >= least;
    let mut fields = json!({
        "template": study.template,
        "scope": line.scope,
        "key": line.key,
        "label": label(body, line)?,
        "n": group.n,
        "is_shown": is_shown,
        "is_small": group.n < desk.settings.small_base,
        "least": least,
        "staff": if line.scope == "person" { json!(line.key) } else { Value::Null },
    });
    let tenths = |value: Option<i64>| value.filter(|_| is_shown).map_or(Value::Null, |tenths| json!(index::decimal(tenths)));
    let is_item = ["factor", "question"].contains(&line.scope);
    let index = if is_item { None } else { group.index_tenths(&body.factors) };
    fields["index"] = tenths(index.map(u64::cast_signed));
    fields["nps"] = tenths(if is_item { None } else { group.nps.tenths() });
    fields["nps_margin"] = tenths(if is_item { None } else { group.nps.margin_tenths().map(u64::cast_signed) });
    let mean = group.scores.mean_hundredths().filter(|_| is_shown);
    fields["mean"] = mean.map_or(Value::Null, |mean| json!(mean as f64 / 100.0));
    let top = group.top_tenths().filter(|_| is_shown);
    fields["top_share"] = tenths(top.map(u64::cast_signed));
    let had = before.and_then(|before| before.top);
    fields["change"] = tenths(top.zip(had).map(|(top, had)| top.cast_signed() - had.cast_signed()));
    fields["verdict"] = top.map_or(Value::Null, |top| json!(verdict(top, had, &desk.settings)));
    Ok(fields)
}

fn label(body: &Questionnaire, line: &Line) -> Result<String> {
    let named = |kind: &str| -> Result<String> {
        let record = view::get::<Value>(kind, &line.key)?;
        let name = record.as_ref().and_then(|record| record.data["name"].as_str());
        Ok(name.unwrap_or(&line.key).to_owned())
    };
    Ok(match line.scope {
        "dealer" => named("org")?,
        "person" => named("user")?,
        "factor" => {
            let factor = body.factors.iter().find(|factor| factor.code == line.key);
            factor.map_or_else(|| line.key.clone(), |factor| factor.zh.clone())
        }
        "question" => {
            let (code, row) = line.key.split_once('.').unwrap_or((&line.key, ""));
            let question = body.questions.iter().find(|question| question.code == code);
            let text = question.map_or_else(|| line.key.clone(), |question| question.zh.clone());
            let of_row = question.and_then(|question| question.matrix().into_iter().find(|choice| choice.value == row));
            of_row.map_or(text.clone(), |choice| format!("{text} {}", choice.zh))
        }
        "total" => body.name.clone(),
        _ => line.key.clone(),
    })
}

/// What the study before this one of the same template came to.
struct Before {
    top: Option<u64>,
}

fn before(id: &str, study: &Study) -> Result<BTreeMap<(String, String), Before>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Score {
        scope: String,
        key: String,
        top_share: Option<f64>,
    }
    let earlier = Filter::eq("template", study.template.as_str())
        .and(Filter::is_in("state", ["closed", "reported"]))
        .and(Filter::ne("is_pilot", true));
    let earlier = match &study.closed_at {
        Some(closed_at) => earlier.and(Filter::lt("closed_at", closed_at.as_str())),
        None => earlier,
    };
    let last = view::find::<Value>(study::KIND).filter(earlier).order("-closed_at").limit(2).page()?.items;
    let Some(last) = last.into_iter().find(|other| other.id != id) else { return Ok(BTreeMap::new()) };
    let of_last = Filter::eq("study", last.id.as_str()).and(Filter::is_in("scope", ["factor", "question"]));
    let scores = source::pages::<Score>(KIND, &of_last, source::MOST)?;
    // Stored with one decimal, so that ten times it is whole.
    let tenths = |share: f64| (share * 10.0).round() as u64;
    Ok(scores
        .into_iter()
        .map(|score| ((score.data.scope, score.data.key), Before { top: score.data.top_share.map(tenths) }))
        .collect())
}

fn same(old: &Value, new: &Value) -> bool {
    let fields = new.as_object().into_iter().flatten();
    fields.into_iter().all(|(name, value)| old.get(name).unwrap_or(&Value::Null) == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    fn settings() -> Settings {
        let defaults = marque_sdk::testing::defaults(include_str!("../settings.json"));
        serde_json::from_value(defaults).unwrap()
    }

    fn answers(n: usize, staff: &str, score: u64, nps: u64) -> Vec<(Id, Answer)> {
        let body = template::questionnaire("ssi", &[]).unwrap();
        let mut given = marque_sdk::Data::new();
        for question in &body.questions {
            let value = match question.r#type {
                crate::question::Type::YesNo => Value::from("yes"),
                crate::question::Type::Nps => nps.into(),
                crate::question::Type::Text => continue,
                _ => score.into(),
            };
            given.insert(question.code.clone(), value);
        }
        let fields = answer::scored(&body, &given);
        let mut answer: Answer = serde_json::from_value(Value::Object(fields)).unwrap();
        answer.staff = Some(staff.into());
        answer.month = Some("2026-02".into());
        (0..n).map(|_| ("d1".to_owned(), answer.clone())).collect()
    }

    fn line<'a>(lines: &'a [Line], scope: &str, key: &str) -> &'a Group {
        &lines.iter().find(|line| line.scope == scope && line.key == key).unwrap().group
    }

    #[test]
    fn groups_pool_scores_and_recommendations() {
        let body = template::questionnaire("ssi", &[]).unwrap();
        let all: Vec<(Id, Answer)> = [answers(3, "li", 8, 9), answers(1, "zhou", 4, 3)].concat();
        let lines = lines(&body, &all);
        assert_eq!(line(&lines, "total", "").index_tenths(&body.factors), Some(7_000));
        assert_eq!(line(&lines, "person", "zhou").index_tenths(&body.factors), Some(4_000));
        assert_eq!(line(&lines, "total", "").nps.tenths(), Some(500));
        assert_eq!(line(&lines, "factor", "deal").n, 4);
        assert_eq!(line(&lines, "factor", "deal").scores, Sum { sum: 84, n: 12 });
        assert_eq!(line(&lines, "month", "2026-02").n, 4);
    }

    #[test]
    fn colleagues_are_never_told_apart() {
        let body = Questionnaire { is_anonymous: true, ..template::questionnaire("ssi", &[]).unwrap() };
        let lines = lines(&body, &answers(20, "li", 8, 9));
        assert!(lines.iter().all(|line| line.scope != "person"));
        assert_eq!((least("total", &body, &settings()), least("factor", &body, &settings())), (5, 5));
    }

    #[test]
    fn a_person_is_judged_from_ten_answers_on() {
        let body = template::questionnaire("ssi", &[]).unwrap();
        assert_eq!((least("person", &body, &settings()), least("dealer", &body, &settings())), (10, 1));
    }

    #[test]
    fn a_low_share_of_very_satisfied_or_a_falling_one_is_weak() {
        let of = |top, before| verdict(top, before, &settings());
        assert_eq!((of(499, None), of(500, None), of(800, None)), ("weak", "plain", "strong"));
        assert_eq!((of(700, Some(749)), of(700, Some(750)), of(850, Some(900))), ("plain", "weak", "weak"));
    }
}
