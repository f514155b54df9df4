//! Fieldwork: the draw, and the end. Invitations are in `invite`.

use std::collections::BTreeMap;

use marque_sdk::{Data, Date, Decision, Fault, Filter, Result, Value, decide, info, json, new_id, record, timer};
use serde::{Deserialize, Serialize};

use crate::{
    answer,
    desk::{Desk, KEEPERS},
    sample::{self, Method},
    source::{self, Candidate, Population},
    study::{self, Study},
};

/// Records one call may make, with room for what else is asked for.
pub const MOST_DRAWN: u64 = 1_800;
/// Answers dealt with in one go of a timer.
pub const BATCH: u32 = 300;

/// Input of `start`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    #[serde(default)]
    n_codes: Option<u64>,
}

/// What the rule is told; see points/survey.sample.json.
#[derive(Serialize)]
struct Input<'a> {
    template: &'a str,
    population: u64,
    margin_permille: u64,
    needed: u64,
    least: u64,
    strata: Vec<Value>,
    now: &'a str,
}

#[derive(Deserialize)]
struct Output {
    size: u64,
    #[serde(default)]
    least: u64,
}

/// Draws the sample, or makes the codes, and lets invitations go out.
pub fn start(desk: &Desk, id: &str, input: &Start) -> Result<Value> {
    desk.must_have(&KEEPERS)?;
    let study = study::load(id)?;
    if study.data.state != "draft" {
        return Err(Fault::new("study_started", format!("the study is {}: plan another one", study.data.state)));
    }
    let closes_at = match &study.data.closes_at {
        Some(at) => at.clone(),
        None => info::due(desk.now(), "30d")?,
    };
    if closes_at.as_str() <= desk.now() {
        return Err(Fault::at("closes_past", "/closes_at", format!("{closes_at} has passed: say a later end")));
    }
    let (drawn, fields) = if study.data.mode == "codes" {
        codes(desk, id, &study.data, input.n_codes)?
    } else {
        draw(desk, id, &study.data)?
    };
    record::mov(study::KIND, id, "start")
        .if_rev(study.rev)
        .fields(fields)
        .field("n_sampled", drawn)
        .field("started_at", desk.now())
        .field("closes_at", &closes_at)
        .stage()?;
    timer::set(&format!("close:{id}"), &closes_at).field("study", id).stage()?;
    if study.data.mode != "codes" {
        timer::set(&format!("invite:{id}"), desk.now()).field("study", id).stage()?;
    }
    Ok(json!({ "id": id, "n_sampled": drawn }))
}

fn draw(desk: &Desk, id: &str, study: &Study) -> Result<(u64, Data)> {
    let Population { candidates, n_surveyed, n_opted_out } = source::population(desk, study)?;
    let strata = strata(study, &candidates);
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    strata.iter().for_each(|(_, stratum)| *sizes.entry(stratum.clone()).or_default() += 1);
    let population = candidates.len() as u64;
    let margin = study.margin.unwrap_or(desk.settings.margin_permille);
    let Decision { output, receipt } = decide::<Output>(
        "survey.sample",
        &Input {
            template: &study.template,
            population,
            margin_permille: margin,
            needed: sample::size(population, margin),
            least: study.least,
            strata: sizes.iter().map(|(key, n)| json!({ "key": key, "population": n })).collect(),
            now: desk.now(),
        },
    )?;
    // What a person asks for may only add to what the rule says.
    let size = output.size.max(study.size.unwrap_or(0)).min(population);
    let quotas = sample::quotas(&sizes, size, output.least.max(study.least));
    let drawn = sample::draw(strata, study.method, &quotas, &study.seed);
    if drawn.is_empty() {
        return Err(Fault::new(
            "nobody_to_ask",
            format!("nobody is left to ask: {n_surveyed} were asked lately, {n_opted_out} have opted out"),
        ));
    }
    if drawn.len() as u64 > MOST_DRAWN {
        return Err(Fault::new(
            "sample_too_large",
            format!("{} people are more than {MOST_DRAWN} at once: plan a study for each dealer", drawn.len()),
        ));
    }
    let by_customer: BTreeMap<&str, &Candidate> =
        candidates.iter().map(|candidate| (candidate.customer.as_str(), candidate)).collect();
    for customer in &drawn {
        create(desk, id, study, by_customer[customer.as_str()])?;
    }
    let fields = json!({
        "population": population,
        "n_surveyed_before": n_surveyed,
        "n_opted_out": n_opted_out,
        "quotas": if study.method == Method::Stratified { json!(quotas) } else { json!({}) },
        "sample_receipt": receipt,
    });
    Ok((drawn.len() as u64, fields.as_object().cloned().unwrap_or_default()))
}

