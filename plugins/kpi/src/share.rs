//! Sharing a target out to those below, and whether what they have adds up to it.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    definition::{self, Definition, Sort},
    desk::{Desk, refuse},
    figure, org,
    org::{Here, Level},
    shown::number,
    target::{self, KIND, Target, To},
    texts,
};

/// Input of `share_out`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOut {
    how: String,
}

/// The people who may be given a part of a target.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Person {
    roles: Vec<String>,
    status: Option<String>,
}

/// The sum of those below.
#[derive(Default, Deserialize)]
struct Sum {
    n: i64,
    v: Option<f64>,
}

/// The level a target is shared out to.
fn below(level: Level) -> Level {
    match level {
        Level::Maker | Level::Region => Level::Dealer,
        Level::Dealer | Level::Person => Level::Person,
    }
}

/// Shares a target out: a count in parts that add up to it, a rate as it is.
pub fn share_out(desk: &Desk, id: &str, input: &ShareOut) -> Result<Value> {
    let found = view::require::<Target>(KIND, id)?;
    let here = Here::of(desk)?;
    if found.org != here.id || found.data.person.is_some() {
        return refuse("not_shared", "/how", "share out the target of your own organisation");
    }
    let definition = definition::named(&here, &found.data.kpi, "/kpi")?;
    let level = below(here.level);
    let receivers = receivers(&here, &definition, level)?;
    if receivers.is_empty() {
        return refuse("nobody_below", "/how", "there is nobody below to share it out to");
    }
    let weights = if input.how == "last_year" { last_year(&found.data, level)? } else { BTreeMap::new() };
    let parts = parts(
        found.data.value,
        &receivers.iter().map(|to| weights.get(to.key()).copied()).collect::<Vec<_>>(),
        &definition,
    );
    let more = || crate::input::said(json!({ "method": "cascade" }));
    for (receiver, value) in receivers.iter().zip(&parts) {
        let to = To { org: &receiver.org, level, person: receiver.person.as_deref(), is_from_above: true };
        target::write(&definition, &found.data.period, *value, &to, more())?;
    }
    let sum: f64 = parts.iter().sum();
    let told = verdict(
        desk,
        &definition,
        found.data.value,
        Sum { n: parts.len() as i64, v: Some(sum) },
        receivers.len() as i64,
    );
    keep(&found, &told)?;
    Ok(json!({ "n": parts.len(), "sum": number(sum), "check": told }))
}

struct Receiver {
    org: Id,
    person: Option<Id>,
}

impl Receiver {
    fn key(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.org)
    }
}

fn receivers(here: &Here, definition: &Definition, level: Level) -> Result<Vec<Receiver>> {
    if level == Level::Dealer {
        let dealers = org::with_figures()?.into_iter().filter(|(level, _)| *level == Level::Dealer);
        return Ok(dealers.map(|(_, org)| Receiver { org: org.id, person: None }).collect());
    }
    let role = if definition.boards.iter().any(|board| board == "service") { "advisor" } else { "consultant" };
    let people = view::find::<Person>("user").filter(Filter::eq("org", here.id.as_str())).order("id").up_to(1_000)?;
    let may = |person: &Person| {
        person.status.as_deref().is_none_or(|status| status == "active")
            && person.roles.iter().any(|known| known == role)
    };
    Ok(people
        .into_iter()
        .filter(|person| may(&person.data))
        .map(|person| Receiver { org: here.id.clone(), person: Some(person.id) })
        .collect())
}

/// What each of those below came to in the same month a year ago.
fn last_year(target: &Target, level: Level) -> Result<BTreeMap<String, f64>> {
    #[derive(Deserialize)]
    struct Of {
        org: Id,
        person: Option<Id>,
        v: Option<f64>,
    }
    let (year, rest) = target.period.split_at(4);
    let before = format!("{}{rest}", year.parse::<i64>().unwrap_or(0) - 1);
    let months = Filter::eq("grain", "month").and(if rest.len() == 3 && !rest.contains('Q') {
        Filter::eq("month", before.as_str())
    } else {
        Filter::starts("month", before[..4].to_owned())
    });
    let mine = months.and(Filter::eq("kpi", target.kpi.as_str())).and(Filter::eq("level", json!(level)));
    let rows: Vec<Of> =
        view::aggregate(figure::KIND).filter(mine).group(&["org", "person"]).sum("v", "numerator").rows()?;
    let key = |of: &Of| of.person.clone().unwrap_or_else(|| of.org.clone());
    Ok(rows.into_iter().map(|of| (key(&of), of.v.unwrap_or(0.0).max(0.0))).collect())
}

