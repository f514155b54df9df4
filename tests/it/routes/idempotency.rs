//! The same POST again: told again, done once.

use std::thread;

use serde_json::json;

use super::{bare, items};

#[test]
fn a_key_is_remembered_through_a_restart() {
    let mut server = bare();
    let key = [("idempotency-key", "import-7")];
    let body = json!({ "data": { "name": "王磊", "phone": "13000012345" } });
    let first = server.admin().json("POST", "/records/customer", &key, &body);
    server.kill9();
    server.launch();
    let admin = server.admin();
    let again = admin.json("POST", "/records/customer", &key, &body);
    assert_eq!((again.status, &again.etag), (201, &Some("1".to_owned())), "{}", again.text);
    assert_eq!(first.body, again.body);
    let other = json!({ "data": { "name": "李静", "phone": "13000012346" } });
    admin.json("POST", "/records/customer", &key, &other).problem(422, "idempotency.mismatch");
    admin.json("POST", "/records/review", &key, &body).problem(422, "idempotency.mismatch");
}

#[test]
fn many_at_once_with_one_key_make_one_customer() {
    let server = bare();
    let admin = server.admin();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let admin = admin.clone();
                scope.spawn(move || {
                    let body = json!({ "data": { "name": "王磊" } });
                    admin.json("POST", "/records/customer", &[("idempotency-key", "k")], &body).status
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(items(&admin.get("/records/customer").ok(200)).len(), 1);
}

#[test]
fn a_refusal_leaves_its_key_free() {
    let server = bare();
    let admin = server.admin();
    let key = [("idempotency-key", "k")];
    admin.json("POST", "/records/customer", &key, &json!({ "data": { "phone": "12" } })).problem(400, "invalid");
    admin.json("POST", "/records/customer", &key, &json!({ "data": { "name": "王磊" } })).ok(201);
    admin
        .json("POST", "/records/customer", &[("idempotency-key", "")], &json!({ "data": {} }))
        .problem(400, "idempotency.invalid");
}

#[test]
fn secrets_are_not_kept_for_a_key() {
    let server = bare();
    let admin = server.admin();
    let make = || admin.json("POST", "/tokens", &[("idempotency-key", "t")], &json!({ "name": "import" })).ok(201);
    assert_ne!(make()["token"], make()["token"]);
}
