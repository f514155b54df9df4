//! The server's time, and setting it where a test has asked for a clock of its own.

use std::time::Duration;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, auth::Signed, params::Input, route::Route};
use crate::{Error, Result, clock::Clock, commands::rights, model::Time, store::tables};

/// Deliveries that a new time sets off are waited for this long, so that what is read next is what they made.
const SETTLE_WITHIN: Duration = Duration::from_secs(10);

/// The routes of this file; a clock that cannot be set has no route to set it.
pub fn routes(clock: &Clock) -> Vec<Route> {
    let now = || json!({ "type": "object", "properties": { "now": { "type": "string", "format": "date-time" } } });
    let mut routes =
        vec![Route::get("/api/v1/clock", read).says("the server's time, for clocks on screen").answers(200, now())];
    if clock.is_standing() {
        let set =
            Route::post("/api/v1/test/clock", set).says("set the clock of a test").takes(now()).answers(200, now());
        routes.push(set.keeps_nothing());
    }
    routes
}

async fn read(State(http): State<Shared>, _signed: Signed) -> Answer<Value> {
    Answer(json!({ "now": http.app.clock.now() }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    now: Time,
    /// Sessions grow older too, which otherwise they do not.
    #[serde(default)]
    ages_sessions: bool,
}

async fn set(State(http): State<Shared>, signed: Signed, Input(asked): Input<Set>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_keep_plugins(&ctx)?;
    // A test that jumps a day ahead stays signed in; tokens, which say when they end, do end.
    let by_ms = if asked.ages_sessions { 0 } else { (asked.now - ctx.now).max(0) };
    http.app.store.commit(move |tx| tables::session::postpone(tx, ctx.now, by_ms)).await?;
    http.proved.forget();
    http.proved.seen.forget(by_ms);
    if !http.app.clock.set(asked.now) {
        return Err(Error::not_found("route", "this server keeps the machine's time"));
    }
    http.app.settle(SETTLE_WITHIN).await;
    Ok(Answer(json!({ "now": http.app.clock.now() })))
}
