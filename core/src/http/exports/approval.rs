//! Exports that lie ready as a file: asking for one, deciding on another's, fetching one's own.

use std::{fs::File, io::Read};

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;

use super::{Shared, file_headers, labels};
use crate::{
    Error, Result, app,
    commands::Ctx,
    exports::{Asked, Labels},
    http::{
        auth::Signed,
        locale::LOCALES,
        params::{At, Input},
        route::Route,
    },
    model::{
        Id, Query, Scope,
        export::{Export, ExportFormat},
    },
    store::tables,
};

/// Bytes of a file handed over at once.
const PIECE_BYTES: usize = 64 << 10;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let export = || json!({ "$ref": "#/components/schemas/Export" });
    let text = || json!({ "type": "string" });
    vec![
        Route::post("/api/v1/exports", ask)
            .says("ask for records as a file; over 500 rows it waits for a second person")
            .takes(json!({
                "type": "object", "required": ["kind", "format", "purpose"], "additionalProperties": false,
                "properties": {
                    "kind": text(), "format": { "enum": ["csv", "xlsx", "ndjson"] }, "filter": {}, "order": text(), "q": text(),
                    "fields": { "type": "array", "items": text() }, "purpose": text(), "labels": { "enum": ["zh-CN", "en", "raw"] }, "org": text(),
                },
            }))
            .answers(201, export()),
        Route::get("/api/v1/exports/{id}", show).says("one export").answers(200, export()),
        Route::post("/api/v1/exports/{id}/approve", approve)
            .says("approve another's export; its file is made with the rights of who asked")
            .answers(200, export()),
        Route::post("/api/v1/exports/{id}/refuse", refuse)
            .says("turn another's export down")
            .takes(json!({
                "type": "object", "required": ["why"], "additionalProperties": false, "properties": { "why": text() },
            }))
            .answers(200, export()),
        Route::get("/api/v1/exports/{id}/file", fetch)
            .says("the file, for who asked for it, for seven days; each time is noted")
            .answers(200, json!({ "type": "string", "format": "binary" })),
    ]
}

/// An export with the number that people ask for first.
pub(super) fn told(export: &Export) -> Value {
    let mut told = json!(export);
    told["rows"] = json!(export.n_matching);
    told
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    kind: String,
    format: ExportFormat,
    #[serde(default)]
    filter: Value,
    #[serde(default)]
    order: String,
    q: Option<String>,
    fields: Option<Vec<String>>,
    purpose: String,
    labels: Option<String>,
    org: Option<Id>,
}

async fn ask(State(http): State<Shared>, signed: Signed, Input(wish): Input<Wish>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, wish.org)?;
    let asked = Asked {
        kind: wish.kind,
        format: wish.format,
        labels: labels(wish.labels.as_deref(), signed.locale)?,
        fields: wish.fields.filter(|fields| !fields.is_empty()),
        purpose: wish.purpose,
        query: Query { filter: wish.filter, order: wish.order, search: wish.q, ..Query::default() },
    };
    let export = http.app.exports.ask(&ctx, asked).await.map_err(at_body)?;
    Ok((StatusCode::CREATED, Answer(told(&export))).into_response())
}

/// What is wrong with a wish stands in its body.
fn at_body(error: Error) -> Error {
    let Some(name) = ["purpose", "fields"].into_iter().find(|name| error.code == format!("{name}.invalid")) else {
        return error;
    };
    let place = crate::error::FieldError {
        pointer: format!("/{name}"),
        code: error.code.clone(),
        message: error.message.clone(),
    };
    Error { errors: vec![place], ..error }
}

async fn show(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    Ok(Answer(told(&http.app.exports.get(&ctx, &id).await?)))
}

async fn approve(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let export = http.app.exports.get(&ctx, &id).await?;
    let asker = asker(&http, &export).await?;
    let labels = LOCALES.into_iter().find(|locale| export.labels.as_deref() == Some(locale));
    let labels = labels.map_or(Labels::Raw, Labels::In);
    Ok(Answer(told(&http.app.exports.approve(&ctx, &id, asker, labels).await?)))
}

/// Who asked, as they are now: with the roles and in the organisation they have by now.
async fn asker(http: &Shared, export: &Export) -> Result<Ctx> {
    let gone = || {
        let message = "who asked for this export is not there any more: turn it down, and ask for it anew";
        Error::conflict("export.asker_gone", message)
    };
    let id = export.asker().ok_or_else(gone)?;
    let user = http.all(move |view| tables::record::get(view, "user", &id, &Scope::All)).await?;
    let user = user.filter(|user| user.text("status") != Some("left")).ok_or_else(gone)?;
    http.app.ctx(&app::actor(&user), Some(export.org.clone())).map_err(|_| gone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    why: String,
}

async fn refuse(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Input(refusal): Input<Refusal>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    Ok(Answer(told(&http.app.exports.refuse(&ctx, &id, &refusal.why).await?)))
}

async fn fetch(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let (export, file) = http.app.exports.file(&ctx, &id).await?;
    let (sender, pieces) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || read(file, &sender));
    let pieces = ReceiverStream::new(pieces).map(|piece| piece.map_err(axum::BoxError::from));
    Ok((file_headers(&export)?, Body::from_stream(pieces)).into_response())
}

fn read(mut file: File, sender: &tokio::sync::mpsc::Sender<std::io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).map(|n_bytes| {
            piece.truncate(n_bytes);
            piece
        });
        let is_end = read.as_ref().map_or(true, Vec::is_empty);
        if read.as_ref().is_ok_and(Vec::is_empty) || sender.blocking_send(read).is_err() || is_end {
            return;
        }
    }
}
