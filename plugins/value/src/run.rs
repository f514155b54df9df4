//! A grading run: a quarter, a population, a model. Measures are collected, scored, ranked by the core, compared with the quarter before, frozen.

use marque_sdk::{
    Date, Filter, Id, Outcome, Record, Result, Value, event::Fired, info, json, new_id, record, timer, view,
};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, refuse, refuse_at},
    model,
    quarter::Quarter,
    rank, texts,
};

/// The kind of a run.
pub const KIND: &str = "value.run";
/// Of a grade.
pub const ASSESSMENT: &str = "value.assessment";
/// Who may grade.
const GRADERS: [&str; 6] = ["hq_crm", "hq_analyst", "hq_admin", "hq_channel", "gm", "crm_mgr"];

/// What of a run counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub quarter: Quarter,
    pub population: String,
    pub state: String,
    #[serde(default)]
    pub official: bool,
    pub model: Id,
    pub model_version: i64,
    #[serde(default)]
    pub again_of: Option<Id>,
    #[serde(default)]
    pub n: i64,
    #[serde(default)]
    pub appeal_until: Option<String>,
}

/// Where a piece begins, in its timer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    pub run: Id,
    /// The last one looked at.
    pub after: String,
    /// How many there are so far.
    pub n: i64,
    /// Of a run done again: grades that are as they were, and others.
    pub n_same: i64,
    pub n_different: i64,
}

/// Input of `start`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    quarter: Option<String>,
    population: Option<String>,
}

/// Input of `rerun`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    model: Option<Id>,
}

/// On the last day of a quarter its customers and dealers are graded.
pub fn begin(desk: &Desk) -> Result<Outcome> {
    let quarter = Quarter::of(desk.today);
    if desk.today != quarter.last() || !desk.settings.run_by_itself {
        return Ok(Outcome::Skip);
    }
    let mut outcome = Outcome::Skip;
    for population in ["customers", "dealers"] {
        let is_needed = population == "customers" || crate::dealers::has_measures(quarter)?;
        if is_needed && !is_there(desk, &slot(quarter, population))? {
            open(desk, quarter, population, None)?;
            outcome = Outcome::Done;
        }
    }
    Ok(outcome)
}

/// A person grades a quarter that is over, or ends today.
pub fn start(desk: &Desk, input: Start) -> Result<Value> {
    may(desk)?;
    let quarter = match &input.quarter {
        Some(text) => text.parse().or_else(|_| {
            refuse_at("quarter_invalid", "/quarter", format!("{text:?} is not a quarter: write it like 2026Q1"))
        })?,
        None => Quarter::of(desk.today.plus_days(1)).before(),
    };
    if quarter.last() > desk.today {
        let message = format!("{quarter} ends on {}: it is graded then", quarter.last());
        return refuse_at("quarter_not_over", "/quarter", message);
    }
    let population = input.population.as_deref().unwrap_or("customers");
    if is_there(desk, &slot(quarter, population))? {
        let message = format!("{quarter} is graded already: run it again, which leaves its grades as they are");
        return refuse_at("run_exists", "/quarter", message);
    }
    open(desk, quarter, population, None)
}

/// The same quarter once more from the same measures, by the same model or another. What was frozen stays.
pub fn rerun(desk: &Desk, id: &str, input: Again) -> Result<Value> {
    may(desk)?;
    let run = load(id)?;
    if run.data.state != "frozen" {
        return refuse(
            "run_not_frozen",
            format!("the run is {}: it can be done again when it is frozen", run.data.state),
        );
    }
    let first = run.data.again_of.clone().unwrap_or_else(|| run.id.clone());
    let by = input.model.unwrap_or_else(|| run.data.model.clone());
    open(desk, run.data.quarter, &run.data.population, Some((&first, &by)))
}

/// Goes on with a run whose timer was lost or whose ranking failed.
pub fn resume(desk: &Desk, id: &str) -> Result<Value> {
    may(desk)?;
    let run = load(id)?;
    match run.data.state.as_str() {
        "scaling" => rank::scale(&run)?,
        "ranking" => rank::grade(&run)?,
        "collecting" | "scoring" | "closing" => {
            next(desk, &Place { run: run.id.clone(), n: run.data.n, ..Place::default() })?
        }
        other => return refuse("run_over", format!("the run is {other}: there is nothing to go on with")),
    }
    Ok(json!({ "id": id }))
}

