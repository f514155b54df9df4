//! Merging customers, taking a merge back, deciding reviews, looking for duplicates.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, Input, Params},
    route::Route,
    timeline,
};
use crate::{
    Result,
    app::{Outcome, Wish},
    commands::{self, Ctx, action, rights},
    model::{
        Command, Id,
        merge::Merge,
        rights::{Book, Power},
    },
    store::{Tx, tables},
};

/// Entries of a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 25;
const MAX_LIMIT: u32 = 200;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let told = json!({
        "type": "object",
        "properties": {
            "merge": { "type": "string" }, "other": { "type": "string" }, "at": { "type": "string" }, "actor": { "type": "object" },
            "why": { "type": ["string", "null"] }, "is_automatic": { "type": "boolean" }, "lost": { "type": "object" },
            "undo_until": { "type": "string" }, "undone_at": { "type": ["string", "null"] }, "conflicts": { "type": "array" },
        },
    });
    vec![
        on_one("/api/v1/records/customer/{id}/actions/merge", "customer", "merge").says("make another customer one with this one; values survive field by field"),
        on_one("/api/v1/records/customer/{id}/actions/unmerge", "customer", "unmerge").says("take a merge back within 90 days; later edits stay and are told"),
        Route::get("/api/v1/records/customer/{id}/merges", list)
            .says("the merges into a customer, the newest first")
            .query(&[params::LIMIT, params::CURSOR])
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": told }, "next": { "type": ["string", "null"] } } })),
        Route::post("/api/v1/records/customer/actions/find_duplicates", find_duplicates)
            .says("look for customers that may be the same and put each pair up for review, as a job")
            .query(&[params::ORG])
            .takes(input("customer", "find_duplicates"))
            .answers(200, reply()),
        on_one("/api/v1/records/review/{id}/actions/merge", "review", "merge").says("the two customers of a review are the same: merge them"),
        on_one("/api/v1/records/review/{id}/actions/dismiss", "review", "dismiss").says("the two customers of a review are different; the pair never comes back"),
    ]
}

/// An action on one record, answered by the command of its name.
fn on_one(path: &'static str, kind: &'static str, action: &'static str) -> Route {
    let answer = move |State(http): State<Shared>,
                       signed: Signed,
                       key: Key,
                       tried: Tried,
                       At(id): At<Id>,
                       Input(body): Input<Map<String, Value>>| {
        run(http, signed, key, tried, Asked { kind, action, id, body })
    };
    Route::post(path, answer).query(&params::TRIED).takes(input(kind, action)).answers(200, reply())
}

fn reply() -> Value {
    json!({ "type": "object", "properties": { "reply": { "type": "object" }, "record": { "$ref": "#/components/schemas/Item" } } })
}

/// The actions of a kind that the core itself answers, as `GET /kinds` tells them.
pub fn actions(kind: &str, roles: &Book) -> Vec<Value> {
    let all = [
        ("customer", "merge", true, ("合并客户", "Merge"), Vec::new()),
        ("customer", "unmerge", true, ("撤销合并", "Undo a merge"), Vec::new()),
        ("customer", "find_duplicates", false, ("查找重复", "Find duplicates"), Vec::new()),
        ("review", "merge", true, ("确认为同一客户", "The same customer"), vec!["open"]),
        ("review", "dismiss", true, ("确认为不同客户", "Different customers"), vec!["open"]),
    ];
    let own = all.into_iter().filter(|(of, ..)| *of == kind);
    let told = own.map(|(kind, name, target, (zh, en), states)| {
        let mut told = json!({
            "name": name, "label": { "zh-CN": zh, "en": en }, "target": target, "input": input(kind, name), "roles": roles.with(Power::Merge),
        });
        if !states.is_empty() {
            told["when"] = json!({ "states": states });
        }
        told
    });
    told.collect()
}

