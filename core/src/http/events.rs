//! The event log over HTTP: as a list, and as a stream that goes on where it broke off.

mod hub;
mod stream;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, Params},
    route::{Param, Route},
};
use crate::{
    Result,
    model::Id,
    store::tables::{self, event::Narrow},
};

pub use hub::Hub;

const AFTER: Param = Param::new("after", "integer", "only events with a higher number");
const KIND: Param = Param::new("kind", "string", "only this kind, or this prefix when it ends in *");
const SUBJECT: Param = Param::new("subject", "string", "only events about this record");

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let page = json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } },
            "next": { "type": ["integer", "null"], "description": "`after` of the next page; null when there is no more for now" },
        },
    });
    vec![
        Route::get("/api/v1/events", list)
            .says("events of one's organisations, in order")
            .query(&[AFTER, KIND, SUBJECT, params::LIMIT])
            .answers(200, page),
        Route::get("/api/v1/events/stream", stream::open)
            .says("server-sent events as they are committed, CloudEvents 1.0; goes on after Last-Event-ID")
            .query(&[AFTER, KIND, SUBJECT])
            .answers(200, json!({ "type": "string", "contentMediaType": "text/event-stream" })),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    after: Option<i64>,
    kind: Option<String>,
    subject: Option<Id>,
    limit: Option<u32>,
}

impl Asked {
    fn narrow(&self) -> Narrow {
        Narrow { kind: self.kind.clone().filter(|kind| !kind.is_empty()), subject: self.subject.clone() }
    }
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let limit = params::limit(asked.limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let page = http.view(&signed.actor, move |view| {
        let (items, at) = tables::event::list(view, view.scope(), &asked.narrow(), asked.after.unwrap_or(0), limit)?;
        // A page may be short because much of the log is not for these eyes; there is more until its end is reached.
        let has_more = items.len() == limit as usize || (at < view.at_seq() && asked.subject.is_none());
        let items = items.iter().filter_map(|event| view.hears(event).transpose()).collect::<Result<Vec<_>>>()?;
        Ok(json!({ "items": items, "next": has_more.then_some(at) }))
    });
    page.await.map(Answer)
}
