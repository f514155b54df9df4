//! Targets by organisation, period and person. What was asked for from above may be tightened below, never softened.

use std::collections::BTreeMap;

use marque_sdk::{Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    definition::{self, Definition, Sort},
    desk::{Desk, refuse},
    input::said,
    org::{self, Here, Level, Org},
    period::{Grain, Period},
    share,
    shown::number,
    status::Better,
};

/// The kind.
pub const KIND: &str = "kpi.target";
/// More than this no organisation sets.
const MOST: usize = 10_000;

/// What of a target counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Which figure.
    pub kpi: String,
    /// What people call it.
    pub label: String,
    /// `month`, `quarter`, `year`.
    pub grain: String,
    /// `2026-03`, `2026-Q1`, `2026`.
    pub period: String,
    /// How high.
    pub level: Option<Level>,
    /// Whose.
    pub person: Option<Id>,
    /// What it should come to.
    pub value: f64,
    /// What was asked for from above.
    pub floor: Option<f64>,
    /// The sum of those below, as last checked.
    pub below: Option<f64>,
    /// What came of it.
    pub check: Option<String>,
}

/// The targets of an organisation.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    known: BTreeMap<(String, String, String), f64>,
}

impl Targets {
    /// Those of this organisation for some figures.
    pub fn load(org: &str, codes: &[&str]) -> Result<Targets> {
        let mine = Filter::eq("org", org).and(Filter::is_in("kpi", codes.iter().copied()));
        let found = view::find::<Target>(KIND).filter(mine).up_to(MOST)?;
        let entry = |found: Record<Target>| {
            let target = found.data;
            ((target.kpi, target.person.unwrap_or_default(), target.period), target.value)
        };
        Ok(Targets { known: found.into_iter().map(entry).collect() })
    }

    /// What a figure should come to. A count of a year is shared out over its months; a rate holds for each of them, and for each person.
    pub fn of(&self, definition: &Definition, person: Option<&str>, period: &Period) -> Option<f64> {
        let is_rate = definition.rule.sort != Sort::Count;
        if period.grain == Grain::Week && !is_rate {
            return None;
        }
        let month = period.first.to_string()[..7].to_owned();
        let (year, n) = month.split_at(4);
        let quarter = (n[1..].parse::<i64>().unwrap_or(1) + 2) / 3;
        let set = |person: &str| {
            let at = |name: String, parts: f64| {
                let value = self.known.get(&(definition.code.clone(), person.to_owned(), name))?;
                Some(if is_rate { *value } else { value / parts })
            };
            at(month.clone(), 1.0)
                .or_else(|| at(format!("{year}-Q{quarter}"), 3.0))
                .or_else(|| at(year.to_owned(), 12.0))
        };
        let own = set(person.unwrap_or_default());
        let shared = || if is_rate { set("").or(definition.target) } else { None };
        own.or_else(|| if person.is_some() { shared() } else { definition.target })
    }
}

/// Input of `set`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    kpi: String,
    period: String,
    value: f64,
    org: Option<Id>,
    person: Option<Id>,
    method: Option<String>,
    note: Option<String>,
}

/// `month`, `quarter` or `year`, by how a period is written.
pub fn grain(period: &str) -> &'static str {
    match period {
        period if period.contains("-Q") => "quarter",
        period if period.contains('-') => "month",
        _ => "year",
    }
}

/// Sets a target; the answer says how it stands against those below.
pub fn set(desk: &Desk, input: Set) -> Result<Value> {
    let here = Here::of(desk)?;
    let definition = definition::named(&here, &input.kpi, "/kpi")?;
    if !input.value.is_finite() || input.value.abs() > 1e12 {
        return refuse("value_invalid", "/value", "a target is a number people can read");
    }
    let org = input.org.clone().unwrap_or_else(|| here.id.clone());
    let found = view::get::<Org>("org", &org)?.filter(|_| here.within.contains(&org));
    let Some(level) = found.and_then(|found| org::level(&found.data.r#type)) else {
        return refuse("org_unknown", "/org", format!("there is no organisation {org:?} with figures below yours"));
    };
    let level = if input.person.is_some() { Level::Person } else { level };
    let to = To { org: &org, level, person: input.person.as_deref(), is_from_above: org != here.id };
    let more = said(json!({ "method": input.method, "note": input.note }));
    let id = write(&definition, &input.period, input.value, &to, more)?;
    let check = match org == here.id && input.person.is_none() {
        true => share::told(desk, &here, &definition, &input.period, Some(input.value))?,
        false => Value::Null,
    };
    Ok(json!({ "target": id, "check": check }))
}

/// For whom a target is.
pub struct To<'a> {
    /// The organisation.
    pub org: &'a str,
    /// How high.
    pub level: Level,
    /// The person.
    pub person: Option<&'a str>,
    /// Whether an organisation above sets it, which is a floor.
    pub is_from_above: bool,
}

