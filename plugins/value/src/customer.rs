//! What people know better than the facts: chances of more business, years, and that somebody has left for good; and the facts behind a file.

use marque_sdk::{Data, Fault, Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, said},
    gather::FACT,
    profile,
};

/// Input of `mark_left`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    reason: Option<String>,
}

/// Keeps what people judge, and works the figures out with it.
pub fn estimate(desk: &Desk, id: &str, input: &Value) -> Result<Value> {
    let data = said(input.clone());
    if data.is_empty() {
        return Err(Fault::invalid(
            "",
            "estimate_empty",
            "nothing is said: give a chance, a profit or the years expected",
        ));
    }
    profile::recompute(desk, id, data)
}

/// Sold, scrapped, moved away: not lost. An empty reason takes it back.
pub fn mark_left(desk: &Desk, id: &str, input: Left) -> Result<Value> {
    let mut data = Data::new();
    data.insert("left_reason".into(), json!(input.reason));
    profile::recompute(desk, id, data)
}

/// The facts behind a file, the newest first: what its figures count.
pub fn facts(_: &Desk, id: &str) -> Result<Value> {
    let profile = profile::load(id)?;
    let theirs = Filter::eq("customer", profile.data.customer.as_str());
    let facts = view::find::<Data>(FACT).filter(theirs).order("-at").limit(500).page()?.items;
    let rows: Vec<Value> = facts.into_iter().map(|fact| json!({ "id": fact.id, "data": fact.data })).collect();
    Ok(json!({ "inputs": profile.data.inputs, "facts": rows }))
}
