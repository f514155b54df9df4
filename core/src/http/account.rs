//! One's own account: the password, and one-time codes of an authenticator app.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared, accounts,
    auth::Signed,
    params::Input,
    route::Route,
    session::{self as sessions, Knock},
};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, noted::note, session, totp, totp::Factor, user::SetPassword},
    error::FieldError,
    model::{self, random},
    store::{Tx, tables},
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let password = || json!({ "type": "string", "format": "password" });
    let renewed = |more: &[(&str, Value)]| {
        let mut properties = json!({ "token": text(), "expires_at": { "type": "string", "format": "date-time" } });
        more.iter().for_each(|(name, schema)| properties[*name] = schema.clone());
        json!({ "type": "object", "properties": properties })
    };
    let proof = || json!({ "type": "object", "additionalProperties": false, "properties": { "password": password() } });
    let code = json!({
        "type": "object", "required": ["code"], "additionalProperties": false, "properties": { "code": text() },
    });
    vec![
        Route::post("/api/v1/account/password", set_password)
            .says("set one's own password; everything else one has open ends, and this session goes on under a new secret")
            .takes(json!({
                "type": "object", "required": ["old", "new"], "additionalProperties": false,
                "properties": { "old": password(), "new": { "type": "string", "format": "password", "minLength": 8, "maxLength": 128 } },
            }))
            .answers(200, renewed(&[]))
            .costs(10)
            .keeps_nothing(),
        Route::get("/api/v1/account/totp", show_totp).says("whether one-time codes are on").answers(
            200,
            json!({ "type": "object", "properties": { "is_on": { "type": "boolean" }, "n_recovery": { "type": "integer" } } }),
        ),
        Route::post("/api/v1/account/totp", begin_totp)
            .says("a new secret for an authenticator app, shown this once, for who gives their password again; codes are asked for when a first one has proved it")
            .takes(proof())
            .costs(10)
            .answers(200, json!({ "type": "object", "properties": { "secret": text(), "uri": text() } }))
            .keeps_nothing(),
        Route::post("/api/v1/account/totp/confirm", confirm_totp)
            .says("ask for codes from now on; the recovery codes are shown this once, and other sessions end")
            .takes(code)
            .answers(200, renewed(&[("recovery", json!({ "type": "array", "items": text() }))]))
            .costs(10)
            .keeps_nothing(),
        Route::delete("/api/v1/account/totp", end_totp)
            .says("ask for codes no longer, for who gives their password again")
            .takes(proof())
            .answers_nothing(204)
            .costs(10),
        Route::get("/api/v1/account/links", show_links)
            .says("the accounts at identity providers one is linked to")
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array" }, "next": { "type": "null" } } })),
        Route::delete("/api/v1/account/links", end_links)
            .says("take one's links off and end what was begun through them, for who gives their password again")
            .takes(proof())
            .answers_nothing(204)
            .costs(10),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passwords {
    old: String,
    new: String,
}

async fn set_password(
    State(http): State<Shared>,
    signed: Signed,
    headers: HeaderMap,
    Input(asked): Input<Passwords>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let is_same = asked.old == asked.new;
    prove_oneself(&http, &ctx, &signed, "/old", Some(asked.old)).await?;
    if is_same {
        let message = "this is the password you have; choose another one";
        return Err(at("/new", Error::new(ErrorKind::Invalid, "password.same", message)));
    }
    let user = signed.session.user.clone();
    let hash = accounts::hash(&http, &user, "/new", asked.new).await?;
    let set = SetPassword { user: user.clone(), hash, initial_until: None };
    let work = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        set.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "password.set", json!({ "user": user }))
    };
    sessions::renew(&http, ctx, &signed, &headers, json!({}), work).await
}

/// Who changes how they come in proves anew who they are: a session may have been left open on somebody else's desk.
async fn prove_oneself(
    http: &Shared,
    ctx: &Ctx,
    signed: &Signed,
    pointer: &str,
    password: Option<String>,
) -> Result<()> {
    let (session, now) = (signed.session.clone(), ctx.now);
    let knock = Knock::of_own_password(&session.user);
    http.door.pass(&knock, ctx.now)?;
    let turn = http.door.turn().await?;
    let checked = http
        .all(move |view| {
            let _turn = turn;
            session::check_own(view, &session, password.as_deref(), now)
        })
        .await;
    match checked {
        Err(error) if error.kind == ErrorKind::Invalid => {
            http.door.refused(&knock, ctx.now);
            http.app.audit(ctx, "password.wrong", json!({ "user": signed.session.user })).await;
            Err(at(pointer, error))
        }
        other => other,
    }
}

