//! Whoever names a whole phone, plate or VIN finds a colleague's record by it: masked, not to be opened, and on record.

use serde_json::{Value, json};

use super::super::{Shared, auth::Signed, refs};
use crate::{
    Result,
    model::{
        FieldType, Id, Kind, Record, Scope, format,
        rights::{self, Level, Levels, On, Verb, compile},
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
    if view.rights().compiled().is_none() {
        return Ok(None);
    }
    let mut exact = Exact { items: Vec::new(), found: Vec::new() };
    let kinds: Vec<_> = view.kinds().values().filter(|kind| is_asked(whole, kind)).cloned().collect();
    for kind in kinds {
        let fields =
            kind.fields.iter().filter(|(_, field)| field.r#type == whole.r#type && field.searchable && field.indexed);
        for (name, _) in fields.filter(|(name, _)| is_known(view, &kind, name)) {
            let holders = tables::record::with_value_anywhere(view, &kind.kind, name, &json!(whole.value))?;
            for record in holders {
                if !view.scope().holds(&record.org) || view.may(Verb::Read, &record)? && is_plain(view, &record, name)?
                {
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
    (whole.kinds.is_empty() || whole.kinds.contains(&kind.kind)) && kind.private.is_none() && kind.kind != "user"
}

/// Whether the asker works with such records and is told of the field at all: to who is not, a number leads to nobody.
fn is_known(view: &View, kind: &Kind, name: &str) -> bool {
    match view.rights().on(kind) {
        On::All => true,
        On::Some(on) => on.allows(Verb::Read) && on.levels_of(kind, Verb::Read, name).1 > Level::Hidden,
    }
}

fn is_plain(view: &View, record: &Record, name: &str) -> Result<bool> {
    Ok(view.telling(&record.kind, &record.id)?.is_some_and(|telling| telling.is_plain(name)))
}

/// Everything of it is hidden but what lets somebody recognise whom they have in front of them.
fn hit(view: &View, kind: &Kind, mut record: Record, field: &str) -> Result<Value> {
    let may_open = view.may(Verb::Read, &record)?;
    let owner = compile::owner(kind).and_then(|owner| record.text(owner)?.parse::<Id>().ok());
    let owner = owner.map(|id| tables::record::get(view, "user", &id, &Scope::All)).transpose()?.flatten();
    // What the asker's roles hide of such records they hide of this one.
    let is_told = |name: &str| is_known(view, kind, name);
    let level =
        ["level", "grade"].iter().find_map(|name| record.text(name).filter(|_| is_told(name)).map(str::to_owned));
    let title = if is_told(&kind.title) { Level::Masked } else { Level::Hidden };
    let shown = [("*", Level::Hidden), (kind.title.as_str(), title), (field, Level::Masked)];
    let levels = Levels(shown.into_iter().map(|(name, level)| (name.to_owned(), level)).collect());
    rights::cover(kind, &levels, &mut record);
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
