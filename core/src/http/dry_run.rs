//! `?dry_run=true`: what a write would come to, worked out by the write itself and taken back.

use axum::{
    Json as Answer,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Shared, problem};
use crate::{
    Error, ErrorKind, Result,
    commands::{self, Ctx},
    model::{Command, Event, Id, Time, digest},
    store::tables,
};

/// Events told of a dry run at most.
const MAX_EVENTS: u32 = 1_000;

/// Rehearse one command.
///
/// # Errors
/// What keeps the server from trying; what the command refuses is told as a fault.
pub async fn command(http: &Shared, ctx: Ctx, command: Command) -> Result<Response> {
    replying(http, ctx, command).await.map(|(told, _)| Answer(told).into_response())
}

/// As [`command`], with what the command would have answered.
///
/// # Errors
/// As [`command`].
pub async fn replying(http: &Shared, ctx: Ctx, command: Command) -> Result<(Value, Option<Value>)> {
    let now = ctx.now;
    let rehearsed = command.clone();
    let (at_seq, events, outcome) = http
        .app
        .store
        .rehearse(move |tx| {
            let at_seq = tx.last_seq();
            let outcome = tx.attempt(|tx| commands::apply(tx, &ctx, &rehearsed));
            let events = tables::event::after(tx, at_seq, MAX_EVENTS)?;
            Ok((at_seq, events, outcome))
        })
        .await?;
    let (reply, fault) = match outcome {
        Ok(reply) => (Some(reply), None),
        Err(error) => (None, Some(error)),
    };
    Ok((tell(now, at_seq, &[command], &events, fault)?, reply))
}

/// What is told of a rehearsal; what was refused is a fault of it, what failed is not.
///
/// # Errors
/// Our own failure, or that it could not be tried now.
pub fn told(
    now: Time,
    at_seq: i64,
    commands: &[Command],
    events: &[Event],
    refused: Option<Error>,
) -> Result<Response> {
    tell(now, at_seq, commands, events, refused).map(|told| Answer(told).into_response())
}

fn tell(now: Time, at_seq: i64, commands: &[Command], events: &[Event], refused: Option<Error>) -> Result<Value> {
    let faults = match refused {
        Some(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => return Err(error),
        refused => refused.iter().map(as_fault).collect::<Vec<Value>>(),
    };
    // The numbers, ids and moments of a rehearsal are given out anew by the real thing; what stays is digested.
    let lasting: Vec<Value> = events.iter().map(|event| json!([event.kind, event.org, event.data])).collect();
    let digest = digest::hex(json!([commands, lasting, faults]).to_string());
    Ok(json!({
        "preview": Id::fresh(now),
        "at_seq": at_seq,
        "digest": digest,
        "commands": commands,
        "events": events,
        "faults": faults,
    }))
}

/// A refusal as a fault.
fn as_fault(error: &Error) -> Value {
    let status = problem::status(error).as_u16();
    json!({ "code": error.code, "message": error.message, "status": status, "errors": error.errors })
}
