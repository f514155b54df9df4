//! The minimum that the law has us keep of an owner.

use serde_json::{Value, json};

use super::gather::{Subject, told};
use crate::{
    Result,
    commands::Ctx,
    model::{
        Data, FieldType, Id, Kind, Record, Scope, Time,
        filter::{Context, Filter},
        kind::Retains,
    },
    store::{
        Tx,
        tables::{self, archive::Archived},
    },
};

/// Who the kept acts belong to.
const PERSON: [&str; 4] = ["name", "id_type", "id_no", "uscc"];

/// A record that must be kept, and until when.
pub(super) struct Kept<'a> {
    pub record: &'a Record,
    pub until: Time,
}

/// What is to be locked away of a person, if anything is.
pub(super) fn of(tx: &Tx<'_>, ctx: &Ctx, subject: &Subject) -> Result<Option<Archived>> {
    let kept = kept(tx, ctx, subject)?;
    let Some(until) = kept.iter().map(|kept| kept.until).max() else { return Ok(None) };
    let mut items = Vec::new();
    for Kept { record, until } in &kept {
        let kind = tx.kind_in(&record.kind, &record.org)?;
        let Some(retains) = &kind.retains else { continue };
        let mut item = json!({ "kind": record.kind, "id": record.id, "until": until });
        for name in &retains.fields {
            let value = value(tx, &kind, record, name)?;
            if !value.is_null() {
                item[name] = value;
            }
        }
        items.push(item);
    }
    let customer = &subject.customer;
    let person = told(&customer.data, &PERSON);
    let data: Data = [("person".to_owned(), json!(person)), ("items".to_owned(), json!(items))].into_iter().collect();
    let (org, customer) = (customer.org.clone(), customer.id.clone());
    Ok(Some(Archived { id: ctx.ids.next(), org, customer, at: ctx.done_at, until, data }))
}

/// The records that must still be kept.
pub(super) fn kept<'a>(tx: &Tx<'_>, ctx: &Ctx, subject: &'a Subject) -> Result<Vec<Kept<'a>>> {
    let mut found = Vec::new();
    for record in &subject.others {
        let kind = tx.kind_in(&record.kind, &record.org)?;
        let Some(retains) = &kind.retains else { continue };
        if !holds(tx, &kind, record, retains, ctx.now)? {
            continue;
        }
        if let Some(until) = until(tx, &kind, record, retains)?.filter(|until| *until > ctx.now) {
            found.push(Kept { record, until });
        }
    }
    Ok(found)
}

fn holds(tx: &Tx<'_>, kind: &Kind, record: &Record, retains: &Retains, now: Time) -> Result<bool> {
    let Some(when) = &retains.when else { return Ok(true) };
    let kinds = |name: &str| tx.kinds().get(name).cloned();
    Ok(Filter::parse(kind, when, &Context { me: None, now, kinds: &kinds })?.holds(&record.data))
}

/// A record without its day counts from when it was made.
fn until(tx: &Tx<'_>, kind: &Kind, record: &Record, retains: &Retains) -> Result<Option<Time>> {
    let from = value(tx, kind, record, &retains.from)?;
    let moment = |text: &str| text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok();
    let from: Time = from.as_str().and_then(moment).unwrap_or(record.created_at);
    let years = jiff::Span::new().years(i64::from(retains.years));
    let calendar = tx.kind_tree().orgs().calendar(&record.org);
    Ok(calendar.local(from).checked_add(years).ok().and_then(|until| calendar.instant(until)))
}

/// A field of the record, or of the one a ref of it names.
fn value(tx: &Tx<'_>, kind: &Kind, record: &Record, path: &str) -> Result<Value> {
    let Some((step, far)) = path.split_once('.') else { return Ok(record.field(path).clone()) };
    let to = kind.fields.get(step).filter(|field| field.r#type == FieldType::Ref).and_then(|field| field.to.as_deref());
    let id = record.text(step).and_then(|id| id.parse::<Id>().ok());
    match (to.filter(|to| tx.kinds().contains_key(*to)), id) {
        (Some(to), Some(id)) => {
            let found = tables::record::get(tx, to, &id, &Scope::All)?;
            Ok(found.map(|found| found.field(far).clone()).unwrap_or_default())
        }
        _ => Ok(Value::Null),
    }
}
