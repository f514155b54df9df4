//! Requests of people about their own data: their clocks, their events, and what answering one comes to.

use serde_json::json;

use super::{
    Ctx, Run,
    record::{Move, note::Note, write},
};
use crate::{
    Error, Result,
    error::FieldError,
    model::{Data, EventDraft, Id, Kind, Query, Record, RecordRef, Scope, Time, calendar::Span},
    store::{Tx, View, tables},
};

/// Their kind.
pub const KIND: &str = "data_request";
/// What we promise (domain C20).
const DUE: &str = "15wd";
/// What the law demands, whatever the calendar says.
const LIMIT_MS: i64 = 30 * 86_400_000;
/// Requests whose time is looked at in one commit.
const BATCH: u32 = 200;

/// A new request begins its clocks, in the calendar of the organisation that has to answer.
pub(super) fn begin(ctx: &Ctx, kind: &Kind, org: &Id, data: &mut Data) -> Result<()> {
    if kind.kind != KIND {
        return Ok(());
    }
    let received: Time = match data.get("received_at").and_then(|at| at.as_str()) {
        Some(at) => at.parse()?,
        None => ctx.now,
    };
    if received > ctx.now {
        let message = "received_at lies ahead: leave it out, or say when the request came in";
        return Err(Error::fields(vec![FieldError::field("received_at", "received_at.ahead", message)]));
    }
    let span: Span = DUE.parse()?;
    let limit = received.plus_millis(LIMIT_MS);
    // A long row of holidays moves what we promise, never what the law demands.
    let due = ctx.catalogue.orgs.calendar(org).due(received, &span)?.min(limit);
    data.insert("received_at".into(), json!(received));
    data.insert("due".into(), json!(due));
    data.insert("limit".into(), json!(limit));
    Ok(())
}

/// Tell that a request has come in.
pub(super) fn received(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record) -> Result<()> {
    if record.kind == KIND { tell(tx, ctx, record, "received") } else { Ok(()) }
}

/// Tell how a request ended, or that it is late.
pub(super) fn moved(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record) -> Result<()> {
    if record.kind != KIND {
        return Ok(());
    }
    match record.text("state") {
        Some("answered" | "refused") => tell(tx, ctx, record, "answered"),
        Some("overdue") => tell(tx, ctx, record, "overdue"),
        _ => Ok(()),
    }
}

fn tell(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record, verb: &str) -> Result<()> {
    let data = json!({ "kind": record.field("kind"), "state": record.field("state"), "due": record.field("due"), "limit": record.field("limit") });
    let draft = EventDraft {
        kind: format!("request.{verb}"),
        org: record.org.clone(),
        subject: record.text("customer").and_then(|id| id.parse().ok()),
        record: Some(RecordRef { kind: record.kind.clone(), id: record.id.clone(), rev: record.rev }),
        data,
    };
    ctx.raise(tx, &draft).map(drop)
}

/// A request that may be carried out now, for this customer: who asks is known, and it is not answered yet.
///
/// # Errors
/// `record.not_found`, `request.mismatch`, `request.identity`, `state.refused`.
pub fn ready(tx: &Tx<'_>, ctx: &Ctx, id: &Id, customer: &Id) -> Result<Record> {
    let request = write::current(tx, ctx, KIND, id, None)?;
    let asks_for = request.text("customer").and_then(|id| id.parse::<Id>().ok());
    let family = tables::alias::family(tx, "customer", customer)?;
    if !asks_for.is_some_and(|id| family.contains(&id)) {
        let message = format!("the request {id} is about another customer");
        return Err(Error::conflict("request.mismatch", message));
    }
    match request.text("state") {
        Some("processing" | "overdue") if !request.field("identity_checked").is_null() => Ok(request),
        Some("answered" | "refused") => {
            Err(Error::conflict("state.refused", format!("the request {id} is answered already")))
        }
        _ => {
            let message = format!(
                "the request {id} cannot be carried out before it is clear who asks: set identity_checked and take it to processing"
            );
            Err(Error::conflict("request.identity", message))
        }
    }
}

/// Answer a request that was carried out.
///
/// # Errors
/// As `record.move`.
pub fn answer(tx: &mut Tx<'_>, ctx: &Ctx, request: &Record, result: &str) -> Result<()> {
    let data = [("result".to_owned(), json!(result))].into_iter().collect();
    Move::new(KIND, request.id.clone(), "answer", data).run(tx, ctx).map(drop)
}

/// Requests whose time is over.
///
/// # Errors
/// As a list.
pub fn late(view: &View, now: Time) -> Result<Vec<Id>> {
    let filter = json!({ "state": { "in": ["received", "verifying", "processing"] }, "due": { "lt": now } });
    let query = Query { filter, limit: Some(BATCH), ..Query::default() };
    Ok(view.find(KIND, &query)?.items.into_iter().map(|record| record.id).collect())
}

/// Take requests whose time is over to where everybody sees it. The server's own.
#[derive(Clone, Debug)]
pub struct Lapse {
    /// Which.
    pub requests: Vec<Id>,
}

impl Run for Lapse {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        for id in self.requests {
            let Some(request) = tables::record::get(tx, KIND, &id, &Scope::All)? else { continue };
            let due = request.text("due").and_then(|due| due.parse::<Time>().ok());
            let is_open = matches!(request.text("state"), Some("received" | "verifying" | "processing"));
            if is_open && due.is_some_and(|due| due < ctx.now) {
                let kind = tx.kind_in(KIND, &request.org)?;
                let mut data = kind.written(request.clone()).data;
                data.insert("state".into(), json!("overdue"));
                // Nobody's move: time alone brings it about.
                let late = write::update(tx, ctx, &kind, &request, data, "lapsed", &Note::default())?;
                moved(tx, ctx, &late)?;
            }
        }
        Ok(())
    }
}
