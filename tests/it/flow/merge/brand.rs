//! One person at two dealers: the brand knows, and no dealer can tell.

use serde_json::{Value, json};

use super::id;
use crate::{
    routes::{bare, header, items, raw},
    support::{Client, Server},
};

const SECRET: &str = "a long enough secret";

/// A dealer with one person who may do everything a dealer's people may.
fn dealer(server: &Server, code: &str) -> (String, Client) {
    let admin = server.admin();
    let org = admin.create("org", json!({ "code": code, "name": code, "type": "dealer", "parent": "hq" }));
    let data = json!({ "login": format!("{code}.gm"), "name": "经理", "roles": ["gm", "crm_mgr"] });
    let user = admin.post("/records/user", &json!({ "data": data, "org": org["id"] })).ok(201);
    admin.post(&format!("/records/user/{}/actions/set_password", id(&user)), &json!({ "password": SECRET })).ok(200);
    (id(&org).to_owned(), server.client().login(&format!("{code}.gm"), SECRET))
}

fn identities(admin: &Client) -> Vec<Value> {
    admin.list("identity", &json!({}))
}

#[test]
fn one_person_at_two_dealers_is_one_for_the_brand() {
    let server = bare();
    let (admin, (org_1, first), (org_2, second)) = (server.admin(), dealer(&server, "d1"), dealer(&server, "d2"));
    let at_first = first.create("customer", json!({ "name": "张伟", "phone": "13800001234", "city": "武汉" }));
    let at_second = second.create("customer", json!({ "name": "张伟", "phone": "138 0000 1234" }));
    dealer(&server, "d3").1.create("customer", json!({ "name": "李娜", "phone": "13800001234" }));
    assert_ne!(at_first["id"], at_second["id"], "each dealer has its own");
    let all = identities(&admin);
    let counts = |all: &[Value]| {
        let mut counts: Vec<i64> = all.iter().filter_map(|one| one["data"]["n_memberships"].as_i64()).collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(counts(&all), [1, 2], "a shared phone alone joins nobody: {all:?}");

    let person = all.iter().find(|one| one["data"]["n_memberships"] == 2).expect("the one at both");
    let told = admin.record("identity", id(person));
    let mut orgs: Vec<&str> =
        told["memberships"].as_array().into_iter().flatten().filter_map(|one| one["org"].as_str()).collect();
    orgs.sort_unstable();
    let mut both = [org_1.as_str(), org_2.as_str()];
    both.sort_unstable();
    assert_eq!(orgs, both, "{told}");
    for personal in ["张伟", "13800001234", "武汉", id(&at_first), id(&at_second)] {
        assert!(!told.to_string().contains(personal), "{personal} is a dealer's own: {told}");
    }

    first.delete(&format!("/records/customer/{}", id(&at_first))).ok(204);
    assert_eq!(counts(&identities(&admin)), [1, 1]);
    second.delete(&format!("/records/customer/{}", id(&at_second))).ok(204);
    assert_eq!(identities(&admin).len(), 1, "a person nobody knows is forgotten");
}

#[test]
fn merging_and_parting_at_a_dealer_keeps_the_brands_persons_right() {
    let server = bare();
    let (admin, (_, first), (_, second)) = (server.admin(), dealer(&server, "d1"), dealer(&server, "d2"));
    second.create("customer", json!({ "name": "张伟", "phone": "13900001234" }));
    let this = first.create("customer", json!({ "name": "张伟", "phone": "13800001234" }));
    server.set_clock("2026-03-13T11:00:00+08:00");
    let other = first.create("customer", json!({ "name": "张伟", "phone": "13900001234" }));
    let shown = || {
        let all = identities(&admin);
        let mut counts: Vec<i64> = all.iter().filter_map(|one| one["data"]["n_memberships"].as_i64()).collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(shown(), [1, 2]);
    let path = format!("/records/customer/{}/actions", id(&this));
    let done = first.post(&format!("{path}/merge"), &json!({ "other": other["id"] })).ok(200);
    assert_eq!(shown(), [2], "the survivor has the newer phone, which the other dealer knows");
    first.post(&format!("{path}/unmerge"), &json!({ "merge": done["reply"]["merge"] })).ok(200);
    assert_eq!(shown().iter().sum::<i64>(), 3, "every customer is somebody");
}

/// A dealer's answer with all that differs from one create to the next taken out.
fn bleached(server: &Server, client: &Client, name: &str) -> (u16, Vec<String>, Value) {
    let body = json!({ "data": { "name": name, "phone": if name == "张伟" { "13800001234" } else { "13800005678" } } });
    let token = format!("Bearer {}", client.token().expect("signed in"));
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let mut answer = raw(server, "POST", "/api/v1/records/customer", &headers, &body.to_string());
    let mut names: Vec<String> = answer.headers().keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    names.push(format!("{} {}", header(&answer, "etag"), header(&answer, "content-length").len()));
    let status = answer.status().as_u16();
    let mut item: Value = serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON");
    for varying in ["/id", "/data/name", "/data/phone"] {
        *item.pointer_mut(varying).unwrap_or_else(|| panic!("no {varying}: {status}")) = Value::Null;
    }
    (status, names, item)
}

#[test]
fn nothing_a_dealer_is_told_depends_on_whom_another_dealer_knows() {
    let server = bare();
    let ((_, first), (_, second)) = (dealer(&server, "d1"), dealer(&server, "d2"));
    let known = first.create("customer", json!({ "name": "张伟", "phone": "13800001234", "email": "z@x.cn" }));
    let start = second.head();
    let of_known = bleached(&server, &second, "张伟");
    let after_known = second.events_after(start);
    let of_stranger = bleached(&server, &second, "李明");
    let after_stranger =
        second.events_after(after_known.last().and_then(|event| event["seq"].as_i64()).expect("an event"));
    assert_eq!(of_known.0, 201);
    assert_eq!(of_known, of_stranger, "status, headers and body are those of a stranger");

    let plain = |events: &[Value]| -> Vec<Value> {
        events.iter().map(|event| json!([event["kind"], event["actor"], event["data"], event["cause"]])).collect()
    };
    assert_eq!(plain(&after_known), plain(&after_stranger), "so are the events");
    let seqs: Vec<i64> = after_known.iter().chain(&after_stranger).filter_map(|event| event["seq"].as_i64()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "and no number is missing among them: {seqs:?}");

    assert_eq!(items(&second.get("/records/identity").ok(200)).len(), 0);
    let person = &identities(&server.admin())[0];
    second.get(&format!("/records/identity/{}", id(person))).problem(404, "record.not_found");
    second.get(&format!("/records/customer/{}", id(&known))).problem(404, "record.not_found");
    let merge = format!("/records/customer/{}/actions/merge", id(&second.list("customer", &json!({}))[0]));
    second.post(&merge, &json!({ "other": known["id"] })).problem(404, "record.not_found");
    for words in ["张伟", "13800001234", "z@x.cn"] {
        let hits = second.get(&format!("/search?q={words}")).ok(200);
        assert!(items(&hits).iter().all(|hit| hit["id"] != known["id"] && hit["kind"] == "customer"), "{hits}");
    }
    assert_eq!(second.list("review", &json!({})), Vec::<Value>::new());

    let file = "姓名,手机\n张伟,13800001234\n王芳,13800007777\n";
    let started =
        second.send("POST", "/records/customer/import?mode=preview", &[("content-type", "text/csv")], file.into());
    let job = started.ok(202)["job"].clone();
    let job = job.as_str().map_or_else(|| id(&job).to_owned(), str::to_owned);
    let counts = crate::support::eventually("the preview ends", crate::support::SOON, || {
        let job = second.get(&format!("/jobs/{job}")).ok(200);
        (job["state"] == "done").then(|| job["counts"].clone())
    });
    assert_eq!(
        counts,
        json!({ "invalid": 0, "repeated": 0, "known": 1, "review": 0, "new": 1 }),
        "its own customer is known, nobody else's"
    );
}
