//! People's rights over their data: erasing, copies, the locked archive, retention.

mod archive;
mod keeping;

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, Input},
    route::Route,
};
use crate::{
    Error, Result,
    app::Outcome,
    commands::{
        Ctx,
        customer::{Erased, erase::Order},
    },
    model::{
        Id,
        rights::{Book, Power},
    },
    store::Tx,
};

const MAX_WHY_CHARS: usize = 500;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let reply = || json!({ "type": "object", "properties": { "reply": { "type": "object" }, "record": {} } });
    let own = vec![
        Route::post("/api/v1/records/customer/{id}/actions/erase", erase)
            .says(
                "make a person anonymous everywhere; a dry run tells what goes, what stays and what stands in the way",
            )
            .query(&params::TRIED)
            .takes(erase_input())
            .answers(200, reply()),
        Route::post("/api/v1/records/customer/{id}/actions/export", copy)
            .says("make a copy of everything about a person, as a job")
            .takes(copy_input())
            .answers(200, reply()),
        Route::get("/api/v1/jobs/{id}/file", fetch)
            .says("the copy a job has made: JSON and pages to read, in one archive; for seven days")
            .answers(200, json!({ "contentMediaType": "application/zip" })),
    ];
    own.into_iter().chain(archive::routes()).chain(keeping::routes()).collect()
}

/// The actions of a kind that are answered here, as `GET /kinds` tells them.
pub fn actions(kind: &str, roles: &Book) -> Vec<Value> {
    if kind != "customer" {
        return Vec::new();
    }
    vec![
        json!({
            "name": "export", "label": { "zh-CN": "个人信息副本", "en": "Copy of the data" }, "target": true,
            "input": copy_input(), "roles": roles.with(Power::Copy),
        }),
        json!({
            "name": "erase", "label": { "zh-CN": "删除个人信息", "en": "Erase" }, "target": true, "style": "danger",
            "input": erase_input(), "roles": roles.with(Power::Erase),
        }),
    ]
}

fn request_schema() -> Value {
    json!({ "type": ["string", "null"], "format": "ref", "x-kind": "data_request", "title": { "zh-CN": "对应的请求", "en": "The request it answers" } })
}

fn erase_input() -> Value {
    let why = json!({ "type": "string", "minLength": 2, "maxLength": MAX_WHY_CHARS, "title": { "zh-CN": "原因", "en": "Why" } });
    json!({ "type": "object", "required": ["why"], "additionalProperties": false, "properties": { "request": request_schema(), "why": why } })
}

fn copy_input() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": { "request": request_schema() } })
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToErase {
    request: Option<Id>,
    why: String,
}

async fn erase(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At(id): At<Id>,
    Input(body): Input<ToErase>,
) -> Result<Response> {
    let order = Order::new(id.clone(), body.request.clone(), &body.why)?;
    let ctx = tried.ctx(&http, &signed, None)?;
    let shown = dry_run::shown("customer.erase", json!({ "id": id, "request": body.request }));
    let keep = move |tx: &mut Tx<'_>, ctx: &Ctx, erased: &Erased| {
        let answer = json!({ "reply": erased.report, "record": erased.record });
        key.keep(tx, ctx.done_at, StatusCode::OK, &answer.to_string())?;
        Ok(answer)
    };
    match http.app.erase(ctx, tried.0, shown, order, keep).await? {
        (Outcome::Done(answer), _) => Ok(Answer(answer).into_response()),
        (Outcome::Shown(preview), report) => {
            let mut answer = dry_run::answer(&preview);
            answer["reply"] = json!(report);
            Ok(Answer(answer).into_response())
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToCopy {
    request: Option<Id>,
}

async fn copy(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Input(body): Input<ToCopy>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let job = http.app.copy_of(&ctx, id, body.request).await?;
    Ok(Answer(json!({ "reply": { "job": job.id }, "record": null })))
}

async fn fetch(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let (job, bytes) = http.app.fetch_copy(&ctx, &id).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    let disposition = format!("attachment; filename=\"personal-data-{}.zip\"", job.id);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, Body::from(bytes)).into_response())
}
