//! What a reaction hears: the event, the record it speaks of as it was then, and the customer it is about. Nothing personal.

use serde_json::{Value, json};

use super::super::compute;
use crate::{
    Result,
    model::{Event, Id, Record},
    store::View,
};

/// The input of a reaction's function. The record is as of the event's own revision, so that the same event is always told in the same way;
/// what is derived of it has no revisions and is as it stands, and so is the customer.
///
/// # Errors
/// Internal.
pub fn input(view: &View, event: &Event) -> Result<Value> {
    let record = match &event.record {
        Some(record) => record_at(view, &record.kind, &record.id, record.rev)?,
        None => None,
    };
    let customer = match (&event.subject, &record) {
        (Some(subject), Some(record)) if record.id == *subject && record.kind == "customer" => Some(record.clone()),
        (Some(subject), _) => one(view, "customer", subject)?,
        (None, _) => None,
    };
    let calendar = view.orgs().calendar(&event.org);
    Ok(json!({
        "kind": event.kind,
        "at": calendar.text(event.at),
        "org": event.org,
        "subject": event.subject,
        "actor": event.actor,
        "data": event.data,
        "record": record.as_ref().map(|record| shown(view, record)).transpose()?,
        "customer": customer.as_ref().map(|customer| shown(view, customer)).transpose()?,
    }))
}

fn record_at(view: &View, kind: &str, id: &Id, rev: u32) -> Result<Option<Record>> {
    let Some(now) = one(view, kind, id)? else { return Ok(None) };
    // A customer's revisions are the brand's; a dealer reads its own membership, as it stands.
    if now.rev == rev || kind == "customer" {
        return Ok(Some(now));
    }
    view.as_of(now, rev).map(Some)
}

fn one(view: &View, kind: &str, id: &Id) -> Result<Option<Record>> {
    Ok(view.get(kind, std::slice::from_ref(id))?.into_iter().flatten().next())
}

fn shown(view: &View, record: &Record) -> Result<Value> {
    Ok(compute::seen(view.kind_of(record)?.as_ref(), record))
}
