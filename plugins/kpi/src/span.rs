//! How long the first answer to a lead took, in business minutes: no filter can say that, so it is kept.

use marque_sdk::{Event, Filter, Id, Outcome, Result, info, json, new_id, record, view};
use serde::Deserialize;

use crate::input::said;

/// The kind.
const KIND: &str = "kpi.span";
/// Longer than this is as bad as this: a year of open hours.
const MOST: i64 = 250_000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Lead {
    number: String,
    owner: Option<Id>,
    received_at: Option<String>,
    first_attempt_at: Option<String>,
}

/// A lead was answered: once a lead.
pub fn answered(event: &Event) -> Result<Outcome> {
    let Some(lead) = event.record() else { return Ok(Outcome::Skip) };
    let slot = format!("first_response|{}", lead.id);
    if view::find::<Lead>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
        return Ok(Outcome::Skip);
    }
    let Some(found) = view::get::<Lead>(&lead.kind, &lead.id)? else { return Ok(Outcome::Skip) };
    let (Some(from), Some(to)) = (&found.data.received_at, &found.data.first_attempt_at) else {
        return Ok(Outcome::Skip);
    };
    let minutes = between(from, to)?;
    record::create(KIND)
        .id(new_id())
        .fields(said(json!({
            "label": found.data.number, "slot": slot, "sort": "first_response", "lead": lead.id, "owner": found.data.owner,
            "minutes": minutes, "at": to,
        })))
        .stage()?;
    Ok(Outcome::Done)
}

/// Business minutes from one moment to another: the fewest that reach it by the organisation's calendar.
fn between(from: &str, to: &str) -> Result<i64> {
    if to <= from {
        return Ok(0);
    }
    let (mut low, mut high) = (0, 64);
    while high < MOST && *info::due(from, &format!("{high}bm"))? < *to {
        (low, high) = (high, high * 4);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if *info::due(from, &format!("{middle}bm"))? < *to {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low.min(MOST))
}
