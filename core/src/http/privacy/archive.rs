//! The locked archive: read by the data protection officer alone, with a reason, and every look is noted before it is answered.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    Shared,
    auth::Signed,
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::{Ctx, noted::note, rights},
    error::FieldError,
    model::{Id, rights::Power},
    store::{
        Tx,
        tables::{self, archive::Archived},
    },
};

const REASON: Param = Param::new("reason", "string", "why the archive is opened; kept in the audit log");
const LIST: [Param; 3] = [REASON, params::LIMIT, params::CURSOR];
const MAX_REASON_CHARS: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    let item = || {
        json!({ "type": "object", "properties": {
        "id": { "type": "string" }, "kind": { "const": "archive" }, "org": { "type": "string" }, "created_at": { "type": "string" }, "data": { "type": "object" },
    } })
    };
    vec![
        Route::get("/api/v1/records/archive", list)
            .says("what is kept under lock of erased owners, without who they were")
            .query(&LIST)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": item() }, "next": { "type": ["string", "null"] } } })),
        Route::get("/api/v1/records/archive/{id}", get)
            .says("what is kept under lock of one erased owner; by its id or the customer's")
            .query(&[REASON])
            .answers(200, item()),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    reason: Option<String>,
    limit: Option<u32>,
    cursor: Option<Id>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let (ctx, reason) = opened(&http, &signed, asked.reason.as_deref())?;
    let limit = params::limit(asked.limit, 25, 200)?;
    let look = move |tx: &mut Tx<'_>| {
        let mut items = tables::archive::list(tx, &ctx.scope, asked.cursor.as_ref(), limit + 1)?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| last.id.clone());
        // The log is never rewritten, so nobody who is forgotten may be named in it.
        let reason = items.iter().fold(reason, |reason, archived| archived.without_person(&reason));
        note(tx, &ctx, &ctx.org, "archive.listed", json!({ "reason": reason, "n": items.len() }))?;
        let items: Vec<Value> = items
            .into_iter()
            .map(|archived| {
                let n_items = archived.data.get("items").and_then(Value::as_array).map_or(0, Vec::len);
                item(&archived, json!({ "n_items": n_items }))
            })
            .collect();
        Ok(json!({ "items": items, "next": next }))
    };
    http.app.store.commit(look).await.map(Answer)
}

async fn get(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(asked): Params<Asked>,
) -> Result<Answer<Value>> {
    let (ctx, reason) = opened(&http, &signed, asked.reason.as_deref())?;
    // Read and noted in one commit: nothing is told that is not on record.
    let look = move |tx: &mut Tx<'_>| {
        let found = tables::archive::get(tx, &id, &ctx.scope)?;
        let archived = found
            .ok_or_else(|| Error::not_found("record", format!("there is no archive {id} in your organisations")))?;
        note(
            tx,
            &ctx,
            &archived.org,
            "archive.read",
            json!({ "archive": archived.id, "customer": archived.customer, "reason": archived.without_person(&reason) }),
        )?;
        Ok(item(&archived, json!(archived.data)))
    };
    http.app.store.commit(look).await.map(Answer)
}

/// # Errors
/// `denied`, `reason.required`.
fn opened(http: &Shared, signed: &Signed, reason: Option<&str>) -> Result<(Ctx, String)> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to(&ctx, Power::OpenArchive, "open the archive")?;
    let reason = reason.unwrap_or_default().trim().to_owned();
    if !(2..=MAX_REASON_CHARS).contains(&reason.chars().count()) {
        let message = format!(
            "say in 2 to {MAX_REASON_CHARS} characters why you open the archive: ?reason=…; it is kept in the audit log"
        );
        let place = FieldError { pointer: "?reason".into(), code: "reason.required".into(), message: message.clone() };
        return Err(Error { errors: vec![place], ..Error::invalid("reason", message).coded("reason.required") });
    }
    rights::in_org(&ctx, &ctx.org)?;
    Ok((ctx, reason))
}

fn item(archived: &Archived, mut data: Value) -> Value {
    data["customer"] = json!(archived.customer);
    data["until"] = json!(archived.until);
    json!({ "id": archived.id, "kind": "archive", "rev": 1, "org": archived.org, "created_at": archived.at, "updated_at": archived.at, "data": data })
}
