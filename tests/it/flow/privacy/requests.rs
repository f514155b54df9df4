//! Requests of people about their data: their clocks, who asks, what answers them; copies and retention.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

use super::{FRIDAY, erase, officer, person};
use crate::{
    routes::{bare, customer, items},
    support::{Client, SOON, Server, eventually},
};

fn request(client: &Client, customer: &str, kind: &str) -> String {
    let item = client.create("data_request", json!({ "customer": customer, "kind": kind, "wish": "请处理" }));
    item["id"].as_str().expect("an id").to_owned()
}

fn moved(client: &Client, id: &str, transition: &str, data: &Value) -> Value {
    client.post(&format!("/records/data_request/{id}/moves/{transition}"), &json!({ "data": data })).ok(200)
}

fn kinds_since(client: &Client, before: i64) -> Vec<String> {
    let events = client.events_after(before);
    events.iter().filter_map(|event| event["kind"].as_str()).map(str::to_owned).collect()
}

#[test]
fn a_request_is_due_in_fifteen_working_days_and_never_later_than_thirty() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let before = admin.head();
    let item = admin.create("data_request", json!({ "customer": id, "kind": "access" }));
    assert_eq!(kinds_since(&admin, before), ["data_request.created", "request.received"]);
    assert_eq!(item["data"]["state"], "received");
    assert_eq!(item["data"]["due"], "2026-04-03T02:00:00.000Z", "{item}");
    assert_eq!(item["data"]["limit"], "2026-04-12T02:00:00.000Z", "{item}");
    let holidays: Vec<String> = (16..=31).map(|day| format!("2026-03-{day}")).collect();
    admin.patch("/records/org/hq", &json!({ "data": { "calendar": { "holidays": holidays } } })).ok(200);
    let late = admin.create("data_request", json!({ "customer": id, "kind": "access" }));
    assert_eq!(late["data"]["due"], late["data"]["limit"], "the law waits for no holidays: {late}");
    let ahead = json!({ "customer": id, "kind": "access", "received_at": "2026-03-14T00:00:00Z" });
    admin.post("/records/data_request", &json!({ "data": ahead })).problem(400, "invalid");
}

#[test]
fn a_request_nobody_answers_runs_late_by_itself() {
    let server = bare();
    let admin = server.admin();
    let id = request(&admin, &customer(&admin, "王磊", "13000012345"), "access");
    server.set_clock("2026-04-03T09:59:00+08:00");
    let admin = server.admin();
    assert_eq!(admin.record("data_request", &id)["data"]["state"], "received");
    let before = admin.head();
    server.set_clock("2026-04-03T10:00:01+08:00");
    let admin = server.admin();
    eventually("the request runs late", SOON, || {
        (admin.record("data_request", &id)["data"]["state"] == "overdue").then_some(())
    });
    assert_eq!(kinds_since(&admin, before), ["data_request.lapsed", "request.overdue"]);
    moved(&admin, &id, "answer", &json!({ "identity_checked": "in_person", "result": "已当面说明" }));
    assert_eq!(kinds_since(&admin, before)[2..], ["data_request.answered", "request.answered"]);
}

#[test]
fn nothing_is_erased_on_request_before_it_is_clear_who_asks() {
    let server = bare();
    let (admin, dpo) = (server.admin(), officer(&server));
    let (id, other) = (customer(&admin, "王磊", "13000012345"), customer(&admin, "李静", "13000012346"));
    let asked = request(&admin, &id, "delete");
    let body = json!({ "why": "本人要求", "request": asked });
    let path = |id: &str| format!("/records/customer/{id}/actions/erase");
    dpo.post(&path(&id), &body).problem(409, "request.identity");
    dpo.post(&format!("/records/data_request/{asked}/moves/process"), &json!({})).problem(400, "invalid");
    moved(&dpo, &asked, "process", &json!({ "identity_checked": "in_person" }));
    dpo.post(&path(&other), &body).problem(409, "request.mismatch");
    dpo.post(&path(&id), &body).ok(200);
    let answered = admin.record("data_request", &asked);
    assert_eq!(answered["data"]["state"], "answered", "{answered}");
    assert!(answered["data"]["wish"].is_null() && answered["data"]["result"].is_string(), "{answered}");
}

fn copy(client: &Client, customer: &str) -> (String, Vec<u8>) {
    let told = client.post(&format!("/records/customer/{customer}/actions/export"), &json!({})).ok(200);
    let job = told["reply"]["job"].as_str().expect("a job").to_owned();
    eventually("the copy is made", SOON, || {
        (client.get(&format!("/jobs/{job}")).ok(200)["state"] == "done").then_some(())
    });
    let bytes = client.download(&format!("/jobs/{job}/file"));
    (job, bytes)
}

