//! The API as OpenAPI 3.1: made of the routes as they stand and of what is installed, so it cannot lag behind either.

mod fields;
mod schemas;

pub use fields::schema as field;

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Bytes,
    extract::State,
    http::{Method, header},
    response::IntoResponse,
};
use serde_json::{Map, Value, json};

use super::{
    Shared, kinds, problem,
    route::{Access, Body, Info, Route},
};
use crate::{
    Error, Result,
    catalogue::{Catalogue, KindEntry, manifest::Action},
    model::kind::WrittenBy,
};

/// The routes, and the document as last written for a catalogue.
#[derive(Debug)]
pub struct Document {
    routes: Vec<Arc<Info>>,
    written: Mutex<Option<(Arc<Catalogue>, Bytes)>>,
}

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/openapi.json", get)
            .says("this document, with the kinds and actions that are installed")
            .answers(200, json!({ "type": "object" }))
            .open(),
    ]
}

async fn get(State(http): State<Shared>) -> Result<impl IntoResponse> {
    let text = http.blocking(|http| http.document.text(&http.app.catalogue())).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}

impl Document {
    /// The document of these routes.
    pub fn new(routes: &[Arc<Info>]) -> Document {
        Document { routes: routes.to_vec(), written: Mutex::default() }
    }

    /// Written once for each catalogue.
    fn text(&self, catalogue: &Arc<Catalogue>) -> Result<Bytes> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        match &*written {
            Some((known, text)) if Arc::ptr_eq(known, catalogue) => Ok(text.clone()),
            _ => {
                let text = serde_json::to_vec(&document(&self.routes, catalogue)).map_err(Error::internal)?;
                let text = Bytes::from(text);
                *written = Some((catalogue.clone(), text.clone()));
                Ok(text)
            }
        }
    }
}

/// The whole document.
pub fn document(routes: &[Arc<Info>], catalogue: &Catalogue) -> Value {
    let mut paths = Map::new();
    for info in routes {
        insert(&mut paths, info.path, &info.method, operation(info));
    }
    let mut components = schemas::components();
    for entry in catalogue.kinds.values() {
        let kind = &entry.kind;
        components.insert(kind.kind.clone(), fields::data(kind));
        components.insert(format!("{}.item", kind.kind), fields::item(kind));
        add_kind(&mut paths, routes, entry);
        for action in kinds::actions(catalogue, &kind.kind) {
            add_action(&mut paths, routes, action);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Marque",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "See docs/API.md. Paths with `{kind}` serve every kind; those of the kinds installed here stand beside them with their own schemas.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "a session's or an API token" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "marque_session" },
            },
        },
    })
}

fn insert(paths: &mut Map<String, Value>, path: &str, method: &Method, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    item[method.as_str().to_ascii_lowercase()] = operation;
}

fn operation(info: &Info) -> Value {
    let mut told = json!({
        "summary": info.summary,
        "operationId": operation_id(&info.method, info.path),
        "tags": [tag(info.path)],
        "parameters": parameters(info),
        "responses": responses(info),
        "x-cost": info.cost,
        "security": if info.access == Access::Open { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) },
    });
    match &info.body {
        Body::None => {}
        Body::Json(schema) => {
            let is_required = schema.get("required").is_some();
            // A form is drawn from the same schema in either language.
            let schema = fields::plain_titles(schema.clone());
            told["requestBody"] =
                json!({ "required": is_required, "content": { "application/json": { "schema": schema } } });
        }
        Body::Stream => {
            let content = json!({ "application/octet-stream": { "schema": {} } });
            told["requestBody"] = json!({ "required": true, "content": content });
        }
        Body::File(media_types) => {
            let content: Map<String, Value> =
                media_types.iter().map(|media_type| ((*media_type).to_owned(), json!({ "schema": {} }))).collect();
            told["requestBody"] = json!({ "required": true, "content": content });
        }
    }
    told
}

fn operation_id(method: &Method, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(['/', '{', '}', '.']).filter(|word| !word.is_empty());
    std::iter::once(method.as_str().to_ascii_lowercase()).chain(words.map(str::to_owned)).collect::<Vec<_>>().join("_")
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("server")
}

