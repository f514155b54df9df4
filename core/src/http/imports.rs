//! Files that become records: inspected, tried out, applied.

use axum::{
    Json as Answer,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Http, Shared,
    auth::Signed,
    params::{self, At, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::rights,
    imports::{self, Delivery, Mode, Request},
    model::{Id, job::Job},
};

const QUERY: [Param; 6] = [
    Param::new("mode", "string", "inspect: what is in the file; preview: what would come of it; apply"),
    Param::new(
        "mapping",
        "string",
        "header and field as JSON, {\"手机号\":\"phone\",\"备注2\":null}, or the name of a saved mapping; what is not named is guessed",
    ),
    Param::new("key", "string", "the field by which rows are known and updated"),
    Param::new(
        "automations",
        "string",
        "run: its events are delivered at once; hold: when the job is released; batch: at a measured pace",
    ),
    Param::new("filename", "string", "what the file is called"),
    params::ORG,
];

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What browsers and spreadsheets call such files; the reader looks into them itself.
const MEDIA_TYPES: [&str; 10] = [
    CSV,
    XLSX,
    "application/vnd.ms-excel",
    "application/x-ndjson",
    "application/jsonl",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
    "text/plain",
    "application/octet-stream",
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let job = || json!({ "$ref": "#/components/schemas/Job" });
    let started = json!({ "type": "object", "properties": { "job": { "type": "string" } } });
    vec![
        Route::post("/api/v1/records/{kind}/import", import)
            .says("import a file; with mode=inspect the answer is 200 and says what is in it")
            .query(&QUERY)
            .takes_file(&MEDIA_TYPES)
            .answers(202, started),
        Route::post("/api/v1/jobs/{id}/cancel", cancel).says("stop a job; what is done stays done").answers(200, job()),
        Route::post("/api/v1/jobs/{id}/undo", undo)
            .says("take an import back: what it made is removed, what it changed has its old values back, later edits stay")
            .answers(200, job()),
        Route::post("/api/v1/jobs/{id}/release", release)
            .says("let the held events of an import go, at a measured pace")
            .answers(200, job()),
        Route::post("/api/v1/jobs/{id}/discard", discard)
            .says("drop the held events of an import for good; its records stay")
            .answers(200, job()),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    mode: How,
    mapping: Option<String>,
    key: Option<String>,
    filename: Option<String>,
    org: Option<Id>,
    automations: Option<Delivery>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Inspect,
    Preview,
    Apply,
}

async fn import(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
    file: Bytes,
) -> Result<Response> {
    // What a file does to records of its kind is what a token's scope `import` is for.
    let actor = match signed.actor.scopes() {
        [] => signed.actor,
        _ => signed.actor.held_to(&[format!("*:{kind}")]),
    };
    let ctx = http.app.ctx(&actor, asked.org.clone())?;
    check_media_type(&headers)?;
    let mode = match asked.mode {
        How::Inspect => {
            let definition = http.app.store.kinds_in(&ctx.org).get(&kind).cloned();
            let definition = definition.ok_or_else(|| {
                Error::not_found("kind", format!("there is no kind {kind:?}; GET /api/v1/kinds lists them"))
            })?;
            rights::to_write(&ctx, "record.create", &definition)?;
            let scope = ctx.scope.clone();
            let look = move |http: &Http| {
                let saved = imports::saved::list(&http.app.store.view(scope)?, &definition.kind)?;
                imports::inspect(&definition, file.to_vec(), saved)
            };
            let found = http.blocking(look).await?;
            return Ok(Answer(found).into_response());
        }
        How::Preview => Mode::Preview,
        How::Apply => Mode::Apply,
    };
    let (mapping, saved) = mapping(asked.mapping.as_deref())?;
    let request = Request {
        kind,
        mode,
        bytes: file.to_vec(),
        filename: asked.filename.clone(),
        mapping,
        saved,
        key: asked.key.clone().filter(|key| !key.is_empty()),
        delivery: asked.automations.unwrap_or_default(),
    };
    let job = http.app.imports.start(&ctx, request).await?;
    Ok((StatusCode::ACCEPTED, Answer(json!({ "job": job.id }))).into_response())
}

fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if MEDIA_TYPES.iter().any(|known| known.eq_ignore_ascii_case(media_type)) {
        return Ok(());
    }
    let message = format!(
        "a file of type {media_type:?} cannot be imported: send {CSV}, {XLSX}, application/x-ndjson or text/vcard"
    );
    Err(Error::invalid("content_type", message))
}

/// A mapping as JSON, or the name of a saved one.
fn mapping(text: Option<&str>) -> Result<(Map<String, Value>, Option<String>)> {
    let text = text.map(str::trim);
    if let Some(name) = text.filter(|text| !text.is_empty() && !text.starts_with(['{', '[', '"'])) {
        return Ok((Map::new(), Some(name.to_owned())));
    }
    match params::json_param("mapping", text)? {
        Value::Null => Ok((Map::new(), None)),
        Value::Object(mapping) => Ok((mapping, None)),
        other => Err(params::wrong_param("mapping", format!("mapping is an object of header and field, not {other}"))),
    }
}

async fn cancel(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Job>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    http.app.imports.cancel(&ctx, &id).await.map(Answer)
}

async fn undo(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Job>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let job = http.app.imports.undo(&ctx, &id).await?;
    http.app.audit(&ctx, "import.undone", json!({ "job": id })).await;
    Ok(Answer(job))
}

async fn release(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Job>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let job = http.app.imports.release(&ctx, &id).await?;
    http.app.audit(&ctx, "import.released", json!({ "job": id })).await;
    Ok(Answer(job))
}

async fn discard(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Answer<Job>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let job = http.app.imports.discard(&ctx, &id).await?;
    http.app.audit(&ctx, "import.discarded", json!({ "job": id })).await;
    Ok(Answer(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_are_taken() {
        let check = |text: &str| {
            check_media_type(&HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())])).is_ok()
        };
        assert!(check("text/csv; charset=gb18030"));
        assert!(check("application/octet-stream"));
        assert!(!check("image/png"));
        assert!(check_media_type(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_mapping_is_an_object_or_a_name() {
        assert_eq!(mapping(Some(r#"{"手机号":"phone","备注":null}"#)).unwrap().0.len(), 2);
        assert!(mapping(None).unwrap().0.is_empty());
        assert_eq!(mapping(Some("展会名单")).unwrap().1.as_deref(), Some("展会名单"));
        assert_eq!(mapping(Some("[]")).unwrap_err().errors[0].pointer, "?mapping");
    }
}
