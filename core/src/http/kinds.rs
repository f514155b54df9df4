//! Kinds as they hold in an organisation, with the actions a person may take.

mod custom;

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Shared, accounts,
    auth::Signed,
    consents, merges,
    params::{self, At, Params},
    privacy,
    route::{Param, Route},
};
use crate::{
    Error, Result,
    catalogue::{Catalogue, PluginState, manifest::Action},
    model::{Id, Kind},
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let kind = || json!({ "$ref": "#/components/schemas/Kind" });
    let own = vec![
        Route::get("/api/v1/kinds", list)
            .says("all kinds of records, as they hold in an organisation")
            .query(&ORG)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": kind() }, "next": { "type": "null" } } })),
        Route::get("/api/v1/kinds/{kind}", get)
            .says("one kind, as it holds in an organisation")
            .query(&ORG)
            .answers(200, kind()),
    ];
    own.into_iter().chain(custom::routes()).collect()
}

const ORG: [Param; 1] = [params::ORG];

#[derive(Debug, Deserialize)]
struct InOrg {
    org: Option<Id>,
}

/// A kind as told: its own text in its own order, and who brings it.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    kind: Kind,
    plugin: Option<String>,
    actions: Vec<Value>,
}

#[derive(Serialize)]
struct All {
    items: Vec<Told>,
    next: Option<String>,
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<InOrg>) -> Result<Answer<All>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let kinds = http.app.store.kinds_in(&ctx.org);
    let items = kinds.values().map(|kind| told(&ctx.catalogue, kind)).collect();
    Ok(Answer(All { items, next: None }))
}

async fn get(
    State(http): State<Shared>,
    signed: Signed,
    At(kind): At<String>,
    Params(asked): Params<InOrg>,
) -> Result<Answer<Told>> {
    let ctx = http.app.ctx(&signed.actor, asked.org)?;
    let kinds = http.app.store.kinds_in(&ctx.org);
    Ok(Answer(told(&ctx.catalogue, kinds.get(&kind).ok_or_else(|| no_kind(&kind))?)))
}

fn no_kind(kind: &str) -> Error {
    Error::not_found("kind", format!("there is no kind {kind:?}; GET /api/v1/kinds lists them"))
}

fn told(catalogue: &Catalogue, kind: &Arc<Kind>) -> Told {
    let mut found: Vec<Value> = actions(catalogue, &kind.kind).map(action).collect();
    if kind.kind == "user" {
        let label = json!({ "zh-CN": "设置密码", "en": "Set password" });
        found.push(json!({ "name": "set_password", "label": label, "target": true, "input": accounts::input(), "roles": ["admin", "hq_admin"] }));
    }
    found.extend(merges::actions(&kind.kind, &catalogue.roles));
    found.extend(consents::actions(&kind.kind, &catalogue.roles));
    found.extend(privacy::actions(&kind.kind, &catalogue.roles));
    let plugin = catalogue.kinds.get(&kind.kind).and_then(|entry| entry.plugin.clone());
    Told { kind: (**kind).clone(), plugin, actions: found }
}

/// The actions on a kind that would be answered now.
pub fn actions<'a>(catalogue: &'a Catalogue, kind: &'a str) -> impl Iterator<Item = &'a Action> {
    let owner = catalogue.kinds.get(kind).and_then(|entry| entry.plugin.as_ref());
    let plugin =
        owner.and_then(|owner| catalogue.plugins.get(owner)).filter(|plugin| plugin.state == PluginState::Enabled);
    plugin.into_iter().flat_map(|plugin| &plugin.manifest.owns.actions).filter(move |action| action.kind == kind)
}

fn action(action: &Action) -> Value {
    let mut told = Map::new();
    told.insert("name".into(), json!(action.name));
    told.insert("label".into(), json!(action.label));
    told.insert("target".into(), json!(action.target));
    told.insert("input".into(), action.input.clone());
    if !action.states.is_empty() {
        told.insert("when".into(), json!({ "states": action.states }));
    }
    told.insert("roles".into(), json!(action.roles));
    if let Some(style) = &action.style {
        told.insert("style".into(), json!(style));
    }
    Value::Object(told)
}
