//! What holds for every route: origin, names of parameters, sizes, methods, headers.

use serde_json::json;

use super::{bare, header, raw};
use crate::support::{Server, Setup};

#[test]
fn a_page_of_another_site_cannot_write_with_ones_cookie() {
    let server = bare();
    let admin = server.admin();
    let cookie = format!("marque_session={}", admin.token().expect("a token"));
    let body = json!({ "data": { "name": "王磊" } }).to_string();
    let host = server.address().trim_start_matches("http://").to_owned();
    let own = format!("http://{host}");
    for (headers, status) in [
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", own.as_str())], 201),
        (vec![("sec-fetch-site", "same-origin")], 201),
    ] {
        let headers =
            [headers.clone(), vec![("cookie", cookie.as_str()), ("content-type", "application/json")]].concat();
        let response = raw(&server, "POST", "/api/v1/records/customer", &headers, &body);
        assert_eq!(response.status(), status, "{headers:?}");
    }
    let reading = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(raw(&server, "GET", "/api/v1/session", &reading, "").status(), 200);
}

#[test]
fn unknown_parameters_paths_and_methods_are_named() {
    let server = bare();
    let admin = server.admin();
    let problem = admin.get("/records/customer?sort=name&limt=3");
    assert_eq!(problem.pointers(), ["?sort", "?limt"], "{}", problem.text);
    problem.problem(400, "query.unknown");
    admin.get("/nothing").problem(404, "route.not_found");
    admin.get("/api/v2/records").problem(404, "route.not_found");
    admin.put("/kinds", &json!({})).problem(405, "method.invalid");
    admin.get("/records/customer/no%20id").problem(400, "id.invalid");
    admin.get("/records/customer?limit=many").problem(400, "limit.invalid");
}

#[test]
fn a_body_larger_than_allowed_is_refused() {
    let variables = vec![("MARQUE__HTTP__MAX_BODY_BYTES", "2000"), ("MARQUE__HTTP__MAX_UPLOAD_BYTES", "4000")];
    let server =
        Server::with(Setup { clock: None, arguments: vec!["--plugins", "none"], variables, ..Setup::default() });
    let admin = server.admin();
    admin.post("/records/customer", &json!({ "data": { "name": "x".repeat(3_000) } })).problem(413, "body.too_large");
    let file = [("content-type", "text/csv")];
    let within = admin.send("POST", "/records/customer/import?mode=inspect", &file, vec![b'x'; 3_000]);
    assert_ne!(within.status, 413, "{}", within.text);
    admin
        .send("POST", "/records/customer/import?mode=inspect", &file, vec![b'x'; 5_000])
        .problem(413, "body.too_large");
}

#[test]
fn every_answer_tells_browsers_what_not_to_do() {
    let server = bare();
    for path in ["/", "/healthz", "/api/v1/session", "/api/v1/nothing"] {
        let response = raw(&server, "GET", path, &[], "");
        assert!(
            header(&response, "content-security-policy")
                .starts_with("default-src 'none'; object-src 'none'; script-src 'self'"),
            "{path}"
        );
        assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "same-origin", "{path}");
        assert!(!header(&response, "cache-control").is_empty(), "{path}");
    }
}

#[test]
fn health_and_metrics_are_open_and_name_routes_not_records() {
    let server = bare();
    let client = server.client();
    assert_eq!(client.get("/healthz").ok(200)["status"], "ok");
    assert_eq!(client.get("/readyz").ok(200)["status"], "ok");
    let admin = server.admin();
    let id = super::customer(&admin, "王磊", "13000012345");
    admin.get(&format!("/records/customer/{id}")).ok(200);
    let text = client.get("/metrics").text;
    let route = "marque_http_requests_total{method=\"GET\",route=\"/api/v1/records/{kind}/{id}\",status=\"200\"} 1";
    assert!(text.contains(route), "{text}");
    assert!(text.contains("marque_store_head "), "{text}");
    assert!(!text.contains(&id) && !text.contains("王磊"), "{text}");
}

#[test]
fn nothing_personal_is_logged() {
    let variables = vec![("MARQUE_LOG", "debug")];
    let server =
        Server::with(Setup { clock: None, arguments: vec!["--plugins", "none"], variables, ..Setup::default() });
    let admin = server.admin();
    super::customer(&admin, "王小磊", "13000012345");
    admin.get("/search?q=王小磊").ok(200);
    admin.get("/records/customer?q=13000012345").ok(200);
    admin.post("/records/customer", &json!({ "data": { "name": "李静", "phone": "1300001" } })).problem(400, "invalid");
    let log = server.log();
    assert!(log.contains("/api/v1/records/{kind}"), "requests are logged by route: {log}");
    for secret in ["王小磊", "13000012345", "李静", "1300001", admin.token().expect("a token")] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
