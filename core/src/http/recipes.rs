//! Rules to begin with.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{
    Result,
    app::{Outcome, recipes},
    model::Id,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    const TRIED: &[Param] = &[params::ORG, params::DRY_RUN, params::PREVIEW];
    let item =
        json!({ "type": "object", "properties": { "name": { "type": "string" }, "script": { "type": "string" } } });
    vec![
        Route::get("/api/v1/recipes", list).says("rules to begin with, each with its fields, parameters and cases").answers(
            200,
            json!({ "type": "object", "properties": { "items": { "type": "array", "items": item }, "next": { "type": "null" } } }),
        ),
        Route::post("/api/v1/recipes/{name}/begin", begin)
            .says("begin with a recipe: add its fields and make its rule the draft; nothing is in force before it is published")
            .query(TRIED)
            .answers(200, json!({ "type": "object", "properties": { "script": { "type": "string" } } })),
    ]
}

async fn list(_signed: Signed) -> Result<Answer<Value>> {
    Ok(Answer(json!({ "items": recipes::all()?, "next": null })))
}

#[derive(Debug, Deserialize)]
struct InOrg {
    org: Option<Id>,
}

async fn begin(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    At(name): At<String>,
    Params(asked): Params<InOrg>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, asked.org)?;
    match http.app.begin_with(ctx, tried.0, &name).await? {
        Outcome::Done(script) => Ok(Answer(json!({ "script": script.to_string() })).into_response()),
        Outcome::Shown(preview) => Ok(dry_run::told(&preview)),
    }
}
