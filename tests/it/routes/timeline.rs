//! What happened to a record, told to a person.

use serde_json::{Value, json};

use super::{bare, customer, items};
use crate::support::Server;

#[test]
fn a_timeline_is_paged_and_speaks_both_languages() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    for city in ["武汉", "长沙"] {
        admin.patch(&path, &json!({ "data": { "city": city } })).ok(200);
    }
    let first = admin.get(&format!("{path}/timeline?limit=2")).ok(200);
    let second =
        admin.get(&format!("{path}/timeline?limit=2&cursor={}", first["next"].as_str().expect("a cursor"))).ok(200);
    let entries: Vec<&Value> = items(&first).iter().chain(items(&second)).collect();
    assert_eq!(second["next"], Value::Null);
    let kinds: Vec<&str> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["customer.changed", "customer.changed", "customer.created"]);
    assert_eq!(entries[0]["changes"], json!([{ "field": "city", "old": "武汉", "new": "长沙" }]));
    assert_eq!(entries[0]["title"], json!({ "zh-CN": "客户：修改城市", "en": "Customer: City changed" }));
    assert_eq!(entries[0]["actor"], json!({ "label": "user:admin", "name": "管理员" }));
    assert_eq!(entries[0]["record"], json!({ "kind": "customer", "id": id, "rev": 3, "title": "王磊" }));
    admin.get(&format!("{path}/timeline?cursor=abc")).problem(400, "cursor.invalid");
    admin.get(&format!("{path}/timeline?limit=0")).problem(400, "limit.invalid");
}

#[test]
fn history_holds_every_revision_and_outlives_the_record() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({ "data": { "city": "武汉" } })).ok(200);
    admin.delete(&path).ok(204);
    let history = admin.get(&format!("{path}/history")).ok(200);
    let revisions: Vec<&Value> = items(&history).iter().map(|revision| &revision["rev"]).collect();
    assert_eq!(revisions, [&json!(2), &json!(1)], "{history}");
    let timeline = admin.get(&format!("{path}/timeline")).ok(200);
    assert_eq!(timeline["items"][0]["kind"], "customer.removed", "{timeline}");
    admin.get("/records/customer/nobody/history").problem(404, "record.not_found");
    admin.get(&format!("{path}/why/city")).problem(404, "receipt.not_found");
}

#[test]
fn a_case_has_a_timeline_of_its_own_in_the_words_of_its_plugin() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let customer = customer(&officer, "王磊", "13000012345");
    let case = officer.create("complaints.case", json!({ "customer": customer, "facts": "空调不制冷。" }));
    let id = case["id"].as_str().expect("an id");
    officer.post(&format!("/records/complaints.case/{id}/actions/accept"), &json!({})).ok(200);
    let timeline = officer.get(&format!("/records/complaints.case/{id}/timeline")).ok(200);
    let created =
        items(&timeline).iter().find(|entry| entry["kind"] == "complaints.case.created").expect("its beginning");
    assert_eq!(created["record"]["id"], json!(id), "{created}");
    assert!(items(&timeline).iter().all(|entry| entry["record"]["id"] == json!(id)), "of this case alone: {timeline}");
    assert!(items(&timeline).len() >= 2, "{timeline}");
    for entry in items(&timeline) {
        for locale in ["zh-CN", "en"] {
            let title = entry["title"][locale].as_str().unwrap_or_default();
            assert!(!title.is_empty() && !title.contains(['{', '}']), "{entry}");
        }
    }
    assert_eq!(created["receipts"][0]["point"], "complaint.level", "{created}");
}

#[test]
fn a_timeline_is_narrowed_to_what_one_department_did() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let (officer, other) = (server.staff("wang"), server.staff("li"));
    for (person, kind) in [(&officer, "crm"), (&other, "showroom")] {
        let user = person.get("/session").ok(200)["user"]["id"].clone();
        let team = json!({ "name": kind, "code": kind, "kind": kind, "members": [user] });
        admin.post("/records/team", &json!({ "data": team, "org": "d1" })).ok(201);
    }
    let customer = customer(&officer, "王磊", "13000012345");
    let path = format!("/records/customer/{customer}");
    admin.patch(&path, &json!({ "data": { "city": "武汉" } })).ok(200);
    officer.patch(&path, &json!({ "data": { "city": "长沙" } })).ok(200);
    let of = |department: &str, limit: u32| {
        let page = admin.get(&format!("{path}/timeline?department={department}&limit={limit}")).ok(200);
        let kinds: Vec<String> =
            items(&page).iter().filter_map(|entry| entry["kind"].as_str().map(str::to_owned)).collect();
        (kinds, page["next"].clone())
    };
    assert_eq!(of("crm", 25).0, ["customer.changed", "customer.created"]);
    assert_eq!(of("showroom", 25), (Vec::new(), Value::Null));
    let (first, next) = of("crm", 1);
    assert_eq!(first, ["customer.changed"]);
    let rest = admin
        .get(&format!("{path}/timeline?department=crm&limit=1&cursor={}", next.as_str().expect("a cursor")))
        .ok(200);
    assert_eq!(rest["items"][0]["kind"], "customer.created", "{rest}");
    admin.get(&format!("{path}/timeline?department=crmm")).problem(400, "department.invalid");
}
