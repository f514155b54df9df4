//! A complaint from the first word to the breach: level, owner, task, clock, receipt, timeline.

use marque::{
    model::Scope,
    store::{Store, StoreConfig, tables},
};
use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

/// A Friday at ten, as the domain's example has it.
pub const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

/// A customer of the officer's own dealer.
pub fn customer(officer: &Client) -> String {
    let item = officer.create("customer", json!({ "name": "王建国", "phone": "13000012345", "type": "owner" }));
    item["id"].as_str().expect("an id").to_owned()
}

/// A complaint as a person records it; its item.
pub fn raise(officer: &Client, customer: &str, facts: &str) -> Value {
    let input = json!({ "customer": customer, "kind": "service_quality", "channel": "visit", "facts": facts });
    officer.create("complaints.case", input)
}

fn tasks_about(client: &Client, case: &Value) -> Vec<Value> {
    client.list("worklist.task", &json!({ "about": case["id"] }))
}

fn event_kinds(client: &Client, customer: &str) -> Vec<String> {
    let body = client.get(&format!("/records/customer/{customer}/timeline?limit=100")).ok(200);
    let items = body["items"].as_array().expect("items");
    items.iter().filter_map(|item| item["kind"].as_str()).map(str::to_owned).collect()
}

#[test]
fn a_general_complaint_has_a_level_an_owner_a_task_and_a_day_to_be_accepted() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let case = raise(&officer, &customer, "空调不制冷，预约后等了一个小时。");
    assert_eq!(case["data"]["level"], "general", "{case}");
    assert_eq!(case["data"]["state"], "received", "{case}");
    assert_eq!(case["data"]["response_due"], "2026-03-14T02:00:00.000Z", "{case}");
    assert_eq!(case["data"]["legal_due"].as_str().map(|due| &due[..10]), Some("2026-03-24"), "{case}");
    assert!(case["data"]["owner"].is_string() && case["data"]["number"].is_string(), "{case}");

    let tasks = tasks_about(&officer, &case);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(tasks[0]["data"]["state"], "open", "{tasks:?}");
    assert_eq!(tasks[0]["data"]["owner"], case["data"]["owner"], "{tasks:?}");
    assert_eq!(tasks[0]["data"]["due"], case["data"]["response_due"], "{tasks:?}");
}

#[test]
fn raising_a_complaint_causes_these_events_and_no_others() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, admin) = (server.staff("wang"), server.admin());
    let customer = customer(&officer);
    settled(&admin);
    let before = admin.head();
    raise(&officer, &customer, "空调不制冷。");
    settled(&admin);
    let events = admin.events_after(before);
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["worklist.task.created", "complaints.case.created"], "{events:#?}");
}

/// Waits until every plugin has heard everything.
fn settled(admin: &Client) {
    eventually("all plugins have heard everything", SOON, || {
        let body = admin.get("/plugins").ok(200);
        body["items"].as_array()?.iter().all(|plugin| plugin["lag"] == 0).then_some(())
    });
}

#[test]
fn the_level_has_a_receipt_and_all_of_it_is_on_the_customers_timeline() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let case = raise(&officer, &customer, "空调不制冷。");
    let id = case["id"].as_str().expect("an id");

    let why = officer.get(&format!("/records/complaints.case/{id}/why/level")).ok(200);
    assert_eq!((&why["point"], &why["plugin"]), (&json!("complaint.level"), &json!("complaints")), "{why}");
    assert!(why["plugin_version"].is_string(), "{why}");
    assert_eq!((&why["script"], &why["script_version"]), (&json!("decision/complaint.level"), &json!(0)), "{why}");
    assert_eq!(why["output"]["level"], "general", "{why}");
    assert!(why["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{why}");
    assert_eq!(why["input"]["facts"], "空调不制冷。", "{why}");

    let kinds = eventually("the complaint is on the timeline", SOON, || {
        let kinds = event_kinds(&officer, &customer);
        kinds.contains(&"worklist.task.created".into()).then_some(kinds)
    });
    for kind in ["customer.created", "complaints.case.created"] {
        assert!(kinds.contains(&kind.to_owned()), "{kinds:?}");
    }
    let body = officer.get(&format!("/records/customer/{customer}/timeline?limit=100")).ok(200);
    let entry = body["items"].as_array().into_iter().flatten().find(|item| item["kind"] == "complaints.case.created");
    let entry = entry.unwrap_or_else(|| panic!("{body}"));
    assert!(entry["title"]["zh-CN"].as_str().is_some_and(|title| !title.contains('{')), "{entry}");
    let receipts = entry["receipts"].as_array().map_or(0, Vec::len);
    assert!(receipts >= 1 && entry["receipts"][0]["plugin"] == "complaints", "{entry}");
}