/// The JSON Schema of an action's input, for the route and for the form drawn from the kind.
fn input(kind: &str, action: &str) -> Value {
    let why = json!({ "type": "string", "maxLength": 500, "title": { "zh-CN": "原因", "en": "Why" } });
    let choose = json!({
        "type": "object", "additionalProperties": { "enum": ["this", "other"] },
        "title": { "zh-CN": "逐项选择", "en": "Whose value survives, by field" },
    });
    let (required, properties) = match (kind, action) {
        ("customer", "merge") => {
            let other = json!({ "type": "string", "format": "ref", "x-kind": "customer", "title": { "zh-CN": "被并入的客户", "en": "The other customer" } });
            (vec!["other"], json!({ "other": other, "choose": choose, "why": why }))
        }
        ("customer", "unmerge") => {
            let merge = json!({ "type": "string", "title": { "zh-CN": "合并编号", "en": "Merge" } });
            (vec!["merge"], json!({ "merge": merge, "why": why }))
        }
        ("review", "merge") => {
            let keep = json!({ "enum": ["customer", "other"], "default": "other", "title": { "zh-CN": "保留哪一个", "en": "Which stays" } });
            (Vec::new(), json!({ "keep": keep, "choose": choose, "why": why }))
        }
        ("review", "dismiss") => (vec!["why"], json!({ "why": why })),
        _ => (Vec::new(), json!({})),
    };
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

/// An action on one record: the command of the same name with the record's id.
struct Asked {
    kind: &'static str,
    action: &'static str,
    id: Id,
    body: Map<String, Value>,
}

async fn run(http: Shared, signed: Signed, key: Key, tried: Tried, asked: Asked) -> Result<Response> {
    let Asked { kind, action: name, id, mut body } = asked;
    action::check_input(&input(kind, name), &Value::Object(body.clone()))?;
    body.insert("id".into(), json!(id));
    let command = Command::new(format!("{kind}.{name}"), Value::Object(body));
    let ctx = tried.ctx(&http, &signed, None)?;
    // A preview tells what the command would answer, too.
    let replied = Arc::new(Mutex::new(None));
    let reply = replied.clone();
    let wish = Wish::new(vec![command.clone()], move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let told = commands::apply(tx, ctx, &command)?;
        *reply.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.clone());
        Ok(told)
    });
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, reply: Value| {
        let record = tables::record::get(tx, kind, &id, &ctx.scope)?;
        let record = record.map(|record| rights::shown(tx, ctx, &record)).transpose()?;
        let answer = json!({ "reply": reply, "record": record });
        key.keep(tx, ctx.done_at, StatusCode::OK, &answer.to_string())?;
        Ok(answer)
    };
    let told = match http.app.carry_out(ctx, tried.0, Ok(wish), seal).await? {
        Outcome::Done(answer) => answer,
        Outcome::Shown(preview) => {
            let mut told = dry_run::answer(&preview);
            told["reply"] = json!(replied.lock().unwrap_or_else(PoisonError::into_inner).take());
            told
        }
    };
    Ok(Answer(told).into_response())
}

#[derive(Debug, Deserialize)]
struct OnKind {
    org: Option<Id>,
}

async fn find_duplicates(
    State(http): State<Shared>,
    signed: Signed,
    Params(asked): Params<OnKind>,
    Input(body): Input<Map<String, Value>>,
) -> Result<Answer<Value>> {
    action::check_input(&input("customer", "find_duplicates"), &Value::Object(body))?;
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let job = http.app.find_duplicates(&ctx).await?;
    Ok(Answer(json!({ "reply": { "job": job.id }, "record": null })))
}

#[derive(Debug, Deserialize)]
struct Paging {
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(paging): Params<Paging>,
) -> Result<Answer<Value>> {
    let limit = params::limit(paging.limit, DEFAULT_LIMIT, MAX_LIMIT)?;
    let before: Option<i64> = params::numeric_cursor(paging.cursor.as_deref())?;
    let page = http.view(&signed.actor, move |view| {
        let customer = view.one("customer", &id)?;
        let family = tables::alias::family(view, "customer", &customer.id)?;
        let mut merges = tables::merge::into(view, &family, before.unwrap_or(i64::MAX), limit + 1)?;
        let has_more = merges.len() > limit as usize;
        merges.truncate(limit as usize);
        let next = merges.last().filter(|_| has_more).map(|last| last.seq.to_string());
        let telling = view.telling("customer", &customer.id)?;
        let telling = telling.as_ref();
        let items = merges.iter().map(|merge| {
            let actor = timeline::person(view, &merge.body.actor)?;
            let mut told = told(merge, actor);
            for part in ["lost", "conflicts"] {
                telling.inspect(|telling| telling.strip(&mut told[part]));
            }
            Ok(told)
        });
        Ok(json!({ "items": items.collect::<Result<Vec<Value>>>()?, "next": next }))
    });
    page.await.map(Answer)
}

fn told(merge: &Merge, actor: Value) -> Value {
    json!({
        "merge": merge.id, "other": merge.lost, "at": merge.at, "actor": actor, "why": merge.body.why,
        "is_automatic": merge.body.is_automatic, "lost": merge.body.lost,
        "undo_until": merge.undo_until, "undone_at": merge.undone_at, "conflicts": merge.body.conflicts,
    })
}
