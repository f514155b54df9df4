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
    displays,
    dry_run::{self, Tried},
    history,
    idempotency::Key,
    identity::{self, Membership},
    messages,
    params::{self, At, IfMatch, Input, Params},
    refs::{self, Refs},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    app::Wish,
    bus::Question,
    commands::{
        Ctx,
        customer::Hints,
        record::{Change, Create, Created, Move, Outcome, Remove},
        rights,
    },
    model::{Data, Id, Kind, Query, Record, custom::PREFIX, validate::Overrides},
    store::{Tx, View},
};

/// What a list takes.
pub(super) const LIST: [Param; 7] = [
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
    let hints = json!({
        "type": "object", "additionalProperties": false, "description": "vehicles a new customer is known by; matched, not kept",
        "properties": { "vin": { "type": "string" }, "plate": { "type": "string" } },
    });
    let create = body(json!(["data"]), json!({ "org": { "type": "string" }, "match": hints }));
    vec![
        Route::get("/api/v1/records/{kind}", list)
            .says("a page of a kind's records")
            .query(&LIST)
            .answers(200, json!({ "$ref": "#/components/schemas/Page" })),
        Route::post("/api/v1/records/{kind}", create_record)
            .says("make a record; a customer that is known already is merged with what was sent and answered with 200")
            .query(&params::TRIED)
            .takes(create)
            .answers(201, item()),
        Route::get("/api/v1/records/{kind}/{id}", get)
            .says("one record with its refs, as it is or as it was")
            .query(&history::AS_OF)
            .answers(200, item()),
        Route::patch("/api/v1/records/{kind}/{id}", change)
            .says("change fields by JSON merge patch")
            .query(&params::TRIED)
            .takes(body(json!(["data"]), json!({})))
            .answers(200, item()),
        Route::delete("/api/v1/records/{kind}/{id}", remove)
            .says("take a record away; its history stays")
            .query(&params::TRIED)
            .answers_nothing(204),
        Route::post("/api/v1/records/{kind}/{id}/moves/{transition}", move_record)
            .says("take a record from one state to another")
            .query(&params::TRIED)
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
    /// Of a person of the brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    memberships: Option<Vec<Membership>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Page {
    items: Vec<Record>,
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    refs: Refs,
}

impl Page {
    pub(super) fn items(&self) -> &[Record] {
        &self.items
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListParams {
    filter: Option<String>,
    order: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    fields: Option<String>,
    count: Option<String>,
    q: Option<String>,
}

impl ListParams {
    pub(super) fn query(&self) -> Result<Query> {
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
    let of = kind.clone();
    let page = http.view(&signed.actor, move |view| page(view, &of, &asked.query()?, &asked)).await?;
    displays::listed(&http, &signed, &kind, &page.items);
    Ok(Answer(page))
}

/// A page with the titles of what it refers to.
pub(super) fn page(view: &View, kind: &str, query: &Query, asked: &ListParams) -> Result<Page> {
    let definition = view.kind(kind)?;
    let wanted = asked.wanted(&definition)?;
    wanted.iter().flatten().try_for_each(|name| view.to_take(&definition, name))?;
    let mut page = view.find(kind, query)?;
    if let Some(names) = &wanted {
        page.items.iter_mut().for_each(|record| record.data.retain(|name, _| names.contains(&name.as_str())));
    }
    let refs = refs::of(view, &definition, &page.items)?;
    Ok(Page { items: page.items, next: page.next, count: page.count, refs })
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
    let own = http.app.ctx(&signed.actor, None)?.org;
    let item = http.view(&signed.actor, move |view| {
        let record = view.one(&kind, &id)?;
        let definition = view.kind_of(&record)?;
        let refs = refs::of(view, &definition, std::slice::from_ref(&record))?;
        let memberships = (kind == "identity").then(|| identity::memberships(view, &record.id, &own)).transpose()?;
        Ok(Item { record, refs, memberships })
    });
    let item = item.await?;
    displays::opened(&http, &signed, &item.record).await?;
    Ok(([(header::ETAG, etag(item.record.rev)?)], Answer(item)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    data: Data,
    org: Option<Id>,
    #[serde(default, rename = "match")]
    hints: Hints,
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
    tried: Tried,
    At(kind): At<String>,
    Input(new): Input<New>,
) -> Result<Response> {
    if kind == "message" {
        return messages::create(&http, &signed, key, tried, new.data).await;
    }
    let ctx = tried.ctx(&http, &signed, new.org)?;
    new.hints.only_for_customers(&kind)?;
    let action = http.app.catalogue().kind(&kind).and_then(|kind| kind.create_action.clone());
    if let Some(action) = action {
        // The plugin's schema knows nothing of organisations' own fields; they go past it to the record it makes.
        let (own, input) = new.data.into_iter().partition(|(name, _)| name.starts_with(PREFIX));
        let own: Data = own;
        let mut said =
            Map::from_iter([("data".to_owned(), json!(own)), ("overrides".to_owned(), json!(new.overrides))]);
        said.extend(new.why.map(|why| ("why".to_owned(), json!(why))));
        let call = Question { said, ..actions::question(&signed, kind, action, None, input) };
        return actions::create(&http, &key, tried, ctx, call).await;
    }
    let body = json!({
        "kind": kind, "org": ctx.org, "data": new.data, "match": new.hints, "why": new.why,
        "overrides": new.overrides,
    });
    let New { why, overrides, hints, .. } = new;
    let command = Create { why, overrides, hints, ..Create::new(kind, new.data) };
    let wish = Wish::of(dry_run::shown("record.create", body), command);
    let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, created: Created| {
        let status = if created.outcome == Outcome::Known { StatusCode::OK } else { StatusCode::CREATED };
        kept(tx, ctx, &key, &created.record, status)
    };
    tried.write(&http, ctx, wish, seal).await
}

async fn change(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    IfMatch(if_rev): IfMatch,
    At((kind, id)): At<(String, Id)>,
    Input(patch): Input<Patch>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let Patch { data, why, overrides } = patch;
    let body = json!({ "kind": kind, "id": id, "if_rev": if_rev, "data": data, "why": why, "overrides": overrides });
    let command = Change { if_rev, why, overrides, ..Change::new(kind, id, data) };
    let wish = Wish::of(dry_run::shown("record.change", body), command);
    tried.write(&http, ctx, wish, |tx, ctx, record| Kept::of(tx, ctx, &record, StatusCode::OK)).await
}

async fn remove(
    State(http): State<Shared>,
    signed: Signed,
    tried: Tried,
    IfMatch(if_rev): IfMatch,
    At((kind, id)): At<(String, Id)>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let body = json!({ "kind": kind, "id": id, "if_rev": if_rev });
    let wish = Wish::of(dry_run::shown("record.remove", body), Remove { kind, id, if_rev });
    tried.write(&http, ctx, wish, |_, _, ()| Ok(Kept::nothing())).await
}

async fn move_record(
    State(http): State<Shared>,
    signed: Signed,
    key: Key,
    tried: Tried,
    IfMatch(if_rev): IfMatch,
    At((kind, id, transition)): At<(String, Id, String)>,
    Input(step): Input<Step>,
) -> Result<Response> {
    let ctx = tried.ctx(&http, &signed, None)?;
    let Step { data, why, overrides } = step;
    let body = json!({
        "kind": kind, "id": id, "if_rev": if_rev, "transition": transition, "data": data, "why": why, "overrides": overrides,
    });
    let command = Move { if_rev, why, overrides, ..Move::new(kind, id, transition, data) };
    let wish = Wish::of(dry_run::shown("record.move", body), command);
    tried.write(&http, ctx, wish, move |tx, ctx, record| kept(tx, ctx, &key, &record, StatusCode::OK)).await
}

/// The answer to a write, kept for its idempotency key in the commit of the work.
///
/// # Errors
/// See [`Key::keep`].
pub fn kept(tx: &mut Tx<'_>, ctx: &Ctx, key: &Key, record: &Record, status: StatusCode) -> Result<Kept> {
    let answer = Kept::of(tx, ctx, record, status)?;
    key.keep(tx, ctx.done_at, status, &answer.text)?;
    Ok(answer)
}

/// The answer to a write, as text, so that what is kept for an idempotency key is what was told.
#[derive(Debug)]
pub struct Kept {
    status: StatusCode,
    text: String,
    /// None where there is no record to tell of.
    rev: Option<u32>,
    /// Where a new thing is found.
    made: Option<String>,
}

impl Kept {
    /// The item of a record, as whoever wrote it may see it.
    ///
    /// # Errors
    /// Internal.
    pub fn of(tx: &Tx<'_>, ctx: &Ctx, record: &Record, status: StatusCode) -> Result<Kept> {
        Kept::shown(&rights::shown(tx, ctx, record)?, status)
    }

    /// The item of a record that has been shown as its reader may see it.
    ///
    /// # Errors
    /// Internal.
    pub fn shown(record: &Record, status: StatusCode) -> Result<Kept> {
        let text = serde_json::to_string(record).map_err(Error::internal)?;
        let made = (status == StatusCode::CREATED).then(|| format!("/api/v1/records/{}/{}", record.kind, record.id));
        Ok(Kept { status, text, rev: Some(record.rev), made })
    }

    /// That it was done, and nothing more.
    pub fn nothing() -> Kept {
        Kept { status: StatusCode::NO_CONTENT, text: String::new(), rev: None, made: None }
    }

    /// Something that is no record; where it was made, at its own address.
    ///
    /// # Errors
    /// Internal.
    pub fn json(status: StatusCode, told: &Value, made: Option<String>) -> Result<Kept> {
        let text = serde_json::to_string(told).map_err(Error::internal)?;
        Ok(Kept { status, text, rev: None, made })
    }

    /// What is told.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// With its headers.
    ///
    /// # Errors
    /// Internal.
    pub fn respond(self) -> Result<Response> {
        if self.text.is_empty() {
            return Ok(self.status.into_response());
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(rev) = self.rev {
            headers.insert(header::ETAG, etag(rev)?);
        }
        if let Some(made) = self.made {
            headers.insert(header::LOCATION, HeaderValue::from_str(&made).map_err(Error::internal)?);
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