/// Writes a target down, in the place of the one that stands there.
pub fn write(definition: &Definition, period: &str, value: f64, to: &To, more: marque_sdk::Data) -> Result<Id> {
    let slot = format!("{}|{period}|{}", definition.code, to.person.unwrap_or_default());
    let mine = Filter::eq("slot", slot.as_str()).and(Filter::eq("org", to.org));
    let there = view::find::<Target>(KIND).filter(mine).first()?;
    let floor = there.as_ref().and_then(|there| there.data.floor).filter(|_| !to.is_from_above);
    if floor.is_some_and(|floor| is_softer(value, floor, definition.better)) {
        let floor = floor.unwrap_or_default();
        return refuse(
            "below_floor",
            "/value",
            format!("{value} is softer than the {floor} asked for from above: one's own target may only be stricter"),
        );
    }
    let mut data = json!({ "value": number(value) });
    if to.is_from_above && to.person.is_none() {
        data["floor"] = number(value);
    }
    match there {
        Some(there) => {
            record::change(KIND, &there.id).if_rev(there.rev).fields(data).fields(more).stage()?;
            Ok(there.id)
        }
        None => {
            let id = new_id();
            let mut create = record::create(KIND).id(id.as_str()).org(to.org).fields(data).fields(more).fields(json!({
                "label": format!("{} {period}", definition.label), "slot": slot, "kpi": definition.code, "grain": grain(period),
                "period": period, "level": to.level,
            }));
            if let Some(person) = to.person {
                create = create.field("person", person);
            }
            create.stage()?;
            Ok(id)
        }
    }
}

/// Whether a target asks for less than another.
fn is_softer(value: f64, floor: f64, better: Better) -> bool {
    if better == Better::Less { value > floor } else { value < floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(known: &[(&str, &str, &str, f64)]) -> Targets {
        let entry = |(kpi, person, period, value): &(&str, &str, &str, f64)| {
            (((*kpi).into(), (*person).into(), (*period).into()), *value)
        };
        Targets { known: known.iter().map(entry).collect() }
    }

    fn definition(code: &str, sort: Sort, target: Option<f64>) -> Definition {
        let mut definition = Definition { code: code.into(), target, ..Definition::default() };
        definition.rule.sort = sort;
        definition
    }

    #[test]
    fn the_nearest_target_counts() {
        let march = Period::parse("2026-03", 8).unwrap();
        let rate = definition("K04", Sort::Ratio, Some(15.0));
        assert_eq!(targets(&[]).of(&rate, None, &march), Some(15.0));
        assert_eq!(targets(&[("K04", "", "2026", 16.0)]).of(&rate, None, &march), Some(16.0));
        assert_eq!(
            targets(&[("K04", "", "2026", 16.0), ("K04", "", "2026-Q1", 17.0)]).of(&rate, Some("li"), &march),
            Some(17.0)
        );
        assert_eq!(
            targets(&[("K04", "li", "2026-03", 20.0), ("K04", "", "2026-03", 18.0)]).of(&rate, Some("li"), &march),
            Some(20.0)
        );
    }

    #[test]
    fn counts_are_shared_out_over_the_months_and_not_over_people() {
        let march = Period::parse("2026-03", 8).unwrap();
        let count = definition("S01", Sort::Count, None);
        assert_eq!(targets(&[("S01", "", "2026", 600.0)]).of(&count, None, &march), Some(50.0));
        assert_eq!(targets(&[("S01", "", "2026-Q1", 165.0)]).of(&count, None, &march), Some(55.0));
        assert_eq!(targets(&[("S01", "", "2026-03", 55.0)]).of(&count, Some("li"), &march), None);
        assert_eq!(
            targets(&[("S01", "", "2026-03", 55.0)]).of(&count, None, &Period::parse("2026-W11", 8).unwrap()),
            None
        );
    }

    #[test]
    fn what_is_asked_for_may_only_be_tightened() {
        assert!(is_softer(14.0, 15.0, Better::More) && !is_softer(15.0, 15.0, Better::More));
        assert!(is_softer(9.0, 8.0, Better::Less) && !is_softer(7.0, 8.0, Better::Less));
    }
}
