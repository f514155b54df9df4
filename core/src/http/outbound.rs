//! What becomes of messages outside: letters that people print, and what gateways report.

use axum::{
    Json as Answer,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Input, Params},
    route::{Param, Route},
};
use crate::{
    Error, ErrorKind, Result,
    commands::{
        Ctx, Run,
        message::{Report, Said},
        noted::note,
        rights,
    },
    exports,
    model::{Id, Time, contact::Channel, rights::Power, webhook},
    outbound::Letter,
};

/// Reports in one request.
const MAX_REPORTS: usize = 500;

const LETTERS: [Param; 1] = [Param::new("format", "string", "json, or csv for a spreadsheet and for mail merge")];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let letter = json!({
        "type": "object",
        "properties": { "id": text(), "customer": text(), "address": text(), "name": text(), "sender": text(), "subject": { "type": ["string", "null"] }, "body": text(), "due_at": text() },
    });
    let report = json!({
        "type": "object", "required": ["key", "state"],
        "properties": { "key": text(), "state": { "enum": ["delivered", "opened", "failed"] }, "at": { "type": "string", "format": "date-time" }, "note": text() },
    });
    vec![
        Route::get("/api/v1/outbound/letters", letters)
            .says("letters that wait to be printed, as they read now; who has said no meanwhile is not among them")
            .query(&LETTERS)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": letter }, "next": { "type": "null" } } })),
        Route::post("/api/v1/outbound/letters/printed", printed)
            .says("these letters have been printed and posted")
            .takes(json!({ "type": "object", "required": ["ids"], "additionalProperties": false, "properties": { "ids": { "type": "array", "maxItems": crate::outbound::MOST_LETTERS, "items": text() } } }))
            .answers(200, json!({ "type": "object", "properties": { "sent": { "type": "integer" }, "stopped": { "type": "integer" } } }))
            .keeps_nothing(),
        Route::post("/api/v1/outbound/reports/{channel}", report_in)
            .says("what a gateway tells of messages it was handed, signed as Standard Webhooks are")
            .takes(json!({ "type": "object", "required": ["reports"], "additionalProperties": false, "properties": { "reports": { "type": "array", "maxItems": MAX_REPORTS, "items": report } } }))
            .answers(200, json!({ "type": "object", "properties": { "taken": { "type": "integer" } } }))
            .open()
            .keeps_nothing(),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    format: Option<String>,
}

async fn waiting(http: &Shared, signed: &Signed, ctx: &Ctx) -> Result<Vec<Letter>> {
    rights::to(ctx, Power::Send, "print letters")?;
    let (outbound, now) = (http.app.outbound.clone(), ctx.now);
    http.view(&signed.actor, move |view| outbound.letters(view, now)).await
}

