//! Screens documents of the plugins at work, drawn by the console.

use axum::{Json as Answer, extract::State};
use serde_json::{Value, json};

use super::{Shared, auth::Signed, route::Route};
use crate::catalogue::PluginState;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let items = json!({ "type": "array", "items": { "type": "object" } });
    vec![
        Route::get("/api/v1/screens", list)
            .says("the screens document of each enabled plugin")
            .answers(200, json!({ "type": "object", "properties": { "items": items, "next": { "type": "null" } } })),
    ]
}

async fn list(State(http): State<Shared>, _signed: Signed) -> Answer<Value> {
    let catalogue = http.app.catalogue();
    let enabled = catalogue.plugins.values().filter(|plugin| plugin.state == PluginState::Enabled);
    let items: Vec<&Value> = enabled.map(|plugin| &plugin.screens).filter(|screens| !screens.is_null()).collect();
    Answer(json!({ "items": items, "next": null }))
}
