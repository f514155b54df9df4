//! `receive`: one enquiry or a list of them, from a form of the house or over the public API.

use std::collections::BTreeMap;

use marque_sdk::{Result, Value, json};
use serde::Deserialize;

use crate::{
    desk::Desk,
    enquiry::Enquiry,
    inbound,
    intake::{Batch, Taken},
    lead::patch,
};

/// Takes it in and answers what became of it.
pub fn receive(desk: &Desk, enquiry: Enquiry) -> Result<Value> {
    let mut batch = Batch::new(desk);
    if enquiry.is_in_person() {
        return Ok(reply(&batch.take(&enquiry, None)?));
    }
    let mut raw = patch(json!(enquiry));
    raw.retain(|_, value| !value.is_null());
    let raw = serde_json::to_string(&raw)?;
    Ok(reply(&inbound::take(desk, &mut batch, &enquiry, &raw)?))
}

/// What whoever sent it is told.
pub fn reply(taken: &Taken) -> Value {
    let lead = &taken.lead;
    json!({
        "id": lead.id,
        "result": taken.verdict.code(),
        "customer": lead.customer(),
        "owner": lead.text("owner"),
        "level": lead.text("level"),
        "score": lead.data.get("score"),
        "first_due": lead.text("first_due"),
        "assist": taken.assist,
    })
}

/// Input of `receive_list`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    rows: Vec<Enquiry>,
    provider: Option<String>,
    campaign: Option<String>,
}

/// Takes a list in, all of it or nothing; rows nobody can be reached by are kept as invalid, those known are attached.
pub fn receive_list(desk: &Desk, list: List) -> Result<Value> {
    let mut batch = Batch::new(desk);
    let mut rows = Vec::new();
    let mut counts = BTreeMap::new();
    for (n, row) in list.rows.into_iter().enumerate() {
        let enquiry = Enquiry {
            channel: row.channel.or(Some("import".into())),
            provider: row.provider.or_else(|| list.provider.clone()),
            campaign: row.campaign.or_else(|| list.campaign.clone()),
            ..row
        };
        let taken = batch.take(&enquiry, None).map_err(|fault| fault.details(json!({ "row": n + 1 })))?;
        *counts.entry(taken.verdict.code()).or_insert(0) += 1;
        rows.push(json!({ "row": n + 1, "id": taken.lead.id, "result": taken.verdict.code(), "owner": taken.lead.text("owner") }));
    }
    Ok(json!({ "counts": counts, "rows": rows }))
}
