//! Inspection: a share of every caller's month is listened to or called back; one fake brings all of it under inspection.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Id, Outcome, Record, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    desk::{self, Desk, KEEPERS, Person},
    dice::Dice,
    moment,
    settings::Settings,
    texts,
};

/// The kind's name.
pub const KIND: &str = "surveys.inspection";
/// The step of an inspector's task.
const STEP: &str = "survey.inspection";
/// Answers of one caller in a month, more than anybody takes.
const MOST: usize = 2_000;

/// What of an inspection counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Inspection {
    state: String,
    answer: Id,
    caller: Id,
    month: String,
    result: Option<String>,
    is_all: bool,
}

/// Input of `sample` and of the monthly job.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    month: String,
}

/// Input of `judge`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    result: String,
    method: String,
    #[serde(default)]
    note: Option<String>,
}

/// How many of `n` answers are inspected: the share, rounded up, and at least the least; all if there are fewer.
pub fn quota(n: u64, is_new: bool, settings: &Settings) -> u64 {
    let percent = if is_new { settings.inspect_new_percent } else { settings.inspect_percent };
    (n * percent).div_ceil(100).max(settings.inspect_least).min(n)
}

/// Whether so many discrepancies among so many inspected are too many.
pub fn is_doubled(n_discrepant: u64, n_inspected: u64, settings: &Settings) -> bool {
    n_discrepant * 100 > n_inspected * settings.discrepancy_percent
}

/// Draws the inspections of a month, one for each caller who has none yet.
pub fn sample(desk: &Desk, input: &Month) -> Result<Value> {
    desk.must_have(&KEEPERS)?;
    let month = &input.month;
    if format!("{month}-01").parse::<marque_sdk::Date>().is_err() {
        return Err(Fault::at("month_invalid", "/month", format!("{month:?} is not a month: write it like 2026-03")));
    }
    let taken = Filter::eq("call_month", month.as_str())
        .and(Filter::eq("mode", "phone"))
        .and(Filter::is_in("state", ["valid", "counted"]));
    let mut callers: BTreeMap<(Id, Id), Vec<Record<Answer>>> = BTreeMap::new();
    for answer in answer::all(&taken, crate::source::MOST)? {
        if let Some(caller) = answer.data.owner.clone() {
            callers.entry((answer.org.clone(), caller)).or_default().push(answer);
        }
    }
    let mut n_drawn = 0;
    for ((org, caller), answers) in callers {
        let of_month = Filter::eq("caller", caller.as_str()).and(Filter::eq("month", month.as_str()));
        if view::find::<Value>(KIND).filter(of_month).exists()? {
            continue;
        }
        let staff = desk::staff(&org)?;
        let is_new = is_new(desk, &caller, &staff)?;
        let n = quota(answers.len() as u64, is_new, &desk.settings) as usize;
        let drawn = Dice::new(&format!("{month}/{caller}")).draw(answers, n);
        n_drawn += drawn.len();
        for answer in &drawn {
            create(desk, answer, &caller, month, &staff, false)?;
        }
    }
    Ok(json!({ "n_drawn": n_drawn }))
}

fn is_new(desk: &Desk, caller: &str, staff: &[Person]) -> Result<bool> {
    let since = match staff.iter().find(|person| person.id == caller) {
        Some(person) => person.since.clone(),
        None => match view::get::<Value>("user", caller)? {
            Some(user) => user.created_at,
            None => return Ok(true),
        },
    };
    Ok(moment::seconds_between(&since, desk.now())? < desk.settings.new_caller_days * 86_400)
}

/// One inspection with its task, for somebody who did not make the call.
fn create(desk: &Desk, answer: &Record<Answer>, caller: &str, month: &str, staff: &[Person], is_all: bool) -> Result<()> {
    let others: Vec<Person> = staff.iter().filter(|person| person.id != caller).cloned().collect();
    let inspector = desk::first_with(&others, &["crm_mgr", "gm", "crm_officer"]);
    let Some(inspector) = inspector else {
        return Err(Fault::new("inspector_missing", "nobody but the caller could inspect: give somebody the role crm_mgr or gm"));
    };
    let id = new_id();
    record::create(KIND)
        .id(id.as_str())
        .org(answer.org.as_str())
        .field("answer", &answer.id)
        .field("caller", caller)
        .field("month", month)
        .field("owner", &inspector.id)
        .field("is_all", is_all)
        .stage()?;
    record::change(answer::KIND, &answer.id).field("inspection", "drawn").stage()?;
    record::create("worklist.task")
        .id(new_id())
        .org(answer.org.as_str())
        .field("title", format!("{} {month}", texts::text(&desk.call.locale, "step.survey.inspection")))
        .field("step", STEP)
        .field("owner", &inspector.id)
        .field("due", info::due(desk.now(), "5wd")?)
        .field("about_kind", KIND)
        .field("about", &id)
        .field("not_allowed", [caller])
        .field("held", true)
        .stage()
}