/// Gives a run up; its quarter can be graded anew.
pub fn stop(desk: &Desk, id: &str) -> Result<Value> {
    may(desk)?;
    let run = load(id)?;
    record::mov(KIND, id, "stop").if_rev(run.rev).field("slot", Value::Null).stage()?;
    timer::cancel(&key(id)).stage()?;
    Ok(json!({ "id": id }))
}

fn may(desk: &Desk) -> Result<()> {
    desk.held_to(&GRADERS, "a manager or headquarters grades")
}

fn slot(quarter: Quarter, population: &str) -> String {
    format!("{quarter}:{population}")
}

fn is_there(desk: &Desk, slot: &str) -> Result<bool> {
    let here = Filter::eq("org", desk.call.org.as_str()).and(Filter::eq("slot", slot));
    view::find::<Value>(KIND).filter(here).exists()
}

#[derive(Deserialize)]
struct Org {
    r#type: String,
}

fn open(desk: &Desk, quarter: Quarter, population: &str, again: Option<(&str, &str)>) -> Result<Value> {
    let (model, version) = match again {
        Some((_, by)) => {
            let model = model::load(by)?;
            if model.data.population != population {
                return refuse_at(
                    "model_other",
                    "/model",
                    format!("{by} grades {}: choose a model for {population}", model.data.population),
                );
            }
            (model.id, model.data.version)
        }
        None => {
            let (id, model) = model::in_force(desk, population)?;
            (id, model.version)
        }
    };
    let is_makers = view::get::<Org>("org", &desk.call.org)?.is_some_and(|org| org.data.r#type == "maker");
    let id = new_id();
    let word = texts::text(&desk.call.locale, &format!("population.{population}"));
    let mut data = json!({
        "name": format!("{quarter} {word}"), "quarter": quarter, "population": population, "official": is_makers && again.is_none(),
        "model": model, "model_version": version, "started_at": desk.now(), "slot": slot(quarter, population),
        "valid_from": quarter.next().first(), "valid_until": quarter.next().last(),
    });
    if let Some((first, _)) = again {
        let words = texts::text(&desk.call.locale, "run.again");
        data["name"] = format!("{quarter} {word} {words}").into();
        data["again_of"] = first.into();
        data["slot"] = format!("{}:{id}", slot(quarter, population)).into();
    }
    record::create(KIND).id(id.as_str()).fields(data).stage()?;
    next(desk, &Place { run: id.clone(), ..Place::default() })?;
    Ok(json!({ "id": id }))
}

fn key(run: &str) -> String {
    format!("run:{run}")
}

/// Sets the timer of the next piece.
pub fn next(desk: &Desk, place: &Place) -> Result<()> {
    timer::set(&key(&place.run), &desk.next_piece()).data(place).stage()
}

/// The run a timer is for, and where its piece begins.
pub fn at(fired: &Fired) -> Result<Option<(Record<Run>, Place)>> {
    if !fired.key.starts_with("run:") {
        return Ok(None);
    }
    let place = Place::deserialize(&fired.data)?;
    Ok(view::get::<Run>(KIND, &place.run)?.map(|run| (run, place)))
}

/// A run that must be there.
pub fn load(id: &str) -> Result<Record<Run>> {
    match view::get(KIND, id)? {
        Some(run) => Ok(run),
        None => refuse("run_unknown", format!("there is no run {id:?} here: choose one of the list")),
    }
}

/// The run whose grades held before: the last frozen one of the same population, of an earlier quarter.
pub fn before(run: &Record<Run>) -> Result<Option<Record<Run>>> {
    let same = Filter::eq("population", run.data.population.as_str()).and(Filter::eq("org", run.org.as_str()));
    let frozen = same.and(Filter::eq("state", "frozen")).and(Filter::empty("again_of"));
    let earlier = frozen.and(Filter::eq("quarter", run.data.quarter.before().to_string()));
    view::find::<Run>(KIND).filter(earlier).first()
}

/// Until when a grade frozen now can be appealed against.
pub fn appeal_until(desk: &Desk) -> Result<String> {
    info::due(desk.now(), &desk.settings.appeal)
}

/// The day and the last moment up to which facts count.
pub fn until(desk: &Desk, quarter: Quarter) -> Result<(Date, String)> {
    let end = crate::moment::begin_of(quarter.last().plus_days(1), &desk.call)?;
    Ok((quarter.last(), end))
}
