//! Kinds as their plugins wrote them, with the actions a person may take.

use axum::{Json as Answer, extract::State};
use serde_json::{Map, Value, json};

use super::{Shared, auth::Signed, params::At, route::Route};
use crate::{
    Error, Result,
    catalogue::{Catalogue, KindEntry, PluginState, manifest::Action},
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

async fn list(State(http): State<Shared>, _signed: Signed) -> Result<Answer<Value>> {
    let catalogue = http.app.catalogue();
    let items: Vec<Value> = catalogue.kinds.values().map(|entry| told(&catalogue, entry)).collect::<Result<_>>()?;
    Ok(Answer(json!({ "items": items, "next": null })))
}

async fn get(State(http): State<Shared>, _signed: Signed, At(kind): At<String>) -> Result<Answer<Value>> {
    let catalogue = http.app.catalogue();
    let entry = catalogue
        .kinds
        .get(&kind)
        .ok_or_else(|| Error::not_found("kind", format!("there is no kind {kind:?}; GET /api/v1/kinds lists them")))?;
    told(&catalogue, entry).map(Answer)
}

fn told(catalogue: &Catalogue, entry: &KindEntry) -> Result<Value> {
    let mut told = serde_json::to_value(&*entry.kind).map_err(Error::internal)?;
    told["plugin"] = json!(entry.plugin);
    told["actions"] = actions(catalogue, &entry.kind.kind).map(action).collect();
    Ok(told)
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
