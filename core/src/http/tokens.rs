//! API tokens: sessions with a name, for machines.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
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
    commands::{Run, session},
    error::FieldError,
    model::{Id, Time, net::Net, scopes},
    store::tables::{
        self,
        session::{Kind, Session},
    },
};

/// A token that says nothing else ends after a year.
const DEFAULT_MS: i64 = 365 * 24 * 3_600_000;
const MAX_NAME_CHARS: usize = 100;
const MAX_ADDRESSES: usize = 50;

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    expires_at: Option<Time>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    addresses: Vec<Net>,
}

fn wrong(pointer: String, code: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer, code: code.into(), message }])
}

impl New {
    fn expires_at(&self, now: Time) -> Result<Time> {
        let wrong = |name: &str, message: String| wrong(format!("/{name}"), &format!("{name}.invalid"), message);
        let n_chars = self.name.trim().chars().count();
        if !(1..=MAX_NAME_CHARS).contains(&n_chars) {
            return Err(wrong(
                "name",
                format!("name has {n_chars} characters: use 1 to {MAX_NAME_CHARS}, saying what the token is for"),
            ));
        }
        match self.expires_at.unwrap_or(now.plus_millis(DEFAULT_MS)) {
            past if past <= now => Err(wrong("expires_at", format!("expires_at {past} is over already; it is {now}"))),
            expires_at => Ok(expires_at),
        }
    }

    fn check_lists(&self) -> Result<()> {
        for (n, entry) in self.scopes.iter().enumerate() {
            scopes::check(entry).map_err(|error| wrong(format!("/scopes/{n}"), &error.code, error.message))?;
        }
        for (name, n_entries, most) in
            [("scopes", self.scopes.len(), scopes::MAX_ENTRIES), ("addresses", self.addresses.len(), MAX_ADDRESSES)]
        {
            if n_entries > most {
                let message = format!("{name} has {n_entries} entries: use {most} at most");
                return Err(wrong(format!("/{name}"), &format!("{name}.invalid"), message));
            }
        }
        Ok(())
    }
}

async fn list(State(http): State<Shared>, signed: Signed) -> Result<Answer<Value>> {
    let user = signed.session.user.clone();
    let tokens = http.view(&signed.actor, move |view| tables::session::tokens(view, &user)).await?;
    Ok(Answer(json!({ "items": tokens, "next": null })))
}

async fn create(State(http): State<Shared>, signed: Signed, Input(new): Input<New>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let expires_at = new.expires_at(ctx.now)?;
    new.check_lists()?;
    let (secret, digest) = session::token_secret();
    let begun = Session {
        name: Some(new.name.trim().to_owned()),
        scopes: new.scopes,
        addresses: new.addresses,
        ..session::begin(&signed.session.user, Kind::Token, ctx.now, expires_at)
    };
    let command = session::Open { digest, session: begun, replaces: None };
    let token = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await?;
    http.app.audit(&ctx, "token.created", json!({ "token": token.id })).await;
    let answer = json!({
        "id": token.id, "token": secret, "name": token.name, "created_at": token.created_at, "expires_at": token.expires_at,
        "scopes": token.scopes, "addresses": token.addresses,
    });
    Ok((StatusCode::CREATED, Answer(answer)).into_response())
}

async fn delete(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<StatusCode> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = session::Close { id: id.clone() };
    let closed = http.app.commit(ctx.clone(), move |tx, ctx| command.run(tx, ctx)).await;
    http.proved.forget();
    closed?;
    http.app.audit(&ctx, "token.ended", json!({ "token": id })).await;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_needs_a_name_and_a_future() {
        let now = Time::from_millis(1_773_367_200_000);
        let of = |name: &str, expires_at: Option<i64>| {
            let expires_at = expires_at.map(|ms| now.plus_millis(ms));
            let new = New { name: name.into(), expires_at, scopes: Vec::new(), addresses: Vec::new() };
            new.expires_at(now).map_err(|error| error.errors[0].pointer.clone())
        };
        assert_eq!(of("import", None), Ok(now.plus_millis(DEFAULT_MS)));
        assert_eq!(of("import", Some(1)), Ok(now.plus_millis(1)));
        assert_eq!(of("import", Some(0)), Err("/expires_at".into()));
        assert_eq!(of("  ", None), Err("/name".into()));
    }
}
