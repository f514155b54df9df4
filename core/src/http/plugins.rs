//! Plugins: install, set to work, configure, look after.

mod life;
mod replay;
mod told;

use axum::{
    Json as Answer,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    params::{self, At, Input, Params},
    parked,
    route::{Param, Route},
};
use told::summary;

use crate::{
    Error, Result,
    app::{Leave, Outcome},
    catalogue::{PluginState, manifest::Page},
    commands::rights,
    model::Id,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let plugin = || json!({ "$ref": "#/components/schemas/Plugin" });
    let collection = |item: Value| {
        json!({
            "type": "object",
            "properties": { "items": { "type": "array", "items": item }, "next": { "type": ["string", "null"] } },
        })
    };
    let object = || json!({ "type": "object" });
    const ORG: &[Param] = &[params::ORG];
    let mut routes = vec![
        Route::get("/api/v1/plugins", list)
            .says("what is installed and how it fares")
            .answers(200, collection(plugin())),
        Route::post("/api/v1/plugins", install)
            .says("install a package and set it to work; 202: it asks for more than was granted, and waits")
            .query(&[FORCE, GRANT, params::DRY_RUN, params::PREVIEW])
            .takes_file(&["application/octet-stream"])
            .answers(201, plugin()),
        Route::get("/api/v1/plugins/{name}", get)
            .says("one plugin with its settings, points and screens")
            .query(ORG)
            .answers(200, plugin()),
        Route::post("/api/v1/plugins/{name}/enable", enable)
            .says("set a plugin to work")
            .query(&params::TRIED)
            .answers(200, plugin()),
        Route::post("/api/v1/plugins/{name}/disable", disable)
            .says("let a plugin rest; its place in the events stands")
            .query(&params::TRIED)
            .answers(200, plugin()),
        Route::put("/api/v1/plugins/{name}/settings", configure)
            .says("set all settings of an organisation, as the plugin's schema says")
            .query(&[params::ORG, params::DRY_RUN, params::PREVIEW])
            .takes(object())
            .answers(200, object()),
        Route::get("/api/v1/plugins/{name}/logs", logs)
            .says("what the plugin has logged, the newest first")
            .answers(200, collection(object())),
        Route::get("/api/v1/plugins/{name}/parked", list_parked)
            .says("deliveries put aside")
            .query(&[params::LIMIT, params::CURSOR])
            .answers(200, collection(json!({ "$ref": "#/components/schemas/Parked" }))),
        Route::post("/api/v1/plugins/{name}/parked/{seq}/retry", retry)
            .says("try a parked delivery again")
            .answers_nothing(204),
        Route::post("/api/v1/plugins/{name}/parked/{seq}/drop", drop_parked)
            .says("drop a parked delivery for good")
            .answers_nothing(204),
    ];
    routes.extend(life::routes());
    routes.extend(replay::routes());
    routes
}

const FORCE: Param = Param::new("force", "boolean", "take it although it is older, or signed by another than before");
const GRANT: Param = Param::new("grant", "boolean", "grant it what it asks for in addition");

#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    force: bool,
    #[serde(default)]
    grant: bool,
}

async fn list(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let items = http.blocking(move |http| {
        let catalogue = http.app.catalogue();
        Ok(catalogue.plugins.values().map(|plugin| summary(http, &ctx, plugin)).map(Value::Object).collect::<Vec<_>>())
    });
    Ok(Answer(json!({ "items": items.await?, "next": null })))
}

