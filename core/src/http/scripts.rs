//! Dealers' scripts: drafts, checks, publications. A script's name holds a slash, so it is two parts of the path.

mod parked;
mod told;

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    params::{self, At, Input, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    app::{self, Outcome, Wish},
    catalogue::{ScriptName, subscription},
    commands::{Ctx, rights, script},
    model::{Id, Time, digest},
    store::tables,
};

const ORG: &[Param] = &[params::ORG];
const TRIED: &[Param] = &[params::ORG, params::DRY_RUN, params::PREVIEW];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let script = || json!({ "$ref": "#/components/schemas/Script" });
    let draft = || {
        json!({
            "type": "object", "additionalProperties": false,
            "properties": { "source": { "type": "string" }, "parameters": { "type": "object" }, "examples": { "type": "array" },
                "asks": { "type": "array", "items": { "type": "string" } } },
        })
    };
    let tried = || {
        let mut tried = draft();
        tried["properties"]["days"] = json!({ "type": "integer", "minimum": 1 });
        tried["properties"]["version"] = json!({ "type": "integer", "minimum": 1 });
        for end in ["from", "to"] {
            tried["properties"][end] = json!({ "type": "string", "format": "date-time" });
        }
        tried["properties"].as_object_mut().expect("a draft has properties").remove("examples");
        tried
    };
    vec![
        Route::get("/api/v1/scripts", list)
            .says("the rules of an organisation: its own, those above it, those that ship with plugins")
            .query(ORG)
            .answers(200, collection(script())),
        Route::get("/api/v1/scripts/definitions", definitions)
            .says("what a script can see and call: functions, fields by kind, events; `text` is marque.d.rhai")
            .query(ORG)
            .answers(200, json!({ "type": "object" })),
        Route::get("/api/v1/scripts/{role}/{point}", get)
            .says("one rule with its source, draft and schemas")
            .query(ORG)
            .answers(200, script()),
        Route::put("/api/v1/scripts/{role}/{point}/draft", save)
            .says("save a draft")
            .query(TRIED)
            .takes(draft())
            .answers(200, script()),
        Route::post("/api/v1/scripts/{role}/{point}/check", check)
            .says("check the draft, or the source in the body: it parses and its examples come out")
            .query(ORG)
            .takes(draft())
            .answers(200, json!({ "$ref": "#/components/schemas/CheckReport" }))
            .keeps_nothing(),
        Route::post("/api/v1/scripts/{role}/{point}/preview", preview)
            .says("try the draft, the source in the body or a published version: on all records, or on the decisions or events of the last days or a stretch of the past; a job that writes nothing")
            .query(ORG)
            .takes(tried())
            .answers(202, json!({ "type": "object", "properties": { "job": { "type": "string" } } }))
            .keeps_nothing(),
    ]
    .into_iter()
    .chain(life())
    .chain(parked::routes())
    .collect()
}

/// How a version comes to hold and ceases to.
fn life() -> Vec<Route> {
    let version = || json!({ "type": "object", "properties": { "version": { "type": "integer" } } });
    vec![
        Route::post("/api/v1/scripts/{role}/{point}/publish", publish)
            .says("check the draft and put it in force, for all or for a share of subjects; what can send messages is published by a second person")
            .query(TRIED)
            .takes(json!({
                "type": "object",
                "properties": {
                    "share": { "type": "integer", "minimum": 1, "maximum": 99 },
                    "seen": {
                        "type": "object", "required": ["source", "parameters"],
                        "properties": {
                            "source": { "type": "string" }, "parameters": { "type": "object" },
                            "asks": { "type": "array", "items": { "type": "string" } },
                        },
                    },
                },
            }))
            .answers(200, version()),
        Route::post("/api/v1/scripts/{role}/{point}/promote", promote)
            .says("let the version that is on trial with a share of subjects hold for all")
            .query(TRIED)
            .answers(200, version()),
        Route::post("/api/v1/scripts/{role}/{point}/rollback", rollback)
            .says("put an earlier version in force: the one before, or the one named; 0 for none")
            .query(TRIED)
            .takes(version())
            .answers(200, version()),
        Route::get("/api/v1/scripts/{role}/{point}/versions", versions)
            .says("what an organisation has published, the newest first")
            .query(ORG)
            .answers(200, collection(json!({ "type": "object" }))),
    ]
}

