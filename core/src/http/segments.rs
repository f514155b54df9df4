//! Segments: filters with names, and who is in them.

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
    displays,
    idempotency::Key,
    params::{self, At, IfMatch, Input, Params},
    records::{self, ListParams},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::{
        Run,
        segment::{Change, Create, List, Remove},
    },
    model::Id,
    store::{
        View,
        tables::segment::{self, Segment},
    },
};

const LIST: [Param; 3] =
    [Param::new("kind", "string", "only segments of records of this kind"), params::LIMIT, params::CURSOR];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let ids = || json!({ "type": "array", "maxItems": MAX_IDS, "items": { "type": "string" } });
    let item = || json!({ "$ref": "#/components/schemas/Segment" });
    let page = || json!({ "type": "object", "properties": { "items": { "type": "array", "items": item() }, "next": { "type": ["string", "null"] } } });
    let new = json!({
        "type": "object", "required": ["name", "kind"], "additionalProperties": false,
        "properties": { "name": text(), "kind": text(), "filter": { "type": "object" }, "org": text(), "is_static": { "type": "boolean" }, "records": ids() },
    });
    let patch = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "name": text(), "filter": { "type": "object" } },
    });
    let moves =
        json!({ "type": "object", "additionalProperties": false, "properties": { "add": ids(), "remove": ids() } });
    vec![
        Route::get("/api/v1/segments", list)
            .says("segments of one's organisations, the newest first")
            .query(&LIST)
            .answers(200, page()),
        Route::post("/api/v1/segments", create)
            .says("make a segment; a static one is what meets the filter now, and the records named")
            .takes(new)
            .answers(201, item()),
        Route::get("/api/v1/segments/{id}", get).says("one segment").answers(200, item()),
        Route::patch("/api/v1/segments/{id}", change)
            .says("change its name or its filter")
            .takes(patch)
            .answers(200, item()),
        Route::delete("/api/v1/segments/{id}", remove).says("take it away; its records stay").answers_nothing(204),
        Route::get("/api/v1/segments/{id}/records", members)
            .says("a page of the records in it")
            .query(&records::LIST)
            .answers(200, json!({ "$ref": "#/components/schemas/Page" })),
        Route::post("/api/v1/segments/{id}/records", add_and_remove)
            .says("add records to a static segment and take others away")
            .takes(moves)
            .answers(200, item()),
    ]
}

/// Records named in one request.
const MAX_IDS: usize = 10_000;

#[derive(Debug, Deserialize)]
struct Asked {
    kind: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let limit = params::limit(asked.limit, 25, 500)?;
    let found = http.view(&signed.actor, move |view| {
        let before = asked.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        let mut segments = segment::list(view, view.scope(), asked.kind.as_deref(), before, limit + 1)?;
        let has_more = segments.len() > limit as usize;
        segments.truncate(limit as usize);
        let next = segments.last().filter(|_| has_more).map(|last| last.id.clone());
        let items = segments.into_iter().map(|segment| counted(view, segment)).collect::<Result<Vec<_>>>()?;
        Ok(json!({ "items": items, "next": next }))
    });
    found.await.map(Answer)
}

/// A segment that is still being filled is counted by its rule, so that its number is right from the first moment.
fn counted(view: &View, segment: Segment) -> Result<Segment> {
    if segment.filled_to.is_none() {
        return Ok(segment);
    }
    match view.recount(&segment) {
        Ok(n) => Ok(Segment { n: n as i64, ..segment }),
        // Its kind is gone, or a field its filter names.
        Err(error) if error.kind != crate::ErrorKind::Internal => Ok(segment),
        Err(error) => Err(error),
    }
}

fn one(view: &View, id: &Id) -> Result<Segment> {
    let found = segment::get(view, id)?.filter(|segment| view.scope().holds(&segment.org));
    found.ok_or_else(|| Error::not_found("segment", format!("there is no segment {id} in your organisations")))
}

async fn told(http: &Shared, signed: &Signed, id: Id, status: StatusCode) -> Result<Response> {
    let segment = http.view(&signed.actor, move |view| counted(view, one(view, &id)?)).await?;
    Ok((status, [(header::ETAG, records::etag(segment.rev)?)], Answer(segment)).into_response())
}

async fn get(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    told(&http, &signed, id, StatusCode::OK).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    kind: String,
    #[serde(default)]
    filter: Value,
    org: Option<Id>,
    #[serde(default)]
    is_static: bool,
    #[serde(default)]
    records: Vec<Id>,
}

async fn create(State(http): State<Shared>, signed: Signed, key: Key, Input(new): Input<New>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, new.org)?;
    at_most(new.records.len())?;
    let records = new.records;
    let command = Create { name: new.name, kind: new.kind, filter: new.filter, is_static: new.is_static };
    let segment = http.app.commit(ctx, move |tx, ctx| {
        let segment = command.run(tx, ctx)?;
        let segment = match records.is_empty() {
            true => segment,
            false => List { segment: segment.id, add: records, remove: Vec::new() }.run(tx, ctx)?,
        };
        key.keep(tx, ctx.now, StatusCode::CREATED, &json!(segment).to_string())?;
        Ok(segment)
    });
    let id = segment.await?.id;
    told(&http, &signed, id, StatusCode::CREATED).await
}

fn at_most(n_ids: usize) -> Result<()> {
    if n_ids > MAX_IDS {
        return Err(Error::invalid(
            "records",
            format!("{n_ids} records are named; {MAX_IDS} are allowed in one request"),
        ));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    filter: Option<Value>,
}

async fn change(
    State(http): State<Shared>,
    signed: Signed,
    IfMatch(if_rev): IfMatch,
    At(id): At<Id>,
    Input(patch): Input<Patch>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = Change { id: id.clone(), if_rev, name: patch.name, filter: patch.filter };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    told(&http, &signed, id, StatusCode::OK).await
}

async fn remove(
    State(http): State<Shared>,
    signed: Signed,
    IfMatch(if_rev): IfMatch,
    At(id): At<Id>,
) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.commit(ctx, move |tx, ctx| Remove { id, if_rev }.run(tx, ctx)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn members(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(asked): Params<ListParams>,
) -> Result<Response> {
    let page = http.view(&signed.actor, move |view| {
        let segment = one(view, &id)?;
        let mut query = asked.query()?;
        query.filter = json!({ "and": [{ "$segment": segment.id }, query.filter] });
        Ok((records::page(view, &segment.kind, &query, &asked)?, segment.kind))
    });
    let (page, kind) = page.await?;
    displays::listed(&http, &signed, &kind, page.items());
    Ok(Answer(page).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moves {
    #[serde(default)]
    add: Vec<Id>,
    #[serde(default)]
    remove: Vec<Id>,
}

async fn add_and_remove(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Input(moves): Input<Moves>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    at_most(moves.add.len() + moves.remove.len())?;
    let command = List { segment: id.clone(), add: moves.add, remove: moves.remove };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    told(&http, &signed, id, StatusCode::OK).await
}
