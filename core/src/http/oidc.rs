//! Signing in through an identity provider: the authorization code flow of OpenID Connect with PKCE, state and nonce.
//!
//! It lets in people who are here already; nobody is made by it. An account belongs to the person whose verified e-mail address
//! it came with first, and from then on to that person whatever address it has.

mod claims;
mod pending;
mod provider;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Shared, auth,
    guard::Caller,
    params::Params,
    problem,
    route::{Param, Route},
    session::{self, Way},
};
use crate::{
    Error, ErrorKind, Result,
    commands::Ctx,
    model::{Id, Record, Scope, Time, percent},
    outbound::egress,
    store::{
        Tx, View,
        tables::{self, account_link, session::Kind},
    },
};
use claims::Claims;

const CALLBACK: &str = "/api/v1/session/oidc/callback";

/// The provider, and who has been sent to it.
#[derive(Debug, Default)]
pub struct Oidc {
    provider: provider::Provider,
    pending: pending::Pending,
}

const CODE: Param = Param::new("code", "string", "what the provider gives out for the sign-in");
const STATE: Param = Param::new("state", "string", "which sign-in it is");
/// What else providers say when they send somebody back; it is passed over, `error` excepted.
const SAID: [Param; 7] = [
    CODE,
    STATE,
    Param::new("error", "string", "why the provider does not let them in"),
    Param::new("error_description", "string", "the same in words"),
    Param::new("error_uri", "string", "the same as a page"),
    Param::new("iss", "string", "who the provider is"),
    Param::new("session_state", "string", "the provider's own session"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/session/oidc", begin)
            .says("go to the identity provider to sign in")
            .answers_nothing(303)
            .open()
            .costs(10),
        Route::get(CALLBACK, come_back)
            .says("come back from the identity provider; begins a session and leads to the console")
            .query(&SAID)
            .answers_nothing(303)
            .open()
            .costs(10),
    ]
}

async fn begin(State(http): State<Shared>, headers: HeaderMap) -> Response {
    let sent = send(&http, &headers).await;
    sent.unwrap_or_else(|error| tell(&headers, error))
}