/// A count in whole parts by weight that add up exactly; a rate for everybody the same.
fn parts(value: f64, weights: &[Option<f64>], definition: &Definition) -> Vec<f64> {
    if definition.rule.sort != Sort::Count {
        return vec![value; weights.len()];
    }
    let sum: f64 = weights.iter().flatten().sum();
    let weight =
        |weight: &Option<f64>| if sum > 0.0 { weight.unwrap_or(0.0) / sum } else { 1.0 / weights.len() as f64 };
    let mut parts: Vec<f64> = weights.iter().map(|each| (value * weight(each)).floor()).collect();
    let mut rest: Vec<(usize, f64)> =
        weights.iter().zip(&parts).enumerate().map(|(n, (each, part))| (n, value * weight(each) - part)).collect();
    // What is left goes to those who lost most by rounding, the first of equals.
    rest.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let mut left = value - parts.iter().sum::<f64>();
    for (n, _) in rest {
        let more = left.min(1.0);
        parts[n] += more;
        left -= more;
    }
    parts
}

/// Whether those below add up to a target, told to whoever asks.
pub fn check_one(desk: &Desk, id: &str) -> Result<Value> {
    let found = view::require::<Target>(KIND, id)?;
    let here = Here::of(desk)?;
    let definition = definition::named(&here, &found.data.kpi, "/kpi")?;
    let told = told(desk, &here, &definition, &found.data.period, Some(found.data.value))?;
    keep(&found, &told)?;
    Ok(told)
}

/// The same of all targets an organisation has, kept with each.
pub fn check_all(desk: &Desk, here: &Here, period: &str) -> Result<()> {
    let mine = Filter::eq("org", here.id.as_str()).and(Filter::eq("period", period)).and(Filter::empty("person"));
    for found in view::find::<Target>(KIND).filter(mine).limit(200).page()?.items {
        let definition = definition::named(here, &found.data.kpi, "/kpi")?;
        let told = told(desk, here, &definition, period, Some(found.data.value))?;
        keep(&found, &told)?;
    }
    Ok(())
}

/// What those below have been given in sum, against a target. Rates do not add up: nothing is said of them.
pub fn told(desk: &Desk, here: &Here, definition: &Definition, period: &str, value: Option<f64>) -> Result<Value> {
    let Some(value) = value.filter(|_| definition.rule.sort == Sort::Count) else { return Ok(Value::Null) };
    let level = below(here.level);
    let theirs = Filter::eq("kpi", definition.code.as_str())
        .and(Filter::eq("period", period))
        .and(Filter::eq("level", json!(level)));
    let rows: Vec<Sum> = view::aggregate(KIND).filter(theirs).count("n").sum("v", "value").rows()?;
    let sum = rows.into_iter().next().unwrap_or_default();
    let n = receivers(here, definition, level)?.len() as i64;
    Ok(verdict(desk, definition, value, sum, n))
}

fn verdict(desk: &Desk, definition: &Definition, value: f64, sum: Sum, n: i64) -> Value {
    let below = sum.v.unwrap_or(0.0);
    let gap = below - value;
    let state = match () {
        () if sum.n == 0 => "open",
        () if gap < 0.0 && definition.better != crate::status::Better::Less => "short",
        () if gap > 0.0 && definition.better == crate::status::Better::Less => "short",
        () => "ok",
    };
    let told = |number: f64| crate::shown::Exact::plain(number).shown(definition.unit);
    let message = texts::filled(
        &desk.call.locale,
        &format!("check.{state}"),
        &[
            ("target", &told(value)),
            ("sum", &told(below)),
            ("gap", &told(gap.abs())),
            ("missing", &(n - sum.n).max(0).to_string()),
        ],
    );
    json!({ "state": state, "target": number(value), "sum": number(below), "gap": number(gap), "missing": (n - sum.n).max(0), "message": message })
}

fn keep(found: &Record<Target>, told: &Value) -> Result<()> {
    let is_known = found.data.check.as_deref() == told["state"].as_str() && found.data.below == told["sum"].as_f64();
    if told.is_null() || is_known {
        return Ok(());
    }
    let data = json!({ "check": told["state"], "below": told["sum"], "gap": told["gap"] });
    record::change(KIND, &found.id).if_rev(found.rev).fields(data).stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64, weights: &[Option<f64>], sort: Sort) -> Vec<f64> {
        let mut definition = Definition::default();
        definition.rule.sort = sort;
        parts(value, weights, &definition)
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        assert_eq!(of(1_000.0, &[None, None, None], Sort::Count), [334.0, 333.0, 333.0]);
        assert_eq!(of(10.0, &[Some(1.0), Some(2.0), None], Sort::Count), [3.0, 7.0, 0.0]);
        for value in [0.0, 1.0, 7.0, 999.0, 12_345.0] {
            let weights: Vec<Option<f64>> = (0..37).map(|n| Some(f64::from(n * n % 11))).collect();
            assert_eq!(of(value, &weights, Sort::Count).iter().sum::<f64>().to_string(), value.to_string());
        }
        assert_eq!(of(15.0, &[None, None], Sort::Ratio), [15.0, 15.0], "a rate is the same for all");
    }
}
