//! Churn of a month: rolling over six months, absolute and relative, retention, and how many were won back.

use std::collections::BTreeSet;

use marque_sdk::{Date, Fault, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    churn,
    desk::{Desk, percent, rate, said, way},
    gather::FACT,
    moment, profile,
};

/// The kind of a month.
const KIND: &str = "value.month";
/// Customers asked about at once.
const CHUNK: usize = 400;

/// Input of `month`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    month: String,
}

/// Counted, for the rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    visitors: i64,
    returned: i64,
    base: i64,
    lost: i64,
    average: i64,
    average_lost: i64,
    treated: i64,
    won_back: i64,
}

#[derive(Deserialize)]
struct Seen {
    customer: Id,
}

#[derive(Deserialize)]
struct State {
    churn_state: Option<String>,
    n: i64,
    #[serde(default)]
    paid: Option<i64>,
    #[serde(default)]
    n_paid: i64,
}

/// A person asks for a month, `2026-02`.
pub fn ask(desk: &Desk, input: Ask) -> Result<Value> {
    let wrong =
        || Fault::at("month_invalid", "/month", format!("{:?} is not a month: write it like 2026-02", input.month));
    let month: Date = format!("{}-01", input.month).parse().map_err(|_| wrong())?;
    if month > desk.today {
        return Err(wrong());
    }
    make(desk, &desk.call.org, month)
}

/// Counts a month of an organisation and keeps it.
pub fn make(desk: &Desk, org: &str, month: Date) -> Result<Value> {
    let visitors = visitors(desk, org, month.plus_months(-6), month.plus_months(-5), None)?;
    let mut returned = 0;
    for chunk in visitors.iter().cloned().collect::<Vec<_>>().chunks(CHUNK) {
        returned += self::visitors(desk, org, month.plus_months(-5), month.plus_months(1), Some(chunk))?.len() as i64;
    }
    let (mut counts, natural) = base(org)?;
    counts.visitors = visitors.len() as i64;
    counts.returned = returned;
    (counts.treated, counts.won_back) = treated(desk, org, month)?;
    let text = month.to_string();
    let name = text.get(..7).unwrap_or(&text);
    let mut data = said(shown(&counts));
    let rows = rows(desk, org, month, &counts)?;
    data.extend(said(json!({ "month": name, "slot": name, "natural": natural, "made_at": desk.now(), "rows": rows })));
    let same = Filter::eq("slot", name).and(Filter::eq("org", org));
    match view::find::<Value>(KIND).filter(same).first()? {
        Some(known) => record::change(KIND, &known.id).fields(&data).stage()?,
        None => record::create(KIND).id(new_id()).org(org).fields(&data).stage()?,
    }
    Ok(Value::Object(data))
}

/// Who came and paid within some months, of these if they are named.
fn visitors(desk: &Desk, org: &str, from: Date, to: Date, of: Option<&[Id]>) -> Result<BTreeSet<Id>> {
    let (from, to) = (moment::begin_of(from, &desk.call)?, moment::begin_of(to, &desk.call)?);
    let mut came =
        Filter::eq("org", org).and(Filter::eq("visit", true)).and(Filter::gte("at", from)).and(Filter::lt("at", to));
    if let Some(ids) = of {
        came = came.and(Filter::is_in("customer", ids.iter().cloned()));
    }
    let rows: Vec<Seen> = view::aggregate(FACT).filter(came).group(&["customer"]).count("n").rows()?;
    Ok(rows.into_iter().map(|row| row.customer).collect())
}

/// Those who have ever come, without those who left naturally, and how many of those there are.
fn base(org: &str) -> Result<(Counts, i64)> {
    let here = Filter::eq("org", org).and(Filter::not_empty("churn_state"));
    let rows: Vec<State> = view::aggregate(profile::KIND)
        .filter(here.clone())
        .group(&["churn_state"])
        .count("n")
        .sum("paid", "purchase")
        .rows()?;
    let paying: Vec<State> = view::aggregate(profile::KIND)
        .filter(here.and(Filter::not_empty("purchase")))
        .group(&["churn_state"])
        .count("n")
        .rows()?;
    let mut counts = Counts::default();
    let (mut natural, mut paid, mut n_paid) = (0, 0, 0);
    for mut row in rows {
        row.n_paid = paying.iter().find(|paying| paying.churn_state == row.churn_state).map_or(0, |paying| paying.n);
        match row.churn_state.as_deref() {
            Some("left_naturally") => natural = row.n,
            Some("none") | None => {}
            Some(state) => {
                counts.base += row.n;
                paid += row.paid.unwrap_or(0);
                n_paid += row.n_paid;
                if state == "lost" {
                    counts.lost = row.n;
                    counts.average_lost = row.paid.unwrap_or(0) / row.n_paid.max(1);
                }
            }
        }
    }
    counts.average = paid / n_paid.max(1);
    Ok((counts, natural))
}

