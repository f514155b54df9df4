//! What happened to a record: its timeline, its revisions, and why a field is what it is.

mod department;
mod titles;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    displays,
    params::{self, At, Params},
    refs,
    route::{Param, Route},
};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    model::{Event, Id, Record, Scope},
    store::{
        Telling, View,
        tables::{self, revision::Revision},
    },
};

const AGAIN: Param = Param::new("again", "boolean", "make the decision once more from the receipt");
const PAGE: [Param; 2] = [params::LIMIT, params::CURSOR];
const NARROWED: [Param; 3] = [
    params::LIMIT,
    params::CURSOR,
    Param::new("department", "string", "only what somebody of a team of this kind did, workshop"),
];
/// Entries of a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 25;
const MAX_LIMIT: u32 = 200;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let collection = |item: Value| {
        json!({
            "type": "object",
            "properties": { "items": { "type": "array", "items": item }, "next": { "type": ["string", "null"] } },
        })
    };
    vec![
        Route::get("/api/v1/records/{kind}/{id}/timeline", timeline)
            .says("what happened to a record, the newest first")
            .query(&NARROWED)
            .answers(200, collection(json!({ "$ref": "#/components/schemas/TimelineEntry" }))),
        Route::get("/api/v1/records/{kind}/{id}/history", history)
            .says("the revisions of a record, the newest first")
            .query(&PAGE)
            .answers(200, collection(json!({ "$ref": "#/components/schemas/Revision" }))),
        Route::get("/api/v1/records/{kind}/{id}/why/{field}", why)
            .says("the newest receipt of a field that a rule decided; `again` makes the decision once more and says whether it comes to the same")
            .query(&[AGAIN])
            .answers(200, json!({ "$ref": "#/components/schemas/Receipt" }))
            .costs(10),
    ]
}

#[derive(Debug, Deserialize)]
struct Paging {
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Paging {
    fn limit(&self) -> Result<u32> {
        params::limit(self.limit, DEFAULT_LIMIT, MAX_LIMIT)
    }

    fn before<T: std::str::FromStr>(&self) -> Result<Option<T>> {
        params::numeric_cursor(self.cursor.as_deref())
    }
}

/// A page of a timeline, of everybody's doing or one department's.
#[derive(Debug, Deserialize)]
struct Asked {
    limit: Option<u32>,
    cursor: Option<String>,
    department: Option<String>,
}

async fn timeline(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Value>> {
    let paging = Paging { limit: asked.limit, cursor: asked.cursor };
    let (limit, before) = (paging.limit()?, paging.before()?);
    let catalogue = http.app.catalogue();
    let locale = signed.locale;
    let page = http.view(&signed.actor, move |view| {
        let id = visible(view, &kind, &id)?;
        let before = before.unwrap_or(i64::MAX);
        let (mut events, goes_on) = match &asked.department {
            Some(department) => department::about(view, &kind, &id, department, before, limit + 1)?,
            None => (tables::event::about(view, view.scope(), &kind, &id, before, limit + 1)?, None),
        };
        let next = next(&mut events, limit, |event| event.seq).or_else(|| goes_on.map(|seq| seq.to_string()));
        let teller = Teller { view, catalogue: &catalogue, locale };
        let mut items = Vec::new();
        for event in &events {
            if let Some(heard) = view.hears(event)? {
                items.push(teller.entry(&heard)?);
            }
        }
        Ok((json!({ "items": items, "next": next }), view.one(&kind, &id).ok()))
    });
    told_of(&http, &signed, page.await?).await
}

/// What happened to a record tells its numbers, so reading that is opening it.
async fn told_of(http: &Shared, signed: &Signed, page: (Value, Option<Record>)) -> Result<Answer<Value>> {
    if let Some(record) = &page.1 {
        displays::opened(http, signed, record).await?;
    }
    Ok(Answer(page.0))
}

async fn history(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Params(paging): Params<Paging>,
) -> Result<Answer<Value>> {
    let (limit, before) = (paging.limit()?, paging.before()?);
    let catalogue = http.app.catalogue();
    let locale = signed.locale;
    let page = http.view(&signed.actor, move |view| {
        let id = visible(view, &kind, &id)?;
        let mut revisions = tables::revision::list(view, &kind, &id, before.unwrap_or(u32::MAX), limit + 1)?;
        let next = next(&mut revisions, limit, |revision| revision.rev);
        let teller = Teller { view, catalogue: &catalogue, locale };
        let telling = view.telling(&kind, &id)?;
        let items = revisions.iter().map(|revision| teller.revision(revision, telling.as_ref()));
        let items: Vec<Value> = items.collect::<Result<_>>()?;
        Ok((json!({ "items": items, "next": next }), view.one(&kind, &id).ok()))
    });
    told_of(&http, &signed, page.await?).await
}

/// What is asked of a receipt.
#[derive(Debug, Deserialize)]
struct Recount {
    #[serde(default)]
    again: bool,
}

async fn why(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id, field)): At<(String, Id, String)>,
    Params(asked): Params<Recount>,
) -> Result<Answer<Value>> {
    let app = http.app.clone();
    let receipt = http.view(&signed.actor, move |view| {
        let id = visible(view, &kind, &id)?;
        let telling = view.telling(&kind, &id)?;
        if telling.as_ref().is_some_and(|telling| !telling.is_plain(&field)) {
            let message = format!("{field} of {kind} is not shown to you in full, nor why it is what it is");
            return Err(Error::new(ErrorKind::Invalid, "field.masked", message));
        }
        let receipt = match tables::computed::get(view, &kind, &id, &field)? {
            Some(receipt) => Some(receipt),
            None => tables::receipt::newest(view, &kind, &id, &field)?,
        };
        let missing = || Error::not_found("receipt", format!("{field} of {kind} {id} was not decided by a rule"));
        let receipt = receipt.ok_or_else(missing)?;
        let mut told = json!(receipt);
        if asked.again {
            told["again"] = json!(app.make_again(view, &receipt)?);
        }
        strip_receipt(view, telling.as_ref(), &mut told);
        Ok(told)
    });
    receipt.await.map(Answer)
}

