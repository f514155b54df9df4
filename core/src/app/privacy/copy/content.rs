//! What a copy holds: the customer and every record that refers to it, with labels, reasons of rules, and who looked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Error, Result,
    model::{Field, FieldType, Id, Kind, Record, Scope, Text, job::Job},
    store::{View, tables},
};

/// Steps that are told while it is made.
pub(super) const N_PARTS: u32 = 4;
/// Looks told at most; the newest are.
const MAX_LOOKS: u32 = 5_000;

/// Everything, as JSON. `step` is told how far it is.
pub(super) fn of(view: &View, id: &Id, job: &Job, step: &dyn Fn(u32) -> Result<()>) -> Result<Value> {
    let customer = view.one("customer", id)?;
    let family = tables::alias::family(view, "customer", &customer.id)?;
    let mut sections = vec![section(view, &customer, vec![customer.clone()])?];
    step(1)?;
    let mut by_kind: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for (kind, _, id) in tables::record::referrers(view, "customer", &family)? {
        let records = by_kind.entry(kind.clone()).or_default();
        if !records.iter().any(|known| known.id == id)
            && let Some(record) = tables::record::get(view, &kind, &id, view.scope())?
            && view.sees(&record)?
        {
            records.push(record);
        }
    }
    step(2)?;
    for records in by_kind.into_values().filter(|records| !records.is_empty()) {
        sections.push(section(view, &customer, records)?);
    }
    step(3)?;
    let looks = looks(view, &family)?;
    let org = title(view, "org", customer.org.as_str(), &customer)?;
    Ok(json!({
        "made_at": job.created_at, "number": job.id, "handler": org, "customer": customer.id,
        "sections": sections, "looked_at": looks,
    }))
}

fn section(view: &View, customer: &Record, records: Vec<Record>) -> Result<Value> {
    let name = records.first().map(|record| record.kind.clone()).unwrap_or_default();
    let kind = view.kind(&name)?;
    let label = kind.plural.as_ref().unwrap_or(&kind.label);
    let mut items = Vec::new();
    for record in records {
        let kind = view.kind_of(&record)?;
        // The title of a record between two people names the other one, too.
        let is_shared = names_another(view, &kind, &record, customer)?;
        let mut fields = Vec::new();
        for (name, field) in kind.fields.iter() {
            let value = record.field(name);
            // What keeps two records apart, no fact about anybody.
            if value.is_null() || name == "slot" || (is_shared && name == kind.title) {
                continue;
            }
            fields.push(self::field(view, customer, &kind, &record, name, field)?);
        }
        items.push(json!({ "id": record.id, "created_at": record.created_at, "updated_at": record.updated_at, "fields": fields }));
    }
    Ok(json!({ "kind": name, "label": label, "items": items }))
}

fn field(view: &View, customer: &Record, kind: &Kind, record: &Record, name: &str, field: &Field) -> Result<Value> {
    let value = record.field(name);
    let mut told =
        json!({ "name": name, "label": field.label, "value": value, "says": says(view, customer, field, value)? });
    let receipt = match tables::computed::get(view, &kind.kind, &record.id, name)? {
        Some(receipt) => Some(receipt),
        None => tables::receipt::newest(view, &kind.kind, &record.id, name)?,
    };
    if let Some(receipt) = receipt {
        // How a grade came about is the customer's to know (PIPL 24).
        told["decided"] = json!({ "at": receipt.at, "rule": receipt.point, "reasons": receipt.reasons });
    }
    Ok(told)
}

fn names_another(view: &View, kind: &Kind, record: &Record, customer: &Record) -> Result<bool> {
    let refs = kind.fields.iter().filter(|(_, field)| field.to.as_deref() == Some("customer"));
    for id in refs.filter_map(|(name, _)| record.text(name)).filter_map(|id| id.parse::<Id>().ok()) {
        if tables::alias::resolve(view, "customer", &id)? != customer.id {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A value in words: labels of choices, names of what is referred to. Who another customer is, is not this one's to know.
fn says(view: &View, customer: &Record, field: &Field, value: &Value) -> Result<Value> {
    let all = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    match field.r#type {
        FieldType::Enum | FieldType::EnumList => {
            let label = |value: &Value| {
                let known = field.values.iter().find(|known| Some(known.value.as_str()) == value.as_str());
                known.map_or_else(|| value.clone(), |known| json!(known.label))
            };
            Ok(all(value).iter().map(label).collect())
        }
        FieldType::Ref | FieldType::RefList => {
            let to = field.to.as_deref().unwrap_or_default();
            let titles = all(value)
                .iter()
                .map(|id| title(view, to, id.as_str().unwrap_or_default(), customer))
                .collect::<Result<Vec<_>>>()?;
            Ok(json!(titles))
        }
        _ => Ok(Value::Null),
    }
}

fn title(view: &View, kind: &str, id: &str, customer: &Record) -> Result<Value> {
    let another = || json!({ "zh-CN": "其他客户", "en": "another customer" });
    let (Some(definition), Ok(id)) = (view.kinds().get(kind), id.parse::<Id>()) else { return Ok(json!(id)) };
    if kind == "customer" && tables::alias::resolve(view, kind, &id)? != customer.id {
        return Ok(another());
    }
    let scope = if matches!(kind, "user" | "org") { &Scope::All } else { view.scope() };
    let found = tables::record::get(view, kind, &id, scope)?;
    Ok(found.and_then(|found| found.text(&definition.title).map(|title| json!(title))).unwrap_or(json!(id)))
}

fn looks(view: &View, family: &[Id]) -> Result<Vec<Value>> {
    let looks = tables::access::of(view, family, MAX_LOOKS)?;
    let told = looks.into_iter().map(|look| {
        let person = look.actor.strip_prefix("user:").and_then(|id| id.parse::<Id>().ok());
        let name = match person {
            Some(id) => tables::record::get(view, "user", &id, &Scope::All)?
                .and_then(|user| user.text("name").map(str::to_owned)),
            None => None,
        };
        let why = ["reason", "purpose"].iter().find_map(|name| look.detail[*name].as_str());
        Ok::<_, Error>(json!({ "at": look.at, "who": name.unwrap_or(look.actor), "what": look.what, "why": why }))
    });
    told.collect()
}

/// A label of ours in JSON, as a reader of a language sees it.
pub(super) fn word<'a>(value: &'a Value, locale: &str) -> std::borrow::Cow<'a, str> {
    match value {
        Value::String(text) => text.into(),
        Value::Object(_) => serde_json::from_value::<Text>(value.clone())
            .map_or_else(|_| value.to_string(), |text| text.get(locale).to_owned())
            .into(),
        Value::Null => "".into(),
        other => other.to_string().into(),
    }
}