async fn install(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    Params(said): Params<Said>,
    package: Bytes,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    if package.is_empty() {
        return Err(Error::invalid("plugin", "the body is empty: send the .mpk file as application/octet-stream"));
    }
    let leave = Leave { force: said.force, grant: said.grant };
    let installed = match http.app.install_as(ctx.clone(), tried.0, package.to_vec(), leave).await? {
        Outcome::Done(installed) => installed,
        Outcome::Shown(preview) => return Ok(dry_run::told(&preview)),
    };
    let status = if installed.waits { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let told = http.blocking(move |http| Ok(Value::Object(summary(http, &ctx, &installed.plugin)))).await?;
    Ok((status, Answer(told)).into_response())
}

#[derive(Debug, Deserialize)]
struct InOrg {
    org: Option<Id>,
}

async fn get(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let told = http.blocking(move |http| {
        let plugin = &http.app.installed(&name)?;
        let mut told = summary(http, &ctx, plugin);
        told.insert("settings_schema".into(), plugin.settings_schema.clone());
        // Settings are for those who may set them.
        if rights::to_script(&ctx, &ctx.org).is_ok() {
            told.insert("settings".into(), (*ctx.catalogue.settings(plugin, &ctx.org)).clone());
        }
        let points = plugin.points.iter().map(|(name, point)| {
            let mut told = json!(point);
            told["name"] = json!(name);
            told
        });
        told.insert("points".into(), points.collect());
        told.insert("screens".into(), plugin.screens.clone());
        told.insert("kinds".into(), json!(plugin.manifest.owns.kinds));
        told.insert("readme".into(), json!(plugin.readme));
        let base = http.app.config.outbound.public_url.as_deref();
        told.insert("pages".into(), plugin.manifest.owns.pages.iter().map(|page| public(base, &name, page)).collect());
        Ok(Value::Object(told))
    });
    told.await.map(Answer)
}

/// A public page, with its address where it has one without a record's link and the server knows how customers reach it.
fn public(base: Option<&str>, plugin: &str, page: &Page) -> Value {
    let mut told = json!(page);
    if let (false, Some(base)) = (page.target, base) {
        told["url"] = json!(format!("{}/p/{plugin}/{}", base.trim_end_matches('/'), page.name));
    }
    told
}

async fn enable(State(http): State<Shared>, signed: Signed, tried: Tried, At(name): At<String>) -> Result<Response> {
    set_state(&http, &signed, tried, name, PluginState::Enabled).await
}

async fn disable(State(http): State<Shared>, signed: Signed, tried: Tried, At(name): At<String>) -> Result<Response> {
    set_state(&http, &signed, tried, name, PluginState::Disabled).await
}

async fn set_state(http: &Shared, signed: &Signed, tried: Tried, name: String, state: PluginState) -> Result<Response> {
    let ctx = tried.ctx(http, signed, None)?;
    if let Outcome::Shown(preview) = http.app.set_plugin_state(ctx.clone(), tried.0, &name, state).await? {
        return Ok(dry_run::told(&preview));
    }
    let told = http.blocking(move |http| Ok(Value::Object(summary(http, &ctx, &*http.app.installed(&name)?))));
    Ok(Answer(told.await?).into_response())
}

async fn configure(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    At(name): At<String>,
    Params(asked): Params<InOrg>,
    Input(settings): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, asked.org)?;
    let org = ctx.org.clone();
    if let Outcome::Shown(preview) = http.app.configure(ctx, tried.0, &name, Value::Object(settings)).await? {
        return Ok(dry_run::told(&preview));
    }
    let plugin = http.app.installed(&name)?;
    Ok(Answer(json!({ "settings": *http.app.catalogue().settings(&plugin, &org) })).into_response())
}

async fn logs(State(http): State<Shared>, signed: Signed, At(name): At<String>) -> Result<Answer<Value>> {
    // Guests log what they like about whichever organisation they are called for.
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_keep_plugins(&ctx)?;
    http.app.installed(&name)?;
    Ok(Answer(json!({ "items": http.app.bus.logs(&name), "next": null })))
}

#[derive(Debug, Deserialize)]
struct Paging {
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list_parked(
    State(http): State<Shared>,
    signed: Signed,
    At(name): At<String>,
    Params(paging): Params<Paging>,
) -> Result<Answer<Value>> {
    let limit = params::limit(paging.limit, 100, 500)?;
    let after = params::numeric_cursor(paging.cursor.as_deref())?.unwrap_or(0);
    http.app.installed(&name)?;
    http.view(&signed.actor, move |view| parked::page(view, &name, after, limit)).await.map(Answer)
}

async fn retry(State(http): State<Shared>, signed: Signed, At((name, seq)): At<(String, i64)>) -> Result<StatusCode> {
    rights::to_keep_plugins(&http.app.ctx(&signed.actor, None)?)?;
    http.app.bus.retry(&name, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn drop_parked(
    State(http): State<Shared>,
    signed: Signed,
    At((name, seq)): At<(String, i64)>,
) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_keep_plugins(&ctx)?;
    http.app.bus.drop_parked(&name, seq).await?;
    http.app.audit(&ctx, "parked.dropped", json!({ "plugin": name, "seq": seq })).await;
    Ok(StatusCode::NO_CONTENT)
}
