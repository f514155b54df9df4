//! Deliveries that were put aside, whoever failed at them.

use serde_json::{Value, json};

use crate::{
    Result,
    store::{View, tables},
};

/// A page of them after `after`, each with its event as these eyes may hear it.
///
/// # Errors
/// Internal.
pub(super) fn page(view: &View, subscription: &str, after: i64, limit: u32) -> Result<Value> {
    let rows = tables::parked::list(view, subscription, after, limit)?;
    let next = rows.last().filter(|_| rows.len() == limit as usize).map(|last| last.seq.to_string());
    let mut items = Vec::new();
    for parked in rows.into_iter().filter(|parked| view.scope().holds(&parked.org)) {
        let mut told = json!(parked);
        told["event"] = match tables::event::get(view, parked.seq)? {
            Some(event) => json!(view.hears(&event)?),
            None => Value::Null,
        };
        items.push(told);
    }
    Ok(json!({ "items": items, "next": next }))
}
