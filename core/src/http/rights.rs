//! What rights come to: what one may do, what another person would see, masked values with a purpose, look-ups across dealers.

use std::collections::BTreeMap;

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Shared,
    auth::Signed,
    params::{At, Input, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result, app,
    commands::{
        Run,
        record::{LookUp, Notify, Reveal},
        rights,
    },
    model::{
        Id, Kind, Query, Record,
        rights::{Level, On, Reach, Rights, Verb},
    },
    store::{View, tables::audit::Entry},
};

/// Records of a person's view that are shown to who keeps the roles.
const N_SHOWN: u32 = 10;

const KIND: [Param; 1] = [Param::new("kind", "string", "the kind; customer unless said")];

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    let sees = json!({
        "type": "object",
        "properties": {
            "kind": text(), "verbs": texts(), "scope": text(), "rows": { "type": "integer" }, "masked": texts(), "hidden": texts(),
            "items": { "type": "array", "items": { "$ref": "#/components/schemas/Item" } },
        },
    });
    let reveal = json!({
        "type": "object", "required": ["fields", "purpose"], "additionalProperties": false,
        "properties": {
            "fields": { "type": "array", "minItems": 1, "maxItems": 10, "items": { "type": "string" } },
            "purpose": { "type": "string", "minLength": 2, "maxLength": 200 },
        },
    });
    let look_up = json!({
        "type": "object", "required": ["reason"], "description": "one of the fields the kind is looked up by, in full, and why",
        "properties": { "vin": text(), "plate": text(), "reason": { "type": "string", "minLength": 2, "maxLength": 200 } },
    });
    vec![
        Route::get("/api/v1/users/{id}/sees", sees_of)
            .says("what a person would see of a kind; for who keeps people and roles, and no more of each record than they see themselves")
            .query(&KIND)
            .answers(200, sees),
        Route::post("/api/v1/records/{kind}/{id}/reveal", reveal_fields)
            .says("masked values of a record, for a purpose that is kept; at most 30 in 24 hours")
            .takes(reveal)
            .answers(200, json!({ "type": "object", "properties": { "data": { "type": "object" } } }))
            .keeps_nothing(),
        Route::post("/api/v1/records/{kind}/{id}/notify", notify_owner)
            .says("tell the owner of a colleague's record that somebody asks after it")
            .takes(json!({
                "type": "object", "additionalProperties": false, "properties": { "note": { "type": "string", "maxLength": 200 } },
            }))
            .answers(200, json!({ "type": "object", "properties": { "owner": { "type": "object" } } })),
        Route::post("/api/v1/records/{kind}/look_up", look_up_all)
            .says("what the brand's dealers share of something one has in front of oneself, by the whole of its number")
            .takes(look_up)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } } } }))
            .keeps_nothing(),
    ]
}

/// What somebody may do with every kind they may do something with.
pub fn told<'a>(rights: &Rights, kinds: impl Iterator<Item = &'a Kind>) -> BTreeMap<String, Value> {
    let of = |kind: &'a Kind| Some((kind.kind.clone(), on(rights, kind)?));
    kinds.filter_map(of).collect()
}

fn on(rights: &Rights, kind: &Kind) -> Option<Value> {
    match rights.on(kind) {
        On::All => Some(json!({ "verbs": Verb::ALL, "scope": Reach::Brand, "masked": [], "hidden": [] })),
        On::Some(on) if on.rows.is_empty() => None,
        On::Some(on) => {
            let named = |wanted: Level| -> Vec<&str> {
                on.guarded(kind)
                    .filter(|(_, most)| (*most == Level::Hidden) == (wanted == Level::Hidden))
                    .map(|(name, _)| name)
                    .collect()
            };
            Some(json!({
                "verbs": on.verbs(), "scope": on.reach(), "masked": named(Level::Masked), "hidden": named(Level::Hidden),
            }))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Sees {
    kind: Option<String>,
}

async fn sees_of(
    State(http): State<Shared>,
    signed: Signed,
    At(id): At<Id>,
    Params(asked): Params<Sees>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    rights::to_keep_people(&ctx)?;
    let kind = asked.kind.unwrap_or_else(|| "customer".into());
    let (wanted, kind_asked) = (id.clone(), kind.clone());
    let person = http.view(&signed.actor, move |view| view.one("user", &wanted)).await.map(|user| app::actor(&user))?;
    let whose = person.clone();
    let (rows, mut items, mut told) = http
        .view(&whose, move |view| {
            let definition = view.kind(&kind)?;
            let query = Query { limit: Some(N_SHOWN), count: true, ..Query::default() };
            let page = match view.rights().allows(&definition, Verb::Read) {
                true => view.find(&kind, &query)?,
                false => Default::default(),
            };
            let told = on(view.rights(), &definition)
                .unwrap_or_else(|| json!({ "verbs": [], "scope": null, "masked": [], "hidden": [] }));
            Ok((page.count.unwrap_or_default(), page.items, told))
        })
        .await?;
    // Who keeps the roles is not thereby shown everybody's customers.
    items = http.view(&signed.actor, move |view| items.into_iter().map(|item| narrowed(view, item)).collect()).await?;
    let detail = json!({ "user": id, "kind": kind_asked, "n": items.len() });
    http.app.note(Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), "user.seen_as", detail)).await?;
    told["kind"] = json!(kind_asked);
    told["rows"] = json!(rows);
    told["items"] = json!(items);
    Ok(Answer(told))
}

/// A record of another's view with no more of it than these eyes see themselves.
fn narrowed(view: &View, mut item: Record) -> Result<Record> {
    match view.telling(&item.kind, &item.id)? {
        Some(telling) => {
            let seen = std::mem::take(&mut item.seen);
            telling.cover(&mut item);
            let theirs = seen.masked.into_iter().filter(|name| telling.is_known(name));
            let theirs: Vec<String> = theirs.filter(|name| !item.seen.masked.contains(name)).collect();
            item.seen.masked.extend(theirs);
            item.seen.hints.extend(seen.hints.into_iter().filter(|(name, _)| telling.is_known(name)));
        }
        None => {
            item.data.clear();
            item.seen = Default::default();
        }
    }
    Ok(item)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    fields: Vec<String>,
    purpose: String,
}

async fn reveal_fields(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Input(Wish { fields, purpose }): Input<Wish>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = Reveal { kind, id, fields, purpose };
    let data = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Ok(Answer(json!({ "data": data })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    #[serde(default)]
    note: Option<String>,
}

async fn notify_owner(
    State(http): State<Shared>,
    signed: Signed,
    At((kind, id)): At<(String, Id)>,
    Input(Said { note }): Input<Said>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let command = Notify { kind, id, note };
    let owner = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Ok(Answer(json!({ "owner": { "id": owner.id, "name": owner.text("name") } })))
}

async fn look_up_all(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Answer<Value>> {
    let ctx = http.app.ctx(&signed.actor, None)?;
    let reason = body.remove("reason").and_then(|reason| reason.as_str().map(str::to_owned)).unwrap_or_default();
    let mut by = body.into_iter();
    let one = by.next().and_then(|(name, value)| Some((name, value.as_str()?.to_owned())));
    let (Some(by), None) = (one, by.next()) else {
        return Err(Error::invalid("look_up", "name one field and its whole value, {\"vin\":\"…\",\"reason\":\"…\"}"));
    };
    let command = LookUp { kind, by, reason };
    let items = http.app.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
    Ok(Answer(json!({ "items": items })))
}
