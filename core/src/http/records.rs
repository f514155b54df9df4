//! Records: list, get, create, change, remove, and moves between states.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Shared, actions,
    auth::Signed,
    dry_run, history,
    idempotency::Key,
    params::{self, At, IfMatch, Input, Params},
    refs::{self, Refs},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    bus::Question,
    commands::{
        Run,
        record::{Change, Create, Move, Outcome, Remove},
    },
    model::{Command, Data, Id, Kind, Query, Record, custom::PREFIX, validate::Overrides},
};

const LIST: [Param; 7] = [
    Param::new(
        "filter",
        "string",
        "a filter as JSON, {\"city\":\"武汉\",\"created_at\":{\"$gte\":\"2026-03-01T00:00:00Z\"}}",
    ),
    Param::new("order", "string", "fields to order by, -created_at,name"),
    params::LIMIT,
    params::CURSOR,
    Param::new("fields", "string", "names of the fields wanted, name,phone"),
    Param::new("count", "string", "exact: count all that match"),
    Param::new("q", "string", "words to search for within the list"),
];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let item = || json!({ "$ref": "#/components/schemas/Item" });
    let body = |required: Value, more: Value| {
        let mut properties = said();
        properties.insert("data".into(), json!({ "type": "object" }));
        properties.extend(more.as_object().cloned().unwrap_or_default());
        json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
    };
    let create = body(json!(["data"]), json!({ "org": { "type": "string" } }));
    vec![
        Route::get("/api/v1/records/{kind}", list)
            .says("a page of a kind's records")
            .query(&LIST)
            .answers(200, json!({ "$ref": "#/components/schemas/Page" })),
        Route::post("/api/v1/records/{kind}", create_record)
            .says("make a record; a customer that is known already is filled in and answered with 200")
            .query(&[params::DRY_RUN])
            .takes(create)
            .answers(201, item()),
        Route::get("/api/v1/records/{kind}/{id}", get)
            .says("one record with its refs, as it is or as it was")
            .query(&history::AS_OF)
            .answers(200, item()),
        Route::patch("/api/v1/records/{kind}/{id}", change)
            .says("change fields by JSON merge patch")
            .query(&[params::DRY_RUN])
            .takes(body(json!(["data"]), json!({})))
            .answers(200, item()),
        Route::delete("/api/v1/records/{kind}/{id}", remove)
            .says("take a record away; its history stays")
            .query(&[params::DRY_RUN])
            .answers_nothing(204),
        Route::post("/api/v1/records/{kind}/{id}/moves/{transition}", move_record)
            .says("take a record from one state to another")
            .query(&[params::DRY_RUN])
            .takes(body(json!([]), json!({})))
            .answers(200, item()),
    ]
}

/// What may be said of any write beside its values, as properties of its body.
pub fn said() -> Map<String, Value> {
    let reasons = json!({
        "type": "object", "additionalProperties": { "type": "string" },
        "description": "field: why its doubtful value is right all the same",
    });
    let why = json!({ "type": "string", "maxLength": 500, "description": "why it is done; kept with the revision" });
    [("why".to_owned(), why), ("overrides".to_owned(), reasons)].into_iter().collect()
}

/// A record with the titles of what it refers to.
#[derive(Debug, Serialize)]
struct Item {
    #[serde(flatten)]
    record: Record,
    refs: Refs,
}

#[derive(Debug, Serialize)]
struct Page {
    items: Vec<Record>,
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    refs: Refs,
}

#[derive(Debug, Default, Deserialize)]
struct ListParams {
    filter: Option<String>,
    order: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    fields: Option<String>,
    count: Option<String>,
    q: Option<String>,
}