/// A receipt quotes what it was made from: the record itself, and the customer as a rule.
fn strip_receipt(view: &View, telling: Option<&Telling>, told: &mut Value) {
    telling.inspect(|telling| telling.strip(told));
    let Some(customer) = view.kinds().get("customer") else { return };
    strip_by(view, customer, told);
}

fn strip_by(view: &View, kind: &crate::model::Kind, told: &mut Value) {
    match told {
        Value::Object(inside) => {
            view.rights().strip(kind, inside);
            inside.values_mut().for_each(|value| strip_by(view, kind, value));
        }
        Value::Array(inside) => inside.iter_mut().for_each(|value| strip_by(view, kind, value)),
        _ => {}
    }
}

/// One more was read than is shown: whether there is a next page, and where it begins.
fn next<T, N: ToString>(items: &mut Vec<T>, limit: u32, number: impl Fn(&T) -> N) -> Option<String> {
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    items.last().filter(|_| has_more).map(|last| number(last).to_string())
}

/// The record's own id, through the alias a merge has left, if these eyes may see it. The history of a removed record
/// is seen by whoever could see the record.
///
/// # Errors
/// `record.not_found`, `kind.not_found`.
pub(super) fn visible(view: &View, kind: &str, id: &Id) -> Result<Id> {
    match view.one(kind, id) {
        Ok(record) => Ok(record.id),
        Err(error) if error.kind == ErrorKind::NotFound && was_visible(view, kind, id)? => Ok(id.clone()),
        Err(error) => Err(error),
    }
}

fn was_visible(view: &View, kind: &str, id: &Id) -> Result<bool> {
    // A record that is there still, for other eyes, was refused for a reason; and what was private stays so.
    if view.kinds().get(kind).is_none_or(|kind| kind.private.is_some()) || tables::record::exists(view, kind, id)? {
        return Ok(false);
    }
    match view.last_state(kind, id)? {
        Some(record) => view.sees(&record),
        None => Ok(false),
    }
}

/// An actor's label with the name of the person, where there is one.
///
/// # Errors
/// Internal.
pub(super) fn person(view: &View, label: &str) -> Result<Value> {
    let nothing = Catalogue::default();
    Teller { view, catalogue: &nothing, locale: super::locale::LOCALES[0] }.actor(label)
}

/// Tells events and revisions as the console shows them.
struct Teller<'a> {
    view: &'a View,
    catalogue: &'a Catalogue,
    locale: &'a str,
}

