//! Limits by cost: what is dear empties the bucket sooner, each session has its own, and the answer says when to come back.

use serde_json::{Value, json};

use super::{header, raw};
use crate::support::{Client, Server, Setup};

fn limited(variables: Vec<(&'static str, &'static str)>) -> Server {
    Server::with(Setup { arguments: vec!["--plugins", "none"], variables, ..Setup::default() })
}

/// How many of the same request go through before one is refused.
fn until_refused(client: &Client, path: &str) -> u32 {
    for n in 0..500 {
        let answer = client.get(path);
        if answer.status == 429 {
            answer.problem(429, "rate.limited");
            return n;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    panic!("{path} was never refused")
}

#[test]
fn dear_requests_empty_the_bucket_sooner_and_each_session_has_its_own() {
    // One unit comes back in a second at most: next to nothing within the test.
    let server = limited(vec![("MARQUE__LIMITS__SESSION_PER_SECOND", "1"), ("MARQUE__LIMITS__SESSION_BURST", "300")]);
    let n_exports = until_refused(&server.admin(), "/records/customer/export?format=csv&purpose=trying");
    assert_eq!(n_exports, 3);
    let reader = server.admin();
    let n_reads = until_refused(&reader, "/session");
    assert!((300..330).contains(&n_reads), "{n_reads}");
    let bearer = format!("Bearer {}", reader.token().expect("a token"));
    let response = raw(
        &server,
        "GET",
        "/api/v1/records/customer/export?format=csv&purpose=trying",
        &[("authorization", &bearer)],
        "",
    );
    let seconds: u32 = header(&response, "retry-after").parse().expect("seconds");
    assert!((80..=100).contains(&seconds), "{seconds}");
    server.admin().get("/session").ok(200);
}

#[test]
fn an_address_that_tries_secrets_is_slowed_down() {
    let server = limited(vec![("MARQUE__LIMITS__ADDRESS_PER_SECOND", "1"), ("MARQUE__LIMITS__ADDRESS_BURST", "150")]);
    let admin = server.admin();
    let guess = server.client().with_token("mq_guess");
    let statuses: Vec<u16> = (0..200).map(|_| guess.get("/session").status).collect();
    assert_eq!(statuses.first(), Some(&401));
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    admin.get("/session").ok(200);
    let body = json!({ "login": "admin", "password": "not the password" });
    server.client().post("/session", &body).problem(429, "rate.limited");
}

#[test]
fn an_organisation_has_a_ceiling_for_all_its_people() {
    let server = limited(vec![("MARQUE__LIMITS__ORG_PER_SECOND", "1"), ("MARQUE__LIMITS__ORG_BURST", "250")]);
    let (one, other) = (server.admin(), server.admin());
    for client in [&one, &other] {
        assert_eq!(client.get("/records/customer/export?format=csv&purpose=trying").status, 200);
    }
    one.get("/records/customer/export?format=csv&purpose=trying").problem(429, "rate.limited");
    other.get("/records/customer/export?format=csv&purpose=trying").problem(429, "rate.limited");
}

#[test]
fn what_a_request_costs_is_in_the_document() {
    let server = super::bare();
    let document = server.client().get("/api/openapi.json").ok(200);
    let cost = |path: &str, method: &str| document["paths"][path][method]["x-cost"].clone();
    for (path, method, wanted) in [
        ("/api/v1/records/{kind}/{id}", "get", 1),
        ("/api/v1/records/{kind}", "get", 2),
        ("/api/v1/records/{kind}", "post", 2),
        ("/api/v1/search", "get", 3),
        ("/api/v1/records/{kind}/export", "get", 100),
        ("/api/v1/records/{kind}/import", "post", 100),
        ("/api/v1/session", "post", 10),
    ] {
        assert_eq!(cost(path, method), json!(wanted), "{method} {path}");
    }
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let is_priced = operation["x-cost"].as_u64().is_some_and(|cost| (1..=100).contains(&cost));
            assert!(is_priced, "{method} {path}: {:?}", operation.get("x-cost").unwrap_or(&Value::Null));
        }
    }
}
