//! Whether the server lives, and whether it can answer.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{Shared, route::Route};
use crate::Result;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    let status = || json!({ "type": "object", "properties": { "status": { "const": "ok" } } });
    vec![
        Route::get("/healthz", alive).says("the process lives").answers(200, status()).open(),
        Route::get("/readyz", ready).says("the store answers reads and takes writes").answers(200, status()).open(),
    ]
}

async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(http): State<Shared>) -> Result<Json<Value>> {
    http.all(|_| Ok(())).await?;
    // Taken back at once: it goes the whole way through the writer and leaves nothing.
    http.app.store.rehearse(|_| Ok(())).await?;
    Ok(Json(json!({ "status": "ok" })))
}
