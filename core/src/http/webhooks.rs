//! Webhooks: other systems that are told of events, what they were told, and what they did not take.

use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, At, IfMatch, Input, Params},
    records,
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::{
        Run, rights,
        webhook::{Change, Create, Patch, Remove, Retry, Rotate, Try},
    },
    model::{Data, Id, rights::Power, webhook as signing},
    outbound::hooks,
    store::{
        View,
        tables::webhook::{self, Delivery, Fate, State as Standing, Webhook},
    },
};

const LOG: [Param; 3] = [Param::new("state", "string", "waiting, delivered or failed"), params::LIMIT, params::CURSOR];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let maybe = || json!({ "type": ["string", "null"] });
    let words = || json!({ "type": "array", "items": { "type": "string" } });
    let webhook = || {
        json!({
            "type": "object",
            "properties": {
                "id": text(), "org": text(), "owner": text(), "owner_name": maybe(), "name": text(), "url": text(), "events": words(), "filter": { "type": "object" },
                "state": { "enum": ["active", "paused", "disabled"] }, "why": maybe(), "failing_since": maybe(), "rev": { "type": "integer" },
                "n_waiting": { "type": "integer" }, "n_failed": { "type": "integer" }, "created_at": text(), "updated_at": text(),
                "secret": { "type": "string", "description": "shown once: when it is made and when it is given another" },
            },
        })
    };
    let delivery = || {
        json!({
            "type": "object",
            "properties": {
                "id": text(), "webhook": text(), "seq": { "type": ["integer", "null"] }, "kind": text(), "subject": maybe(), "state": text(), "made_at": text(),
                "due_at": text(), "tried_at": maybe(), "attempts": { "type": "integer" }, "status": { "type": ["integer", "null"] }, "fault": maybe(), "took_ms": { "type": ["integer", "null"] },
            },
        })
    };
    let page = |of: Value| json!({ "type": "object", "properties": { "items": { "type": "array", "items": of }, "next": maybe() } });
    let again = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    vec![
        Route::get("/api/v1/webhooks", list).says("webhooks of one's organisations, the newest first").answers(200, page(webhook())),
        Route::post("/api/v1/webhooks", create)
            .says("tell another system of events from now on, as far as you may hear them; the secret is shown this once")
            .takes(json!({
                "type": "object", "required": ["name", "url", "events"], "additionalProperties": false,
                "properties": { "name": text(), "url": text(), "events": words(), "filter": { "type": "object" }, "org": text() },
            }))
            .answers(201, webhook())
            .keeps_nothing(),
        Route::get("/api/v1/webhooks/{id}", get).says("one webhook").answers(200, webhook()),
        Route::patch("/api/v1/webhooks/{id}", change)
            .says("change it, pause it or set it going; from then on it hears with your eyes")
            .takes(json!({
                "type": "object", "additionalProperties": false,
                "properties": { "name": text(), "url": text(), "events": words(), "filter": { "type": "object" }, "state": { "enum": ["active", "paused"] } },
            }))
            .answers(200, webhook()),
        Route::delete("/api/v1/webhooks/{id}", remove).says("take it away with its log").answers_nothing(204),
        Route::post("/api/v1/webhooks/{id}/rotate", rotate)
            .says("give it another secret, shown this once; the old one signs too for a day")
            .answers(200, webhook())
            .keeps_nothing(),
        Route::post("/api/v1/webhooks/{id}/test", test).says("tell it something made up").answers(202, delivery()).keeps_nothing(),
        Route::post("/api/v1/webhooks/{id}/retry", retry_all).says("tell again all that has failed").answers(200, again.clone()).keeps_nothing(),
        Route::get("/api/v1/webhooks/{id}/deliveries", log)
            .says("what it was told in the last thirty days, the newest first")
            .query(&LOG)
            .answers(200, page(delivery())),
        Route::post("/api/v1/webhooks/{id}/deliveries/{delivery}/retry", retry).says("tell one thing again").answers(200, again).keeps_nothing(),
    ]
}

/// Whoever keeps webhooks sees those of their organisations.
fn may_keep(http: &Shared, signed: &Signed) -> Result<()> {
    rights::to(&http.app.ctx(&signed.actor, None)?, Power::Shape, "see webhooks")
}

fn told(view: &View, webhook: &Webhook) -> Result<Value> {
    let (n_waiting, n_failed) = webhook::counts(view, &webhook.id)?;
    let owner = crate::store::tables::record::get(view, "user", &webhook.owner, &crate::model::Scope::All)?;
    Ok(json!({
        "id": webhook.id, "org": webhook.org, "owner": webhook.owner, "owner_name": owner.as_ref().and_then(|owner| owner.text("name")),
        "name": webhook.name, "url": webhook.url, "events": webhook.events, "filter": webhook.filter, "state": webhook.state,
        "why": webhook.why, "failing_since": webhook.failing_since, "rev": webhook.rev, "n_waiting": n_waiting, "n_failed": n_failed,
        "created_at": webhook.created_at, "updated_at": webhook.updated_at,
    }))
}

