//! Bad input is named and leaves nothing behind.

use serde_json::{Value, json};

use super::complaint::{FRIDAY, customer};
use crate::support::{Client, Server};

fn n_of(client: &Client, kind: &str) -> u64 {
    let body = client.get(&format!("/records/{kind}?limit=1&count=exact")).ok(200);
    body["count"].as_u64().unwrap_or_else(|| panic!("no count: {body}"))
}

#[test]
fn a_wrong_field_is_named_with_its_place_and_nothing_is_written() {
    let server = Server::start();
    let admin = server.admin();
    let wrong: [(Value, &str); 7] = [
        (json!({ "name": "王磊", "phone": "12345" }), "/data/phone"),
        (json!({ "name": "王磊", "email": "not-an-address" }), "/data/email"),
        (json!({ "name": "王磊", "birth_date": "2026-02-30" }), "/data/birth_date"),
        (json!({ "name": "王磊", "gender": "unknown" }), "/data/gender"),
        (json!({ "name": "王磊", "colour": "red" }), "/data/colour"),
        (json!({ "name": 7 }), "/data/name"),
        (json!({ "phone": "13000012345" }), "/data/name"),
    ];
    for (data, pointer) in wrong {
        let answer = admin.post("/records/customer", &json!({ "data": data }));
        assert_eq!(answer.status, 400, "{data}: {}", answer.text);
        assert_eq!(answer.media_type, "application/problem+json", "{data}: {}", answer.text);
        assert!(answer.pointers().contains(&pointer), "{data}: {}", answer.text);
        let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{data}: {}", answer.text);
    }
    assert_eq!(n_of(&admin, "customer"), 0);
}

#[test]
fn all_wrong_fields_are_named_at_once() {
    let server = Server::start();
    let data = json!({ "name": "王磊", "phone": "12", "email": "x", "birth_date": "yesterday" });
    let answer = server.admin().post("/records/customer", &json!({ "data": data }));
    for pointer in ["/data/phone", "/data/email", "/data/birth_date"] {
        assert!(answer.pointers().contains(&pointer), "{}", answer.text);
    }
}

#[test]
fn a_wrong_filter_order_or_kind_is_a_clear_refusal() {
    let server = Server::start();
    let admin = server.admin();
    for (path, status) in [
        (r#"/records/customer?filter={"colour":"red"}"#, 400),
        (r#"/records/customer?filter={"city":{"near":"武汉"}}"#, 400),
        ("/records/customer?filter={", 400),
        ("/records/customer?order=colour", 400),
        ("/records/customer?limit=100000", 400),
        ("/records/customer?cursor=nonsense", 400),
        ("/records/unicorn", 404),
        ("/records/customer/nobody", 404),
        ("/jobs/nobody", 404),
    ] {
        let answer = admin.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path}: {}", answer.text);
    }
}

#[test]
fn a_body_that_is_no_json_is_refused_in_words() {
    let server = Server::start();
    let admin = server.admin();
    let json = [("content-type", "application/json")];
    let answer = admin.send("POST", "/records/customer", &json, b"{\"data\":".to_vec());
    assert_eq!((answer.status, answer.media_type.as_str()), (400, "application/problem+json"), "{}", answer.text);
    let answer =
        admin.send("POST", "/plugins", &[("content-type", "application/octet-stream")], b"no package".to_vec());
    assert_eq!((answer.status, answer.media_type.as_str()), (400, "application/problem+json"), "{}", answer.text);
}

#[test]
fn a_file_that_is_none_is_refused_and_nobody_is_added() {
    let server = Server::start();
    let admin = server.admin();
    let path = "/records/customer/import?mode=apply";
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    for (media_type, bytes) in
        [(xlsx, b"not a workbook".to_vec()), ("text/csv", Vec::new()), ("image/png", b"x".to_vec())]
    {
        let answer = admin.send("POST", path, &[("content-type", media_type)], bytes);
        let refused_later = || {
            let job = answer.body["job"].as_str().unwrap_or_else(|| panic!("{media_type}: {}", answer.text)).to_owned();
            crate::support::eventually("the job fails", crate::support::SOON, || {
                let job = admin.get(&format!("/jobs/{job}")).ok(200);
                (job["state"] == "failed").then_some(job)
            })
        };
        if answer.status == 202 {
            refused_later();
        } else {
            assert!((400..500).contains(&answer.status), "{media_type}: {}", answer.text);
        }
    }
    assert_eq!(n_of(&admin, "customer"), 0);
}

#[test]
fn a_stale_change_is_refused() {
    let server = Server::start();
    let admin = server.admin();
    let item = admin.create("customer", json!({ "name": "王磊", "phone": "13000012345" }));
    let path = format!("/records/customer/{}", item["id"].as_str().expect("an id"));
    let change =
        |rev: &str, city: &str| admin.json("PATCH", &path, &[("if-match", rev)], &json!({ "data": { "city": city } }));
    assert_eq!(change("\"1\"", "武汉").ok(200)["data"]["city"], "武汉");
    assert_eq!(change("\"1\"", "长沙").status, 412);
    assert_eq!(admin.get(&path).ok(200)["data"]["city"], "武汉");
}

#[test]
fn half_of_a_wrong_action_is_not_done() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let before = (n_of(&officer, "complaints.case"), n_of(&officer, "worklist.task"));
    for input in [
        json!({ "customer": customer }),
        json!({ "customer": "nobody", "facts": "空调不制冷。" }),
        json!({ "customer": customer, "facts": "空调不制冷。", "kind": "weather" }),
        json!({ "customer": customer, "facts": "空调不制冷。", "received_at": "2027-01-01T00:00:00Z" }),
        json!({ "customer": customer, "facts": "空调不制冷。", "level": "catastrophic" }),
    ] {
        let answer = officer.post("/records/complaints.case", &json!({ "data": input }));
        assert!((400..500).contains(&answer.status), "{input}: {}", answer.text);
        assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{input}: {}", answer.text);
    }
    assert_eq!((n_of(&officer, "complaints.case"), n_of(&officer, "worklist.task")), before);
}

#[test]
fn nobody_sees_or_changes_anything_without_signing_in() {
    let server = Server::start();
    let client = server.client();
    client.get("/records/customer").problem(401, "unauthenticated");
    client.post("/records/customer", &json!({ "data": { "name": "王磊" } })).problem(401, "unauthenticated");
    assert_eq!(client.post("/session", &json!({ "login": "admin", "password": "wrong" })).status, 401);
}

#[test]
fn a_repeated_request_with_its_key_is_answered_again_and_done_once() {
    let server = Server::start();
    let admin = server.admin();
    let key = [("idempotency-key", "k-1")];
    let body = json!({ "data": { "name": "王磊", "phone": "13000012345" } });
    let first = admin.json("POST", "/records/customer", &key, &body).ok(201);
    let second = admin.json("POST", "/records/customer", &key, &body).ok(201);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(n_of(&admin, "customer"), 1);
    let other = json!({ "data": { "name": "李静", "phone": "13000012346" } });
    assert_eq!(admin.json("POST", "/records/customer", &key, &other).status, 422);
}
