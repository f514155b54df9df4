//! The organisation tree as a whole, and when people are on duty.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{
    Result,
    model::{
        Aggregate, Id, Query, Record, Time,
        duty::{self, Shift},
        org,
    },
    store::View,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let moment = || json!({ "type": "string", "format": "date-time" });
    let org = json!({
        "type": "object", "required": ["id", "code", "name", "type", "depth", "n_below", "n_people"],
        "properties": {
            "id": text(), "code": text(), "name": text(), "type": text(), "parent": { "type": ["string", "null"] },
            "city": { "type": ["string", "null"] }, "status": text(), "depth": { "type": "integer" },
            "n_below": { "type": "integer" }, "n_people": { "type": "integer" },
        },
    });
    let under =
        json!({ "type": "object", "properties": { "type": text(), "under": { "type": "array", "items": text() } } });
    let shift = json!({ "type": "object", "properties": { "from": moment(), "to": moment() } });
    vec![
        Route::get("/api/v1/orgs/tree", tree)
            .says("one's own organisation and all below it in the order of the tree, and which type stands under which")
            .answers(200, json!({
                "type": "object",
                "properties": {
                    "items": { "type": "array", "items": org }, "types": { "type": "array", "items": under }, "next": { "type": "null" },
                },
            })),
        Route::get("/api/v1/users/{id}/duty", duty)
            .says("when somebody is on duty between two moments, and whether now; a week from now unless said")
            .query(&SPAN)
            .answers(200, json!({
                "type": "object",
                "properties": {
                    "items": { "type": "array", "items": shift }, "is_on_duty": { "type": "boolean" }, "time_zone": text(),
                    "next": { "type": "null" },
                },
            })),
    ]
}

const SPAN: [Param; 2] = [
    Param::new("from", "string", "since when; now unless said"),
    Param::new("to", "string", "until when; a week later unless said"),
];
const DAY_MS: i64 = 86_400_000;
/// Enough for a quarter's plan on screen.
const MAX_DAYS: i64 = 100;

#[derive(Debug, Serialize)]
struct Node {
    id: Id,
    code: String,
    name: String,
    r#type: String,
    parent: Option<Id>,
    city: Option<String>,
    status: String,
    depth: u32,
    n_below: usize,
    n_people: u64,
}

async fn tree(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let nodes = http.view(&signed.actor, nodes).await?;
    let types: Vec<Value> = org::TYPES.iter().map(|(name, under)| json!({ "type": name, "under": under })).collect();
    Ok(Answer(json!({ "items": nodes, "types": types, "next": null })))
}

fn nodes(view: &View) -> Result<Vec<Node>> {
    let orgs = all(view, "org")?;
    let people = people(view)?;
    let ids: BTreeSet<&Id> = orgs.iter().map(|org| &org.id).collect();
    let mut below: BTreeMap<Option<Id>, Vec<&Record>> = BTreeMap::new();
    for org in &orgs {
        // What is above one's own organisation is out of sight: that is where one's tree begins.
        let parent = org.text("parent").and_then(|id| id.parse().ok()).filter(|id| ids.contains(id));
        below.entry(parent).or_default().push(org);
    }
    let mut nodes = Vec::with_capacity(orgs.len());
    for root in below.get(&None).into_iter().flatten() {
        grow(root, 0, &below, &people, &mut nodes);
    }
    Ok(nodes)
}

/// An organisation and those below it, after each other; answers how many they are.
fn grow(
    org: &Record,
    depth: u32,
    below: &BTreeMap<Option<Id>, Vec<&Record>>,
    people: &BTreeMap<String, u64>,
    nodes: &mut Vec<Node>,
) -> usize {
    let text = |name: &str| org.text(name).map(str::to_owned);
    let at = nodes.len();
    nodes.push(Node {
        id: org.id.clone(),
        code: text("code").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        r#type: text("type").unwrap_or_default(),
        parent: org.text("parent").and_then(|id| id.parse().ok()),
        city: text("city"),
        status: text("status").unwrap_or_else(|| "active".into()),
        depth,
        n_below: 0,
        n_people: people.get(org.id.as_str()).copied().unwrap_or_default(),
    });
    let children = below.get(&Some(org.id.clone())).into_iter().flatten();
    let n_below: usize = children.map(|child| grow(child, depth + 1, below, people, nodes)).sum();
    nodes[at].n_below = n_below;
    n_below + 1
}

fn all(view: &View, kind: &str) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let query = Query { order: "name".into(), limit: Some(500), cursor, ..Query::default() };
        let page = view.find(kind, &query)?;
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

/// How many people each organisation has that have not left.
fn people(view: &View) -> Result<BTreeMap<String, u64>> {
    let aggregate = Aggregate {
        filter: json!({ "status": { "ne": "left" } }),
        group: vec!["org".into()],
        measures: [("n".to_owned(), json!({ "count": true }))].into_iter().collect(),
    };
    let groups = view.aggregate("user", &aggregate)?.into_iter();
    Ok(groups.filter_map(|group| Some((group.get("org")?.as_str()?.to_owned(), group.get("n")?.as_u64()?))).collect())
}

#[derive(Debug, Deserialize)]
struct Span {
    from: Option<Time>,
    to: Option<Time>,
}

async fn duty(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(span): Params<Span>,
) -> Result<Answer<Value>> {
    let now = http.app.clock.now();
    let from = span.from.unwrap_or(now);
    let to = span.to.unwrap_or_else(|| from.plus_millis(7 * DAY_MS));
    if to <= from || to - from > MAX_DAYS * DAY_MS {
        let message =
            format!("to {to} must lie after from {from}, {MAX_DAYS} days at most: choose a later or a nearer to");
        return Err(params::wrong_param("to", message));
    }
    let told = http
        .view(&signed.actor, move |view| {
            let user = view.one("user", &id)?;
            let calendar = view.orgs().calendar(&user.org);
            let items: Vec<Shift> = duty::shifts(&user.data, &calendar, from, to);
            let is_on_duty = duty::is_on_duty(&user.data, &calendar, now);
            Ok(json!({ "items": items, "is_on_duty": is_on_duty, "time_zone": calendar.time_zone.iana_name(), "next": null }))
        })
        .await?;
    Ok(Answer(told))
}
