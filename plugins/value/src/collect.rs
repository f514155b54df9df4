//! A run's first step: the measures of some hundred customers a piece, or of all dealers. Run again they come from the run of then.

use std::collections::BTreeMap;

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    dealers,
    desk::Desk,
    gather::{self, Known},
    moment, rank,
    run::{self, ASSESSMENT, Place, Run},
};

/// Customers of a piece.
const PIECE: u32 = 120;
/// What a customer's file is expected to have filled in.
const EXPECTED: [&str; 12] = [
    "name",
    "phone",
    "email",
    "gender",
    "birth_date",
    "city",
    "address",
    "occupation",
    "preferred_channel",
    "preferred_time",
    "education",
    "income_band",
];

/// Collects a piece and goes on with the next, or has the percentiles made.
pub fn piece(desk: &Desk, run: &Record<Run>, place: Place) -> Result<()> {
    let (last, n) = match (&run.data.again_of, run.data.population.as_str()) {
        (Some(first), _) => again(run, first, &place)?,
        (None, "dealers") => (None, dealers::collect(desk, run)?),
        (None, _) => customers(desk, run, &place)?,
    };
    let n = place.n + n;
    match last {
        Some(after) => run::next(desk, &Place { after, n, ..place }),
        None => {
            record::mov(run::KIND, &run.id, "scale").if_rev(run.rev).field("n", n).stage()?;
            rank::scale(run)
        }
    }
}

/// A new grade, without its measures.
pub fn assessment(run: &Record<Run>, whom: &str, org: &str) -> record::Write {
    record::create(ASSESSMENT)
        .id(new_id())
        .org(org)
        .field("run", &run.id)
        .field("slot", format!("{}:{whom}", run.id))
        .field("population", &run.data.population)
        .field("quarter", run.data.quarter)
        .field("official", run.data.official)
        .field("model", &run.data.model)
        .field("model_version", run.data.model_version)
}

fn customers(desk: &Desk, run: &Record<Run>, place: &Place) -> Result<(Option<String>, i64)> {
    let mut whom = Filter::gt("id", place.after.as_str()).and(Filter::ne("restricted", true));
    if !desk.settings.graded_types.is_empty() {
        whom = whom.and(Filter::is_in("type", desk.settings.graded_types.iter().cloned()));
    }
    let page = view::find::<Data>("customer").filter(whom).order("id").limit(PIECE).page()?;
    let ids: Vec<Id> = page.items.iter().map(|customer| customer.id.clone()).collect();
    let (day, until) = run::until(desk, run.data.quarter)?;
    let all = gather::gather(desk, &ids, day, &until)?;
    let regions = if desk.settings.peer_by == "region" { dealers::regions()? } else { BTreeMap::new() };
    let mut n = 0;
    for customer in &page.items {
        if customer.data.get("erased_at").is_some_and(|at| !at.is_null()) {
            continue;
        }
        let Some(known) = all.get(&customer.id) else { continue };
        assessment(run, &customer.id, &customer.org)
            .field("customer", &customer.id)
            .field("peer_group", peer_group(desk, customer, &regions))
            .field("since", &customer.created_at)
            .fields(measures(known, customer, day))
            .stage()?;
        n += 1;
    }
    let last = page.next.and(ids.into_iter().next_back());
    Ok((last, n))
}

/// With whom a customer is compared.
fn peer_group(desk: &Desk, customer: &Record<Data>, regions: &BTreeMap<Id, Id>) -> String {
    let text = |field: &str| customer.data.get(field).and_then(Value::as_str);
    match desk.settings.peer_by.as_str() {
        "region" => regions.get(&customer.org).cloned().unwrap_or_else(|| "brand".into()),
        "kind" if text("business_kind").is_some() || text("type") == Some("company") => "fleet".into(),
        "kind" => "private".into(),
        _ => "brand".into(),
    }
}

/// The measures of a customer by their places. Money counts in yuan, as the reasons say it.
fn measures(known: &Known, customer: &Record<Data>, day: marque_sdk::Date) -> Value {
    let yuan = |fen: i64| fen as f64 / 100.0;
    let (payments, late) = known.payments;
    let on_time = if payments == 0 { 0.0 } else { 100.0 * (payments - late) as f64 / payments as f64 };
    let filled =
        EXPECTED.iter().filter(|field| customer.data.get(**field).is_some_and(|value| !value.is_null())).count();
    let age = known.youngest_car().map_or(0, |since| moment::years_since(since, day));
    json!({
        "e1": yuan(known.profit_12), "e2": yuan(known.revenue_12), "e3": on_time.round(),
        "a1": known.n("referral"), "a2": known.cars.len() as i64 + known.n("linked"), "a3": known.n("club"),
        "f1": (100.0 * filled as f64 / EXPECTED.len() as f64).round(), "f2": known.n("satisfaction"), "f3": known.n("digital"), "f4": known.n("idea"),
        "d1": age, "d2": yuan(known.revenue_12 - known.revenue_before), "d3": known.n("interest"),
    })
}

#[derive(Deserialize)]
struct Whom {
    customer: Option<Id>,
    dealer: Option<Id>,
    peer_group: Option<String>,
    since: Option<String>,
    #[serde(flatten)]
    rest: Data,
}

/// The measures of then, as they were.
fn again(run: &Record<Run>, first: &str, place: &Place) -> Result<(Option<String>, i64)> {
    let theirs = Filter::eq("run", first).and(Filter::gt("id", place.after.as_str()));
    let page = view::find::<Whom>(ASSESSMENT).filter(theirs).order("id").limit(PIECE).page()?;
    for grade in &page.items {
        let Whom { customer, dealer, peer_group, since, rest } = &grade.data;
        let whom = customer.as_ref().or(dealer.as_ref()).map_or(grade.id.as_str(), String::as_str);
        let mut data = Data::new();
        for (slot, value) in rest.iter().filter(|(name, _)| is_measure(name)) {
            data.insert(slot.clone(), value.clone());
        }
        let named = [("customer", customer), ("dealer", dealer), ("peer_group", peer_group), ("since", since)];
        data.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
        assessment(run, whom, &grade.org).fields(data).stage()?;
    }
    let last = page.next.and(page.items.last().map(|grade| grade.id.clone()));
    Ok((last, page.items.len() as i64))
}

/// Whether a field is a measure as it was collected.
fn is_measure(name: &str) -> bool {
    rank::SLOTS.contains(&name)
}