fn collection(item: Value) -> Value {
    json!({ "type": "object", "properties": { "items": { "type": "array", "items": item }, "next": { "type": "null" } } })
}

#[derive(Debug, Deserialize)]
struct InOrg {
    org: Option<Id>,
}

/// The name in a path, and the organisation it is looked at from.
type Named = At<(String, String)>;

fn name(At((role, point)): Named) -> Result<ScriptName> {
    format!("{role}/{point}").parse()
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<InOrg>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let items = http.all(move |view| told::Teller::new(view, &ctx)?.list()).await?;
    Ok(Answer(json!({ "items": items, "next": null })))
}

async fn definitions(
    State(http): State<Shared>,
    signed: Signed,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    Ok(Answer(http.app.definitions(&ctx.org)))
}

async fn get(
    State(http): State<Shared>,
    signed: Signed,
    at: Named,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    one(&http, ctx, name(at)?).await
}

async fn one(http: &Shared, ctx: Ctx, name: ScriptName) -> Result<Answer<Value>> {
    let subscription = subscription(&name.to_string(), &ctx.org);
    let is_reaction = matches!(name, ScriptName::Reaction(_));
    let mut told = http.all(move |view| told::Teller::new(view, &ctx)?.one(&name)).await?;
    if is_reaction {
        let status = http.blocking(move |http| Ok(http.app.bus.status(&subscription))).await?;
        // One at rest has no status; what it left parked is told by its own list.
        told["status"] = json!(status);
    }
    Ok(Answer(told))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    source: String,
    #[serde(default)]
    parameters: Option<Value>,
    #[serde(default)]
    examples: Option<Value>,
    #[serde(default)]
    asks: Option<Vec<String>>,
}

