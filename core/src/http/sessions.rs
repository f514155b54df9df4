//! What somebody has open: listed and ended, by themselves and by those who look after accounts.

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::{Run, rights, session},
    model::Id,
    store::tables::{self, session::Session},
};

const USER: Param = Param::new("user", "string", "whose; one's own unless said");

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let moment = || json!({ "type": "string", "format": "date-time" });
    let item = json!({
        "type": "object",
        "properties": {
            "id": text(), "kind": { "enum": ["session", "token", "oidc"] }, "name": text(), "created_at": moment(), "seen_at": moment(),
            "expires_at": moment(), "address": { "type": ["string", "null"] }, "agent": { "type": ["string", "null"] },
            "scopes": { "type": "array", "items": text() }, "addresses": { "type": "array", "items": text() },
            "is_current": { "type": "boolean" },
        },
    });
    vec![
        Route::get("/api/v1/sessions", list)
            .says("sessions and tokens that are open, the newest first; of somebody else for keepers of accounts")
            .query(&[USER])
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": item }, "next": { "type": "null" } } })),
        Route::delete("/api/v1/sessions", close_all)
            .says("end all one's other sessions; with user everything that person has open, tokens too, at once")
            .query(&[USER])
            .answers_nothing(204),
        Route::delete("/api/v1/sessions/{id}", close).says("end a session or token at once").answers_nothing(204),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    user: Option<Id>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let user = asked.user.unwrap_or_else(|| signed.session.user.clone());
    let is_own = user == signed.session.user;
    if !is_own {
        rights::to_keep_people(&ctx)?;
    }
    let idle_ms = i64::from(http.app.config.sessions.idle_hours) * 3_600_000;
    let open = http
        .all(move |view| {
            if !is_own && tables::record::get(view, "user", &user, &ctx.scope)?.is_none() {
                return Err(Error::not_found("record", format!("there is no user {user} in your organisations")));
            }
            tables::session::of_user(view, &user, ctx.now)
        })
        .await?;
    let now = http.app.clock.now();
    let is_open = |session: &&Session| !http.proved.seen.is_idle(session, idle_ms, now);
    let items: Vec<Value> = open
        .iter()
        .filter(is_open)
        .map(|session| {
            let mut item = json!(session);
            item["seen_at"] = json!(http.proved.seen.last(session));
            item["is_current"] = json!(session.id == signed.session.id);
            item
        })
        .collect();
    Ok(Answer(json!({ "items": items, "next": null })))
}

async fn close(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = session::Close { id: id.clone() };
    let closed = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    closed?;
    http.app.audit(&ctx, "session.closed", json!({ "session": id })).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn close_all(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    // Whoever names themselves means all of it.
    let kept = asked.user.is_none().then(|| signed.session.id.clone());
    let user = asked.user.unwrap_or_else(|| signed.session.user.clone());
    let command = session::CloseAll { user: user.clone(), kept };
    let closed = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    closed?;
    http.app.audit(&ctx, "session.closed_all", json!({ "user": user })).await;
    Ok(StatusCode::NO_CONTENT)
}