#[test]
fn a_complaint_nobody_accepts_in_time_is_escalated_once() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let case = raise(&officer, &customer, "空调不制冷。");
    let breaches =
        || event_kinds(&officer, &customer).iter().filter(|kind| *kind == "complaints.case.breached").count();

    server.set_clock("2026-03-14T09:59:00+08:00");
    assert_eq!(breaches(), 0, "a minute is left");
    server.set_clock("2026-03-14T10:00:01+08:00");
    eventually("the breach is on the timeline", SOON, || (breaches() > 0).then_some(()));
    let timeline = officer.get(&format!("/records/customer/{customer}/timeline?limit=100")).ok(200);
    let mut told = timeline["items"].as_array().into_iter().flatten();
    let told = told.find(|entry| entry["kind"] == "complaints.case.breached").expect("just seen");
    assert_eq!(told["title"]["zh-CN"], "“受理”超过时限，已上报客服经理", "in the words of the kind");
    let id = case["id"].as_str().expect("an id");
    let now = eventually("the case is marked", SOON, || {
        let now = officer.record("complaints.case", id);
        (now["data"]["breached"] == true).then_some(now)
    });
    assert_eq!(now["data"]["state"], "received", "{now}");

    let manager = server.staff("zhao");
    let tasks = eventually("the addressee has a task", SOON, || {
        let tasks = tasks_about(&manager, &case);
        (tasks.len() >= 2).then_some(tasks)
    });
    assert!(tasks.iter().filter(|task| task["data"]["state"] == "open").count() >= 1, "{tasks:?}");
    assert_eq!(breaches(), 1);
}

#[test]
fn a_move_the_state_does_not_allow_is_refused_and_changes_nothing() {
    let mut server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let case = raise(&officer, &customer, "空调不制冷。");
    let id = case["id"].as_str().expect("an id");
    let answer = officer.post(&format!("/records/complaints.case/{id}/actions/archive"), &json!({ "lessons": "…" }));
    assert_eq!(answer.status, 409, "{}", answer.text);
    assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.text);
    assert_eq!(officer.record("complaints.case", id)["rev"], case["rev"]);

    server.stop();
    let store = Store::open(&server.data(), &StoreConfig::default()).expect("the server has let go of it");
    let audit = tables::audit::verified(&store.view(Scope::All).expect("a view")).expect("an unbroken log");
    let refused: Vec<&str> =
        audit.iter().filter(|entry| entry.what == "refused").map(|entry| entry.actor.as_str()).collect();
    assert_eq!(refused, ["user:d1-wang"], "the refused move is audited");
}

#[test]
fn the_person_complained_about_cannot_own_the_complaint() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let input = json!({
        "customer": customer, "kind": "staff_attitude", "facts": "服务顾问周先生态度差。",
        "responsible_staff": "d1-zhou", "owner": "d1-zhou",
    });
    let answer = officer.post("/records/complaints.case", &json!({ "data": input }));
    assert!((400..500).contains(&answer.status), "{}", answer.text);
    assert_eq!(officer.list("complaints.case", &json!({ "customer": customer })), Vec::<Value>::new());
}