async fn letters(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Response> {
    let format = asked.format.as_deref().filter(|format| !format.is_empty()).unwrap_or("json").to_owned();
    if !matches!(format.as_str(), "json" | "csv") {
        return Err(super::params::wrong_param("format", format!("format {format:?} is not known: use json or csv")));
    }
    let ctx = http.app.ctx(&signed.actor, None)?;
    let letters = waiting(&http, &signed, &ctx).await?;
    let ready: Vec<&Letter> = letters.iter().filter(|letter| letter.parcel.is_some()).collect();
    let names = names(&http, &ready).await?;
    let items: Vec<Value> = ready.iter().zip(names).filter_map(|(letter, name)| told(letter, &name)).collect();
    // Addresses of many people at once: that they were taken out is on record before they are.
    let (n_letters, as_file) = (items.len(), format == "csv");
    let detail = json!({ "n": n_letters, "format": format });
    http.app.commit(ctx, move |tx, ctx| note(tx, ctx, &ctx.org, "letters.listed", detail)).await?;
    if !as_file {
        return Ok(Answer(json!({ "items": items, "next": null })).into_response());
    }
    const COLUMNS: [&str; 6] = ["id", "name", "address", "sender", "subject", "body"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let head = COLUMNS.map(str::to_owned).to_vec();
    let rows = items.iter().map(|item| COLUMNS.iter().map(|column| text(&item[*column])).collect());
    let bytes = exports::spreadsheet([head].into_iter().chain(rows))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"letters.csv\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, bytes).into_response())
}

/// The names that stand on the envelopes.
async fn names(http: &Shared, letters: &[&Letter]) -> Result<Vec<String>> {
    let customer = |letter: &&Letter| letter.message.text("customer").and_then(|id| id.parse::<Id>().ok());
    let ids: Vec<Option<Id>> = letters.iter().map(customer).collect();
    http.all(move |view| {
        let name = |id: Option<Id>| -> Result<String> {
            let Some(id) = id else { return Ok(String::new()) };
            let found = crate::store::tables::record::get(view, "customer", &id, &crate::model::Scope::All)?;
            Ok(found.and_then(|customer| customer.text("name").map(str::to_owned)).unwrap_or_default())
        };
        ids.into_iter().map(name).collect()
    })
    .await
}

fn told(letter: &Letter, name: &str) -> Option<Value> {
    let parcel = letter.parcel.as_ref()?;
    Some(json!({
        "id": letter.message.id, "customer": letter.message.field("customer"), "name": name, "address": parcel.address,
        "sender": parcel.sender, "subject": parcel.subject, "body": parcel.body, "due_at": letter.message.field("due_at"),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed {
    ids: Vec<Id>,
}

async fn printed(State(http): State<Shared>, signed: Signed, Input(printed): Input<Printed>) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let letters = waiting(&http, &signed, &ctx).await?;
    let concluded: Vec<_> = letters
        .into_iter()
        .filter(|letter| printed.ids.contains(&letter.message.id))
        .filter_map(|letter| Some((letter.parcel.is_some(), letter.conclude?)))
        .collect();
    let sent = concluded.iter().filter(|(is_sent, _)| *is_sent).count();
    let stopped = concluded.len() - sent;
    // Each is the system's word, as when a gateway takes it; who said so is in the audit log.
    let system = Ctx::system(ctx.org.clone(), ctx.now, http.app.catalogue());
    let told = json!({ "sent": sent, "stopped": stopped });
    let detail = told.clone();
    http.app
        .commit(ctx, move |tx, ctx| {
            concluded.into_iter().try_for_each(|(_, conclude)| conclude.run(tx, &system))?;
            note(tx, ctx, &ctx.org, "letters.printed", detail)
        })
        .await?;
    Ok(Answer(told))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reports {
    reports: Vec<Reported>,
}

#[derive(Debug, Deserialize)]
struct Reported {
    key: Id,
    state: Said,
    #[serde(default)]
    at: Option<Time>,
    #[serde(default)]
    note: Option<String>,
}

async fn report_in(
    State(http): State<Shared>,
    At(channel): At<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Answer<Value>)> {
    let now = http.app.clock.now();
    let channel: Option<Channel> = serde_json::from_value(json!(channel)).ok();
    let outbound = &http.app.config.outbound;
    let own = channel.and_then(|channel| outbound.gateways.get(&channel)).map(|gateway| gateway.secret.reveal());
    let secret = own.filter(|secret| !secret.is_empty()).unwrap_or(outbound.report_secret.reveal());
    let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let (id, at, signatures) = (given("webhook-id"), given("webhook-timestamp"), given("webhook-signature"));
    let (Some(channel), true) = (channel, webhook::is_signed(secret, id, at, text, signatures, now)) else {
        let message = "the report is not signed with the secret of this channel's gateway, or its time is not now";
        return Err(Error::new(ErrorKind::Unauthenticated, "report.unsigned", message));
    };
    let reports: Reports = serde_json::from_str(text)
        .map_err(|error| Error::invalid("report", format!("the body is no list of reports: {error}")))?;
    if reports.reports.len() > MAX_REPORTS {
        return Err(Error::invalid("report", format!("more than {MAX_REPORTS} reports at once: send them in pieces")));
    }
    let ctx = Ctx::system(Id::hq(), now, http.app.catalogue());
    let taken = http.app.commit(ctx, move |tx, ctx| {
        let mut taken = 0;
        for Reported { key, state, at, note } in reports.reports {
            let report = Report { message: key, channel, said: state, at, note };
            taken += u32::from(report.run(tx, ctx)?);
        }
        Ok(taken)
    });
    Ok((StatusCode::OK, Answer(json!({ "taken": taken.await? }))))
}