impl Teller<'_> {
    fn entry(&self, event: &Event) -> Result<Value> {
        let changes = match &event.record {
            Some(record) => self.revision_of(event, &record.kind, &record.id, record.rev)?,
            None => None,
        };
        let receipts = match (&event.record, &changes) {
            (Some(record), Some(_)) => tables::receipt::of_revision(self.view, &record.kind, &record.id, record.rev)?,
            _ => Vec::new(),
        };
        let telling = match &event.record {
            Some(record) => self.view.telling(&record.kind, &record.id)?,
            None => None,
        };
        let is_told = |field: &str| telling.as_ref().is_none_or(|telling| telling.is_plain(field));
        let receipts = receipts.into_iter().filter(|(field, _)| is_told(field)).map(|(field, receipt)| {
            let mut told = json!(receipt);
            strip_receipt(self.view, telling.as_ref(), &mut told);
            told["field"] = json!(field);
            told
        });
        let record = match &event.record {
            Some(record) => {
                let title = refs::title_of(self.view, &record.kind, &record.id)?;
                json!({ "kind": record.kind, "id": record.id, "rev": record.rev, "title": title.unwrap_or_default() })
            }
            None => Value::Null,
        };
        let mut told = json!({
            "seq": event.seq,
            "at": event.at,
            "kind": event.kind,
            "org": event.org,
            "actor": self.actor(&event.actor)?,
            "record": record,
            "title": titles::of(self.view, self.catalogue, event)?,
            "data": event.data,
            "changes": changes.map_or_else(|| derived(event), |revision| told(&revision.changes, telling.as_ref())),
            "receipts": receipts.collect::<Vec<_>>(),
        });
        if let Some(file) = titles::attachment(self.view, event)? {
            told["attachment"] = json!({ "id": file.id, "name": file.name, "type": file.r#type, "size": file.size });
        }
        Ok(told)
    }

    /// The revision that an event tells of; raised events quote a revision they did not make.
    fn revision_of(&self, event: &Event, kind: &str, id: &Id, rev: u32) -> Result<Option<Revision>> {
        let found = tables::revision::list(self.view, kind, id, rev.saturating_add(1), 1)?.pop();
        Ok(found.filter(|revision| revision.rev == rev && revision.seq == event.seq))
    }

    fn revision(&self, revision: &Revision, telling: Option<&Telling>) -> Result<Value> {
        let mut overrides = json!(revision.said.overrides);
        telling.inspect(|telling| telling.strip(&mut overrides));
        Ok(json!({
            "rev": revision.rev,
            "at": revision.at,
            "seq": revision.seq,
            "actor": self.actor(&revision.actor)?,
            "changes": told(&revision.changes, telling),
            "why": revision.said.why,
            "overrides": overrides,
            "undoes": revision.undoes,
        }))
    }

    /// `user:ID`, `plugin:NAME` or `system` with the name a person knows it by; of `plugin:NAME/user:ID` also for whom.
    fn actor(&self, label: &str) -> Result<Value> {
        match label.split_once('/') {
            Some((through, person)) => {
                let mut told = self.one_actor(through)?;
                told["for"] = self.one_actor(person)?;
                Ok(told)
            }
            None => self.one_actor(label),
        }
    }

    fn one_actor(&self, label: &str) -> Result<Value> {
        let name = match label.split_once(':') {
            Some(("user", id)) => match id.parse() {
                Ok(id) => tables::record::get(self.view, "user", &id, &Scope::All)?
                    .and_then(|user| user.text("name").map(str::to_owned)),
                Err(_) => None,
            },
            Some(("plugin", name)) => {
                self.catalogue.plugins.get(name).map(|plugin| plugin.manifest.label.get(self.locale).to_owned())
            }
            _ => None,
        };
        Ok(json!({ "label": label, "name": name }))
    }
}

/// `{"field":[old,new]}` as a list; of what is masked only that it changed, of what is hidden nothing.
fn told(changes: &Map<String, Value>, telling: Option<&Telling>) -> Vec<Value> {
    let change = |(field, pair): (&String, &Value)| match telling {
        Some(telling) if !telling.is_known(field) => None,
        Some(telling) if !telling.is_plain(field) => Some(json!({ "field": field, "masked": true })),
        _ => Some(json!({ "field": field, "old": pair.get(0), "new": pair.get(1) })),
    };
    changes.iter().filter_map(change).collect()
}

/// Derived values have no revisions: what may be told of them stands in their event.
fn derived(event: &Event) -> Vec<Value> {
    let quoted = |side: &str, field: &str| event.data.get(side).and_then(|side| side.get(field)).cloned();
    let old = event.data.get("old").and_then(Value::as_object);
    let names = old.filter(|_| event.kind.ends_with(".derived")).into_iter().flat_map(Map::keys);
    names.map(|name| json!({ "field": name, "old": quoted("old", name), "new": quoted("quoted", name) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_begins_after_the_last_one_shown() {
        let mut items = vec![9, 8, 7];
        assert_eq!(next(&mut items, 2, |n| *n), Some("8".into()));
        assert_eq!(items, [9, 8]);
        assert_eq!(next(&mut items, 2, |n| *n), None);
    }

    #[test]
    fn changes_are_told_as_a_list() {
        let changes = json!({ "city": [null, "武汉"] });
        assert_eq!(told(changes.as_object().unwrap(), None), [json!({ "field": "city", "old": null, "new": "武汉" })]);
    }
}
