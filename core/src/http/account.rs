//! One's own account: the password, and one-time codes of an authenticator app.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
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
    commands::{Ctx, Run, session, totp, totp::Factor, user::SetPassword},
    error::FieldError,
    model::{self, totp::RECOVERY_BYTES},
    store::tables,
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
            .says("a new secret for an authenticator app, shown this once; codes are asked for when a first one has proved it")
            .answers(200, json!({ "type": "object", "properties": { "secret": text(), "uri": text() } }))
            .keeps_nothing(),
        Route::post("/api/v1/account/totp/confirm", confirm_totp)
            .says("ask for codes from now on; the recovery codes are shown this once, and other sessions end")
            .takes(code)
            .answers(200, renewed(&[("recovery", json!({ "type": "array", "items": text() }))]))
            .costs(10)
            .keeps_nothing(),
        Route::delete("/api/v1/account/totp", end_totp)
            .says("ask for codes no longer; proved with the password or a code")
            .takes(json!({
                "type": "object", "additionalProperties": false, "properties": { "password": password(), "code": text() },
            }))
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
    prove_password(&http, &ctx, &signed, "/old", asked.old).await?;
    let user = signed.session.user.clone();
    let hash = accounts::hash(&http, &user, "/new", asked.new).await?;
    let set = SetPassword { user: user.clone(), hash };
    let answer =
        sessions::renew(&http, ctx.clone(), &signed, &headers, json!({}), move |tx, ctx| set.run(tx, ctx)).await?;
    http.app.audit(&ctx, "password.set", json!({ "user": user })).await;
    Ok(answer)
}

/// Whoever changes how an account is entered says its password again: a desk that was left open is not enough.
async fn prove_password(http: &Shared, ctx: &Ctx, signed: &Signed, pointer: &str, password: String) -> Result<()> {
    let user = signed.session.user.clone();
    let knock = Knock::of_own_password(&user);
    http.door.pass(&knock, ctx.now)?;
    let turn = http.door.turn().await?;
    let checked = http
        .all(move |view| {
            let _turn = turn;
            session::check_own(view, &user, &password)
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

async fn begin_totp(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let user = signed.session.user.clone();
    let mut secret = [0u8; model::totp::SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|error| Error::internal(error.to_string()))?;
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
        http.door.refused(&Knock::of_codes(&signed.session.user), ctx.now);
        return Err(wrong_code());
    };
    let recovery = recovery_codes()?;
    let digests = recovery.iter().filter_map(|code| model::totp::plain_recovery_code(code));
    let confirm = totp::Confirm { step, recovery: digests.map(|plain| totp::recovery_digest(&plain)).collect() };
    let answer = json!({ "recovery": recovery });
    let told = sessions::renew(&http, ctx.clone(), &signed, &headers, answer, move |tx, ctx| confirm.run(tx, ctx));
    let answer =
        told.await.map_err(|error| if error.kind == ErrorKind::Unauthenticated { wrong_code() } else { error })?;
    http.app.audit(&ctx, "totp.confirmed", json!({ "user": signed.session.user })).await;
    Ok(answer)
}

/// Whoever is signed in stays so: a wrong code here is a wrong field, where at the door it is no entry.
fn wrong_code() -> Error {
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

fn recovery_codes() -> Result<Vec<String>> {
    let one = || {
        let mut bytes = [0u8; RECOVERY_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
        Ok(model::totp::recovery_code(&bytes))
    };
    (0..model::totp::N_RECOVERY).map(|_| one()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: Option<String>,
    code: Option<String>,
}

async fn end_totp(State(http): State<Shared>, signed: Signed, Input(asked): Input<Proof>) -> Result<impl IntoResponse> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let user = signed.session.user.clone();
    let factor = match (asked.password, asked.code) {
        (Some(password), None) => {
            prove_password(&http, &ctx, &signed, "/password", password).await?;
            None
        }
        (None, Some(code)) => Some(look_at(&http, &ctx, &signed, code).await?),
        _ => return Err(Error::invalid("body", "send your password, or a code, as password or as code")),
    };
    let (used, off) =
        (factor.map(|factor| totp::Use { user: user.clone(), factor }), totp::TakeOff { user: user.clone() });
    let done = http
        .app
        .commit(ctx.clone(), move |tx, ctx| {
            used.map_or(Ok(()), |used| used.run(tx, ctx))?;
            off.run(tx, ctx)
        })
        .await;
    if done.as_ref().is_err_and(|error| error.kind == ErrorKind::Unauthenticated) {
        http.door.refused(&Knock::of_codes(&user), ctx.now);
        return Err(wrong_code());
    }
    done?;
    http.app.audit(&ctx, "totp.taken_off", json!({ "user": user })).await;
    Ok(StatusCode::NO_CONTENT)
}
