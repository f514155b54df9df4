//! How long is kept what need not be kept: the rules, whom they would forget, and who was forgotten.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    Shared,
    auth::Signed,
    params::{self, Input, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    app::privacy::retention::{self, Due, Rules},
    commands::{noted, rights},
    model::{Id, Time},
    store::{
        Tx,
        tables::{self, erasure::Erasure},
    },
};

const LIST: [Param; 2] = [params::LIMIT, params::CURSOR];
const MONTHS: [Param; 2] =
    [Param::new("months", "integer", "as if this were the rule; the one that is set unless said"), params::LIMIT];

pub(super) fn routes() -> Vec<Route> {
    let rules = || {
        json!({
            "type": "object", "additionalProperties": false,
            "properties": { "is_on": { "type": "boolean" }, "months": { "type": "integer" }, "id_image_days": { "type": "integer" } },
        })
    };
    vec![
        Route::get("/api/v1/privacy/retention", preview)
            .says("the rules of retention, and whom they would forget tonight")
            .query(&MONTHS)
            .answers(200, json!({ "type": "object", "properties": { "rules": rules(), "n": { "type": "integer" }, "items": { "type": "array" } } })),
        Route::put("/api/v1/privacy/retention", set).says("set the rules of retention for the brand").takes(rules()).answers(200, rules()),
        Route::get("/api/v1/privacy/erasures", erasures)
            .says("who was erased, by id alone, and whether every trace is wiped out")
            .query(&LIST)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array" }, "next": { "type": ["string", "null"] } } })),
    ]
}

#[derive(Debug, Deserialize)]
struct Listed {
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    months: Option<u16>,
    limit: Option<u32>,
}

async fn preview(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    rights::to_see_retention(&http.app.ctx(&signed.actor, None)?)?;
    let limit = params::limit(asked.limit, 100, 2_000)?;
    let now = http.app.clock.now();
    let found = http.view(&signed.actor, move |view| {
        let rules = Rules::load(view)?;
        let tried = Rules { months: asked.months.unwrap_or(rules.months), ..rules };
        tried.check()?;
        let due = retention::due(view, tried, now, limit)?;
        let told = |Due { customer, last_contact }: &Due| {
            json!({ "id": customer.id, "org": customer.org, "name": customer.field("name"), "created_at": customer.created_at, "last_contact": last_contact })
        };
        let items: Vec<Value> = due.iter().map(told).collect();
        Ok(json!({ "rules": rules, "n": items.len(), "has_more": items.len() == limit as usize, "items": items }))
    });
    found.await.map(Answer)
}

async fn set(State(http): State<Shared>, signed: Signed, Input(rules): Input<Rules>) -> Result<Answer<Rules>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_set_retention(&ctx)?;
    let put = move |tx: &mut Tx<'_>| {
        rules.put(tx)?;
        noted::note(tx, &ctx, &ctx.org, "retention.set", json!(rules))
    };
    http.app.store.commit(put).await?;
    Ok(Answer(rules))
}

async fn erasures(State(http): State<Shared>, signed: Signed, Params(asked): Params<Listed>) -> Result<Answer<Value>> {
    rights::to_see_retention(&http.app.ctx(&signed.actor, None)?)?;
    let limit = params::limit(asked.limit, 100, 2_000)?;
    let before = asked.cursor.as_deref().map(place).transpose()?;
    let found = http.view(&signed.actor, move |view| {
        let mut rows = tables::erasure::page(view, view.scope(), before.as_ref(), limit + 1)?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let place = |(last, _): &(Erasure, Option<Time>)| format!("{}.{}", last.at.millis(), last.customer);
        let next = rows.last().filter(|_| has_more).map(place);
        let item = |(erasure, swept_at): &(Erasure, Option<Time>)| {
            json!({ "customer": erasure.customer, "org": erasure.org, "at": erasure.at, "actor": erasure.actor, "seq": erasure.seq, "swept_at": swept_at })
        };
        Ok(json!({ "items": rows.iter().map(item).collect::<Vec<Value>>(), "next": next }))
    });
    found.await.map(Answer)
}

/// Where a page begins.
fn place(cursor: &str) -> Result<(Time, Id)> {
    let parts = cursor.split_once('.').and_then(|(at, customer)| Some((at.parse().ok()?, customer.parse().ok()?)));
    let (at, customer) = parts
        .ok_or_else(|| Error::invalid("cursor", format!("cursor {cursor:?} is none of ours; begin without one")))?;
    Ok((Time::from_millis(at), customer))
}
