//! `?dry_run=true`: what a write would come to, worked out by the write itself and taken back.

use axum::{Json as Answer, response::{IntoResponse, Response}};
use serde_json::{Value, json};

use super::{Shared, problem};
use crate::{
    Error, ErrorKind, Result,
    commands::{self, Ctx},
    model::{Command, Event, Id, digest},
    store::tables,
};

/// Events told of a dry run at most.
const MAX_EVENTS: u32 = 1_000;

/// Rehearse one command.
///
/// # Errors
/// What keeps the server from trying; what the command refuses is told as a fault.
pub async fn command(http: &Shared, ctx: Ctx, command: Command) -> Result<Response> {
    let now = ctx.now;
    let rehearsed = command.clone();
    let (at_seq, events, fault) = http
        .app
        .store
        .rehearse(move |tx| {
            let at_seq = tx.last_seq();
            let outcome = tx.attempt(|tx| commands::apply(tx, &ctx, &rehearsed));
            let events = tables::event::after(tx, at_seq, MAX_EVENTS)?;
            match outcome {
                Err(error) if error.kind == ErrorKind::Internal => Err(error),
                outcome => Ok((at_seq, events, outcome.err())),
            }
        })
        .await?;
    let faults: Vec<Value> = fault.iter().map(as_fault).collect();
    Ok(told(now, at_seq, &[command], &events, &faults))
}

/// What is told of a rehearsal.
pub fn told(now: crate::model::Time, at_seq: i64, commands: &[Command], events: &[Event], faults: &[Value]) -> Response {
    // The numbers, ids and moments of a rehearsal are given out anew by the real thing; what stays is digested.
    let lasting: Vec<Value> = events.iter().map(|event| json!([event.kind, event.org, event.data])).collect();
    let digest = digest::hex(json!([commands, lasting, faults]).to_string());
    Answer(json!({
        "preview": Id::fresh(now),
        "at_seq": at_seq,
        "digest": digest,
        "commands": commands,
        "events": events,
        "faults": faults,
    }))
    .into_response()
}

/// A refusal as a fault.
pub fn as_fault(error: &Error) -> Value {
    let status = problem::status(error).as_u16();
    json!({ "code": error.code, "message": error.message, "status": status, "errors": error.errors })
}
