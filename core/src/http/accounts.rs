//! Other people's accounts, for those who look after them: a password, and one-time codes that were lost.

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Input},
    route::Route,
};
use crate::{
    Error, Result,
    commands::{Ctx, Run, noted::note, session, totp, user::SetPassword},
    error::FieldError,
    model::{Id, Scope, passwords},
    store::tables,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let answer = || json!({ "type": "object", "properties": { "reply": {}, "record": {} } });
    vec![
        Route::post("/api/v1/records/user/{id}/actions/set_password", set_password)
            .says("set a person's password and end everything they have open, for an administrator")
            .takes(input())
            .answers(200, answer())
            .costs(10)
            .keeps_nothing(),
        Route::post("/api/v1/users/{id}/password", set_password)
            .says("set a person's password and end everything they have open, for an administrator")
            .takes(input())
            .answers(200, answer())
            .costs(10)
            .keeps_nothing(),
        Route::post("/api/v1/users/{id}/totp/reset", reset_totp)
            .says("ask a person for no one-time codes any more and end what they have open, for who has lost app and recovery codes")
            .answers_nothing(204)
            .keeps_nothing(),
        Route::delete("/api/v1/users/{id}/links", end_links)
            .says("take a person's links to identity providers off and end what was begun through them")
            .answers_nothing(204),
    ]
}

/// The JSON Schema of the action's input, for the route and for the form drawn from the kind.
pub fn input() -> Value {
    json!({
        "type": "object", "required": ["password"], "additionalProperties": false,
        "properties": {
            "password": { "type": "string", "format": "password", "minLength": 8, "maxLength": 128, "title": { "zh-CN": "新密码", "en": "New password" } },
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    password: String,
}

async fn set_password(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Input(secret): Input<Secret>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if id == signed.session.user {
        let message = "your own password is changed with POST /api/v1/account/password, which asks for the present one";
        return Err(Error::denied(message).coded("password.own"));
    }
    let hash = hash(&http, &id, "/password", secret.password).await?;
    // Whoever sets it knows it, so it lets in once, and not for long.
    let hours = http.app.config.sessions.initial_hours;
    let initial_until = (hours > 0).then(|| ctx.now.plus_millis(i64::from(hours) * 3_600_000));
    let command = SetPassword { user: id.clone(), hash, initial_until };
    let set = http.app.commit(ctx, move |tx, ctx| {
        command.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "password.set", json!({ "user": id }))
    });
    let set = set.await;
    http.proved.forget();
    set?;
    Ok(Answer(json!({ "reply": null, "record": null })))
}

/// The hash of a password for a person, in turn with those who sign in: each takes a core.
///
/// # Errors
/// As [`passwords::check`], at a place of the body; `session.busy`.
pub async fn hash(http: &Shared, user: &Id, pointer: &'static str, password: String) -> Result<String> {
    let turn = http.door.turn().await?;
    let user = user.clone();
    let hashed = http
        .all(move |view| {
            let _turn = turn;
            let record = tables::record::get(view, "user", &user, &Scope::All)?;
            passwords::check(&password, record.as_ref().and_then(|record| record.text("login")))?;
            session::hash(&password)
        })
        .await;
    hashed.map_err(|error| {
        if error.kind != crate::ErrorKind::Invalid {
            return error;
        }
        let place = FieldError { pointer: pointer.into(), code: error.code.clone(), message: error.message.clone() };
        Error { errors: vec![place], ..error }
    })
}

async fn reset_totp(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if id == signed.session.user {
        let message = "your own one-time codes are taken off with DELETE /api/v1/account/totp, which asks for a proof";
        return Err(Error::denied(message).coded("totp.own"));
    }
    let command = totp::TakeOff { user: id.clone() };
    let reset = http.app.commit(ctx, move |tx, ctx| {
        command.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "totp.reset", json!({ "user": id }))
    });
    let reset = reset.await;
    http.proved.forget();
    reset?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_links(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if id == signed.session.user {
        let message = "your own links are taken off with DELETE /api/v1/account/links, which asks for a proof";
        return Err(Error::denied(message).coded("link.own"));
    }
    unlink(&http, ctx, id).await
}

/// Take a person's links off.
///
/// # Errors
/// Those of [`session::Unlink`].
pub async fn unlink(http: &Shared, ctx: Ctx, user: Id) -> Result<StatusCode> {
    let command = session::Unlink { user: user.clone() };
    let unlinked = http.app.commit(ctx, move |tx, ctx| {
        command.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "account.unlinked", json!({ "user": user }))
    });
    let unlinked = unlinked.await;
    http.proved.forget();
    unlinked?;
    Ok(StatusCode::NO_CONTENT)
}