/// Each candidate with the stratum it belongs to.
fn strata(study: &Study, candidates: &[Candidate]) -> Vec<(String, String)> {
    let by: Vec<&str> = if study.strata.is_empty() { vec!["dealer"] } else { study.strata.iter().map(String::as_str).collect() };
    let key = |candidate: &Candidate| {
        let part = |by: &&str| match *by {
            "model" => candidate.model.as_deref().unwrap_or("-"),
            "staff" => candidate.staff.as_deref().unwrap_or("-"),
            _ => candidate.org.as_str(),
        };
        by.iter().map(part).collect::<Vec<_>>().join("/")
    };
    candidates.iter().map(|candidate| (candidate.customer.clone(), key(candidate))).collect()
}

fn create(desk: &Desk, id: &str, study: &Study, candidate: &Candidate) -> Result<()> {
    let mut create = record::create(answer::KIND)
        .org(candidate.org.as_str())
        .field("study", id)
        .field("questionnaire", &study.questionnaire)
        .field("mode", &study.mode)
        .field("is_pilot", study.is_pilot)
        .field("customer", &candidate.customer)
        .field("about_kind", &candidate.about.0)
        .field("about", &candidate.about.1)
        .field("sampled_at", desk.now());
    if let Some(day) = candidate.happened_on {
        create = create.field("happened_on", day).field("month", month(day));
    }
    if let Some(model) = &candidate.model {
        create = create.field("model", model);
    }
    if let Some(staff) = &candidate.staff {
        create = create.field("staff", staff);
    }
    create.stage()
}

/// `2026-03`.
pub fn month(day: Date) -> String {
    day.to_string()[..7].to_owned()
}

/// Answers that belong to nobody: whoever has the link or code gives one. For colleagues and for pilots.
fn codes(desk: &Desk, id: &str, study: &Study, wished: Option<u64>) -> Result<(u64, Data)> {
    let n = wished.or(study.size).unwrap_or(0);
    if n == 0 || n > MOST_DRAWN {
        return Err(Fault::at("codes_invalid", "/n_codes", format!("say how many codes are needed, 1 to {MOST_DRAWN}")));
    }
    let until = info::due(desk.now(), &desk.settings.expiry)?;
    let month = month(Date::today(&desk.call)?);
    for _ in 0..n {
        let answer = new_id();
        record::create(answer::KIND)
            .id(answer.as_str())
            .field("study", id)
            .field("questionnaire", &study.questionnaire)
            .field("mode", "codes")
            .field("is_pilot", study.is_pilot)
            .field("month", &month)
            .field("sampled_at", desk.now())
            .field("until", &until)
            .stage()?;
    }
    Ok((n, Data::new()))
}

/// No more answers: what is open ends, what is valid counts. Done in pieces by its own timer.
pub fn close(desk: &Desk, id: &str) -> Result<Value> {
    desk.must_have(&KEEPERS)?;
    let study = study::load(id)?;
    record::mov(study::KIND, id, "close").if_rev(study.rev).field("closed_at", desk.now()).stage()?;
    timer::cancel(&format!("close:{id}")).stage()?;
    timer::set(&format!("settle:{id}"), desk.now()).field("study", id).stage()?;
    Ok(json!({ "id": id }))
}

/// One piece of closing; the next one is set while there is more.
pub fn settle(desk: &Desk, id: &str) -> Result<()> {
    let of_study = || Filter::eq("study", id);
    let open = of_study().and(Filter::is_in("state", answer::OPEN));
    let left = marque_sdk::view::find::<Value>(answer::KIND).filter(open).limit(BATCH).page()?.items;
    for answer in &left {
        record::mov(answer::KIND, &answer.id, "expire").if_rev(answer.rev).field("end_reason", "closed").stage()?;
        timer::cancel(&format!("next:{}", answer.id)).stage()?;
    }
    let valid = of_study().and(Filter::eq("state", "valid")).and(Filter::ne("set_aside", true));
    let counted = marque_sdk::view::find::<Value>(answer::KIND).filter(valid).limit(BATCH).page()?.items;
    for answer in &counted {
        record::mov(answer::KIND, &answer.id, "count").if_rev(answer.rev).stage()?;
    }
    if left.len() as u32 == BATCH || counted.len() as u32 == BATCH {
        return timer::set(&format!("settle:{id}"), desk.now()).field("study", id).stage();
    }
    timer::set(&format!("report:{id}"), desk.now()).field("study", id).stage()?;
    crate::call::end_tasks(desk, id)
}
