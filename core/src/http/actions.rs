//! Actions: what a person asks a plugin to do.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Http, Shared,
    auth::Signed,
    dry_run::{self, Tried},
    idempotency::Key,
    params::{self, At, Input, Params},
    records::{self, Kept},
    route::Route,
};
use crate::{
    Error, Result,
    app::{How, Outcome, Wish},
    bus::{Question, Reply, Seal},
    commands::{Ctx, page},
    model::{Id, Record, Time, page::Link},
    outbound::Links,
    store::{Tx, tables::Reader},
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let input =
        || json!({ "type": "object", "description": "as the action's own schema says, see GET /api/v1/kinds/{kind}" });
    let reply = || {
        json!({
            "type": "object",
            "properties": { "reply": {}, "record": { "anyOf": [{ "$ref": "#/components/schemas/Item" }, { "type": "null" }] } },
        })
    };
    vec![
        Route::post("/api/v1/records/{kind}/actions/{action}", on_kind)
            .says("ask the kind's plugin for an action; everything it does is committed before the answer")
            .query(&[params::ORG, params::DRY_RUN, params::PREVIEW])
            .takes(input())
            .answers(200, reply()),
        Route::post("/api/v1/records/{kind}/{id}/actions/{action}", on_record)
            .says("ask the kind's plugin for an action on one record")
            .query(&params::TRIED)
            .takes(input())
            .answers(200, reply()),
    ]
}

#[derive(Debug, Deserialize)]
struct OnKind {
    org: Option<Id>,
}

async fn on_kind(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At((kind, action)): At<(String, String)>,
    Params(asked): Params<OnKind>,
    Input(input): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, asked.org)?;
    let call = question(&signed, kind, action, None, input);
    respond(&http, &key, tried, ctx, call).await
}

async fn on_record(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    At((kind, id, action)): At<(String, Id, String)>,
    Input(input): Input<Map<String, Value>>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let call = question(&signed, kind, action, Some(id), input);
    respond(&http, &key, tried, ctx, call).await
}

/// What to ask the plugin, in the asker's language.
pub fn question(
    signed: &Signed,
    kind: String,
    action: String,
    target: Option<Id>,
    input: Map<String, Value>,
) -> Question {
    let (input, locale) = (Value::Object(input), signed.locale.to_owned());
    Question { kind, action, target, input, is_page: false, locale, said: Map::new() }
}

async fn respond(http: &Shared, key: &Key, tried: Tried, ctx: Ctx, question: Question) -> Result<Response> {
    let linking = Linking::of(http, &ctx, &question.kind);
    let in_commit = linking.clone();
    let seal = sealed(key, ctx.done_at, StatusCode::OK, move |tx, reply| told(&in_commit.linked(&*tx, reply)?));
    let reply = match asked(http, tried, ctx, question, seal).await? {
        Outcome::Done(reply) if reply.reply.get("links").is_some() => {
            http.all(move |view| linking.linked(view, &reply)).await?
        }
        Outcome::Done(reply) => reply,
        Outcome::Shown(preview) => return Ok(dry_run::told(&preview)),
    };
    let mut headers = HeaderMap::new();
    if let Some(record) = &reply.record {
        headers.insert(header::ETAG, records::etag(record.rev)?);
    }
    Ok((headers, Answer(told(&reply)?)).into_response())
}

/// Ask the plugin and do what it stages; or show that; or do what was shown, without asking for anything else.
async fn asked(http: &Shared, tried: Tried, ctx: Ctx, question: Question, seal: Seal) -> Result<Outcome<Reply>> {
    if let How::Now = tried.0 {
        return http.app.ask(ctx, question, seal).await.map(Outcome::Done);
    }
    let answered = http.app.bus.consult(ctx.clone(), question).await;
    let wish =
        answered.map(|answered| Wish::new(answered.commands().to_vec(), move |tx, ctx| answered.carry_out(tx, ctx)));
    let sealed = move |tx: &mut Tx<'_>, _: &Ctx, reply: Reply| {
        seal(tx, &reply)?;
        Ok(reply)
    };
    http.app.carry_out(ctx, tried.0, wish, sealed).await
}

/// Makes the addresses of links to public pages that an action's reply names.
#[derive(Clone)]
struct Linking {
    ctx: Ctx,
    plugin: String,
    links: Links,
}

impl Linking {
    fn of(http: &Http, ctx: &Ctx, kind: &str) -> Linking {
        let plugin = ctx.catalogue.kinds.get(kind).and_then(|entry| entry.plugin.clone()).unwrap_or_default();
        Linking { ctx: ctx.clone(), plugin, links: http.app.outbound.links().clone() }
    }

    fn linked(&self, reader: &impl Reader, reply: &Reply) -> Result<Reply> {
        let mut reply = reply.clone();
        let named = reply.reply.get_mut("links").and_then(Value::as_object_mut);
        for (_, named) in named.into_iter().flatten() {
            let Ok(wanted) = Link::deserialize(&*named) else { continue };
            named["url"] = self.links.page(&page::link(reader, &self.ctx, &self.plugin, &wanted)?).into();
        }
        Ok(reply)
    }
}

fn told(Reply { reply, record }: &Reply) -> Result<Value> {
    Ok(json!({ "reply": reply, "record": record }))
}

/// The answer is kept for its idempotency key in the very commit of what the plugin staged.
fn sealed<T: Serialize + 'static>(
    key: &Key,
    now: Time,
    status: StatusCode,
    answer: impl Fn(&mut Tx<'_>, &Reply) -> Result<T> + Send + Sync + 'static,
) -> Seal {
    let key = key.clone();
    Arc::new(move |tx, reply| {
        let text = serde_json::to_string(&answer(tx, reply)?).map_err(Error::internal)?;
        key.keep(tx, now, status, &text)
    })
}

/// A create that the kind's plugin answers: the new record, as any create is answered.
///
/// # Errors
/// The action's; `action.no_record`, and nothing is done, when the action makes none.
pub async fn create(http: &Shared, key: &Key, tried: Tried, ctx: Ctx, question: Question) -> Result<Response> {
    let seal = sealed(key, ctx.done_at, StatusCode::CREATED, |_, reply| made(reply).cloned());
    match asked(http, tried, ctx, question, seal).await.map_err(under_data)? {
        Outcome::Done(reply) => Kept::shown(made(&reply)?, StatusCode::CREATED)?.respond(),
        Outcome::Shown(preview) => Ok(dry_run::told(&preview)),
    }
}

fn made(reply: &Reply) -> Result<&Record> {
    let missing = || Error::conflict("action.no_record", "the kind's create action made no record; nothing was done");
    reply.record.as_ref().ok_or_else(missing)
}

/// Wrong places of the action's input stand below `/data` of a create; those of a record stand there already.
fn under_data(mut error: Error) -> Error {
    for place in error.errors.iter_mut().filter(|place| !place.pointer.starts_with("/data")) {
        place.pointer.insert_str(0, "/data");
    }
    error
}
