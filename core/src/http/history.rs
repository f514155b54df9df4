//! A record as it was, and what takes a change back: `?at=`, `?rev=`, undo and restore.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Shared,
    auth::Signed,
    displays,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, IfMatch, Input},
    records::{self, Kept},
    refs,
    route::{Param, Route},
    timeline,
};
use crate::{
    Error, Result,
    app::Wish,
    commands::{
        Ctx,
        record::{Restore, Undo, Undone},
    },
    model::{Id, Record, Scope, Time},
    store::{
        Tx, View,
        tables::{self, event, revision},
    },
};

/// `?at=` and `?rev=`.
pub const AS_OF: [Param; 2] = [
    Param::new("at", "string", "as it was at this moment, 2026-03-13T10:00:00Z"),
    Param::new("rev", "integer", "as it was at this revision"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let item = || json!({ "$ref": "#/components/schemas/Item" });
    let undo = json!({
        "type": "object", "required": ["rev"], "additionalProperties": false,
        "properties": {
            "rev": { "type": "integer", "minimum": 1 },
            "fields": { "type": "array", "items": { "type": "string" } },
            "why": { "type": "string", "maxLength": 500 },
        },
    });
    vec![
        Route::post("/api/v1/records/{kind}/{id}/undo", undo_change)
            .says("take back what one revision changed; the first one by removing the record, answered with 204")
            .query(&params::TRIED)
            .takes(undo)
            .answers(200, item()),
        Route::post("/api/v1/records/{kind}/{id}/restore", restore)
            .says("bring a removed record back with its id; its revisions go on")
            .query(&params::TRIED)
            .takes(json!({
                "type": "object", "additionalProperties": false, "properties": { "why": { "type": "string", "maxLength": 500 } },
            }))
            .answers(200, item()),
    ]
}

/// As of when a record is read.
#[derive(Debug, Default, Deserialize)]
pub struct When {
    at: Option<Time>,
    rev: Option<u32>,
}

impl When {
    /// Whether anything but the present was asked for.
    pub fn is_past(&self) -> bool {
        self.at.is_some() || self.rev.is_some()
    }
}

/// A record as it was, put together from its revisions; its refs have the titles of today.
///
/// # Errors
/// `record.not_found`; `record.not_yet` and `record.removed` when there was none at that moment; `revision.not_found`.
pub async fn as_of(http: &Shared, signed: &Signed, kind: String, id: Id, when: When) -> Result<Response> {
    let shown = http.view(&signed.actor, move |view| {
        let id = timeline::visible(view, &kind, &id)?;
        let telling = view.telling(&kind, &id)?.ok_or_else(|| gone(&kind, &id))?;
        let mut was = match (when.at, when.rev) {
            (Some(_), Some(_)) => {
                return Err(params::wrong_param("rev", "ask for `at` or for `rev`, not for both"));
            }
            (Some(at), None) => at_moment(view, &kind, &id, at)?,
            (None, rev) => at_revision(view, &kind, &id, rev.unwrap_or_default())?,
        };
        telling.cover(&mut was);
        let definition = view.kind_of(&was)?;
        let refs = refs::of(view, &definition, std::slice::from_ref(&was))?;
        let mut told = json!(was);
        told["refs"] = json!(refs);
        told["as_of"] = json!({ "rev": was.rev, "at": when.at.unwrap_or(was.updated_at) });
        Ok((was, told))
    });
    let (was, told) = shown.await?;
    displays::opened(http, signed, &was).await?;
    Ok(Answer(told).into_response())
}

fn gone(kind: &str, id: &Id) -> Error {
    Error::not_found("record", format!("there is no {kind} {id} in your organisations"))
}

fn at_moment(view: &View, kind: &str, id: &Id, at: Time) -> Result<Record> {
    let rev = revision::last_at(view, kind, id, at)?;
    let Some(rev) = rev else {
        let first = revision::past(view, kind, id, 1)?.map(|first| first.created_at);
        let since = first.map_or_else(String::new, |first| format!("; it was made at {first}"));
        let message = format!("{kind} {id} was not there yet at {at}{since}");
        return Err(Error::not_found("record", message).coded("record.not_yet"));
    };
    let standing = event::standing_at(view, kind, id, at)?;
    if let Some(end) = standing.filter(|event| event.kind.ends_with(".removed")) {
        let message = format!("{kind} {id} was not there at {at}: it had been removed at {}", end.at);
        return Err(Error::not_found("record", message).coded("record.removed"));
    }
    at_revision(view, kind, id, rev)
}

fn at_revision(view: &View, kind: &str, id: &Id, rev: u32) -> Result<Record> {
    let now = tables::record::get(view, kind, id, &Scope::All)?;
    let last = revision::past(view, kind, id, u32::MAX)?.map_or(0, |last| last.rev);
    let n_revs = now.map_or(last, |now| now.rev.max(last));
    let past = if rev > n_revs { None } else { revision::past(view, kind, id, rev)? };
    let past = past
        .ok_or_else(|| Error::not_found("revision", format!("{kind} {id} has revisions 1 to {n_revs}, not {rev}")))?;
    // Whose it was is told by the event of the revision; a record may have changed hands since.
    let org = event::get(view, past.seq)?.map(|event| event.org);
    let org = org.ok_or_else(|| Error::internal(format!("revision {rev} of {kind} {id} has no event")))?;
    // What changed nothing has no revision of its own and yet a number.
    Ok(Record { rev, ..past.into_record(kind, id.clone(), org) })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TakeBack {
    rev: u32,
    #[serde(default)]
    fields: Option<Vec<String>>,
    #[serde(default)]
    why: Option<String>,
}

async fn undo_change(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    IfMatch(if_rev): IfMatch,
    At((kind, id)): At<(String, Id)>,
    Input(wish): Input<TakeBack>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let TakeBack { rev, fields, why } = wish;
    let body = json!({ "kind": kind, "id": id, "rev": rev, "fields": fields, "if_rev": if_rev, "why": why });
    let wish = Wish::of(dry_run::shown("record.undo", body), Undo { kind, id, rev, fields, if_rev, why });
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, undone: Undone| {
        if undone.is_removed {
            key.keep(tx, ctx.done_at, StatusCode::NO_CONTENT, "")?;
            return Ok(Kept::nothing());
        }
        records::kept(tx, ctx, &key, &undone.record, StatusCode::OK)
    };
    tried.write(&http, ctx, wish, seal).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BringBack {
    #[serde(default)]
    why: Option<String>,
}

async fn restore(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At((kind, id)): At<(String, Id)>,
    Input(BringBack { why }): Input<BringBack>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let body = json!({ "kind": kind, "id": id, "why": why });
    let wish = Wish::of(dry_run::shown("record.restore", body), Restore { kind, id, why });
    tried.write(&http, ctx, wish, move |tx, ctx, record| records::kept(tx, ctx, &key, &record, StatusCode::OK)).await
}
