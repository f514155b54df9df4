//! Files on records: taken in by stream, known by what is in them, given out as downloads and as nothing else.

mod content;
mod receive;

use axum::{
    Json as Answer,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, Params},
    records::Kept,
    route::{Param, Route},
    timeline,
};
use crate::{
    Error, Result,
    app::{Outcome, Wish},
    commands::{
        Ctx,
        record::{Attach, Detach},
        rights,
    },
    model::{Id, format::file_name, percent, rights::Verb},
    store::{
        Received, Tx,
        tables::{self, attachment::Attachment},
    },
};

const NAME: Param = Param::new("name", "string", "what the file is called");
const UPLOAD: [Param; 3] = [NAME, params::DRY_RUN, params::PREVIEW];
/// Read from the disk at a time when a file is given out.
const PIECE_BYTES: usize = 64 << 10;
/// A file is never a page of ours: nothing in it runs, and nothing in it is loaded.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let attachment = || json!({ "$ref": "#/components/schemas/Attachment" });
    vec![
        Route::post("/api/v1/records/{kind}/{id}/attachments", attach)
            .says("hang a file on a record; the body is the file, and its type is found by what is in it")
            .query(&UPLOAD)
            .streams()
            .answers(201, attachment()),
        Route::get("/api/v1/records/{kind}/{id}/attachments", list)
            .says("the files of a record, the newest first")
            .query(&[params::LIMIT, params::CURSOR])
            .answers(
                200,
                json!({
                    "type": "object",
                    "properties": { "items": { "type": "array", "items": attachment() }, "next": { "type": ["string", "null"] } },
                }),
            ),
        Route::get("/api/v1/attachments/{id}", download)
            .says("a file, as a download")
            .answers(200, json!({ "contentMediaType": "application/octet-stream" })),
        Route::delete("/api/v1/attachments/{id}", detach)
            .says("take a file off its record; it is gone when it hangs on no other")
            .query(&params::TRIED)
            .answers_nothing(204),
    ]
}

#[derive(Debug, Deserialize)]
struct Named {
    name: Option<String>,
}

async fn attach(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At((kind, id)): At<(String, Id)>,
    Params(Named { name }): Params<Named>,
    body: Body,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    if let Err(error) = may_attach(&http, &signed, &ctx, &kind, &id).await {
        receive::let_go(body, http.app.config.attachments.max_bytes).await;
        return Err(error);
    }
    let limits = &http.app.config.attachments;
    let received = receive::receive(&http, body, limits.max_bytes).await?;
    let name = name.unwrap_or_default();
    let (received, found) = recognised(received, name.clone()).await?;
    let content = content::allowed(found, &limits.types)?;
    key.with_body(&received.digest);
    let (size, digest) = (received.size, received.digest.clone());
    let name = file_name::safe(&name, content.extensions);
    let command = Attach { kind, id, name, r#type: content.media_type.into(), size, digest };
    keep(&http, &signed, key, tried, ctx, command, received).await
}

/// Put the file in its place, then write the row, so that no row is without its file; if the row is refused the file goes again.
async fn keep(
    http: &Shared,
    signed: &Signed,
    key: Key,
    tried: Tried,
    ctx: Ctx,
    command: Attach,
    received: Received,
) -> Result<Response> {
    let digest = command.digest.clone();
    let body = json!({
        "kind": command.kind, "id": command.id, "name": command.name, "type": command.r#type, "size": command.size, "digest": digest,
    });
    let wish = Wish::of(dry_run::shown("record.attach", body), command);
    let who = person(signed);
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, made: Attachment| {
        let answer =
            Kept::json(StatusCode::CREATED, &item(&made, &who), Some(format!("/api/v1/attachments/{}", made.id)))?;
        key.keep(tx, ctx.done_at, StatusCode::CREATED, answer.text())?;
        Ok(answer)
    };
    if tried.is_rehearsal() {
        return tried.write(http, ctx, wish, seal).await;
    }
    let store = http.app.store.clone();
    let _gate = store.blobs().gate(&digest).await;
    let placed = http.app.store.clone();
    tokio::task::spawn_blocking(move || placed.blobs().place(received)).await.map_err(Error::internal)??;
    let outcome = tried.write(http, ctx, wish, seal).await;
    if outcome.is_err() {
        clear(http, digest).await;
    }
    outcome
}

/// Remove a file that hangs on nothing. The caller holds its gate.
async fn clear(http: &Shared, digest: String) {
    let cleared = http.blocking(move |http| {
        let view = http.app.store.view(crate::model::Scope::All)?;
        if !tables::attachment::is_linked(&view, &digest)? {
            http.app.store.blobs().remove(&digest);
        }
        Ok(())
    });
    if let Err(error) = cleared.await {
        tracing::warn!(%error, "a file that nobody needs stays until the next start");
    }
}

async fn may_attach(http: &Shared, signed: &Signed, ctx: &Ctx, kind: &str, id: &Id) -> Result<()> {
    let (ctx, kind, id) = (ctx.clone(), kind.to_owned(), id.clone());
    http.view(&signed.actor, move |view| {
        rights::to_attach(&ctx, &*view.kind(&kind)?)?;
        let record = view.one(&kind, &id)?;
        let definition = view.kind(&kind)?;
        // The file is read before the command looks; who may not is told before that.
        if definition.private.is_none() && !view.may(Verb::Attach, &record)? {
            return Err(Error::denied(format!(
                "your roles do not let you attach to this {kind}; ask who keeps the roles"
            )));
        }
        Ok(())
    })
    .await
}

async fn recognised(received: Received, name: String) -> Result<(Received, Option<content::Content>)> {
    let look = move || content::of(&received, &name).map(|found| (received, found));
    tokio::task::spawn_blocking(look).await.map_err(Error::internal)?
}

#[derive(Debug, Deserialize)]
struct Paging {
    limit: Option<u32>,
    cursor: Option<Id>,
}

async fn list(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Params(paging): Params<Paging>,
) -> Result<Answer<Value>> {
    let limit = params::limit(paging.limit, 100, 500)?;
    let page = http.view(&signed.actor, move |view| {
        let id = timeline::visible(view, &kind, &id)?;
        let mut found = tables::attachment::list(view, &kind, &id, paging.cursor.as_ref(), limit + 1)?;
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| has_more).map(|last| last.id.clone());
        let visible = found.iter().filter(|attachment| view.scope().holds(&attachment.org));
        let items: Vec<Value> =
            visible.map(|made| Ok(item(made, &timeline::person(view, &made.actor)?))).collect::<Result<_>>()?;
        Ok(json!({ "items": items, "next": next }))
    });
    page.await.map(Answer)
}

