//! The same POST again: told again, done once.

use std::thread;

use serde_json::json;

use super::{bare, customer, items};

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

#[test]
fn an_undo_is_done_once_and_told_again() {
    let server = bare();
    let admin = server.admin();
    let path = format!("/records/customer/{}", customer(&admin, "王磊", "13000012345"));
    admin.patch(&path, &json!({ "data": { "city": "武汉" } })).ok(200);
    let keyed = |key: &str, body| admin.json("POST", &format!("{path}/undo"), &[("idempotency-key", key)], &body);
    let first = keyed("k1", json!({ "rev": 2 })).ok(200);
    // By itself the same request would take nothing back any more, and the next one would be refused.
    admin.patch(&path, &json!({ "data": { "city": "长沙" } })).ok(200);
    assert_eq!(keyed("k1", json!({ "rev": 2 })).ok(200), first);
    keyed("k1", json!({ "rev": 3 })).problem(422, "idempotency.mismatch");
    admin.post(&format!("{path}/undo"), &json!({ "rev": 4 })).ok(200);
    let (gone, again) = (keyed("k2", json!({ "rev": 1 })), keyed("k2", json!({ "rev": 1 })));
    assert_eq!((gone.status, again.status, again.text.as_str()), (204, 204, ""), "a removal is told again as one");
}

#[test]
fn a_key_is_free_again_after_three_days() {
    let server = bare();
    let admin = server.admin();
    let send = |phone: &str| {
        let body = json!({ "data": { "name": "王磊", "phone": phone } });
        server.admin().json("POST", "/records/customer", &[("idempotency-key", "k")], &body)
    };
    let first = send("13000012345").ok(201);
    server.set_clock("2026-03-16T10:00:00+08:00");
    assert_eq!(send("13000012345").ok(201), first, "72 hours later it is told again");
    send("13000012346").problem(422, "idempotency.mismatch");
    server.set_clock("2026-03-16T10:00:01+08:00");
    let later = send("13000012346").ok(201);
    assert_ne!(later["id"], first["id"]);
    assert_eq!(send("13000012346").ok(201), later);
    assert_eq!(items(&admin.get("/records/customer").ok(200)).len(), 2);
}
