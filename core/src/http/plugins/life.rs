//! A plugin's life besides: grants, the version before, taking out, publishers' keys.

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;

use super::told::summary;
use crate::{
    Result,
    app::Takeout,
    catalogue::Granted,
    commands::{Ctx, Run, plugin::life, rights},
    http::{
        Shared,
        auth::Signed,
        params::{At, Input},
        route::Route,
    },
    model::{Id, Scope},
    store::tables::{self, audit::Entry},
};

pub(super) fn routes() -> Vec<Route> {
    let plugin = || json!({ "$ref": "#/components/schemas/Plugin" });
    let object = || json!({ "type": "object" });
    let rights = || json!({ "type": "array", "items": { "type": "string" } });
    let one = |name: &str, schema: Value| json!({ "type": "object", "properties": { name: schema } });
    vec![
        Route::post("/api/v1/plugins/{name}/grant", grant)
            .says("grant the version that waits what it asks for, all of it or `rights`, and set it to work")
            .takes(json!({ "type": "object", "properties": { "version": { "type": "string" }, "rights": rights() }, "required": ["version"] }))
            .answers(200, plugin()),
        Route::post("/api/v1/plugins/{name}/refuse", refuse)
            .says("send the version that waits away")
            .answers_nothing(204),
        Route::put("/api/v1/plugins/{name}/rights", set_rights)
            .says("say what a plugin may have of what it asks for")
            .takes(one("rights", rights()))
            .answers(200, plugin()),
        Route::post("/api/v1/plugins/{name}/rollback", roll_back)
            .says("go back to the version before")
            .answers(200, plugin()),
        Route::put("/api/v1/plugins/{name}/orgs/{org}", switch_in)
            .says("have an organisation, and those below, do without a plugin, or with it again")
            .takes(one("enabled", json!({ "type": "boolean" })))
            .answers_nothing(204),
        Route::delete("/api/v1/plugins/{name}", uninstall)
            .says("take a plugin out; what it has kept is deleted when the days of grace are over")
            .answers(202, one("leaving_at", json!({ "type": "string" }))),
        Route::get("/api/v1/plugins/{name}/export", export)
            .says("the records of a plugin's kinds that whoever asks may take out, one JSON text a line; the last line tells what was left out")
            .answers(200, json!({ "type": "string" })),
        Route::get("/api/v1/revocations", revocations)
            .says("publishers' keys and packages that nobody installs")
            .answers(200, one("items", json!({ "type": "array", "items": object() }))),
        Route::post("/api/v1/revocations", revoke)
            .says("refuse a key or a package from now on, and let plugins rest that are meant by it")
            .takes(json!({ "type": "object", "properties": { "what": { "type": "string" }, "reason": { "type": "string" } }, "required": ["what"] }))
            .answers(201, one("disabled", rights())),
        Route::delete("/api/v1/revocations/{what}", readmit)
            .says("refuse a key or a package no more")
            .answers_nothing(204),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Granting {
    version: String,
    rights: Option<Granted>,
}

async fn grant(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Input(granting): Input<Granting>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.grant_waiting(ctx.clone(), &name, &granting.version, granting.rights).await?;
    told(&http, ctx, name).await
}

async fn refuse(State(http): State<Shared>, signed: Signed, At(name): At<String>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let refuse = life::Refuse { name };
    http.app.commit(ctx, move |tx, ctx| refuse.run(tx, ctx)).await?;
    http.app.read_again()?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rights {
    rights: Granted,
}

async fn set_rights(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Input(Rights { rights }): Input<Rights>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.grant(ctx.clone(), &name, rights).await?;
    told(&http, ctx, name).await
}

async fn roll_back(State(http): State<Shared>, signed: Signed, At(name): At<String>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.roll_back(ctx.clone(), &name).await?;
    told(&http, ctx, name).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    enabled: bool,
}

async fn switch_in(
    State(http): State<Shared>,
    signed: Signed,
    At((name, org)): At<(String, Id)>,
    Input(Switch { enabled }): Input<Switch>,
) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, Some(org.clone()))?;
    let switch = life::SwitchIn { name, org, is_off: !enabled };
    http.app.commit(ctx, move |tx, ctx| switch.run(tx, ctx)).await?;
    http.app.read_again()?;
    Ok(StatusCode::NO_CONTENT)
}

async fn uninstall(State(http): State<Shared>, signed: Signed, At(name): At<String>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let leaving_at = http.app.uninstall(ctx, &name).await?;
    Ok((StatusCode::ACCEPTED, Answer(json!({ "leaving_at": leaving_at }))).into_response())
}

async fn export(State(http): State<Shared>, signed: Signed, At(name): At<String>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let Takeout { left_out, pieces } = http.app.take_out(&ctx, &name)?;
    // Written down before the first byte leaves.
    let detail = json!({ "name": name, "left_out": left_out });
    http.app.note(Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), "plugin.exported", detail)).await?;
    let pieces = ReceiverStream::new(pieces).map(|piece| piece.map_err(axum::BoxError::from));
    let disposition = format!("attachment; filename=\"{name}.ndjson\"");
    let headers =
        [(header::CONTENT_TYPE, "application/x-ndjson".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn revocations(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    rights::to_keep_plugins(&http.app.ctx(&signed.actor, None)?)?;
    let items = http.blocking(|http| tables::revoked::all(&http.app.store.view(Scope::All)?)).await?;
    Ok(Answer(json!({ "items": items, "next": null })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoking {
    what: String,
    #[serde(default)]
    reason: String,
}

async fn revoke(
    State(http): State<Shared>,
    signed: Signed,
    Input(Revoking { what, reason }): Input<Revoking>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let disabled = http.app.revoke(ctx, what, reason).await?;
    Ok((StatusCode::CREATED, Answer(json!({ "disabled": disabled }))).into_response())
}

async fn readmit(State(http): State<Shared>, signed: Signed, At(what): At<String>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let readmit = life::Readmit { what };
    http.app.commit(ctx, move |tx, ctx| readmit.run(tx, ctx)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn told(http: &Shared, ctx: Ctx, name: String) -> Result<Answer<Value>> {
    let told = http.blocking(move |http| Ok(Value::Object(summary(http, &ctx, &*http.app.installed(&name)?))));
    told.await.map(Answer)
}
