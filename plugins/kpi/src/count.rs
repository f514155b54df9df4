//! Counting: the core counts, sums and groups; nothing is read row by row.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Filter, Map, Result, Value, view};
use serde::Deserialize;

use crate::{
    definition::{Definition, Sort},
    org::{Here, Level},
    rows,
    term::Term,
    tokens::Clock,
};

/// What a figure's parts come to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The numerator.
    pub top: f64,
    /// The denominator.
    pub base: f64,
    /// What both open.
    pub rows: Vec<Value>,
    /// Parts by their names.
    pub measures: Map<String, Value>,
    /// The same for each person.
    pub persons: BTreeMap<String, Share>,
    /// Whether numbers that should have been typed in are not there.
    pub is_missing: bool,
    /// Whether any of it was typed in.
    pub is_typed: bool,
}

/// One person's share.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// Of the numerator.
    pub top: f64,
    /// Of the denominator.
    pub base: f64,
    /// What both open.
    pub rows: Vec<Value>,
}

/// Where and when it is counted.
#[derive(Clone, Debug)]
pub struct Spot<'a> {
    /// Where.
    pub here: &'a Here,
    /// When.
    pub clock: &'a Clock<'a>,
    /// Whether persons are counted too.
    pub persons: bool,
}

/// Groups of one aggregate.
#[derive(Deserialize)]
struct Group {
    n: f64,
    v: Option<f64>,
    #[serde(flatten)]
    by: Map<String, Value>,
}

/// Counts a figure; or says what is not there.
pub fn count(spot: &Spot, definition: &Definition) -> Result<std::result::Result<Tally, String>> {
    match tally(spot, definition) {
        Ok(tally) => Ok(Ok(tally)),
        Err(fault) => needs(fault).map(Err),
    }
}

/// What is not installed, or not there yet, is no failure of ours.
fn needs(fault: Fault) -> Result<String> {
    match fault.code.as_str() {
        "kind.not_found" => {
            let kind = fault.message.split('"').nth(1).unwrap_or_default();
            Ok(kind.split('.').next().unwrap_or_default().to_owned())
        }
        "filter.invalid" if fault.message.contains("is not installed") => {
            let kind = fault.message.split('"').nth(1).unwrap_or_default();
            Ok(kind.split('.').next().unwrap_or_default().to_owned())
        }
        "filter.invalid" | "aggregate.invalid" => Ok(fault.message.chars().take(280).collect()),
        _ => Err(fault),
    }
}

fn tally(spot: &Spot, definition: &Definition) -> Result<Tally> {
    let mut tally = Tally::default();
    let may_split = spot.persons && spot.here.level == Level::Dealer && splits(definition);
    for (is_top, term) in
        definition.rule.top.iter().map(|term| (true, term)).chain(definition.rule.base.iter().map(|term| (false, term)))
    {
        let side = if is_top { "top" } else { "base" };
        let typed = term.typed.then(|| term.as_typed(&definition.code, side));
        let term = typed.as_ref().unwrap_or(term);
        let filter = rows::filter(term, spot.here, spot.clock)?;
        let (n, number) = measure(term, &filter)?;
        let is_input = term.kind == crate::term::INPUT;
        tally.is_typed |= is_input && n > 0.0;
        tally.is_missing |= is_input && n == 0.0;
        *(if is_top { &mut tally.top } else { &mut tally.base }) += term.weighed(number);
        if let Some(name) = &term.name {
            tally.measures.insert(name.clone(), crate::shown::number(term.weighed(number)));
        }
        tally.rows.push(rows::part(definition, term, is_top, filter.clone(), number));
        if let Some(by) = term.by.as_ref().filter(|_| may_split) {
            for (person, number) in shares(term, &filter, by)? {
                let share = tally.persons.entry(person.clone()).or_default();
                *(if is_top { &mut share.top } else { &mut share.base }) += term.weighed(number);
                let opened = rows::of_person(&filter, by, &person);
                share.rows.push(rows::part(definition, term, is_top, opened, number));
            }
        }
    }
    Ok(tally)
}

