//! Tokens: held to their scopes, to addresses, and never the way to more than they were made for.

use serde_json::{Value, json};

use super::{bare, customer, header, items, raw};
use crate::support::{Client, Server, Setup};

fn token(server: &Server, maker: &Client, body: Value) -> Client {
    let made = maker.post("/tokens", &body).ok(201);
    let secret = made["token"].as_str().expect("a token");
    assert!(secret.starts_with("mq_") && secret.len() >= 46, "{secret}");
    server.client().with_token(secret)
}

fn held_to(server: &Server, maker: &Client, scopes: &[&str]) -> Client {
    token(server, maker, json!({ "name": "held", "scopes": scopes }))
}

#[test]
fn a_token_does_what_its_scopes_say_and_nothing_else() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let one = format!("/records/customer/{id}");
    let requests: Vec<(&str, &str, String, Value)> = vec![
        ("read", "GET", "/records/customer".into(), Value::Null),
        ("read", "GET", one.clone(), Value::Null),
        ("read", "GET", format!("{one}/history"), Value::Null),
        ("create", "POST", "/records/customer".into(), json!({ "data": { "name": "李静", "phone": "13000012346" } })),
        ("change", "PATCH", one.clone(), json!({ "data": { "city": "武汉" } })),
        ("act", "POST", format!("{one}/actions/merge"), json!({ "other": "x" })),
        ("export", "GET", "/records/customer/export?format=csv&purpose=trying".into(), Value::Null),
        ("import", "POST", "/records/customer/import?mode=inspect".into(), Value::Null),
        ("attach", "POST", format!("{one}/attachments?name=a.txt"), json!("text")),
        ("remove", "DELETE", one.clone(), Value::Null),
    ];
    for held in ["read", "create", "change", "act", "export", "import", "attach", "remove"] {
        let machine = held_to(&server, &admin, &[&format!("{held}:customer")]);
        for (verb, method, path, body) in &requests {
            let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
            let media_type = if *verb == "import" { "text/csv" } else { "application/json" };
            let answer = machine.send(method, path, &[("content-type", media_type)], body);
            let is_refused = answer.status == 403 && answer.body["code"] == "token.scope";
            assert_eq!(is_refused, *verb != held, "{held} {method} {path}: {}", answer.text);
        }
    }
    let other = held_to(&server, &admin, &["*:complaints.*", "read:segment"]);
    for (_, method, path, _) in &requests {
        other.send(method, path, &[("content-type", "application/json")], Vec::new()).problem(403, "token.scope");
    }
}

#[test]
fn what_may_hold_any_kind_takes_a_scope_for_all_kinds() {
    let server = bare();
    let admin = server.admin();
    customer(&admin, "王磊", "13000012345");
    let paths = ["/search?q=王磊", "/events", "/segments", "/jobs", "/plugins", "/scripts"];
    let (narrow, wide) = (held_to(&server, &admin, &["read:customer"]), held_to(&server, &admin, &["read:*"]));
    for path in paths {
        narrow.get(path).problem(403, "token.scope");
        wide.get(path).ok(200);
    }
    wide.post("/plugins", &json!({})).problem(403, "token.scope");
    wide.post("/segments", &json!({ "name": "x", "kind": "customer" })).problem(403, "token.scope");
    narrow.get("/kinds").ok(200);
    narrow.get("/session").ok(200);
}

#[test]
fn a_scoped_token_of_an_administrator_keeps_neither_people_nor_plugins() {
    let server = bare();
    let admin = server.admin();
    let machine = held_to(&server, &admin, &["*:user", "*:org", "*:customer"]);
    let person = |roles: &str| json!({ "data": { "login": "li", "name": "李", "roles": [roles] } });
    machine.post("/records/user", &person("admin")).problem(403, "denied");
    let user = machine.post("/records/user", &person("consultant"));
    assert_eq!(user.status, 201, "its scopes are for that: {}", user.text);
    let id = user.body["id"].as_str().expect("an id");
    machine
        .post(&format!("/records/user/{id}/actions/set_password"), &json!({ "password": "a long enough secret" }))
        .problem(403, "token.scope");
    machine
        .post(&format!("/users/{id}/password"), &json!({ "password": "a long enough secret" }))
        .problem(403, "token.scope");
}

