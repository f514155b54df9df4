//! One standard for all stations.
//!
//! One standard for all stations: jobs with their hours and skills, and what is looked at when a car comes in. The maker's is the same
//! everywhere; a station may add its own, and takes nothing of the maker's away.

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    file::{File, STANDARD, given},
};

/// Input of `publish` and `add`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    items: Vec<Item>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    sort: Option<String>,
    code: String,
    name: String,
    #[serde(default)]
    kinds: Vec<String>,
    hours: Option<f64>,
    skill: Option<String>,
    skill_level: Option<i64>,
    certificate: Option<String>,
    retired: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Org {
    r#type: String,
}

/// Organisations that have a workshop.
const STATIONS: [&str; 2] = ["dealer", "service_station"];
/// Entries of one standard.
const MOST: usize = 2_000;

/// The job of a code at a station.
pub fn job(org: &str, code: &str) -> Result<Option<Record>> {
    let of = Filter::eq("org", org).and(Filter::eq("key", key("job", code))).and(Filter::ne("retired", true));
    view::find::<Data>(STANDARD).filter(of).first()
}

fn key(sort: &str, code: &str) -> String {
    format!("{sort}:{}", code.trim())
}

/// What is looked at when a car of this kind comes in, the maker's items first.
pub fn checks(org: &str, kind: &str) -> Result<Vec<Record>> {
    let of = Filter::eq("org", org).and(Filter::eq("sort", "check")).and(Filter::ne("retired", true));
    let mut found = view::find::<Data>(STANDARD).filter(of).order("code").up_to(MOST)?;
    found.retain(|item| match item.data.get("kinds").and_then(Value::as_array) {
        Some(kinds) if !kinds.is_empty() => kinds.iter().any(|known| known == kind),
        _ => true,
    });
    found.sort_by_key(|item| item.data.get("is_maker") != Some(&Value::Bool(true)));
    Ok(found)
}

/// Adds entries to a station's standard; of the maker or a region, to every station below.
pub fn publish(desk: &Desk, input: &Publish) -> Result<Value> {
    let here = view::get::<Org>("org", &desk.call.org)?.map(|org| org.data.r#type).unwrap_or_default();
    let is_maker = !STATIONS.contains(&here.as_str()) && !here.is_empty();
    let stations: Vec<Id> = if is_maker {
        let below = view::find::<Org>("org").filter(Filter::is_in("type", STATIONS)).up_to(MOST)?;
        below.into_iter().map(|org| org.id).collect()
    } else {
        desk.manager_only()?;
        vec![desk.call.org.clone()]
    };
    let mut written = 0;
    for station in &stations {
        let known = view::find::<Data>(STANDARD).filter(Filter::eq("org", station.as_str())).up_to(MOST)?;
        for (n, item) in input.items.iter().enumerate() {
            write(station, &known, item, is_maker, n)?;
            written += 1;
        }
    }
    Ok(json!({ "stations": stations.len(), "written": written }))
}

fn write(station: &str, known: &[Record], item: &Item, is_maker: bool, n: usize) -> Result<()> {
    let sort = item.sort.as_deref().unwrap_or("job");
    let key = key(sort, &item.code);
    let data = given(json!({
        "sort": sort, "code": item.code.trim(), "name": item.name.trim(), "key": key, "kinds": item.kinds, "hours": item.hours,
        "skill": item.skill, "skill_level": item.skill_level, "certificate": item.certificate, "retired": item.retired.unwrap_or(false),
        "is_maker": is_maker,
    }));
    let of_key = |one: &&Record| one.data.get("key").and_then(Value::as_str) == Some(key.as_str());
    match known.iter().find(of_key) {
        Some(one) if !is_maker && one.data.get("is_maker") == Some(&Value::Bool(true)) => refuse_at(
            "standard_maker",
            &format!("/items/{n}/code"),
            format!("{} is the maker's: choose another code for your own", item.code),
        ),
        Some(one) => record::change(STANDARD, &one.id).if_rev(one.rev).fields(&data).stage(),
        None => record::create(STANDARD).org(station).fields(&data).stage(),
    }
}

/// Takes an entry of the station's own out of use.
pub fn retire(desk: &Desk, item: &File) -> Result<Value> {
    desk.manager_only()?;
    let is_at_station = desk.call.org == item.org;
    if item.says("is_maker") && is_at_station {
        return refuse("standard_maker", "this is the maker's standard: a station may add, not remove");
    }
    item.change(&given(json!({ "retired": true }))).stage()?;
    Ok(json!({ "id": item.id }))
}
