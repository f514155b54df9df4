//! Where secrets and people must not be: nothing that proves who somebody is lies in a file in the clear, and no log line names anybody.

use std::fs;

use serde_json::{Value, json};
use walkdir::WalkDir;

use crate::{
    faults::package::{install, wayward},
    flow::imports::{CSV, import_as},
    routes::customer,
    support::{Client, Server, Setup, server::PASSWORD},
};

const NEW_PASSWORD: &str = "canary-password-4711";
const WRONG_PASSWORD: &str = "canary-mistyped-4711";

/// A day's work in short: what it has handed out or been told that must not be found again.
fn work(server: &Server) -> Vec<String> {
    let admin = server.admin();
    let officer = server.staff("wang");
    install(&admin, wayward(), "wayward");
    server
        .client()
        .post("/session", &json!({ "login": "admin", "password": WRONG_PASSWORD }))
        .problem(401, "session.refused");
    server.client().with_token("canary-token-4711").get("/records/customer").problem(401, "unauthenticated");
    let token =
        admin.post("/tokens", &json!({ "name": "接口" })).ok(201)["token"].as_str().expect("a token").to_owned();
    server.client().with_token(&token).get("/records/customer").ok(200);
    let set = |password: &str| {
        let path = "/records/user/d1-li/actions/set_password";
        admin.json("POST", path, &[("idempotency-key", "set-it")], &json!({ "password": password }))
    };
    set(NEW_PASSWORD).ok(200);
    let li = server.client().login("d1.li", NEW_PASSWORD);
    let id = customer(&officer, "王小磊", "13000012345");
    officer.patch(&format!("/records/customer/{id}"), &json!({ "data": { "phone": "13000012399" } })).ok(200);
    officer
        .post("/records/customer", &json!({ "data": { "name": "李小静", "phone": "1300001" } }))
        .problem(400, "invalid");
    officer.get("/search?q=13000012345").ok(200);
    officer.get("/records/customer?filter={\"phone\":\"13000012345\"}").ok(200);
    li.get("/records/nothing?q=13000012345").problem(404, "kind.not_found");
    officer.create("complaints.case", json!({ "customer": id, "facts": "请回电 13000012345。" }));
    let trap = customer(&officer, "陷阱", "13000012347");
    officer.patch(&format!("/records/customer/{trap}"), &json!({ "data": { "note": "trap 13000012347" } })).ok(200);
    let file = "姓名,手机\n张小伟,13000012348\n坏行,130000123\n";
    import_as(&admin, "/records/customer/import?mode=apply&org=d1", CSV, file.into());
    export(&server.staff("sun"));
    let sessions = [&admin, &officer, &li].map(|client| client.token().expect("a token").to_owned());
    let typed = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, "canary-token-4711"].map(str::to_owned);
    sessions.into_iter().chain(typed).chain([token]).collect()
}

fn export(manager: &Client) {
    let asked: Value = json!({ "kind": "customer", "format": "csv", "purpose": "回访 13000012345" });
    manager.post("/exports", &asked).ok(201);
}

/// Runs of eleven digits that begin as a mobile does, with nothing before or after that makes them a part of an id or a number.
fn mobiles(text: &str) -> Vec<&str> {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte));
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for start in 0..bytes.len().saturating_sub(10) {
        let run = &bytes[start..start + 11];
        let is_mobile = run[0] == b'1' && (b'3'..=b'9').contains(&run[1]) && run.iter().all(u8::is_ascii_digit);
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        if is_mobile && !is_part(before) && !is_part(bytes.get(start + 11)) {
            found.push(&text[start..start + 11]);
        }
    }
    found
}

#[test]
fn a_mobile_is_found_where_it_stands() {
    assert_eq!(mobiles("call 13000012345, +8613000012345 or 0199a13000012345"), ["13000012345"]);
    assert_eq!(mobiles("\"13000012345\""), ["13000012345"]);
}

#[test]
fn secrets_lie_nowhere_in_the_clear_and_no_log_line_names_anybody() {
    let mut server = Server::with(Setup {
        clock: Some("2026-03-13T10:00:00+08:00"),
        customers: Some(4),
        variables: vec![("MARQUE_LOG", "debug")],
        ..Setup::default()
    });
    let secrets = work(&server);
    server.stop();
    let log = server.log();
    assert!(log.contains("/api/v1/records/{kind}"), "requests are logged: {log}");
    for secret in secrets.iter().map(String::as_str).chain(["王小磊", "李小静", "张小伟", "13000012345", "13000012399"])
    {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert_eq!(mobiles(&log), Vec::<&str>::new(), "telephone numbers in the log");
    let mut n_files = 0;
    for entry in WalkDir::new(server.data()) {
        let entry = entry.expect("an entry");
        if !entry.file_type().is_file() {
            continue;
        }
        n_files += 1;
        let bytes = fs::read(entry.path()).expect("a file");
        for secret in &secrets {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} lies in {}", entry.path().display());
        }
    }
    assert!(n_files >= 3, "the store, its keys and the exported file were looked into");
}