async fn send(http: &Shared, headers: &HeaderMap) -> Result<Response> {
    let config = &http.app.config.oidc;
    if config.issuer.is_empty() {
        return Err(Error::not_found("oidc", "no identity provider is set up here; sign in with your password"));
    }
    let redirect = redirect_uri(http, headers)?;
    let metadata = http.oidc.provider.metadata(config).await?;
    let (state, sent, cookie) = http.oidc.pending.send(http.app.clock.now());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&sent.verifier));
    let query = percent::pairs(&[
        ("response_type", "code"),
        ("client_id", &config.client_id),
        ("redirect_uri", &redirect),
        ("scope", &config.scopes.join(" ")),
        ("state", &state),
        ("nonce", &sent.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let endpoint = &metadata.authorization_endpoint;
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    let cookie = browser_cookie(http, &cookie, pending::WITHIN_MS / 1_000)?;
    Ok(([(header::SET_COOKIE, cookie)], see_other(&format!("{endpoint}{joint}{query}"))?).into_response())
}

/// Where the provider sends people back to. What `Host` says is anybody's to write, so it is taken on one's own machine alone.
fn redirect_uri(http: &Shared, headers: &HeaderMap) -> Result<String> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match &http.app.config.http.public_url {
        Some(url) => Ok(format!("{}{CALLBACK}", url.trim_end_matches('/'))),
        None if egress::is_this_machine(host) => Ok(format!("http://{host}{CALLBACK}")),
        None => {
            let message = "the server does not know its own address; set http.public_url";
            Err(Error::new(ErrorKind::Unavailable, "oidc.unset", message))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

async fn come_back(
    State(http): State<Shared>,
    Caller(address): Caller,
    headers: HeaderMap,
    Params(back): Params<Back>,
) -> Response {
    let now = http.app.clock.now();
    let outcome = async {
        let user = prove(&http, &headers, back, now).await?;
        session::begin(&http, user, Kind::Oidc, Way::Oidc, &headers, address).await
    }
    .await;
    let mut response = match outcome {
        // The session's cookie, without the body that programs read: this is a browser on its way.
        Ok(begun) => {
            let mut response = see_other("/").unwrap_or_else(IntoResponse::into_response);
            if let Some(cookie) = begun.headers().get(header::SET_COOKIE) {
                response.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            response
        }
        Err(error) => {
            let why = error.cause.as_ref().map(ToString::to_string);
            let detail = json!({ "way": "oidc", "code": error.code, "why": why });
            match session::refused(&http, now, address, detail).await {
                Ok(()) => tell(&headers, error),
                Err(error) => tell(&headers, error),
            }
        }
    };
    if let Ok(cookie) = browser_cookie(&http, "", 0) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The person whom the provider vouches for.
async fn prove(http: &Shared, headers: &HeaderMap, back: Back, now: Time) -> Result<Record> {
    let cookie = auth::cookie_value(headers, browser_cookie_name(http));
    let sent = http.oidc.pending.take(&back.state.unwrap_or_default(), cookie, now)?;
    if let Some(error) = back.error {
        // What stands in a URL is anybody's to write; the standard's own words are short.
        let word: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        return Err(provider::refused(&format!("the provider says {word}")));
    }
    let config = &http.app.config.oidc;
    if back.iss.is_some_and(|iss| iss != config.issuer) {
        return Err(provider::refused("another provider has answered"));
    }
    let code = back.code.filter(|code| !code.is_empty()).ok_or_else(|| provider::refused("there is no code"))?;
    let redirect = redirect_uri(http, headers)?;
    let claims = http.oidc.provider.redeem(config, &code, &sent.verifier, &redirect).await?;
    if let Some(fault) = claims.fault(&config.issuer, &config.client_id, &sent.nonce, now) {
        return Err(provider::refused(&format!("the identity token has a wrong {fault}")));
    }
    person(http, claims, now).await
}

/// Whose account it is: the person it is linked to, or the only one with its verified address, who is linked from now on.
async fn person(http: &Shared, claims: Claims, now: Time) -> Result<Record> {
    let ctx = Ctx::system(Id::hq(), now, http.app.catalogue());
    let looked_up = claims.clone();
    let (known, by_email) = http
        .all(move |view| {
            let known = account_link::user(view, &looked_up.iss, &looked_up.sub)?;
            let by_email = looked_up.verified_email().filter(|_| known.is_none());
            Ok((known, by_email.map(|email| with_email(view, email)).transpose()?.flatten()))
        })
        .await?;
    let (id, is_new) = match (known, by_email) {
        (Some(id), _) => (id, false),
        (None, Some(id)) => (id, true),
        (None, None) if claims.email.is_some() && claims.verified_email().is_none() => {
            let message = "your identity provider has not verified your e-mail address; have it verified there";
            return Err(Error::new(ErrorKind::Denied, "oidc.email_unverified", message));
        }
        (None, None) => return Err(nobody("no account has this subject or address")),
    };
    let user = id.clone();
    let user = http.all(move |view| tables::record::get(view, "user", &user, &Scope::All)).await?;
    let user = user.filter(|user| user.text("status") != Some("left")).ok_or_else(|| nobody("the person has left"))?;
    if is_new {
        let Claims { iss, sub, .. } = claims;
        let link = move |tx: &mut Tx<'_>, ctx: &Ctx| account_link::insert(tx, &iss, &sub, &id, ctx.now);
        if !http.app.commit(ctx.clone(), link).await? {
            let message = "you are linked to another account of your identity provider; have that link removed by an administrator";
            return Err(Error::new(ErrorKind::Denied, "oidc.linked", message));
        }
        http.app.audit(&ctx, "account.linked", json!({ "user": user.id })).await;
    }
    Ok(user)
}

/// The person with an address, if there is exactly one. Whoever has left does not count.
fn with_email(view: &View, email: &str) -> Result<Option<Id>> {
    let mut found = tables::record::with_email(view, email)?.into_iter();
    match (found.next(), found.next()) {
        (Some(user), None) => Ok(Some(user)),
        _ => Ok(None),
    }
}

fn nobody(why: &str) -> Error {
    let message = "nobody here has this account; ask your administrator to put your e-mail address on your record";
    Error::new(ErrorKind::Denied, "oidc.no_account", message).caused_by(why)
}

/// A refusal: a browser is led to the sign-in page, which says it in words; a program is told.
fn tell(headers: &HeaderMap, error: Error) -> Response {
    let is_browser =
        headers.get(header::ACCEPT).is_some_and(|value| value.to_str().is_ok_and(|text| text.contains("text/html")));
    if !is_browser {
        return error.into_response();
    }
    problem::log(&error);
    see_other(&format!("/login?fault={}", percent::encode(&error.code))).unwrap_or_else(IntoResponse::into_response)
}

fn see_other(url: &str) -> Result<Response> {
    let url = HeaderValue::from_str(url).map_err(Error::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response())
}

fn browser_cookie_name(http: &Shared) -> &'static str {
    if http.app.config.http.secure_cookie { "__Host-marque_oidc" } else { "marque_oidc" }
}

/// Marks the browser that was sent. It comes back from another site, so the cookie is sent along where the session's is not.
fn browser_cookie(http: &Shared, value: &str, max_age_seconds: i64) -> Result<HeaderValue> {
    let secure = if http.app.config.http.secure_cookie { "; Secure" } else { "" };
    let name = browser_cookie_name(http);
    HeaderValue::from_str(&format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_seconds}{secure}"))
        .map_err(Error::internal)
}
