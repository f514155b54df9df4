//! Kinds as their plugins wrote them, with the actions a person may take.

use axum::{Json as Answer, extract::State};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Shared, accounts, auth::Signed, merges, params::At, route::Route};
use crate::{
    Error, Result,
    catalogue::{Catalogue, KindEntry, PluginState, manifest::Action},
    model::Kind,
};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let kind = || json!({ "$ref": "#/components/schemas/Kind" });
    vec![
        Route::get("/api/v1/kinds", list)
            .says("all kinds of records")
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": kind() }, "next": { "type": "null" } } })),
        Route::get("/api/v1/kinds/{kind}", get).says("one kind").answers(200, kind()),
    ]
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

async fn list(State(http): State<Shared>, _signed: Signed) -> Answer<All> {
    let catalogue = http.app.catalogue();
    let items = catalogue.kinds.values().map(|entry| told(&catalogue, entry)).collect();
    Answer(All { items, next: None })
}

async fn get(State(http): State<Shared>, _signed: Signed, At(kind): At<String>) -> Result<Answer<Told>> {
    let catalogue = http.app.catalogue();
    let entry = catalogue
        .kinds
        .get(&kind)
        .ok_or_else(|| Error::not_found("kind", format!("there is no kind {kind:?}; GET /api/v1/kinds lists them")))?;
    Ok(Answer(told(&catalogue, entry)))
}

fn told(catalogue: &Catalogue, entry: &KindEntry) -> Told {
    let mut found: Vec<Value> = actions(catalogue, &entry.kind.kind).map(action).collect();
    if entry.kind.kind == "user" {
        let label = json!({ "zh-CN": "设置密码", "en": "Set password" });
        found.push(json!({ "name": "set_password", "label": label, "target": true, "input": accounts::input(), "roles": ["admin", "hq_admin"] }));
    }
    found.extend(merges::actions(&entry.kind.kind));
    Told { kind: (*entry.kind).clone(), plugin: entry.plugin.clone(), actions: found }
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