/// Cases begun in the twelve months up to the month's end, and those of them won back in time.
fn treated(desk: &Desk, org: &str, month: Date) -> Result<(i64, i64)> {
    #[derive(Deserialize)]
    struct N {
        n: i64,
    }
    let (from, to) =
        (moment::begin_of(month.plus_months(-11), &desk.call)?, moment::begin_of(month.plus_months(1), &desk.call)?);
    let begun = Filter::eq("org", org).and(Filter::gte("started_at", from)).and(Filter::lt("started_at", to));
    let count = |filter: Filter| -> Result<i64> {
        let rows: Vec<N> = view::aggregate(churn::KIND).filter(filter).count("n").rows()?;
        Ok(rows.first().map_or(0, |row| row.n))
    };
    Ok((count(begun.clone())?, count(begun.and(Filter::eq("in_time", true)))?))
}

/// The ways to what was counted.
fn rows(desk: &Desk, org: &str, month: Date, counts: &Counts) -> Result<Value> {
    let begin = |months: i64| moment::begin_of(month.plus_months(months), &desk.call);
    let visits = |from: String, to: String| json!({ "org": org, "visit": true, "at": { "gte": from, "lt": to } });
    let base = json!({ "org": org, "churn_state": { "in": ["active", "warning", "dormant", "lost", "won_back"] } });
    let begun = json!({ "org": org, "started_at": { "gte": begin(-11)?, "lt": begin(1)? } });
    let mut won = begun.clone();
    won["in_time"] = true.into();
    Ok(json!([
        way("rows.visitors", FACT, &visits(begin(-6)?, begin(-5)?), None),
        way("rows.returned", FACT, &visits(begin(-5)?, begin(1)?), None),
        way("rows.base", profile::KIND, &base, Some(counts.base)),
        way("rows.lost", profile::KIND, &json!({ "org": org, "churn_state": "lost" }), Some(counts.lost)),
        way("rows.treated", churn::KIND, &begun, Some(counts.treated)),
        way("rows.won", churn::KIND, &won, Some(counts.won_back)),
    ]))
}

/// The rates of what was counted; none of nothing.
fn shown(counts: &Counts) -> Value {
    let Counts { visitors, returned, base, lost, average, average_lost, treated, won_back } = *counts;
    json!({
        "visitors": visitors, "returned": returned, "rolling": percent(visitors - returned, visitors),
        "base": base, "lost": lost, "absolute": percent(lost, base), "retention": percent(base - lost, base),
        "relative": rate(i128::from(lost) * i128::from(average_lost), i128::from(base) * i128::from(average)),
        "average": average, "average_lost": average_lost,
        "treated": treated, "won_back": won_back, "win_back": percent(won_back, treated),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_came_and_eighty_eight_came_again() {
        let shown = shown(&Counts { visitors: 100, returned: 88, ..Counts::default() });
        assert_eq!(shown["rolling"], 12.0);
        assert_eq!(shown["absolute"], Value::Null, "no base, no rate");
    }

    #[test]
    fn those_who_bought_three_times_as_much_weigh_three_times() {
        let shown =
            shown(&Counts { base: 500, lost: 25, average: 100_000, average_lost: 300_000, ..Counts::default() });
        assert_eq!((shown["absolute"].as_f64(), shown["relative"].as_f64()), (Some(5.0), Some(15.0)));
    }

    #[test]
    fn what_is_not_lost_is_kept() {
        let shown = shown(&Counts { base: 1_500, lost: 180, treated: 40, won_back: 7, ..Counts::default() });
        assert_eq!((shown["absolute"].as_f64(), shown["retention"].as_f64()), (Some(12.0), Some(88.0)));
        assert_eq!(shown["win_back"], 17.5);
    }
}