#[test]
fn a_token_makes_no_tokens_and_touches_no_account() {
    let server = bare();
    let admin = server.admin();
    let machine = token(&server, &admin, json!({ "name": "all" }));
    machine.get("/records/customer").ok(200);
    for (method, path) in [
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions"),
        ("POST", "/account/password"),
        ("POST", "/account/totp"),
        ("DELETE", "/account/totp"),
    ] {
        machine.json(method, path, &[], &json!({ "name": "more" })).problem(403, "session.required");
    }
}

#[test]
fn a_token_never_reaches_further_than_its_person() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let machine = held_to(&server, &officer, &["*:*"]);
    machine.get("/records/org/hq").problem(404, "record.not_found");
    officer.get("/records/org/hq").problem(404, "record.not_found");
    machine
        .post("/records/user", &json!({ "data": { "login": "x", "name": "x", "roles": ["admin"] } }))
        .problem(403, "denied");
    server.admin().patch("/records/user/d1-wang", &json!({ "data": { "status": "left" } })).ok(200);
    machine.get("/session").problem(401, "unauthenticated");
}

#[test]
fn a_token_with_addresses_is_worth_nothing_elsewhere() {
    let setup = Setup {
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__HTTP__TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")],
        ..Setup::default()
    };
    let server = Server::with(setup);
    let admin = server.admin();
    let machine = token(&server, &admin, json!({ "name": "dms", "addresses": ["198.51.100.0/24", "2001:db8::7"] }));
    let bearer = format!("Bearer {}", machine.token().expect("a token"));
    let from = |address: &str| {
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", address)];
        raw(&server, "GET", "/api/v1/session", &headers, "").status().as_u16()
    };
    for (address, status) in [
        ("198.51.100.9", 200),
        ("198.51.101.9", 403),
        // What the caller wrote itself stands before what the proxy has seen.
        ("198.51.100.9, 203.0.113.5", 403),
        ("203.0.113.5, 198.51.100.9", 200),
        ("198.51.100.9, 10.1.1.1", 200),
        ("2001:db8::7", 200),
    ] {
        assert_eq!(from(address), status, "{address}");
    }
    machine.get("/session").problem(403, "token.address");
    let listed = admin.get("/tokens").ok(200);
    assert_eq!(listed["items"][0]["addresses"], json!(["198.51.100.0/24", "2001:db8::7/128"]), "{listed}");
}

#[test]
fn a_forwarded_address_is_nobodys_to_claim() {
    let server = bare();
    let admin = server.admin();
    let made = admin.post("/tokens", &json!({ "name": "dms", "addresses": ["198.51.100.0/24"] })).ok(201);
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a token"));
    let headers =
        [("authorization", bearer.as_str()), ("x-forwarded-for", "198.51.100.9"), ("forwarded", "for=198.51.100.9")];
    let response = raw(&server, "GET", "/api/v1/session", &headers, "");
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (403, "application/problem+json"));
}

#[test]
fn what_means_nothing_is_refused_by_its_place() {
    let server = bare();
    let admin = server.admin();
    for (body, pointer) in [
        (json!({ "name": "x", "scopes": ["read:customer", "look:customer"] }), "/scopes/1"),
        (json!({ "name": "x", "scopes": ["read"] }), "/scopes/0"),
        (json!({ "name": "x", "scopes": vec!["read:customer"; 101] }), "/scopes"),
        (json!({ "name": "x", "addresses": ["10.0.0.0/33"] }), "/addresses/0"),
        (json!({ "name": "x", "admin": true }), "/admin"),
    ] {
        let answer = admin.post("/tokens", &body);
        assert_eq!((answer.status, answer.pointers()), (400, vec![pointer]), "{}", answer.text);
    }
    assert!(items(&admin.get("/tokens").ok(200)).is_empty());
}
