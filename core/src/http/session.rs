//! Signing in with a password and a one-time code, and out.

mod begin;
mod door;

use std::net::IpAddr;

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, auth, auth::Signed, guard::Caller, params::Input, route::Route};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, rights, session, totp, totp::Factor},
    model::{Id, Record, Scope, Time},
    store::tables::{audit::Entry, session::Kind},
};

pub use begin::{Way, begin, describe, renew};
pub use door::{Door, Knock};

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
    let wants = || json!({ "enum": ["password", "code", null], "description": "what must be done first: nothing else is answered before" });
    let rules = || {
        json!({
            "type": "object", "additionalProperties": false,
            "properties": { "second_factor": { "type": "array", "items": { "type": "string" }, "description": "roles whose people must have one-time codes" } },
        })
    };
    vec![
        Route::get("/api/v1/session/rules", show_rules).says("what signing in takes, by role").answers(200, rules()),
        Route::put("/api/v1/session/rules", set_rules)
            .says("set what signing in takes; whoever lacks it can do nothing but set it up")
            .takes(rules())
            .answers(200, rules()),
        Route::post("/api/v1/session", open)
            .says("sign in; the token comes as a cookie too")
            .takes(json!({
                "type": "object", "required": ["login", "password"], "additionalProperties": false,
                "properties": {
                    "login": text(), "password": { "type": "string", "format": "password" },
                    "code": { "type": "string", "description": "a one-time or recovery code, when 401 session.code_required asks for it" },
                },
            }))
            .answers(
                200,
                json!({ "type": "object", "properties": { "token": text(), "expires_at": moment(), "user": user, "wants": wants() } }),
            )
            .open()
            .costs(10)
            .keeps_nothing(),
        Route::get("/api/v1/session", show)
            .says("who is signed in")
            .answers(200, json!({ "type": "object", "properties": { "expires_at": moment(), "user": user, "rights": { "type": "object" }, "powers": { "type": "array", "items": text() }, "wants": wants() } })),
        Route::delete("/api/v1/session", close)
            .says("sign out; the session or token used is ended at once")
            .answers_nothing(204),
        Route::get("/api/v1/session/ways", ways)
            .says("how one may sign in")
            .answers(200, json!({
                "type": "object",
                "properties": { "password": { "type": "boolean" }, "oidc": { "type": "object", "properties": { "label": text() } } },
            }))
            .open(),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
    code: Option<String>,
}

/// What a right password has led to.
enum Proof {
    /// Nothing more is asked for.
    Enough,
    /// A code is asked for, and none was sent.
    CodeWanted,
    /// A code was sent; whether it is used up already shows when it is used.
    Code(Factor),
}