/// `?dry_run=`.
#[derive(Debug, Default, Deserialize)]
pub struct WriteParams {
    /// Whether to change nothing and say what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

impl ListParams {
    fn query(&self) -> Result<Query> {
        let count = match self.count.as_deref() {
            None => false,
            Some("exact") => true,
            Some(other) => {
                return Err(params::wrong_param(
                    "count",
                    format!("count {other:?} is not known: use count=exact, or leave it out"),
                ));
            }
        };
        Ok(Query {
            filter: params::json_param("filter", self.filter.as_deref())?,
            order: self.order.clone().unwrap_or_default(),
            limit: self.limit,
            cursor: self.cursor.clone().filter(|cursor| !cursor.is_empty()),
            search: self.q.clone(),
            count,
        })
    }

    /// The names wanted, each a field of the kind; `None` for all.
    fn wanted(&self, kind: &Kind) -> Result<Option<Vec<&str>>> {
        let Some(fields) = &self.fields else { return Ok(None) };
        let names: Vec<&str> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        match names.iter().find(|name| kind.fields.get(name).is_none()) {
            Some(unknown) => Err(params::wrong_param(
                "fields",
                format!("{} has no field {unknown:?}; GET /api/v1/kinds/{} lists them", kind.kind, kind.kind),
            )),
            None => Ok(Some(names)),
        }
    }
}

async fn list(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<ListParams>,
) -> Result<Answer<Page>> {
    let page = http.view(&signed.actor, move |view| {
        let definition = view.kind(&kind)?;
        let wanted = asked.wanted(&definition)?;
        let mut page = view.find(&kind, &asked.query()?)?;
        if let Some(names) = &wanted {
            page.items.iter_mut().for_each(|record| record.data.retain(|name, _| names.contains(&name.as_str())));
        }
        let refs = refs::of(view, &definition, &page.items)?;
        Ok(Page { items: page.items, next: page.next, count: page.count, refs })
    });
    page.await.map(Answer)
}

async fn get(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Params(when): Params<history::When>,
) -> Result<Response> {
    if when.is_past() {
        return history::as_of(&http, &signed, kind, id, when).await;
    }
    let item = http.view(&signed.actor, move |view| {
        let record = view.one(&kind, &id)?;
        let definition = view.kind_of(&record)?;
        let refs = refs::of(view, &definition, std::slice::from_ref(&record))?;
        Ok(Item { record, refs })
    });
    let item = item.await?;
    Ok(([(header::ETAG, etag(item.record.rev)?)], Answer(item)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    data: Data,
    org: Option<Id>,
    why: Option<String>,
    #[serde(default)]
    overrides: Overrides,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    data: Data,
    why: Option<String>,
    #[serde(default)]
    overrides: Overrides,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    data: Data,
    why: Option<String>,
    #[serde(default)]
    overrides: Overrides,
}

async fn create_record(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    At(kind): At<String>,
    Params(asked): Params<WriteParams>,
    Input(new): Input<New>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, new.org)?;
    let action = http.app.catalogue().kind(&kind).and_then(|kind| kind.create_action.clone());
    if let Some(action) = action {
        // The plugin's schema knows nothing of organisations' own fields; they go past it to the record it makes.
        let (own, input) = new.data.into_iter().partition(|(name, _)| name.starts_with(PREFIX));
        let own: Data = own;
        let mut said = Map::from_iter([("data".to_owned(), json!(own)), ("overrides".to_owned(), json!(new.overrides))]);
        said.extend(new.why.map(|why| ("why".to_owned(), json!(why))));
        let call = Question { said, ..actions::question(&signed, kind, action, None, input) };
        if asked.dry_run {
            return actions::rehearse(&http, ctx, call).await;
        }
        return actions::create(&http, &key, ctx, call).await;
    }
    if asked.dry_run {
        let body = json!({ "kind": kind, "data": new.data, "why": new.why, "overrides": new.overrides });
        return dry_run::command(&http, ctx, Command::new("record.create", body)).await;
    }
    let command = Create { why: new.why, overrides: new.overrides, ..Create::new(kind, new.data) };
    let created = http.app.commit(ctx, move |tx, ctx| {
        let created = command.run(tx, ctx)?;
        let status = if created.outcome == Outcome::Known { StatusCode::OK } else { StatusCode::CREATED };
        let answer = Kept::of(&created.record, status)?;
        key.keep(tx, ctx.now, status, &answer.text)?;
        Ok(answer)
    });
    created.await?.respond()
}

async fn change(
    State(http): State<Shared>,
    signed: Signed,
    IfMatch(if_rev): IfMatch,
    At((kind, id)): At<(String, Id)>,
    Params(asked): Params<WriteParams>,
    Input(patch): Input<Patch>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if asked.dry_run {
        let body = json!({
            "kind": kind, "id": id, "if_rev": if_rev, "data": patch.data, "why": patch.why, "overrides": patch.overrides,
        });
        return dry_run::command(&http, ctx, Command::new("record.change", body)).await;
    }
    let Patch { data, why, overrides } = patch;
    let command = Change { if_rev, why, overrides, ..Change::new(kind, id, data) };
    let record = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Kept::of(&record, StatusCode::OK)?.respond()
}

async fn remove(
    State(http): State<Shared>,
    signed: Signed,
    IfMatch(if_rev): IfMatch,
    At((kind, id)): At<(String, Id)>,
    Params(asked): Params<WriteParams>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if asked.dry_run {
        let body = json!({ "kind": kind, "id": id, "if_rev": if_rev });
        return dry_run::command(&http, ctx, Command::new("record.remove", body)).await;
    }
    let command = Remove { kind, id, if_rev };
    http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn move_record(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    IfMatch(if_rev): IfMatch,
    At((kind, id, transition)): At<(String, Id, String)>,
    Params(asked): Params<WriteParams>,
    Input(step): Input<Step>,
) -> Result<Response> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    if asked.dry_run {
        let body = json!({
            "kind": kind, "id": id, "if_rev": if_rev, "transition": transition, "data": step.data, "why": step.why,
            "overrides": step.overrides,
        });
        return dry_run::command(&http, ctx, Command::new("record.move", body)).await;
    }
    let Step { data, why, overrides } = step;
    let command = Move { if_rev, why, overrides, ..Move::new(kind, id, transition, data) };
    let moved = http.app.commit(ctx, move |tx, ctx| {
        let answer = Kept::of(&command.run(tx, ctx)?, StatusCode::OK)?;
        key.keep(tx, ctx.now, StatusCode::OK, &answer.text)?;
        Ok(answer)
    });
    moved.await?.respond()
}

/// The answer to a write, as text, so that what is kept for an idempotency key is what was told.
#[derive(Debug)]
pub struct Kept {
    status: StatusCode,
    pub(super) text: String,
    rev: u32,
    /// `kind/id` of a new record.
    made: Option<String>,
}

impl Kept {
    /// The item of a record.
    ///
    /// # Errors
    /// Internal.
    pub fn of(record: &Record, status: StatusCode) -> Result<Kept> {
        let text = serde_json::to_string(record).map_err(Error::internal)?;
        let made = (status == StatusCode::CREATED).then(|| format!("{}/{}", record.kind, record.id));
        Ok(Kept { status, text, rev: record.rev, made })
    }

    /// With its headers.
    ///
    /// # Errors
    /// Internal.
    pub fn respond(self) -> Result<Response> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ETAG, etag(self.rev)?);
        if let Some(made) = self.made {
            let location = HeaderValue::from_str(&format!("/api/v1/records/{made}")).map_err(Error::internal)?;
            headers.insert(header::LOCATION, location);
        }
        Ok((self.status, headers, self.text).into_response())
    }
}

/// A revision as an entity tag.
///
/// # Errors
/// Internal.
pub fn etag(rev: u32) -> Result<HeaderValue> {
    HeaderValue::from_str(&format!("\"{rev}\"")).map_err(Error::internal)
}
