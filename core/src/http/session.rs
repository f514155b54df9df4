//! Signing in and out with a password.

mod door;

use std::net::{IpAddr, SocketAddr};

use axum::{
    Json as Answer,
    extract::{ConnectInfo, FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, auth, auth::Signed, locale, params::Input, route::Route};
use crate::{
    Error, ErrorKind, Result, app,
    commands::{
        Run,
        session::{self, SESSION_MS},
    },
    model::{Record, Scope, Time},
    store::{
        View,
        tables::{self, audit::Entry},
    },
};

pub use door::Door;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let user = json!({
        "type": "object",
        "properties": {
            "id": text(), "name": text(), "login": text(), "roles": { "type": "array", "items": text() }, "locale": text(),
            "org": { "type": "object", "properties": { "id": text(), "name": text(), "time_zone": text() } },
        },
    });
    let moment = || json!({ "type": "string", "format": "date-time" });
    vec![
        Route::post("/api/v1/session", open)
            .says("sign in; the token comes as a cookie too")
            .takes(json!({
                "type": "object", "required": ["login", "password"], "additionalProperties": false,
                "properties": { "login": text(), "password": { "type": "string", "format": "password" } },
            }))
            .answers(
                200,
                json!({ "type": "object", "properties": { "token": text(), "expires_at": moment(), "user": user } }),
            )
            .open()
            .keeps_nothing(),
        Route::get("/api/v1/session", show)
            .says("who is signed in")
            .answers(200, json!({ "type": "object", "properties": { "expires_at": moment(), "user": user } })),
        Route::delete("/api/v1/session", close)
            .says("sign out; the session or token used is ended at once")
            .answers_nothing(204),
    ]
}

/// Where a request comes from, as far as the socket knows.
pub(super) struct Address(pub(super) Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Address> {
        Ok(Address(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
}

async fn open(
    State(http): State<Shared>,
    Address(address): Address,
    headers: HeaderMap,
    Input(asked): Input<SignIn>,
) -> Result<Response> {
    let now = http.app.clock.now();
    let knock = door::Knock::new(&asked.login, address);
    if let Some(wait_seconds) = http.door.is_shut(&knock, now) {
        return too_many(wait_seconds);
    }
    let turn = http.door.turn().await?;
    let login = asked.login.clone();
    let verified = http
        .blocking(move |http| {
            let _turn = turn;
            session::verify(&http.app.store.view(Scope::All)?, &login, &asked.password)
        })
        .await;
    match verified {
        Ok(user) => {
            http.door.opened(&knock);
            begin(&http, user, &headers, now).await
        }
        Err(error) if error.kind == ErrorKind::Unauthenticated => {
            http.door.refused(&knock, now);
            // Who knocks is nobody yet, and what was typed may be a password: a digest tells series of attempts apart. A keyed one,
            // for a password could be found by trying.
            let login = http.app.store.audit_keys().digest(asked.login.as_bytes());
            let entry = Entry::of_nobody(now, "session.refused", json!({ "login": login })).from_address(address);
            http.app.note(entry).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

fn too_many(wait_seconds: i64) -> Result<Response> {
    let message = format!("too many wrong passwords; wait {} minutes and try again", (wait_seconds + 59) / 60);
    let mut response = Error::new(ErrorKind::TooMany, "session.throttled", message).into_response();
    let seconds = HeaderValue::from_str(&wait_seconds.to_string()).map_err(Error::internal)?;
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    Ok(response)
}

async fn begin(http: &Shared, user: Record, headers: &HeaderMap, now: Time) -> Result<Response> {
    let (secret, digest) = session::secret();
    let begun = session::begin(&user.id, None, now, now.plus_millis(SESSION_MS));
    let ctx = http.app.ctx(&app::actor(&user), None)?;
    let command = session::Open { digest, session: begun };
    let opened = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await?;
    http.app.audit(&ctx, "session.opened", json!({ "session": opened.id })).await;
    let is_secure = http.app.config.http.secure_cookie;
    let cookie = auth::cookie(is_secure, &secret, auth::seconds_until(now, opened.expires_at))?;
    let locale = locale::asked(headers).unwrap_or_else(|| locale::of_user(&user));
    let person = http.all(move |view| describe(view, &user, locale)).await?;
    let answer = json!({ "token": secret, "expires_at": opened.expires_at, "user": person });
    Ok(([(header::SET_COOKIE, cookie)], Answer(answer)).into_response())
}

async fn show(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let Signed { session, locale, .. } = signed;
    let user = session.user.clone();
    let person = http.all(move |view| describe(view, &view.one("user", &user)?, locale)).await?;
    Ok(Answer(json!({ "expires_at": session.expires_at, "user": person })))
}

async fn close(State(http): State<Shared>, signed: Signed) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let id = signed.session.id;
    let command = session::Close { id: id.clone() };
    let closed = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    closed?;
    http.app.audit(&ctx, "session.closed", json!({ "session": id })).await;
    let cookie = auth::cookie(http.app.config.http.secure_cookie, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// A person as the console greets them.
fn describe(view: &View, user: &Record, locale: &str) -> Result<Value> {
    let org = tables::record::get(view, "org", &user.org, &Scope::All)?;
    let text = |name: &str| org.as_ref().and_then(|org| org.text(name));
    Ok(json!({
        "id": user.id,
        "name": user.text("name"),
        "login": user.text("login"),
        "org": { "id": user.org, "name": text("name"), "time_zone": text("time_zone").unwrap_or("Asia/Shanghai") },
        "roles": user.field("roles"),
        "locale": user.text("locale").unwrap_or(locale),
    }))
}
