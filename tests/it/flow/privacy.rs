//! A person's rights over their data: forgotten everywhere, given a copy, answered in time.

mod requests;
mod traces;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

pub const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

/// The maker's data protection officer.
pub fn officer(server: &Server) -> Client {
    person(server, "dpo", "hq", &["dpo"])
}

/// Somebody with these roles.
pub fn person(server: &Server, login: &str, org: &str, roles: &[&str]) -> Client {
    let admin = server.admin();
    let data = json!({ "login": login, "name": login, "roles": roles });
    let made = admin.post("/records/user", &json!({ "org": org, "data": data })).ok(201);
    let id = made["id"].as_str().expect("an id");
    let password = "forget me when I ask";
    admin.post(&format!("/records/user/{id}/actions/set_password"), &json!({ "password": password })).ok(200);
    server.client().login(login, password)
}

/// Files of the server's data that show one of these texts.
pub fn showing(folder: &Path, texts: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(showing(&path, texts));
            continue;
        }
        let bytes = fs::read(&path).unwrap_or_default();
        for text in texts {
            if bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push((path.clone(), (*text).to_owned()));
            }
        }
    }
    found
}

/// Waits until every trace of a customer is wiped out.
pub fn swept(dpo: &Client, customer: &str) {
    eventually("every trace is wiped out", SOON * 3, || {
        let body = dpo.get("/privacy/erasures").ok(200);
        let items = body["items"].as_array()?.clone();
        items.iter().any(|item| item["customer"] == customer && !item["swept_at"].is_null()).then_some(())
    });
}

pub fn erase(client: &Client, customer: &str) -> Value {
    client.post(&format!("/records/customer/{customer}/actions/erase"), &json!({ "why": "本人要求" })).ok(200)
}
