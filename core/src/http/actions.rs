//! Actions: what a person asks a plugin to do.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run,
    params::{self, At, Input, Params},
    records::{self, Kept},
    route::Route,
};
use crate::{
    Error, Result,
    bus::{Rehearsal, Reply},
    commands::Ctx,
    model::Id,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let input =
        || json!({ "type": "object", "description": "as the action's own schema says, see GET /api/v1/kinds/{kind}" });
    let reply = || {
        json!({
            "type": "object",
            "properties": { "reply": {}, "record": { "anyOf": [{ "$ref": "#/components/schemas/Item" }, { "type": "null" }] } },
        })
    };
    vec![
        Route::post("/api/v1/records/{kind}/actions/{action}", on_kind)
            .says("ask the kind's plugin for an action; everything it does is committed before the answer")
            .query(&[params::ORG, params::DRY_RUN])
            .takes(input())
            .answers(200, reply()),
        Route::post("/api/v1/records/{kind}/{id}/actions/{action}", on_record)
            .says("ask the kind's plugin for an action on one record")
            .query(&[params::DRY_RUN])
            .takes(input())
            .answers(200, reply()),
    ]
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Call {
    /// The kind.
    pub kind: String,
    /// The action.
    pub action: String,
    /// The record, for an action on one.
    pub target: Option<Id>,
    /// Its input.
    pub input: Value,
}

#[derive(Debug, Deserialize)]
struct OnKind {
    org: Option<Id>,
    #[serde(default)]
    dry_run: bool,
}

async fn on_kind(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, action)): At<(String, String)>,
    Params(asked): Params<OnKind>,
    Input(input): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let call = Call { kind, action, target: None, input: Value::Object(input) };
    if asked.dry_run {
        return rehearse(&http, &signed, ctx, call).await;
    }
    respond(&http, &signed, ctx, call).await
}

async fn on_record(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id, action)): At<(String, Id, String)>,
    Params(asked): Params<records::WriteParams>,
    Input(input): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let call = Call { kind, action, target: Some(id), input: Value::Object(input) };
    if asked.dry_run {
        return rehearse(&http, &signed, ctx, call).await;
    }
    respond(&http, &signed, ctx, call).await
}

async fn respond(http: &Shared, signed: &Signed, ctx: Ctx, call: Call) -> Result<Response> {
    let Reply { reply, record } = ask(http, signed, ctx, call).await?;
    let mut headers = HeaderMap::new();
    if let Some(record) = &record {
        headers.insert(header::ETAG, records::etag(record.rev)?);
    }
    Ok((headers, Answer(json!({ "reply": reply, "record": record }))).into_response())
}

/// A create that the kind's plugin answers: the new record, as any create is answered.
///
/// # Errors
/// The action's.
pub async fn create(http: &Shared, signed: &Signed, ctx: Ctx, call: Call) -> Result<Response> {
    let action = call.action.clone();
    let record = ask(http, signed, ctx, call).await.map_err(under_data)?.record;
    let record =
        record.ok_or_else(|| Error::conflict("action.no_record", format!("the action {action:?} made no record")))?;
    Kept::of(&record, StatusCode::CREATED)?.respond()
}

/// What an action would come to; a refusal is told as a fault.
///
/// # Errors
/// What keeps the server from trying.
pub async fn rehearse(http: &Shared, signed: &Signed, ctx: Ctx, call: Call) -> Result<Response> {
    let now = ctx.now;
    let rehearsed = http.app.bus.rehearse(ctx, &call.kind, &call.action, call.target, call.input, signed.locale).await;
    match rehearsed {
        Ok(Rehearsal { at_seq, commands, events, refused }) => dry_run::told(now, at_seq, &commands, &events, refused),
        Err(error) => dry_run::told(now, *http.app.store.head().borrow(), &[], &[], Some(error)),
    }
}

/// Wrong places of the action's input stand below `/data` of a create; those of a record stand there already.
fn under_data(mut error: Error) -> Error {
    for place in error.errors.iter_mut().filter(|place| !place.pointer.starts_with("/data")) {
        place.pointer.insert_str(0, "/data");
    }
    error
}

async fn ask(http: &Shared, signed: &Signed, ctx: Ctx, call: Call) -> Result<Reply> {
    http.app.bus.ask(ctx, &call.kind, &call.action, call.target, call.input, signed.locale).await
}
