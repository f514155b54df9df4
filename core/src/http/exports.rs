//! Records taken out as a file, and the list of who took what.

mod approval;

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    Shared,
    auth::Signed,
    locale::LOCALES,
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    exports::{self, Asked, Labels},
    model::{
        Id, Query,
        export::{Export, ExportFormat, ExportState},
    },
    store::tables,
};

const LISTED: [Param; 3] =
    [Param::new("state", "string", "only in this state: `waiting`"), params::LIMIT, params::CURSOR];
const QUERY: [Param; 8] = [
    Param::new("format", "string", "csv, xlsx or ndjson"),
    Param::new("purpose", "string", "what the export is for; kept with it"),
    Param::new("filter", "string", "a filter as JSON, as of the list"),
    Param::new("order", "string", "fields to order by, -created_at,name"),
    Param::new("q", "string", "words to search for, as of the list"),
    Param::new("fields", "string", "names of the fields wanted, name,phone"),
    Param::new("labels", "string", "zh-CN, en, or raw for values as they are stored; one's own language unless said"),
    params::ORG,
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let export = json!({ "$ref": "#/components/schemas/Export" });
    let mut routes = vec![
        Route::get("/api/v1/records/{kind}/export", export_records)
            .says("take up to 500 records out as a file; noted with filter, purpose and row count")
            .query(&QUERY)
            .answers(200, json!({ "type": "string", "format": "binary" })),
        Route::get("/api/v1/exports", list)
            .says("who took what out, and what waits for a second person; the newest first")
            .query(&LISTED)
            .answers(
                200,
                json!({ "type": "object", "properties": {
                "items": { "type": "array", "items": export }, "next": { "type": ["string", "null"] } } }),
            ),
    ];
    routes.extend(approval::routes());
    routes
}

#[derive(Debug, Deserialize)]
struct Wanted {
    format: ExportFormat,
    purpose: Option<String>,
    filter: Option<String>,
    order: Option<String>,
    q: Option<String>,
    fields: Option<String>,
    labels: Option<String>,
    org: Option<Id>,
}

async fn export_records(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(wanted): Params<Wanted>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, wanted.org.clone())?;
    let format = wanted.format;
    let asked = Asked {
        kind,
        format,
        labels: labels(wanted.labels.as_deref(), signed.locale)?,
        fields: wanted.fields.as_deref().filter(|fields| !fields.trim().is_empty()).map(names),
        purpose: wanted.purpose.unwrap_or_default(),
        query: Query {
            filter: params::json_param("filter", wanted.filter.as_deref())?,
            order: wanted.order.unwrap_or_default(),
            search: wanted.q,
            ..Query::default()
        },
    };
    let download = http.app.exports.begin(&ctx, asked).await.map_err(at_param)?;
    let headers = file_headers(&download.export)?;
    let pieces = ReceiverStream::new(download.pieces()).map(|piece| piece.map_err(axum::BoxError::from));
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// What it is, and what it is saved as.
fn file_headers(export: &Export) -> Result<HeaderMap> {
    let (media_type, ending) = match export.format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        ExportFormat::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ExportFormat::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let day = export.at.to_string();
    let filename = format!("{}-{}.{ending}", export.kind, &day[..10]);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition =
        HeaderValue::from_str(&format!("attachment; filename=\"{filename}\"")).map_err(Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(headers)
}

fn names(fields: &str) -> Vec<String> {
    fields.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn labels(asked: Option<&str>, own: &'static str) -> Result<Labels> {
    match asked {
        None => Ok(Labels::In(own)),
        Some("raw") => Ok(Labels::Raw),
        Some(asked) => LOCALES.into_iter().find(|locale| *locale == asked).map(Labels::In).ok_or_else(|| {
            params::wrong_param("labels", format!("labels {asked:?} is not known: use {} or raw", LOCALES.join(", ")))
        }),
    }
}

/// What is wrong with a request stands in its query.
fn at_param(error: Error) -> Error {
    match error.code.as_str() {
        "purpose.invalid" => params::wrong_param("purpose", error.message),
        "fields.invalid" => params::wrong_param("fields", error.message),
        _ => error,
    }
}

#[derive(Debug, Deserialize)]
struct Paging {
    state: Option<ExportState>,
    limit: Option<u32>,
    cursor: Option<Id>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(paging): Params<Paging>) -> Result<Answer<Value>> {
    let limit = params::limit(paging.limit, 25, 500)?;
    let asked = paging.state;
    let ctx = http.app.ctx(&signed.actor, None)?;
    let is_seen =
        move |export: &Export| exports::may_know(&ctx, export) && asked.is_none_or(|state| export.state == state);
    let items = http.all(move |view| tables::export::list(view, is_seen, paging.cursor.as_ref(), limit + 1));
    let mut items = items.await?;
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| has_more).map(|last| last.id.clone());
    let items: Vec<Value> = items.iter().map(approval::told).collect();
    Ok(Answer(json!({ "items": items, "next": next })))
}
