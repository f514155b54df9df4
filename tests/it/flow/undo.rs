//! Taking an import back: what it made goes, what it changed comes back, and nobody's later work is lost.

use std::time::Duration;

use serde_json::{Value, json};

use super::imports::{CSV, NDJSON, counts, import_as, n_customers};
use crate::support::{Client, Server, eventually};

const PATIENCE: Duration = Duration::from_secs(120);

fn undone(client: &Client, job: &str) -> Value {
    eventually("the import is taken back", PATIENCE, || {
        let job = client.get(&format!("/jobs/{job}")).ok(200);
        (job["state"] != "running").then_some(job)
    })
}

fn undo(client: &Client, job: &Value) -> Value {
    let id = job["id"].as_str().expect("an id");
    client.post(&format!("/jobs/{id}/undo"), &json!({})).ok(200);
    let job = undone(client, id);
    assert_eq!(job["state"], "undone", "{job}");
    job
}

#[test]
fn what_was_made_goes_what_was_changed_comes_back_and_later_edits_stay() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let make = |name: &str, phone: &str| {
        let body = json!({ "org": "d1", "data": { "name": name, "phone": phone, "city": "武汉", "tags": "老" } });
        admin.post("/records/customer", &body).ok(201)["id"].as_str().expect("an id").to_owned()
    };
    let (quiet, edited) = (make("王一", "13800000001"), make("王二", "13800000002"));
    let before = admin.record("customer", &quiet)["data"].clone();
    let n_before = n_customers(&admin);
    let text = "姓名,手机,城市,标签,备注\n王一,13800000001,长沙,新,甲\n王二,13800000002,长沙,新,乙\n新一,13800000003,,,\n新二,13800000004,,,\n新三,13800000005,,,\n";
    let path = "/records/customer/import?mode=apply&key=phone&org=d1";
    let job = import_as(&admin, path, CSV, text.into());
    assert_eq!(job["counts"], counts(0, 0, 2, 3));
    assert_eq!(admin.record("customer", &quiet)["data"]["city"], "长沙");

    let new =
        |name: &str| admin.list("customer", &json!({ "name": name }))[0]["id"].as_str().expect("an id").to_owned();
    let (touched, used) = (new("新二"), new("新三"));
    let officer = server.staff("wang");
    officer.patch(&format!("/records/customer/{edited}"), &json!({ "data": { "city": "上海" } })).ok(200);
    officer.patch(&format!("/records/customer/{touched}"), &json!({ "data": { "note": "今天来过" } })).ok(200);
    let case = json!({ "data": { "customer": used, "kind": "service_quality", "description": "等了三个小时", "received_by": "x" } });
    let raised = officer.post("/records/complaints.case/actions/raise", &case["data"]);
    let is_used = raised.status == 200;

    let job = undo(&admin, &job);
    assert_eq!(admin.record("customer", &quiet)["data"], before, "everything is as it was");
    let kept = &admin.record("customer", &edited)["data"];
    assert_eq!((&kept["city"], &kept["tags"], &kept["note"]), (&json!("上海"), &json!("老"), &Value::Null));
    assert_eq!(admin.record("customer", &touched)["data"]["note"], "今天来过");
    let conflicts = job["conflicts"].as_array().expect("conflicts");
    let of = |id: &str| conflicts.iter().find(|conflict| conflict["id"] == id).unwrap_or_else(|| panic!("{job}"));
    let conflict = of(&edited);
    assert_eq!(
        (&conflict["field"], &conflict["now"], &conflict["before"]),
        (&json!("city"), &json!("上海"), &json!("武汉"))
    );
    assert!(conflict["actor"]["name"].is_string() && conflict["code"] == "undo.edited", "{conflict}");
    assert_eq!(of(&touched)["field"], "note");
    if is_used {
        assert_eq!(of(&used)["code"], "record.in_use");
    }
    let n_removed = if is_used { 1 } else { 2 };
    assert_eq!((&job["undo"]["removed"], &job["undo"]["restored"]), (&json!(n_removed), &json!(1)), "{job}");
    assert_eq!(n_customers(&admin), n_before + 3 - n_removed);
    let again = admin.post(&format!("/jobs/{}/undo", job["id"].as_str().expect("an id")), &json!({})).ok(200);
    assert_eq!(again["state"], "undone", "twice is once");
}

#[test]
fn an_undo_survives_two_deaths_of_the_server() {
    let mut server = Server::start();
    let admin = server.admin();
    admin.create("customer", json!({ "name": "原有", "phone": "13900000000", "city": "武汉" }));
    let known = json!({ "name": "原有", "phone": "13900000000", "note": "来自名单" }).to_string();
    let lines: String = (0..2_500).map(|n| format!("{{\"name\":\"客户{n}\",\"phone\":\"138{n:08}\"}}\n")).collect();
    let job =
        import_as(&admin, "/records/customer/import?mode=apply", NDJSON, format!("{known}\n{lines}").into_bytes());
    assert_eq!((&job["counts"], n_customers(&admin)), (&counts(0, 0, 1, 2_500), 2_501));
    let id = job["id"].as_str().expect("an id").to_owned();
    admin.post(&format!("/jobs/{id}/undo"), &json!({})).ok(200);
    for n_left in [2_400, 1_500] {
        let admin = server.admin();
        eventually("some are gone", PATIENCE, || (n_customers(&admin) < n_left).then_some(()));
        server.kill9();
        server.launch();
    }
    let admin = server.admin();
    let job = undone(&admin, &id);
    assert_eq!((&job["state"], &job["conflicts"]), (&json!("undone"), &json!([])));
    assert_eq!(
        (&job["undo"]["removed"], &job["undo"]["restored"], &job["undo"]["done"]),
        (&json!(2_500), &json!(1), &json!(2_501))
    );
    let left = admin.list("customer", &json!({}));
    assert_eq!((left.len(), &left[0]["data"]["note"]), (1, &Value::Null));
}

#[test]
fn what_cannot_be_taken_back_says_why() {
    let server = Server::start();
    let admin = server.admin();
    let preview =
        import_as(&admin, "/records/customer/import?mode=preview", CSV, "姓名,手机\n王磊,13800001234\n".into());
    let path = format!("/jobs/{}/undo", preview["id"].as_str().expect("an id"));
    admin.post(&path, &json!({})).problem(409, "job.nothing");
    admin.post("/jobs/0198a0c4-0000-7000-8000-000000000001/undo", &json!({})).problem(404, "job.not_found");
}