fn parameters(info: &Info) -> Vec<Value> {
    let header = |name: &str, help: &str| json!({ "name": name, "in": "header", "description": help, "schema": { "type": "string" } });
    let in_path = info.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut told: Vec<Value> = in_path
        .map(|name| {
            let r#type = if name == "seq" { "integer" } else { "string" };
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": r#type } })
        })
        .collect();
    told.extend(info.query.iter().map(|param| {
        json!({ "name": param.name, "in": "query", "description": param.help, "schema": { "type": param.r#type } })
    }));
    if info.keeps_answers {
        told.push(header("Idempotency-Key", "the same key and request again is told the first answer"));
    }
    let is_of_record = info.path.starts_with("/api/v1/records/{kind}/{id}");
    if is_of_record
        && (matches!(info.method, Method::PATCH | Method::DELETE)
            || info.path.contains("/moves/")
            || info.path.ends_with("/undo"))
    {
        told.push(header("If-Match", "the revision the record must still be at, like \"3\""));
    }
    if info.path == "/api/v1/events/stream" {
        told.push(header("Last-Event-ID", "the last event received"));
    }
    told
}

fn responses(info: &Info) -> Value {
    let (status, schema) = &info.answer;
    let mut success = json!({ "description": "done" });
    if let Some(schema) = schema {
        let media_type = match schema.get("contentMediaType").and_then(Value::as_str) {
            Some(media_type) => media_type,
            None if info.path == "/metrics" => "text/plain",
            None => "application/json",
        };
        success["content"] = json!({ media_type: { "schema": schema } });
    }
    let problem = json!({
        "description": "refused, see `code`",
        "content": { problem::MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let mut told = json!({ status.to_string(): success, "default": problem });
    if info.path == "/api/v1/records/{kind}" && info.method == Method::POST {
        told["200"] = told["201"].clone();
    }
    told
}

/// The generic routes of records, written out for one kind with its own schemas.
fn add_kind(paths: &mut Map<String, Value>, routes: &[Arc<Info>], entry: &KindEntry) {
    let kind = &entry.kind;
    let item = json!({ "$ref": format!("#/components/schemas/{}.item", kind.kind) });
    for info in
        routes.iter().filter(|info| matches!(info.path, "/api/v1/records/{kind}" | "/api/v1/records/{kind}/{id}"))
    {
        let is_write = info.method != Method::GET;
        let is_create = info.method == Method::POST;
        // What people cannot do is not offered: the plugin's actions are.
        let is_closed = kind.written_by == WrittenBy::Plugin && !(is_create && kind.create_action.is_some());
        if is_write && is_closed {
            continue;
        }
        let mut told = concrete(info, &kind.kind);
        let schema = if info.path.ends_with("{id}") || is_create { item.clone() } else { fields::page(kind) };
        for status in ["200", "201"] {
            if let Some(content) = told["responses"]
                .get_mut(status)
                .and_then(|response| response.pointer_mut("/content/application~1json/schema"))
            {
                *content = schema.clone();
            }
        }
        let body = match info.method {
            Method::POST if kind.create_action.is_none() => Some(fields::create(kind)),
            Method::PATCH => Some(fields::patch(kind)),
            _ => None,
        };
        if let Some(body) = body {
            told["requestBody"]["content"]["application/json"]["schema"] = body;
        }
        insert(paths, &info.path.replace("{kind}", &kind.kind), &info.method, told);
    }
}

fn add_action(paths: &mut Map<String, Value>, routes: &[Arc<Info>], action: &Action) {
    let path = if action.target {
        "/api/v1/records/{kind}/{id}/actions/{action}"
    } else {
        "/api/v1/records/{kind}/actions/{action}"
    };
    let Some(info) = routes.iter().find(|info| info.path == path) else { return };
    let mut told = concrete(info, &action.kind);
    told["summary"] = json!(action.label.get("en"));
    told["operationId"] = json!(format!("{}_{}", action.kind, action.name));
    if let Some(parameters) = told["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "action");
    }
    told["requestBody"]["content"]["application/json"]["schema"] = fields::plain_titles(action.input.clone());
    let path = path.replace("{kind}", &action.kind).replace("{action}", &action.name);
    insert(paths, &path, &info.method, told);
}

/// A route for one kind: the kind is no parameter any more.
fn concrete(info: &Info, kind: &str) -> Value {
    let mut told = operation(info);
    told["operationId"] = json!(format!("{}_{kind}", operation_id(&info.method, info.path)));
    told["tags"] = json!([kind]);
    if let Some(parameters) = told["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "kind");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, model::Time};

    fn infos() -> Vec<Arc<Info>> {
        let clock = Clock::standing(Time::from_millis(0));
        super::super::routes(&clock).into_iter().map(|route| Arc::new(route.info)).collect()
    }

    #[test]
    fn every_route_is_in_the_document() {
        let infos = infos();
        let document = document(&infos, &Catalogue::default());
        for info in &infos {
            let told = &document["paths"][info.path][info.method.as_str().to_ascii_lowercase()];
            assert!(
                told["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                "{} {}",
                info.method,
                info.path
            );
            assert!(told["responses"]["default"].is_object(), "{} {}", info.method, info.path);
        }
    }

    #[test]
    fn every_title_is_one_text() {
        fn wrong(value: &Value, found: &mut Vec<String>) {
            let Some(object) = value.as_object() else {
                value.as_array().into_iter().flatten().for_each(|part| wrong(part, found));
                return;
            };
            if let Some(title) = object.get("title").filter(|title| title.get("en").is_some()) {
                found.push(title.to_string());
            }
            object.values().for_each(|part| wrong(part, found));
        }
        let mut found = Vec::new();
        wrong(&document(&infos(), &Catalogue::default()), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = document(&infos(), &Catalogue::default());
        let mut ids: Vec<&str> = Vec::new();
        for item in document["paths"].as_object().unwrap().values() {
            ids.extend(item.as_object().unwrap().values().filter_map(|told| told["operationId"].as_str()));
        }
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_ids);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document(&infos(), &Catalogue::default());
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str));
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
