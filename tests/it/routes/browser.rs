//! What browsers are told and what they may not be made to do, for every route of the document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{bare, header, raw};
use crate::support::{Server, Setup};

/// Every route of the document, with something in the place of its variables.
fn routes(server: &Server) -> Vec<(String, String)> {
    let document = server.client().get("/api/openapi.json").ok(200);
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| -> Vec<(String, String)> {
        let path = path.replace(['{', '}'], "");
        item.as_object().expect("operations").keys().map(|method| (method.to_uppercase(), path.clone())).collect()
    };
    paths.iter().flat_map(of).collect()
}

const TOLD: [&str; 11] = [
    "access-control-allow-origin",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "server",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-powered-by",
];

#[test]
fn every_answer_tells_browsers_what_not_to_do() {
    let setup = Setup {
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__HTTP__SECURE_COOKIE", "true")],
        ..Setup::default()
    };
    let server = Server::with(setup);
    let admin = server.admin();
    let bearer = format!("Bearer {}", admin.token().expect("a token"));
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let beyond = [
        ("GET", "/"),
        ("GET", "/customers"),
        ("GET", "/api/nothing"),
        ("PUT", "/api/v1/kinds"),
        ("TRACE", "/api/v1/kinds"),
    ];
    let beyond = beyond.map(|(method, path)| (method.to_owned(), path.to_owned()));
    // The session this test has would end, and a stream would not.
    let passed_over = ["DELETE /api/v1/session", "DELETE /api/v1/sessions", "GET /api/v1/events/stream"];
    for (method, path) in routes(&server).into_iter().chain(beyond) {
        if passed_over.contains(&format!("{method} {path}").as_str()) {
            continue;
        }
        for headers in [&[][..], &[("authorization", bearer.as_str())]] {
            let response = raw(&server, &method, &path, headers, "");
            // Pages of the console are asked for anew each time; what is said of records is kept nowhere.
            let kept = if ["/", "/customers"].contains(&path.as_str()) { "no-cache" } else { "no-store" };
            assert_eq!(header(&response, "cache-control"), kept, "{method} {path}");
            let told: Vec<String> = TOLD
                .iter()
                .flat_map(|name| response.headers().get_all(*name).iter().map(move |value| (name, value)))
                .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
                .collect();
            // Pages for customers take no script at all, and a form back to this server.
            if path.starts_with("/p/") {
                let policy = header(&response, "content-security-policy");
                assert!(
                    policy.starts_with("default-src 'none'") && !policy.contains("script-src"),
                    "{method} {path}: {policy}"
                );
                continue;
            }
            seen.entry(told.join("\n")).or_default().push(format!("{method} {path}"));
        }
    }
    let kinds: Vec<&String> = seen.keys().collect();
    assert_eq!(kinds.len(), 1, "{seen:#?}");
    insta::assert_snapshot!(kinds[0], @r"
    content-security-policy: default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: camera=(), geolocation=(), microphone=()
    referrer-policy: same-origin
    strict-transport-security: max-age=31536000; includeSubDomains
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
}

#[test]
fn no_write_of_the_document_can_be_made_by_a_page_of_another_site() {
    let server = bare();
    let admin = server.admin();
    let cookie = format!("marque_session={}", admin.token().expect("a token"));
    let before = (admin.head(), admin.get("/sessions").ok(200)["items"].as_array().map(Vec::len));
    let mut n_writes = 0;
    for (method, path) in routes(&server).into_iter().filter(|(method, _)| method != "GET") {
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "https://evil.example"), ("content-type", "text/plain")],
        ] {
            let headers = [&[("cookie", cookie.as_str())], foreign].concat();
            let mut response = raw(&server, &method, &path, &headers, "{}");
            let text = response.body_mut().read_to_string().unwrap_or_default();
            let body: Value = serde_json::from_str(&text).unwrap_or_default();
            // Public pages are for people, and refuse in words.
            let code = if path.starts_with("/p/") { Value::Null } else { json!("origin.refused") };
            assert_eq!(
                (response.status().as_u16(), &body["code"]),
                (403, &code),
                "{method} {path} {foreign:?}: {text}"
            );
        }
        n_writes += 1;
    }
    assert!(n_writes > 50, "{n_writes}");
    assert_eq!((admin.head(), admin.get("/sessions").ok(200)["items"].as_array().map(Vec::len)), before);
}

#[test]
fn reading_changes_nothing_whoever_asks() {
    let server = bare();
    let admin = server.admin();
    let bearer = format!("Bearer {}", admin.token().expect("a token"));
    let before = admin.head();
    for (_, path) in routes(&server).into_iter().filter(|(method, path)| method == "GET" && !path.ends_with("/stream"))
    {
        raw(&server, "GET", &path, &[("authorization", bearer.as_str())], "");
        raw(&server, "HEAD", &path, &[("authorization", bearer.as_str())], "");
    }
    assert_eq!(admin.head(), before);
}
