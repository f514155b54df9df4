//! Deliveries that an organisation's reaction has failed at: looked at, tried again, dropped.

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    Shared,
    auth::Signed,
    params::{self, At, Params},
    parked,
    route::{Param, Route},
};
use crate::{
    Error, Result,
    catalogue::{ScriptName, subscription},
    commands::{Ctx, rights},
    model::Id,
};

const ORG: &[Param] = &[params::ORG];

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let parked = json!({ "$ref": "#/components/schemas/Parked" });
    vec![
        Route::get("/api/v1/scripts/{role}/{point}/parked", list)
            .says("deliveries that a reaction failed at")
            .query(&[params::ORG, params::LIMIT, params::CURSOR])
            .answers(
                200,
                json!({
                    "type": "object",
                    "properties": { "items": { "type": "array", "items": parked }, "next": { "type": ["string", "null"] } },
                }),
            ),
        Route::post("/api/v1/scripts/{role}/{point}/parked/{seq}/retry", retry)
            .says("try a parked delivery of a reaction again")
            .query(ORG)
            .answers_nothing(204),
        Route::post("/api/v1/scripts/{role}/{point}/parked/{seq}/drop", drop_parked)
            .says("drop a parked delivery of a reaction for good")
            .query(ORG)
            .answers_nothing(204),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    org: Option<Id>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Who asks, if they keep this organisation's scripts, and the subscription meant.
fn meant(http: &Shared, signed: &Signed, role: &str, point: &str, org: Option<Id>) -> Result<(Ctx, String)> {
    let name: ScriptName = format!("{role}/{point}").parse()?;
    if !matches!(name, ScriptName::Reaction(_)) {
        return Err(Error::not_found("script", format!("{name} hears nothing, only a reaction does")));
    }
    let ctx = http.app.ctx(&signed.actor, org)?;
    rights::to_script(&ctx, &ctx.org)?;
    let subscription = subscription(&name.to_string(), &ctx.org);
    Ok((ctx, subscription))
}

async fn list(
    State(http): State<Shared>,
    signed: Signed,
    At((role, point)): At<(String, String)>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Value>> {
    let limit = params::limit(asked.limit, 100, 500)?;
    let after = params::numeric_cursor(asked.cursor.as_deref())?.unwrap_or(0);
    let (_, subscription) = meant(&http, &signed, &role, &point, asked.org)?;
    http.view(&signed.actor, move |view| parked::page(view, &subscription, after, limit)).await.map(Answer)
}

async fn retry(
    State(http): State<Shared>,
    signed: Signed,
    At((role, point, seq)): At<(String, String, i64)>,
    Params(asked): Params<Asked>,
) -> Result<StatusCode> {
    let (_, subscription) = meant(&http, &signed, &role, &point, asked.org)?;
    http.app.bus.retry(&subscription, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn drop_parked(
    State(http): State<Shared>,
    signed: Signed,
    At((role, point, seq)): At<(String, String, i64)>,
    Params(asked): Params<Asked>,
) -> Result<StatusCode> {
    let (ctx, subscription) = meant(&http, &signed, &role, &point, asked.org)?;
    http.app.bus.drop_parked(&subscription, seq).await?;
    http.app.audit(&ctx, "parked.dropped", json!({ "script": subscription, "seq": seq })).await;
    Ok(StatusCode::NO_CONTENT)
}
