//! The audit log as those read it who answer for it, and its signed roots.

mod texts;

use std::collections::HashMap;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{self, Params},
    route::{Param, Route},
};
use crate::{
    Result,
    commands::rights,
    model::{Id, Scope, Time},
    store::{
        View,
        tables::{
            self,
            audit::{Entry, Kept, Narrow},
            audit_root,
        },
    },
};

const QUERY: [Param; 8] = [
    Param::new("what", "string", "only this, `session.refused`, or what begins so: `export.*`"),
    Param::new("actor", "string", "only by this actor or for them, `user:ID`"),
    Param::new("record", "string", "only about the record of this id"),
    Param::new("org", "string", "only in this organisation"),
    Param::new("from", "string", "not before this moment"),
    Param::new("to", "string", "before this moment"),
    params::LIMIT,
    params::CURSOR,
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let page = |item: &str| {
        json!({ "type": "object", "properties": {
            "items": { "type": "array", "items": { "$ref": format!("#/components/schemas/{item}") } },
            "next": { "type": ["string", "null"] } } })
    };
    vec![
        Route::get("/api/v1/audit", list)
            .says("who did, saw or was refused what, the newest first; a page may be short and `next` lead on")
            .query(&QUERY)
            .answers(200, page("AuditEntry")),
        Route::get("/api/v1/audit/roots", roots)
            .says("signed roots of the audit log, the newest first")
            .query(&[params::LIMIT, params::CURSOR])
            .answers(200, page("AuditRoot")),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    what: Option<String>,
    actor: Option<String>,
    record: Option<Id>,
    org: Option<Id>,
    from: Option<Time>,
    to: Option<Time>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_audit(&ctx)?;
    let limit = params::limit(asked.limit, 50, 500)?;
    let before: Option<i64> = params::numeric_cursor(asked.cursor.as_deref())?;
    let Asked { what, actor, record, org, from, to, .. } = asked;
    if let Some(org) = &org {
        rights::in_org(&ctx, org)?;
    }
    if before.is_none() {
        // Whoever watches is watched.
        let detail = json!({ "what": what, "actor": actor, "record": record, "org": org, "from": from, "to": to });
        http.app.note(Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), "audit.read", detail)).await?;
    }
    let narrow = Narrow { what, actor, record, org, from, to };
    // What concerns no organisation is for those whose scope is the whole tree.
    let scope = if http.app.store.orgs().is_whole(&ctx.scope) { Scope::All } else { ctx.scope };
    let locale = signed.locale;
    let told = http.all(move |view| {
        let (kept, next) = tables::audit::list(view, &scope, &narrow, before, limit)?;
        let mut names = HashMap::new();
        let items: Result<Vec<Value>> = kept.into_iter().map(|kept| item(view, &mut names, kept, locale)).collect();
        Ok(json!({ "items": items?, "next": next.map(|next| next.to_string()) }))
    });
    told.await.map(Answer)
}

/// An entry with a sentence for its code, and the names of the people in it as they are called now.
fn item(view: &View, names: &mut HashMap<String, Option<String>>, kept: Kept, locale: &str) -> Result<Value> {
    let text = texts::of(&kept.entry.what, locale);
    let mut name = |label: Option<&str>| -> Result<Option<String>> {
        let Some(label) = label else { return Ok(None) };
        if let Some(known) = names.get(label) {
            return Ok(known.clone());
        }
        let id: Option<Id> = label.strip_prefix("user:").and_then(|id| id.parse().ok());
        let user = id.map(|id| tables::record::get(view, "user", &id, &Scope::All)).transpose()?.flatten();
        let found = user.and_then(|user| user.text("name").map(str::to_owned));
        names.insert(label.to_owned(), found.clone());
        Ok(found)
    };
    let (actor_name, for_name) = (name(Some(&kept.entry.actor))?, name(kept.entry.on_behalf.as_deref())?);
    let export = kept.entry.detail["export"].as_str().and_then(|id| id.parse().ok());
    let export = export.map(|id: Id| tables::export::get(view, &id)).transpose()?.flatten();
    let mut item = json!(kept);
    if let Some(export) = export {
        // The words stand with the export, where erasure reaches them.
        item["export"] =
            json!({ "purpose": export.purpose, "filter": export.filter, "q": export.q, "state": export.state });
    }
    item["text"] = json!(text);
    item["actor_name"] = json!(actor_name);
    if for_name.is_some() {
        item["for_name"] = json!(for_name);
    }
    Ok(item)
}

#[derive(Debug, Deserialize)]
struct Paging {
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn roots(State(http): State<Shared>, signed: Signed, Params(paging): Params<Paging>) -> Result<Answer<Value>> {
    rights::to_audit(&http.app.ctx(&signed.actor, None)?)?;
    let limit = params::limit(paging.limit, 50, 500)?;
    let before: Option<i64> = params::numeric_cursor(paging.cursor.as_deref())?;
    let mut items = http.all(move |view| audit_root::list(view, before, limit + 1)).await?;
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| has_more).map(|last| last.count.to_string());
    Ok(Answer(json!({ "items": items, "next": next })))
}