/// What an inspection found, and what follows from it.
pub fn judge(desk: &Desk, id: &str, input: Judgement) -> Result<Value> {
    let inspection = view::require::<Inspection>(KIND, id)?;
    let data = &inspection.data;
    if data.state != "open" {
        return Err(Fault::new("inspection_done", "this inspection is done already"));
    }
    if desk.me() == Some(data.caller.as_str()) {
        return Err(Fault::new("caller_inspects", "whoever made the call may not inspect it: somebody else has to"));
    }
    let mut done = record::mov(KIND, id, "finish")
        .if_rev(inspection.rev)
        .field("result", &input.result)
        .field("method", &input.method)
        .field("done_at", desk.now());
    if let Some(me) = desk.me() {
        done = done.field("inspector", me);
    }
    done.field("note", &input.note).stage()?;
    end_task(desk, id)?;
    let answer = answer::load(&data.answer)?;
    let found = record::change(answer::KIND, &data.answer).field("inspection", &input.result);
    match input.result.as_str() {
        "true" => found.field("set_aside", false).stage()?,
        "not_reachable" => found.stage()?,
        _ => {
            found.stage()?;
            exclude(&answer, &input.result)?;
        }
    }
    let mut reply = json!({ "id": id, "result": input.result });
    match input.result.as_str() {
        "fake" => reply["n_drawn"] = bring_all(desk, &answer, data)?.into(),
        "discrepancy" if !data.is_all => reply["n_drawn"] = double(desk, &answer, data, id)?.into(),
        _ => {}
    }
    Ok(reply)
}

fn exclude(answer: &Record<Answer>, result: &str) -> Result<()> {
    if ["valid", "counted"].contains(&answer.data.state.as_str()) {
        record::mov(answer::KIND, &answer.id, "exclude").field("end_reason", result).stage()?;
    }
    Ok(())
}

/// The caller's other answers of the month that count and nobody has inspected.
fn uninspected(data: &Inspection) -> Result<Vec<Record<Answer>>> {
    let filter = Filter::eq("owner", data.caller.as_str())
        .and(Filter::eq("call_month", data.month.as_str()))
        .and(Filter::eq("mode", "phone"))
        .and(Filter::is_in("state", ["valid", "counted"]))
        .and(Filter::empty("inspection"));
    let mut found = answer::all(&filter, MOST)?;
    found.retain(|answer| answer.id != data.answer);
    Ok(found)
}

/// One fake: everything else of that month is inspected, and none of it counts until it was found true.
fn bring_all(desk: &Desk, answer: &Record<Answer>, data: &Inspection) -> Result<usize> {
    let staff = desk::staff(&answer.org)?;
    let others = uninspected(data)?;
    for other in &others {
        record::change(answer::KIND, &other.id).field("set_aside", true).stage()?;
        create(desk, other, &data.caller, &data.month, &staff, true)?;
    }
    Ok(others.len())
}

/// Too many discrepancies: as many again as were drawn, once a caller and month.
fn double(desk: &Desk, answer: &Record<Answer>, data: &Inspection, id: &str) -> Result<usize> {
    let of_month = Filter::eq("caller", data.caller.as_str()).and(Filter::eq("month", data.month.as_str()));
    let all = view::find::<Inspection>(KIND).filter(of_month).limit(500).page()?.items;
    if all.iter().any(|inspection| inspection.data.is_all) {
        return Ok(0);
    }
    let result = |inspection: &Record<Inspection>| {
        if inspection.id == id { Some("discrepancy".to_owned()) } else { inspection.data.result.clone() }
    };
    let reached: Vec<String> = all.iter().filter_map(result).filter(|result| result != "not_reachable").collect();
    let n_discrepant = reached.iter().filter(|result| *result == "discrepancy").count() as u64;
    if !is_doubled(n_discrepant, reached.len() as u64, &desk.settings) {
        return Ok(0);
    }
    let staff = desk::staff(&answer.org)?;
    let more = Dice::new(&format!("{}/{}/again", data.month, data.caller)).draw(uninspected(data)?, all.len());
    for other in &more {
        create(desk, other, &data.caller, &data.month, &staff, true)?;
    }
    Ok(more.len())
}

fn end_task(desk: &Desk, id: &str) -> Result<()> {
    let open = Filter::eq("about", id).and(Filter::eq("state", "open"));
    for task in view::find::<Value>("worklist.task").filter(open).limit(5).page()?.items {
        let mut end = record::mov("worklist.task", &task.id, "complete").field("outcome", "done").field("done_at", desk.now());
        if let Some(me) = desk.me() {
            end = end.field("done_by", me);
        }
        end.stage()?;
    }
    Ok(())
}

/// On the first of a month: inspections of the month before.
pub fn monthly(desk: &Desk) -> Result<Outcome> {
    let today = marque_sdk::Date::today(&desk.call)?;
    let month = crate::fieldwork::month(today.plus_months(-1));
    sample(desk, &Month { month })?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let defaults = marque_sdk::testing::defaults(include_str!("../settings.json"));
        serde_json::from_value(defaults).unwrap()
    }

    #[test]
    fn a_tenth_and_at_least_five_and_a_fifth_of_new_callers() {
        let of = |n, is_new| quota(n, is_new, &settings());
        assert_eq!([of(0, false), of(3, false), of(5, false), of(50, false), of(51, false), of(120, false)], [0, 3, 5, 5, 6, 12]);
        assert_eq!([of(4, true), of(25, true), of(26, true), of(120, true)], [4, 5, 6, 24]);
    }

    #[test]
    fn more_than_one_discrepancy_in_twenty_doubles() {
        assert!(!is_doubled(1, 20, &settings()) && is_doubled(1, 19, &settings()) && is_doubled(2, 39, &settings()));
        assert!(!is_doubled(0, 0, &settings()));
    }
}
