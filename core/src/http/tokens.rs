//! API tokens: sessions with a name, for machines.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Input},
    route::Route,
};
use crate::{
    Result,
    commands::{Run, noted::note, session},
    model::Id,
    store::tables,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let moment = || json!({ "type": "string", "format": "date-time" });
    let words = |of: &str| json!({ "type": "array", "items": { "type": "string" }, "description": of });
    let token = json!({
        "type": "object",
        "properties": {
            "id": text(), "kind": text(), "name": text(), "created_at": moment(), "seen_at": moment(), "expires_at": moment(),
            "address": { "type": ["string", "null"] }, "agent": { "type": ["string", "null"] },
            "scopes": words("what it is held to"), "addresses": words("where it may be used from"),
        },
    });
    let made = json!({
        "type": "object",
        "properties": {
            "id": text(), "token": text(), "name": text(), "created_at": moment(), "expires_at": moment(),
            "scopes": words("what it is held to"), "addresses": words("where it may be used from"),
        },
    });
    vec![
        Route::get("/api/v1/tokens", list)
            .says("one's own tokens, the newest first")
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": token }, "next": { "type": "null" } } })),
        Route::post("/api/v1/tokens", create)
            .says("make a token; it is shown this once")
            .takes(json!({
                "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": {
                    "name": text(), "expires_at": moment(),
                    "scopes": words("`verb:kind`, either of them may be *; none for all that you may"),
                    "addresses": words("addresses or ranges it may be used from; none for everywhere"),
                },
            }))
            .answers(201, made)
            .keeps_nothing(),
        Route::delete("/api/v1/tokens/{id}", delete).says("end a token at once").answers_nothing(204),
    ]
}

async fn list(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let user = signed.session.user.clone();
    let tokens = http.view(&signed.actor, move |view| tables::session::tokens(view, &user)).await?;
    Ok(Answer(json!({ "items": tokens, "next": null })))
}

async fn create(State(http): State<Shared>, signed: Signed, Input(new): Input<session::NewToken>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let begun = new.session(&signed.session.user, ctx.now)?;
    let (secret, digest) = session::token_secret();
    let command = session::Open { digest, session: begun, replaces: None };
    let token = http.app.commit(ctx, move |tx, ctx| {
        let token = command.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "token.created", json!({ "token": token.id }))?;
        Ok(token)
    });
    let token = token.await?;
    let answer = json!({
        "id": token.id, "token": secret, "name": token.name, "created_at": token.created_at, "expires_at": token.expires_at,
        "scopes": token.scopes, "addresses": token.addresses,
    });
    Ok((StatusCode::CREATED, Answer(answer)).into_response())
}

async fn delete(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = session::Close { id: id.clone() };
    let closed = http.app.commit(ctx, move |tx, ctx| {
        command.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "token.ended", json!({ "token": id }))
    });
    let closed = closed.await;
    http.proved.forget();
    closed?;
    Ok(StatusCode::NO_CONTENT)
}