async fn open(
    State(http): State<Shared>,
    Caller(address): Caller,
    headers: HeaderMap,
    Input(asked): Input<SignIn>,
) -> Result<Response> {
    let now = http.app.clock.now();
    let knock = Knock::new(&asked.login, address);
    http.door.pass(&knock, now)?;
    let turn = http.door.turn().await?;
    let login = asked.login.clone();
    let verified = http
        .blocking(move |http| {
            let _turn = turn;
            prove(http, &asked, now)
        })
        .await;
    match verified {
        Ok((user, proof)) => enter(&http, user, proof, &knock, now, &headers, address).await,
        Err(error) if error.kind == ErrorKind::Unauthenticated => {
            http.door.refused(&knock, now);
            // Who knocks is nobody yet, and what was typed may be a password: a digest tells series of attempts apart. A keyed one,
            // for a password could be found by trying.
            let login = http.app.store.audit_keys().digest(login.as_bytes());
            refused(&http, now, address, json!({ "login": login })).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

fn prove(http: &super::Http, asked: &SignIn, now: Time) -> Result<(Record, Proof)> {
    let view = http.app.store.view(Scope::All)?;
    let user = session::verify(&view, &asked.login, &asked.password, now)?;
    let proof = match &asked.code {
        _ if !totp::is_on(&view, &user.id)? => Proof::Enough,
        None => Proof::CodeWanted,
        Some(code) => Proof::Code(totp::factor(&view, &http.app.seal_key, &user.id, code, now)?),
    };
    Ok((user, proof))
}

async fn enter(
    http: &Shared,
    user: Record,
    proof: Proof,
    knock: &Knock,
    now: Time,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Response> {
    let way = match proof {
        Proof::Enough => Way::Password,
        Proof::CodeWanted => {
            let message = "the password is right; send the code of your authenticator app, or a recovery code, as code";
            return Err(Error::new(ErrorKind::Unauthenticated, "session.code_required", message));
        }
        Proof::Code(factor) => {
            let way = if matches!(factor, Factor::Recovery(_)) { Way::Recovery } else { Way::Code };
            use_code(http, &user.id, factor, knock, now, address).await?;
            way
        }
    };
    http.door.opened(knock);
    begin(http, user, Kind::Session, way, headers, address).await
}

/// Use a code up. Six digits are soon tried, so wrong ones count against the person too, from wherever they come: only who
/// knows the password gets as far as to shut this door.
async fn use_code(
    http: &Shared,
    user: &Id,
    factor: Factor,
    knock: &Knock,
    now: Time,
    address: Option<IpAddr>,
) -> Result<()> {
    let codes = Knock::of_codes(user);
    http.door.pass(&codes, now)?;
    let ctx = Ctx::system(Id::hq(), now, http.app.catalogue());
    let command = totp::Use { user: user.clone(), factor };
    let used = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await;
    if used.is_ok() {
        http.door.opened(&codes);
        return Ok(());
    }
    http.door.refused(&codes, now);
    http.door.refused(knock, now);
    refused(http, now, address, json!({ "user": user, "why": "code" })).await?;
    used
}

/// Note an attempt that was refused.
///
/// # Errors
/// When the audit log cannot be written.
pub async fn refused(http: &Shared, now: Time, address: Option<IpAddr>, detail: Value) -> Result<()> {
    http.app.note(Entry::of_nobody(now, "session.refused", detail).from_address(address)).await
}

async fn show(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let Signed { session, locale, actor, wants, .. } = signed;
    let user = session.user.clone();
    let person = http.all(move |view| describe(view, &view.one("user", &user)?, locale)).await?;
    let rights = http.app.store.rights(&actor);
    let own = match &actor {
        crate::model::Actor::User { org, .. } => http.app.store.kinds_in(org),
        _ => http.app.store.kinds(),
    };
    let rights = super::rights::told(&rights, own.values().map(|kind| &**kind));
    let powers = http.app.catalogue().roles.powers(actor.roles());
    Ok(Answer(json!({
        "expires_at": session.expires_at, "user": person, "rights": rights, "powers": powers, "wants": wants,
    })))
}

async fn show_rules(State(http): State<Shared>, signed: Signed) -> Result<Answer<session::Rules>> {
    rights::to_keep_people(&http.app.ctx(&signed.actor, None)?)?;
    http.all(session::Rules::load).await.map(Answer)
}

async fn set_rules(
    State(http): State<Shared>,
    signed: Signed,
    Input(rules): Input<session::Rules>,
) -> Result<Answer<session::Rules>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let set = http.app.commit(ctx, move |tx, ctx| session::SetRules(rules).run(tx, ctx)).await;
    http.proved.forget();
    set.map(Answer)
}

async fn close(State(http): State<Shared>, signed: Signed) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = session::Close { id: signed.session.id.clone() };
    let closed = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    closed?;
    http.app.audit(&ctx, "session.closed", json!({ "session": signed.session.id })).await;
    let cookie = auth::cookie(http.app.config.http.secure_cookie, "", 0)?;
    // What the browser keeps of a person's work goes with them.
    let clear = [("clear-site-data", "\"cache\"")];
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)], clear).into_response())
}

async fn ways(State(http): State<Shared>) -> Answer<Value> {
    let oidc = &http.app.config.oidc;
    let mut ways = json!({ "password": true });
    if !oidc.issuer.is_empty() {
        ways["oidc"] = json!({ "label": oidc.label });
    }
    Answer(ways)
}
