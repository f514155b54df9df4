//! Whoever names a whole phone, plate or VIN finds a colleague's record by it: masked, not to be opened, and on record.

use serde_json::{Value, json};

use super::super::{Shared, auth::Signed, refs};
use crate::{
    Result,
    commands::rights,
    model::{
        FieldType, Id, Kind, Record, Scope, format,
        rights::{Verb, compile, cover},
    },
    store::{
        Search, View,
        tables::{self, audit},
    },
};

/// A value that is looked up as a whole.
#[derive(Clone, Debug)]
pub struct Whole {
    r#type: FieldType,
    value: String,
    kinds: Vec<String>,
}

/// What was found beside what the asker sees anyhow.
pub struct Exact {
    /// Colleagues' records, as hits.
    pub items: Vec<Value>,
    found: Vec<Id>,
}

impl Whole {
    /// The value that was typed, if it is the whole of one.
    pub fn of(search: &Search) -> Option<Whole> {
        let text = search.words.trim();
        let whole = |r#type, value: String| Some(Whole { r#type, value, kinds: search.kinds.clone() });
        if let Some(phone) = format::phone::normalize(text).ok().filter(|phone| phone.len() >= 11) {
            return whole(FieldType::Phone, phone);
        }
        if let Ok(vin) = format::vin::normalize(text) {
            return whole(FieldType::Vin, vin);
        }
        format::plate::normalize(text).ok().and_then(|plate| whole(FieldType::Plate, plate))
    }
}

/// Records of the asker's own dealer that hold the value and are not theirs to see. `None` where everything there is theirs to see:
/// then the search has found all.
pub fn exact(view: &View, whole: &Whole) -> Result<Option<Exact>> {
    let Some(home) = view.rights().compiled().map(|compiled| compiled.home.clone()) else { return Ok(None) };
    let mut exact = Exact { items: Vec::new(), found: Vec::new() };
    let kinds: Vec<_> = view.kinds().values().filter(|kind| is_asked(whole, kind)).cloned().collect();
    for kind in kinds {
        let fields =
            kind.fields.iter().filter(|(_, field)| field.r#type == whole.r#type && field.searchable && field.indexed);
        for (name, _) in fields.filter(|(name, _)| rights::may_learn(view.rights(), &kind, name)) {
            let holders = tables::record::with_value_anywhere(view, &kind.kind, name, &json!(whole.value))?;
            for record in holders {
                let is_seen = view.may(Verb::Read, &record)?;
                if !(is_seen || home.holds(&record.org)) || is_seen && is_plain(view, &record, name)? {
                    continue;
                }
                exact.found.push(record.id.clone());
                exact.items.push(hit(view, &kind, record, name)?);
            }
        }
    }
    Ok(Some(exact))
}

fn is_asked(whole: &Whole, kind: &Kind) -> bool {
    whole.kinds.is_empty() || whole.kinds.contains(&kind.kind)
}

fn is_plain(view: &View, record: &Record, name: &str) -> Result<bool> {
    Ok(view.telling(&record.kind, &record.id)?.is_some_and(|telling| telling.is_plain(name)))
}

/// Everything of it is hidden but what lets somebody recognise whom they have in front of them.
fn hit(view: &View, kind: &Kind, mut record: Record, field: &str) -> Result<Value> {
    let may_open = view.may(Verb::Read, &record)?;
    let owner = compile::owner(kind).and_then(|owner| record.text(owner)?.parse::<Id>().ok());
    let owner = owner.map(|id| tables::record::get(view, "user", &id, &Scope::All)).transpose()?.flatten();
    let level = rights::learned_level(view.rights(), kind, &record).map(str::to_owned);
    cover(kind, &rights::learned(view.rights(), kind, field), &mut record);
    let mut told = json!({
        "kind": record.kind, "id": record.id, "title": refs::title(kind, &record),
        "subtitle": record.seen.hints.get(field), "org": record.org, "field": field, "rank": 400,
        "masked": record.seen.masked, "hints": record.seen.hints,
        "owner": owner.as_ref().and_then(|owner| owner.text("name")), "may_open": may_open,
    });
    if let Some(level) = level {
        told["level"] = json!(level);
    }
    Ok(told)
}

/// Write down who looked for what, found or not; the value itself is not in it.
pub async fn note(http: &Shared, signed: &Signed, whole: &Whole, exact: &Exact) -> Result<()> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let detail = json!({ "type": whole.r#type, "value": http.app.store.audit_keys().digest(whole.value.as_bytes()), "found": exact.found });
    let entry = audit::Entry::new(ctx.now, &ctx.actor, ctx.org, "lookup", detail).from_address(signed.address);
    http.app.note(entry).await
}