/// The same error at a place of the body.
fn at(pointer: &str, error: Error) -> Error {
    let place = FieldError { pointer: pointer.into(), code: error.code.clone(), message: error.message.clone() };
    Error { errors: vec![place], ..error }
}

async fn show_totp(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let user = signed.session.user;
    let read = move |view: &crate::store::View| Ok((totp::is_on(view, &user)?, tables::totp::n_recovery(view, &user)?));
    let (is_on, n_recovery) = http.all(read).await?;
    Ok(Answer(json!({ "is_on": is_on, "n_recovery": n_recovery })))
}

async fn begin_totp(State(http): State<Shared>, signed: Signed, Input(asked): Input<Proof>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    prove_oneself(&http, &ctx, &signed, "/password", asked.password).await?;
    let user = signed.session.user.clone();
    let secret: [u8; model::totp::SECRET_BYTES] = random::bytes();
    let command = totp::Begin { sealed: http.app.seal_key.seal(&secret, &totp::place(&user))? };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    let login = http.all(move |view| Ok(view.one("user", &user)?.text("login").unwrap_or_default().to_owned())).await?;
    Ok(Answer(json!({ "secret": model::totp::base32(&secret), "uri": model::totp::uri(&login, &secret) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

async fn confirm_totp(
    State(http): State<Shared>,
    signed: Signed,
    headers: HeaderMap,
    Input(asked): Input<Code>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let Factor::Step(step) = look_at(&http, &ctx, &signed, asked.code).await? else {
        return Err(code_refused(&http, &ctx, &signed).await);
    };
    let recovery: Vec<String> =
        (0..model::totp::N_RECOVERY).map(|_| model::totp::recovery_code(&random::bytes())).collect();
    let digests = recovery.iter().filter_map(|code| model::totp::plain_recovery_code(code));
    let confirm = totp::Confirm { step, recovery: digests.map(|plain| totp::recovery_digest(&plain)).collect() };
    let answer = json!({ "recovery": recovery });
    let user = signed.session.user.clone();
    let work = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        confirm.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "totp.confirmed", json!({ "user": user }))
    };
    match sessions::renew(&http, ctx.clone(), &signed, &headers, answer, work).await {
        Err(error) if error.kind == ErrorKind::Unauthenticated => Err(code_refused(&http, &ctx, &signed).await),
        told => told,
    }
}

/// A wrong code counts and is on record as a wrong password is.
async fn code_refused(http: &Shared, ctx: &Ctx, signed: &Signed) -> Error {
    http.door.refused(&Knock::of_codes(&signed.session.user), ctx.now);
    http.app.audit(ctx, "code.wrong", json!({ "user": signed.session.user })).await;
    at(
        "/code",
        Error::new(ErrorKind::Invalid, "code.wrong", "the code is wrong or has been used; wait for the next one"),
    )
}

async fn look_at(http: &Shared, ctx: &Ctx, signed: &Signed, code: String) -> Result<Factor> {
    let user = signed.session.user.clone();
    http.door.pass(&Knock::of_codes(&user), ctx.now)?;
    let now = ctx.now;
    http.blocking(move |http| {
        let view = http.app.store.view(model::Scope::All)?;
        totp::factor(&view, &http.app.seal_key, &user, &code, now)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: Option<String>,
}

async fn end_totp(State(http): State<Shared>, signed: Signed, Input(asked): Input<Proof>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    prove_oneself(&http, &ctx, &signed, "/password", asked.password).await?;
    let user = signed.session.user;
    let off = totp::TakeOff { user: user.clone() };
    let taken_off = http.app.commit(ctx, move |tx, ctx| {
        off.run(tx, ctx)?;
        note(tx, ctx, &ctx.org, "totp.taken_off", json!({ "user": user }))
    });
    let taken_off = taken_off.await;
    // A role that asks for codes asks for them anew.
    http.proved.forget();
    taken_off?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_links(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let links = http.all(move |view| session::links(view, &signed.session.user)).await?;
    Ok(Answer(json!({ "items": links, "next": null })))
}

async fn end_links(State(http): State<Shared>, signed: Signed, Input(asked): Input<Proof>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    prove_oneself(&http, &ctx, &signed, "/password", asked.password).await?;
    accounts::unlink(&http, ctx, signed.session.user).await
}