async fn download(State(http): State<Shared>, signed: Signed, At(id): At<Id>) -> Result<Response> {
    let opened = http.view(&signed.actor, move |view| {
        let found = tables::attachment::get(view, &id, view.scope())?;
        let found = found.filter(|attachment| attachment.detached_at.is_none());
        let gone = || Error::not_found("attachment", format!("there is no attachment {id} in your organisations"));
        let attachment = found.ok_or_else(gone)?;
        // It is seen by whoever sees what it hangs on.
        timeline::visible(view, &attachment.kind, &attachment.record).map_err(|_| gone())?;
        Ok(attachment)
    });
    let attachment = opened.await?;
    let digest = attachment.digest.clone();
    let file = http.blocking(move |http| http.app.store.blobs().read(&digest)).await?;
    let pieces = futures::stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE_BYTES];
            let n_bytes = std::io::Read::read(&mut file, &mut piece)?;
            piece.truncate(n_bytes);
            Ok::<_, std::io::Error>((n_bytes > 0).then(|| (Bytes::from(piece), file)))
        });
        read.await.map_err(std::io::Error::other)?
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    let text = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    headers.insert(header::CONTENT_TYPE, text(&attachment.r#type)?);
    headers.insert(header::CONTENT_LENGTH, attachment.size.into());
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(&attachment.name))?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    headers.insert(header::ETAG, text(&format!("\"{}\"", attachment.digest))?);
    Ok(response)
}

async fn detach(State(http): State<Shared>, signed: Signed, tried: Tried, At(id): At<Id>) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let wish = Wish::of(dry_run::shown("record.detach", json!({ "attachment": id })), Detach { attachment: id });
    let digest = match http.app.carry_out(ctx, tried.0, Ok(wish), |_, _, gone| Ok(gone.digest)).await? {
        Outcome::Done(digest) => digest,
        Outcome::Shown(preview) => return Ok(dry_run::told(&preview)),
    };
    let store = http.app.store.clone();
    let _gate = store.blobs().gate(&digest).await;
    clear(&http, digest).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An attachment as it is told.
fn item(made: &Attachment, who: &Value) -> Value {
    json!({
        "id": made.id, "name": made.name, "type": made.r#type, "size": made.size, "digest": made.digest,
        "at": made.at, "actor": who,
    })
}

fn person(signed: &Signed) -> Value {
    let name = match &signed.actor {
        crate::model::Actor::User { name, .. } => Some(name),
        _ => None,
    };
    json!({ "label": signed.actor.label(), "name": name })
}

/// RFC 6266: the name in UTF-8 for everybody who can, in plain letters for the rest.
fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent::encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let told = disposition("合同 \"1\"\r\nx; a=b.pdf");
        assert!(told.is_ascii() && !told.contains(['\r', '\n']), "{told}");
        assert_eq!(told.matches('"').count(), 2, "{told}");
        assert!(told.ends_with("filename*=UTF-8''%E5%90%88%E5%90%8C%20%221%22%0D%0Ax%3B%20a%3Db.pdf"), "{told}");
    }
}