async fn save(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    at: Named,
    Params(asked): Params<InOrg>,
    Input(draft): Input<Draft>,
) -> Result<Response> {
    let (ctx, name) = (tried.ctx(&http, &signed, asked.org)?, name(at)?);
    let command = script::SaveDraft {
        name: name.clone(),
        org: ctx.org.clone(),
        source: draft.source,
        parameters: draft.parameters.unwrap_or_else(|| json!({})),
        examples: draft.examples.unwrap_or_else(|| json!([])),
        asks: draft.asks.unwrap_or_default(),
    };
    let shown = json!({ "name": name.to_string(), "org": ctx.org, "digest": digest::hex(&command.source) });
    let wish = Wish::of(dry_run::shown("script.draft", shown), command);
    match http.app.carry_out(ctx.clone(), tried.0, Ok(wish), |_, _, _| Ok(())).await? {
        Outcome::Done(()) => one(&http, ctx, name).await.map(IntoResponse::into_response),
        Outcome::Shown(preview) => Ok(dry_run::told(&preview)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsaved {
    source: Option<String>,
    parameters: Option<Value>,
    examples: Option<Value>,
    asks: Option<Vec<String>>,
}

/// A script that is meant by a request: the source in its body, else the draft.
async fn meant(http: &Shared, ctx: &Ctx, name: &ScriptName, unsaved: Unsaved) -> Result<Draft> {
    let (org, text) = (ctx.org.clone(), name.to_string());
    let draft = http.all(move |view| tables::script::draft(view, &text, &org)).await?;
    let (source, draft) = match (unsaved.source, draft) {
        (Some(source), draft) => (source, draft),
        (None, Some(draft)) => (draft.source.clone(), Some(draft)),
        (None, None) => {
            return Err(Error::not_found("draft", format!("{name} has no draft; PUT one first, or send a source")));
        }
    };
    if source.len() > script::MAX_SOURCE_BYTES {
        return Err(Error::invalid(
            "source",
            format!("the source has {} bytes; {} are allowed", source.len(), script::MAX_SOURCE_BYTES),
        ));
    }
    let asks = unsaved.asks.or_else(|| draft.as_ref().map(|draft| draft.asks.clone()));
    let (parameters, examples) = draft.map(|draft| (draft.parameters, draft.examples)).unzip();
    let (parameters, examples) = (unsaved.parameters.or(parameters), unsaved.examples.or(examples));
    Ok(Draft { source, parameters, examples, asks })
}

/// A version as it was published.
async fn published(http: &Shared, ctx: &Ctx, name: &ScriptName, version: u32) -> Result<Draft> {
    let (org, text) = (ctx.org.clone(), name.to_string());
    let found = http.all(move |view| tables::script::version(view, &text, &org, version)).await?;
    let missing = || Error::not_found("version", format!("{name} has no version {version} in {}", ctx.org));
    let found = found.ok_or_else(missing)?;
    let (parameters, examples) = (Some(found.parameters), Some(found.examples));
    Ok(Draft { source: found.source, parameters, examples, asks: Some(found.asks) })
}

async fn check(
    State(http): State<Shared>,
    signed: Signed,
    at: Named,
    Params(asked): Params<InOrg>,
    Input(unsaved): Input<Unsaved>,
) -> Result<Answer<Value>> {
    let (ctx, name) = (http.app.ctx(&signed.actor, asked.org)?, name(at)?);
    // A check runs the script: it is for those who may write it.
    rights::to_script(&ctx, &ctx.org)?;
    let meant = meant(&http, &ctx, &name, unsaved).await?;
    let content = app::Content {
        source: meant.source,
        parameters: meant.parameters.unwrap_or_else(|| json!({})),
        examples: meant.examples.unwrap_or_else(|| json!([])),
        asks: meant.asks.unwrap_or_default(),
    };
    let report = http.app.check_script(&name, &ctx.org, content).await?;
    Ok(Answer(json!(report)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tryout {
    source: Option<String>,
    parameters: Option<Value>,
    asks: Option<Vec<String>>,
    /// A published one instead.
    version: Option<u32>,
    days: Option<u32>,
    from: Option<Time>,
    to: Option<Time>,
}

async fn preview(
    State(http): State<Shared>,
    signed: Signed,
    at: Named,
    Params(asked): Params<InOrg>,
    Input(tryout): Input<Tryout>,
) -> Result<Response> {
    let (ctx, name) = (http.app.ctx(&signed.actor, asked.org)?, name(at)?);
    rights::to_script(&ctx, &ctx.org)?;
    let meant = match tryout.version {
        Some(version) => published(&http, &ctx, &name, version).await?,
        None => {
            let Tryout { source, parameters, asks, .. } = tryout;
            meant(&http, &ctx, &name, Unsaved { source, parameters, examples: None, asks }).await?
        }
    };
    let parameters = meant.parameters.unwrap_or_else(|| json!({}));
    let (asks, span) = (meant.asks.unwrap_or_default(), app::Span { from: tryout.from, to: tryout.to });
    let draft = app::Draft { name, source: meant.source, parameters, asks, days: tryout.days, span };
    let job = http.app.preview_script(&ctx, draft).await?;
    Ok((StatusCode::ACCEPTED, Answer(json!({ "job": job.id }))).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    share: Option<u8>,
    seen: Option<app::Seen>,
}

async fn publish(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    at: Named,
    Params(asked): Params<InOrg>,
    Input(publication): Input<Publication>,
) -> Result<Response> {
    let (ctx, name) = (tried.ctx(&http, &signed, asked.org)?, name(at)?);
    Ok(versioned(http.app.publish_script(ctx, tried.0, name, publication.share, publication.seen).await?))
}

async fn promote(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    at: Named,
    Params(asked): Params<InOrg>,
) -> Result<Response> {
    let (ctx, name) = (tried.ctx(&http, &signed, asked.org)?, name(at)?);
    Ok(versioned(http.app.promote_script(ctx, tried.0, name).await?))
}

fn versioned(outcome: Outcome<u32>) -> Response {
    match outcome {
        Outcome::Done(version) => Answer(json!({ "version": version })).into_response(),
        Outcome::Shown(preview) => dry_run::told(&preview),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    version: Option<u32>,
}

async fn rollback(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    at: Named,
    Params(asked): Params<InOrg>,
    Input(which): Input<Which>,
) -> Result<Response> {
    let (ctx, name) = (tried.ctx(&http, &signed, asked.org)?, name(at)?);
    Ok(versioned(http.app.rollback_script(ctx, tried.0, name, which.version).await?))
}

async fn versions(
    State(http): State<Shared>,
    signed: Signed,
    at: Named,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let (ctx, name) = (http.app.ctx(&signed.actor, asked.org)?, name(at)?);
    let versions = http.all(move |view| tables::script::versions(view, &name.to_string(), &ctx.org)).await?;
    Ok(Answer(json!({ "items": versions, "next": null })))
}