fn one(view: &View, id: &Id) -> Result<Webhook> {
    let found = webhook::get(view, id)?.filter(|webhook| view.scope().holds(&webhook.org));
    found.ok_or_else(|| Error::not_found("webhook", format!("there is no webhook {id} in your organisations")))
}

async fn list(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    may_keep(&http, &signed)?;
    let items = http.view(&signed.actor, |view| {
        webhook::list(view, view.scope())?.iter().map(|webhook| told(view, webhook)).collect::<Result<Vec<_>>>()
    });
    Ok(Answer(json!({ "items": items.await?, "next": null })))
}

async fn answer(
    http: &Shared,
    signed: &Signed,
    id: Id,
    status: StatusCode,
    secret: Option<String>,
) -> Result<Response> {
    let read = http.view(&signed.actor, move |view| {
        let webhook = one(view, &id)?;
        Ok((told(view, &webhook)?, webhook.rev))
    });
    let (mut told, rev) = read.await?;
    if let Some(secret) = secret {
        told["secret"] = json!(secret);
    }
    Ok((status, [(header::ETAG, records::etag(rev)?)], Answer(told)).into_response())
}

async fn get(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    may_keep(&http, &signed)?;
    answer(&http, &signed, id, StatusCode::OK, None).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    url: String,
    events: Vec<String>,
    #[serde(default)]
    filter: Data,
    org: Option<Id>,
}

async fn create(State(http): State<Shared>, signed: Signed, Input(new): Input<New>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, new.org)?;
    http.app.hooks.check(&new.url)?;
    let id = Id::fresh(ctx.now);
    let secret = signing::secret();
    let sealed = http.app.seal_key.seal(secret.as_bytes(), &hooks::place(&id))?;
    let New { name, url, events, filter, .. } = new;
    let command = Create { name, url, events, filter, secret: sealed, id: id.clone() };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    answer(&http, &signed, id, StatusCode::CREATED, Some(secret)).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    name: Option<String>,
    url: Option<String>,
    events: Option<Vec<String>>,
    filter: Option<Data>,
    state: Option<Standing>,
}

async fn change(
    State(http): State<Shared>,
    signed: Signed,
    IfMatch(if_rev): IfMatch,
    At(id): At<Id>,
    Input(changed): Input<Changed>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if let Some(url) = &changed.url {
        http.app.hooks.check(url)?;
    }
    let Changed { name, url, events, filter, state } = changed;
    let command = Change { id: id.clone(), if_rev, patch: Patch { name, url, events, filter, state } };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    answer(&http, &signed, id, StatusCode::OK, None).await
}

async fn remove(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.commit(ctx, move |tx, ctx| Remove { id }.run(tx, ctx)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let secret = signing::secret();
    let sealed = http.app.seal_key.seal(secret.as_bytes(), &hooks::place(&id))?;
    let command = Rotate { id: id.clone(), secret: sealed };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    answer(&http, &signed, id, StatusCode::OK, Some(secret)).await
}

async fn test(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<(StatusCode, Answer<Delivery>)> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let delivery = http.app.commit(ctx, move |tx, ctx| Try { id }.run(tx, ctx)).await?;
    Ok((StatusCode::ACCEPTED, Answer(delivery)))
}

async fn again(http: &Shared, signed: &Signed, command: Retry) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let n = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Ok(Answer(json!({ "n": n })))
}

async fn retry_all(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Value>> {
    again(&http, &signed, Retry { id, delivery: None }).await
}

async fn retry(State(http): State<Shared>, signed: Signed, At((id, delivery)): At<(Id, Id)>) -> Result<Answer<Value>> {
    again(&http, &signed, Retry { id, delivery: Some(delivery) }).await
}

#[derive(Debug, Deserialize)]
struct Asked {
    state: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn log(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Value>> {
    may_keep(&http, &signed)?;
    let limit = params::limit(asked.limit, 25, 500)?;
    let state: Option<Fate> = match asked.state.as_deref().filter(|state| !state.is_empty()) {
        None => None,
        Some(word) => Some(serde_json::from_value(json!(word)).map_err(|_| {
            params::wrong_param("state", format!("state {word:?} is not known: use waiting, delivered or failed"))
        })?),
    };
    let page = http.view(&signed.actor, move |view| {
        let webhook = one(view, &id)?;
        let before = asked.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        let mut items = webhook::log(view, &webhook.id, state, before, limit + 1)?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| last.id.clone());
        Ok(json!({ "items": items, "next": next }))
    });
    page.await.map(Answer)
}
