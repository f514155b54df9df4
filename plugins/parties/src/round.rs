//! The round over all owners' files: page by page by timer, then again the next night.

use marque_sdk::{Data, Filter, Outcome, Result, Value, info, json, timer, view};
use serde::{Deserialize, Serialize};

use crate::{desk::Desk, quality};

/// Owners looked at together.
const PAGE: u32 = 100;
/// Pages of one call, so that a large dealer stays within the quotas.
const PAGES: usize = 5;

/// Where the round goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    cursor: Option<String>,
}

/// Begins a round in a minute; one that is under way begins anew.
pub fn begin(desk: &Desk) -> Result<Value> {
    let at = info::due(desk.now(), "1m")?;
    timer::set("files:round", &at).data(Place::default()).stage()?;
    Ok(json!({ "begins": at }))
}

/// Looks at the next owners, and sets the timer for those after them or for tomorrow.
pub fn ring(desk: &Desk, data: &Value) -> Result<Outcome> {
    let Place { mut cursor } = Place::deserialize(data).unwrap_or_default();
    for _ in 0..PAGES {
        let owners = Filter::eq("type", "owner").and(Filter::eq("org", desk.call.org.as_str()));
        let find = view::find::<Data>("customer").filter(owners).order("created_at").limit(PAGE);
        let page = cursor.iter().fold(find, |find, cursor| find.cursor(cursor)).page()?;
        quality::check(desk, &page.items)?;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let at = if cursor.is_some() { info::due(desk.now(), "1m")? } else { info::due(desk.now(), "1d")? };
    timer::set("files:round", &at).data(Place { cursor }).stage()?;
    Ok(Outcome::Done)
}