fn unpacked(bytes: Vec<u8>, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("a file").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_copy_holds_everything_with_reasons_and_no_other_customer() {
    let server = Server::dealer_at(FRIDAY);
    let (wang, dpo) = (server.staff("wang"), officer(&server));
    let (id, wife) = (customer(&wang, "司马相如", "13977765431"), customer(&wang, "卓文君", "13977765499"));
    let case = crate::flow::complaint::raise(&wang, &id, "空调不制冷<b>。");
    let relation = json!({ "customer": id, "other": wife, "kind": "spouse" });
    wang.post("/records/parties.relation", &json!({ "data": relation })).ok(201);
    let nobody = person(&server, "kong", "d1", &["consultant"]);
    nobody.post(&format!("/records/customer/{id}/actions/export"), &json!({})).problem(403, "denied");
    let (job, bytes) = copy(&dpo, &id);
    let data: Value = serde_json::from_str(&unpacked(bytes.clone(), "data.json")).expect("JSON");
    let text = data.to_string();
    assert!(text.contains("司马相如") && text.contains("+8613977765431") && text.contains("空调不制冷"), "{text}");
    assert!(!text.contains("13977765499") && !text.contains("卓文君"), "another customer's: {text}");
    let sections: Vec<&str> =
        items_of(&data, "sections").iter().filter_map(|section| section["kind"].as_str()).collect();
    for kind in ["customer", "complaints.case", "worklist.task", "parties.relation"] {
        assert!(sections.contains(&kind), "{sections:?}");
    }
    let section =
        items_of(&data, "sections").iter().find(|section| section["kind"] == "complaints.case").expect("complaints");
    let fields = items_of(&section["items"][0], "fields");
    let level = fields.iter().find(|field| field["name"] == "level").expect("a level");
    assert!(level["decided"]["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{level}");
    let page = unpacked(bytes, "data.zh-CN.html");
    assert!(
        page.contains("司马相如")
            && page.contains("空调不制冷&lt;b&gt;")
            && page.contains(case["data"]["number"].as_str().expect("a number"))
    );
    // Who fetched it is on the next copy.
    let (_, again) = copy(&dpo, &id);
    let looked = serde_json::from_str::<Value>(&unpacked(again, "data.json")).expect("JSON")["looked_at"].to_string();
    assert!(looked.contains("copy.taken"), "{looked}");
    server.set_clock("2026-03-21T10:00:00+08:00");
    let dpo = server.client().login("dpo", "forget me when I ask");
    dpo.get(&format!("/jobs/{job}/file")).problem(404, "file.not_found");
}

fn items_of<'a>(body: &'a Value, name: &str) -> &'a Vec<Value> {
    body[name].as_array().unwrap_or_else(|| panic!("no {name}: {body}"))
}

#[test]
fn prospects_are_forgotten_two_years_after_the_last_word_once_somebody_has_said_so() {
    let server = bare();
    let admin = server.admin();
    let silent = customer(&admin, "王磊", "13000012345");
    let owner = admin.create("customer", json!({ "name": "李静", "phone": "13000012346", "type": "owner" }));
    let due = |client: &Client| items(&client.get("/privacy/retention").ok(200)).len();
    server.set_clock("2027-06-01T10:00:00+08:00");
    let admin = server.admin();
    let spoken = customer(&admin, "赵敏", "13000012347");
    server.set_clock("2028-03-14T10:00:00+08:00");
    let admin = server.admin();
    assert_eq!(due(&admin), 1, "the silent one");
    let body = admin.get("/privacy/retention?months=6").ok(200);
    assert_eq!(items(&body).len(), 2, "tried with another rule: {body}");
    server.set_clock("2028-03-15T10:00:00+08:00");
    let admin = server.admin();
    assert_eq!(admin.record("customer", &silent)["data"]["name"], "王磊", "nobody has said so yet");
    admin
        .put("/privacy/retention", &json!({ "is_on": true, "months": 0, "id_image_days": 30 }))
        .problem(400, "invalid");
    admin.put("/privacy/retention", &json!({ "is_on": true, "months": 24, "id_image_days": 30 })).ok(200);
    person(&server, "li", "hq", &["consultant"]).get("/privacy/retention").problem(403, "denied");
    server.set_clock("2028-03-16T10:00:00+08:00");
    let admin = server.admin();
    eventually("the silent one is forgotten", SOON, || {
        (admin.record("customer", &silent)["data"]["name"] == "—").then_some(())
    });
    assert_eq!(admin.record("customer", &spoken)["data"]["name"], "赵敏");
    assert_eq!(admin.record("customer", owner["id"].as_str().expect("an id"))["data"]["name"], "李静");
    assert_eq!(due(&admin), 0);
}

#[test]
fn the_picture_of_an_identity_document_goes_thirty_days_after_the_check() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let file =
        admin.send("POST", &format!("{path}/attachments?name=id.pdf"), &[], b"%PDF-1.7\n%%EOF\n".to_vec()).ok(201);
    let data = json!({ "id_image": file["id"], "id_verified_at": "2026-03-13T02:00:00Z" });
    admin.patch(&path, &json!({ "data": data })).ok(200);
    server.set_clock("2026-04-11T10:00:00+08:00");
    assert!(server.admin().record("customer", &id)["data"]["id_image"].is_string());
    server.set_clock("2026-04-14T10:00:00+08:00");
    let admin = server.admin();
    eventually("the picture is gone", SOON, || {
        admin.record("customer", &id)["data"]["id_image"].is_null().then_some(())
    });
    let file = format!("/attachments/{}", file["id"].as_str().expect("an id"));
    eventually("the file too", SOON, || (admin.get(&file).status == 404).then_some(()));
}

#[test]
fn a_child_is_no_customer() {
    let server = bare();
    let admin = server.admin();
    let of =
        |birth_date: &str| json!({ "data": { "name": "王小小", "phone": "13000012345", "birth_date": birth_date } });
    let refused = admin.post("/records/customer", &of("2012-03-14"));
    assert_eq!(refused.pointers(), ["/data/birth_date"], "{}", refused.text);
    assert_eq!(refused.problem(400, "invalid")["errors"][0]["code"], "birth_date.child");
    let made = admin.post("/records/customer", &of("2012-03-13")).ok(201);
    let path = format!("/records/customer/{}", made["id"].as_str().expect("an id"));
    admin.patch(&path, &json!({ "data": { "birth_date": "2020-01-01" } })).problem(400, "invalid");
    erase(&admin, made["id"].as_str().expect("an id"));
}
