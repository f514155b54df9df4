//! Routes one by one, in files named as those of `core/src/http`: what each promises, and what it refuses.

mod account;
mod browser;
mod console;
pub mod dry_run;
mod events;
mod guard;
mod idempotency;
mod kinds;
mod limits;
mod oidc;
mod openapi;
mod orgs;
mod plugins;
mod records;
mod saved_views;
mod scripts;
mod segments;
mod session;
mod sessions;
mod timeline;
mod tokens;

use serde_json::{Value, json};

use crate::support::{Client, Server, Setup};

/// A server without plugins: enough for what the core does by itself, and quick to start.
pub fn bare() -> Server {
    Server::with(Setup {
        clock: Some("2026-03-13T10:00:00+08:00"),
        arguments: vec!["--plugins", "none"],
        ..Setup::default()
    })
}

/// A customer as a person types one; its id.
pub fn customer(client: &Client, name: &str, phone: &str) -> String {
    let item = client.create("customer", json!({ "name": name, "phone": phone }));
    item["id"].as_str().unwrap_or_else(|| panic!("no id: {item}")).to_owned()
}

/// The items of a collection.
pub fn items(body: &Value) -> &Vec<Value> {
    body["items"].as_array().unwrap_or_else(|| panic!("no items: {body}"))
}

/// One request with its headers, unread.
pub fn raw(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> ureq::http::Response<ureq::Body> {
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", server.address()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    agent.run(request.body(body.to_owned()).expect("a request")).expect("an answer")
}

/// A header's text.
pub fn header<'a>(response: &'a ureq::http::Response<ureq::Body>, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
