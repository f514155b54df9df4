//! Signing in and out, tokens, and who is no longer let in.

use serde_json::json;

use super::{bare, header, items, raw};
use crate::support::{Server, server::PASSWORD};

#[test]
fn a_session_tells_who_is_signed_in_and_ends_at_once() {
    let server = bare();
    let admin = server.admin();
    let body = admin.get("/session").ok(200);
    assert_eq!(body["user"]["login"], "admin", "{body}");
    assert_eq!(body["user"]["org"], json!({ "id": "hq", "name": "总部", "time_zone": "Asia/Shanghai" }), "{body}");
    assert!(body.get("token").is_none(), "the token is told once");
    admin.delete("/session").ok(204);
    admin.get("/session").problem(401, "unauthenticated");
    admin.get("/records/customer").problem(401, "unauthenticated");
}

#[test]
fn the_cookie_is_for_this_host_alone_and_no_script() {
    let server = bare();
    let body = json!({ "login": "admin", "password": PASSWORD }).to_string();
    let response = raw(&server, "POST", "/api/v1/session", &[("content-type", "application/json")], &body);
    let cookie = header(&response, "set-cookie").to_owned();
    for part in ["marque_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=1209600"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    let pair = cookie.split(';').next().expect("a pair");
    assert_eq!(raw(&server, "GET", "/api/v1/session", &[("cookie", pair)], "").status(), 200);
    let response = raw(&server, "DELETE", "/api/v1/session", &[("cookie", pair)], "");
    assert!(header(&response, "set-cookie").contains("Max-Age=0"));
    assert_eq!(raw(&server, "GET", "/api/v1/session", &[("cookie", pair)], "").status(), 401);
}

#[test]
fn a_wrong_login_and_a_wrong_password_are_told_the_same_and_shut_the_door_after_ten() {
    let server = bare();
    let client = server.client();
    let attempt = |login: &str| client.post("/session", &json!({ "login": login, "password": "not the password" }));
    let (known, unknown) = (attempt("admin"), attempt("nobody"));
    assert_eq!((known.status, &known.body), (401, &unknown.body), "{}", unknown.text);
    for login in ["admin", "nobody"] {
        for _ in 0..9 {
            assert_eq!(attempt(login).status, 401);
        }
        attempt(login).problem(429, "session.throttled");
    }
    let right = json!({ "login": "admin", "password": PASSWORD });
    client.post("/session", &right).problem(429, "session.throttled");
    let answer = raw(&server, "POST", "/api/v1/session", &[("content-type", "application/json")], &right.to_string());
    assert_eq!(header(&answer, "retry-after"), "900");
}

#[test]
fn whoever_has_left_is_out_with_the_next_request() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    officer.get("/session").ok(200);
    server.admin().patch("/records/user/d1-wang", &json!({ "data": { "status": "left" } })).ok(200);
    officer.get("/session").problem(401, "unauthenticated");
}

#[test]
fn a_token_is_shown_once_and_ends_when_it_says_or_is_told_to() {
    let server = bare();
    let admin = server.admin();
    let made = admin.post("/tokens", &json!({ "name": "import", "expires_at": "2026-03-14T00:00:00Z" })).ok(201);
    let machine = server.client().with_token(made["token"].as_str().expect("a token"));
    assert_eq!(machine.get("/session").ok(200)["user"]["login"], "admin");
    let listed = admin.get("/tokens").ok(200);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    assert!(listed["items"][0].get("token").is_none(), "{listed}");
    let forever = admin.post("/tokens", &json!({ "name": "report" })).ok(201);

    server.set_clock("2026-03-15T10:00:00+08:00");
    machine.get("/session").problem(401, "unauthenticated");
    admin.get("/session").ok(200);
    let report = server.client().with_token(forever["token"].as_str().expect("a token"));
    report.get("/session").ok(200);
    admin.delete(&format!("/tokens/{}", forever["id"].as_str().expect("an id"))).ok(204);
    report.get("/session").problem(401, "unauthenticated");
    admin.post("/tokens", &json!({ "name": "late", "expires_at": "2026-03-01T00:00:00Z" })).problem(400, "invalid");
}

#[test]
fn signing_out_clears_what_the_browser_keeps() {
    let server = bare();
    let bearer = format!("Bearer {}", server.admin().token().expect("a token"));
    let response = raw(&server, "DELETE", "/api/v1/session", &[("authorization", &bearer)], "");
    assert_eq!((response.status().as_u16(), header(&response, "clear-site-data")), (204, "\"cache\""));
}