/// Whether every part knows whose doing it is.
fn splits(definition: &Definition) -> bool {
    let rule = &definition.rule;
    matches!(rule.sort, Sort::Ratio | Sort::Count) && rule.top.iter().chain(&rule.base).all(|term| term.by.is_some())
}

/// How many records, and the number that counts.
fn measure(term: &Term, filter: &Value) -> Result<(f64, f64)> {
    if let Some(field) = &term.spread {
        return middle(term, filter, field);
    }
    let group: Vec<Group> = asked(term, filter, &[])?;
    let Some(all) = group.into_iter().next() else { return Ok((0.0, 0.0)) };
    let number = if has_measure(term) { all.v.unwrap_or(0.0) } else { all.n };
    Ok((all.n, number))
}

fn shares(term: &Term, filter: &Value, by: &str) -> Result<BTreeMap<String, f64>> {
    let groups: Vec<Group> = asked(term, filter, &[by])?;
    let number = |group: &Group| if has_measure(term) { group.v.unwrap_or(0.0) } else { group.n };
    let of = |group: Group| Some((group.by.get(by)?.as_str()?.to_owned(), number(&group)));
    Ok(groups.into_iter().filter_map(of).collect())
}

fn has_measure(term: &Term) -> bool {
    term.sum.is_some() || term.distinct.is_some()
}

fn asked<T: serde::de::DeserializeOwned>(term: &Term, filter: &Value, by: &[&str]) -> Result<Vec<T>> {
    let aggregate = view::aggregate(&term.kind).filter(Filter::from(filter.clone())).group(by).count("n");
    match (&term.sum, &term.distinct) {
        (Some(field), _) => aggregate.sum("v", field).rows(),
        (None, Some(field)) => aggregate.distinct("v", field).rows(),
        (None, None) => aggregate.rows(),
    }
}

/// The middle of a field's values, from how often each is there: right at any size.
fn middle(term: &Term, filter: &Value, field: &str) -> Result<(f64, f64)> {
    let filled = Filter::from(filter.clone()).and(Filter::not_empty(field));
    let groups: Vec<Group> = view::aggregate(&term.kind).filter(filled).group(&[field]).count("n").rows()?;
    let mut values: Vec<(f64, f64)> =
        groups.into_iter().filter_map(|group| Some((group.by.get(field)?.as_f64()?, group.n))).collect();
    values.sort_by(|one, other| one.0.total_cmp(&other.0));
    let n: f64 = values.iter().map(|(_, n)| n).sum();
    Ok((n, median(&values, n)))
}

/// Of values with their frequencies, in order.
fn median(values: &[(f64, f64)], n: f64) -> f64 {
    let at = |wanted: f64| {
        let mut passed = 0.0;
        values.iter().find(|(_, n)| {
            passed += n;
            passed > wanted
        })
    };
    match (at(((n - 1.0) / 2.0).floor()), at((n / 2.0).floor())) {
        (Some((low, _)), Some((high, _))) => f64::midpoint(*low, *high),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_frequencies_is_the_median_of_the_values() {
        let of = |values: &[(f64, f64)]| median(values, values.iter().map(|(_, n)| n).sum());
        assert_eq!(of(&[(10.0, 1.0), (20.0, 1.0), (90.0, 1.0)]).to_string(), "20");
        assert_eq!(of(&[(10.0, 1.0), (20.0, 1.0)]).to_string(), "15");
        assert_eq!(of(&[(5.0, 3.0), (30.0, 2.0)]).to_string(), "5");
        assert_eq!(of(&[(5.0, 2.0), (30.0, 2.0)]).to_string(), "17.5");
        assert_eq!(of(&[(7.0, 1.0)]).to_string(), "7");
    }

    #[test]
    fn what_is_not_installed_is_named() {
        let fault = Fault::new("kind.not_found", "there is no kind \"workshop.order\"; GET /api/v1/kinds lists them");
        assert_eq!(needs(fault).unwrap(), "workshop");
        let fault = Fault::new("filter.invalid", "lead.received_at: the kind \"leads.lead\" is not installed");
        assert_eq!(needs(fault).unwrap(), "leads");
        assert!(needs(Fault::new("denied", "no")).is_err());
    }
}
