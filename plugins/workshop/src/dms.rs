//! Messages of the dealer's management system.
//!
//! Messages of the dealer's management system: each taken once by its id, in whatever order they come, applied by the time the other system
//! gives them. What cannot be applied yet waits for what it belongs to.

mod apply;

use std::collections::BTreeSet;

use marque_sdk::{Data, Filter, Id, Outcome, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    file::{File, MESSAGE, given, patch},
    moment,
};

/// Input of `receive`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub external_id: String,
    pub system: Option<String>,
    pub sort: String,
    pub number: String,
    pub at: String,
    #[serde(default)]
    pub body: Data,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// `applied`, `stale`, `waiting` or `refused`.
    pub state: &'static str,
    pub problem: Option<String>,
    pub order: Option<Id>,
}

impl Applied {
    pub fn done(order: &str) -> Applied {
        Applied { state: "applied", problem: None, order: Some(order.into()) }
    }

    pub fn stale(order: &str) -> Applied {
        Applied { state: "stale", problem: None, order: Some(order.into()) }
    }

    pub fn waiting(problem: &str) -> Applied {
        Applied { state: "waiting", problem: Some(problem.into()), order: None }
    }
}

/// Takes a message in. One that is known is answered as before and does nothing.
pub fn receive(desk: &Desk, message: &Message) -> Result<Value> {
    let at = moment::parse("/at", &message.at)?;
    let of = Filter::eq("external_id", key(message)).and(Filter::eq("org", desk.call.org.as_str()));
    if let Some(known) = view::find::<Data>(MESSAGE).filter(of).first()?.map(File::from) {
        return Ok(json!({ "id": known.id, "result": "known", "state": known.state(), "order": known.text("order") }));
    }
    let id = new_id();
    let applied = apply::apply(desk, &Message { at: at.clone(), ..message.clone() })?;
    record::create(MESSAGE)
        .id(id.as_str())
        .fields(given(json!({
            "external_id": key(message), "system": message.system, "sort": message.sort, "number": message.number, "at": at,
            "received_at": desk.now(), "state": applied.state, "problem": applied.problem, "order": applied.order, "body": message.body,
        })))
        .stage()?;
    Ok(json!({ "id": id, "result": applied.state, "problem": applied.problem, "order": applied.order }))
}

fn key(message: &Message) -> String {
    format!("{}:{}", message.system.as_deref().unwrap_or("dms"), message.external_id.trim())
}

/// Something has come that messages waited for: those of an order, or of a vehicle, the oldest first. One of each order a call, for the next
/// needs to see what this one did: it is heard of in turn.
pub fn retry(desk: &Desk, waiting: Filter) -> Result<Outcome> {
    let waiting = waiting.and(Filter::eq("state", "waiting")).and(Filter::eq("org", desk.call.org.as_str()));
    let found = view::find::<Data>(MESSAGE).filter(waiting).order("at").limit(100).page()?.items;
    let mut applied_to = BTreeSet::new();
    for kept in found.into_iter().map(File::from) {
        let Some(message) = read(&kept).filter(|message| !applied_to.contains(&message.number)) else { continue };
        let applied = apply::apply(desk, &message)?;
        if applied.state != "waiting" {
            let data = patch(json!({ "state": applied.state, "problem": applied.problem, "order": applied.order }));
            kept.change(&data).stage()?;
            applied_to.insert(message.number);
        }
    }
    Ok(if applied_to.is_empty() { Outcome::Skip } else { Outcome::Done })
}

fn read(kept: &File) -> Option<Message> {
    Some(Message {
        external_id: kept.text("external_id")?.to_owned(),
        system: kept.text("system").map(str::to_owned),
        sort: kept.text("sort")?.to_owned(),
        number: kept.text("number")?.to_owned(),
        at: kept.text("at")?.to_owned(),
        body: kept.data.get("body").and_then(Value::as_object).cloned().unwrap_or_default(),
    })
}
