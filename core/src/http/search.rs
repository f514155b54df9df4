//! The search box: customers by name, phone and e-mail, other records by their numbers.

mod look_up;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    displays,
    params::{self, Params},
    refs,
    route::{Param, Route},
};
use crate::{
    Result,
    model::{Actor, Kind, Record},
    store::{Found, Search, View},
};
use look_up::Whole;

const QUERY: [Param; 3] = [
    Param::new(
        "q",
        "string",
        "a name, also in pinyin or its initials, a phone, an e-mail address, a number, or a part of one",
    ),
    Param::new("kinds", "string", "only these kinds, customer,complaints.case"),
    params::LIMIT,
];
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let hit = json!({
        "type": "object",
        "properties": { "kind": text(), "id": text(), "title": text(), "subtitle": text(), "org": text(), "field": text(), "rank": { "type": "integer" } },
    });
    vec![
        Route::get("/api/v1/search", search)
            .says("records that hold the words, the best matches first")
            .query(&QUERY)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": hit }, "next": { "type": "null" } } })),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kinds: String,
    limit: Option<u32>,
}

async fn search(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let limit = params::limit(asked.limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let locale = signed.locale;
    let kinds = asked.kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    let own = match &signed.actor {
        Actor::User { org, .. } => Some(org.clone()),
        Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => None,
    };
    let search = Search { words: asked.q, kinds, own, limit };
    let whole = Whole::of(&search);
    let looked = whole.clone();
    let (mut items, exact, shown) = http
        .view(&signed.actor, move |view| {
            let found = view.search(&search)?;
            let items = found.iter().map(|found| hit(view, found, locale)).collect::<Result<Vec<Value>>>()?;
            let exact = looked.map(|whole| look_up::exact(view, &whole)).transpose()?.flatten();
            Ok((items, exact, told(found)))
        })
        .await?;
    displays::listed(&http, &signed, "customer", &shown);
    if let (Some(exact), Some(whole)) = (exact, whole) {
        // On record before it is told.
        look_up::note(&http, &signed, &whole, &exact).await?;
        items.extend(exact.items);
        items.truncate(limit as usize);
    }
    Ok(Answer(json!({ "items": items, "next": null })))
}

/// The customers of which a hit tells the number.
fn told(found: Vec<Found>) -> Vec<Record> {
    let customers = found.into_iter().map(|found| found.record).filter(|record| record.kind == "customer");
    customers
        .map(|mut record| {
            record.data.retain(|name, _| matches!(name.as_str(), "phone" | "owner"));
            record
        })
        .collect()
}

fn hit(view: &View, found: &Found, locale: &str) -> Result<Value> {
    let record = &found.record;
    let kind = view.kind_of(record)?;
    Ok(json!({
        "kind": record.kind,
        "id": record.id,
        "title": refs::title(&kind, record),
        "subtitle": subtitle(view, &kind, record, locale)?,
        "org": record.org,
        "field": found.field,
        "rank": found.rank,
    }))
}

/// What tells two hits of the same title apart: a customer's phone and city, another record's kind, state and customer.
fn subtitle(view: &View, kind: &Kind, record: &Record, locale: &str) -> Result<String> {
    let mut parts: Vec<String> = Vec::new();
    if kind.kind == "customer" {
        let phone = record.text("phone").or_else(|| record.seen.hints.get("phone").map(String::as_str));
        let phone = phone.map(|phone| phone.trim_start_matches("+86").to_owned());
        parts.extend(phone.or_else(|| record.text("email").map(str::to_owned)));
        parts.extend(record.text("city").map(str::to_owned));
        return Ok(parts.join(" · "));
    }
    parts.push(kind.label.get(locale).to_owned());
    if let Some(states) = &kind.states {
        let state = record.text(&states.field).unwrap_or_default();
        let values = kind.fields.get(&states.field).map(|field| field.values.as_slice()).unwrap_or_default();
        parts.extend(values.iter().find(|known| known.value == state).map(|known| known.label.get(locale).to_owned()));
    }
    let subject = kind
        .subject
        .as_ref()
        .and_then(|field| Some((kind.fields.get(field)?.to.clone()?, record.text(field)?.parse().ok()?)));
    if let Some((to, id)) = subject {
        parts.extend(refs::title_of(view, &to, &id)?);
    }
    Ok(parts.join(" · "))
}
