//! Ranking by the core: percentiles of the measures first, then rank and grade by the total. It freezes the set; we are told when all is written.

use marque_sdk::{Command, Event, Outcome, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    model,
    run::{self, ASSESSMENT, KIND, Place, Run},
};

/// Where measures stand in a grade's record.
pub const SLOTS: [&str; 14] = ["e1", "e2", "e3", "a1", "a2", "a3", "f1", "f2", "f3", "f4", "d1", "d2", "d3", "d4"];
/// The four values, each ranked by itself too.
const VALUES: [&str; 4] = ["economic", "association", "functional", "development"];
/// A group of fewer is said to be small.
const SMALL: i64 = 20;

/// Asks for the percentile of every measure within the peer group.
pub fn scale(run: &Record<Run>) -> Result<()> {
    let ranks: Vec<Value> =
        SLOTS.iter().map(|slot| json!({ "by": [format!("-{slot}")], "percentile": format!("{slot}_pct") })).collect();
    ask(run, "scale", ranks)
}

/// Asks for rank and grade by the total, and the rank by each value. Of the same total the higher economic comes first, then who is older, then the id.
pub fn grade(run: &Record<Run>) -> Result<()> {
    let model = model::load(&run.data.model)?.data;
    let mut ranks = vec![json!({
        "by": ["-total", "-economic", "since", "id"], "position": "rank", "grade": { "field": "grade", "cuts": model.grades() },
    })];
    let single =
        |value: &&str| json!({ "by": [format!("-{value}"), "since", "id"], "position": format!("rank_{value}") });
    ranks.extend(VALUES.iter().map(single));
    ask(run, "grade", ranks)
}

fn ask(run: &Record<Run>, step: &str, ranks: Vec<Value>) -> Result<()> {
    let body = json!({
        "key": format!("{step}:{}", run.id), "kind": ASSESSMENT, "filter": { "run": run.id }, "within": ["peer_group"], "ranks": ranks,
    });
    Command::new("record.rank", body).stage()
}

#[derive(Deserialize)]
struct Ranked {
    key: String,
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    fault: Option<Value>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    within: Value,
    n: i64,
    #[serde(default)]
    counts: Value,
}

/// A ranking is written: the run goes on.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let ranked: Ranked = event.data_as()?;
    let Some((step, id)) = ranked.key.split_once(':') else { return Ok(Outcome::Skip) };
    let Some(run) = view::get::<Run>(KIND, id)? else { return Ok(Outcome::Skip) };
    if ranked.fault.is_some() {
        // It is said in the run's log; `resume` asks again.
        marque_sdk::log::error(&format!("the ranking {} of a run failed", ranked.key));
        return Ok(Outcome::Park);
    }
    match (step, run.data.state.as_str()) {
        ("scale", "scaling") => record::mov(KIND, id, "score").if_rev(run.rev).stage()?,
        ("grade", "ranking") => {
            let small = ranked.groups.iter().filter(|group| group.n < SMALL);
            let n_small = small.count();
            let groups: Vec<Value> = ranked
                .groups
                .iter()
                .map(|group| json!({ "within": group.within, "n": group.n, "counts": group.counts }))
                .collect();
            let close =
                record::mov(KIND, id, "close").if_rev(run.rev).field("groups", groups).field("n_small", n_small);
            close.field("appeal_until", run::appeal_until(desk)?).stage()?;
        }
        // Told twice, or of a run that was stopped.
        _ => return Ok(Outcome::Skip),
    }
    run::next(desk, &Place { run: id.to_owned(), n: run.data.n, ..Place::default() })?;
    Ok(Outcome::Done)
}

/// The groups of a run that are small, by the name of the group.
pub fn small(groups: &Value) -> Vec<String> {
    let rows = groups.as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |row: &Value| row["within"]["peer_group"].as_str().map(str::to_owned);
    rows.iter().filter(|row| row["n"].as_i64().unwrap_or(0) < SMALL).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_twenty_are_a_small_group() {
        let group = |name: &str, n: i64| json!({ "within": { "peer_group": name }, "n": n, "counts": {} });
        assert_eq!(small(&json!([group("brand", 20), group("north", 19), group("south", 3)])), ["north", "south"]);
        assert!(small(&Value::Null).is_empty());
    }
}
