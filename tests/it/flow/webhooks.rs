//! Webhooks: other systems hear of what happens, signed, in order, until they have taken it, and with nobody's eyes but their owner's.

use std::collections::BTreeSet;

use marque::model::webhook;
use serde_json::{Value, json};

use crate::support::{
    Client, SOON, Server, Setup, eventually,
    takers::{Gateway, MailServer, Posted},
};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn server_with(mut variables: Vec<(&'static str, &'static str)>) -> Server {
    variables.push(("MARQUE__OUTBOUND__INSIDE", "127.0.0.1,localhost"));
    Server::with(Setup { clock: Some(FRIDAY), customers: Some(4), variables, ..Setup::default() })
}

fn server() -> Server {
    server_with(Vec::new())
}

fn make(client: &Client, url: &str, events: &[&str], more: Value) -> Value {
    let mut body = json!({ "name": "财务系统", "url": url, "events": events });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    client.post("/webhooks", &body).ok(201)
}

fn id(item: &Value) -> &str {
    item["id"].as_str().expect("an id")
}

fn customer(client: &Client, name: &str, phone: &str) -> String {
    id(&client.create("customer", json!({ "name": name, "phone": phone }))).to_owned()
}

fn taken(gateway: &Gateway, n: usize) -> Vec<Posted> {
    eventually("it was told", SOON, || Some(gateway.taken()).filter(|taken| taken.len() >= n))
}

/// What it was told, the first event first.
fn log(client: &Client, hook: &Value) -> Vec<Value> {
    let page = client.get(&format!("/webhooks/{}/deliveries?limit=100", id(hook))).ok(200);
    let mut items = page["items"].as_array().expect("items").clone();
    items.sort_by_key(|item| item["seq"].as_i64());
    items
}

fn states(client: &Client, hook: &Value) -> Vec<String> {
    log(client, hook).iter().map(|item| item["state"].as_str().expect("a state").to_owned()).collect()
}

fn is_signed(posted: &Posted, secret: &str) -> bool {
    let header = |name: &str| posted.headers.get(name).map(String::as_str).unwrap_or_default();
    let at = header("webhook-timestamp");
    let now = marque::model::Time::from_millis(at.parse::<i64>().expect("seconds") * 1_000);
    webhook::is_signed(secret, header("webhook-id"), at, &posted.body, header("webhook-signature"), now)
}

#[test]
fn what_happens_is_told_once_signed_and_only_what_was_asked_for() {
    let (server, gateway) = (server(), Gateway::start());
    let (admin, officer) = (server.admin(), server.staff("wang"));
    customer(&officer, "以前的", "13900020000");
    let hook = make(&admin, &gateway.url, &["customer.*", "message.queued"], json!({}));
    let secret = hook["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_"), "{hook}");
    assert_eq!(admin.get(&format!("/webhooks/{}", id(&hook))).ok(200)["secret"], Value::Null, "it is shown once");
    let one = customer(&officer, "孙国强", "13900020001");
    officer.create("complaints.case", json!({ "customer": one, "facts": "空调不制冷。" }));
    let posted = taken(&gateway, 1);
    assert!(posted.iter().all(|posted| is_signed(posted, secret)), "{posted:?}");
    let told: Vec<Value> = posted.iter().map(Posted::json).collect();
    assert_eq!((&told[0]["type"], &told[0]["subject"]), (&json!("customer.created"), &json!(one)), "{told:?}");
    assert!(told.iter().all(|event| {
        event["type"].as_str().is_some_and(|kind| kind.starts_with("customer.") || kind == "message.queued")
    }));
    let ids: BTreeSet<&String> = posted.iter().map(|posted| &posted.headers["webhook-id"]).collect();
    assert_eq!(ids.len(), posted.len());
    let line = &log(&admin, &hook)[0];
    assert_eq!((&line["state"], &line["status"]), (&json!("delivered"), &json!(200)), "{line}");
}

#[test]
fn a_filter_narrows_it_to_what_is_quoted() {
    let (server, gateway) = (server(), Gateway::start());
    let (admin, officer) = (server.admin(), server.staff("wang"));
    make(&admin, &gateway.url, &["customer.created"], json!({ "filter": { "type": "owner" } }));
    officer.create("customer", json!({ "name": "何美玲", "phone": "13900020002", "type": "prospect" }));
    let there = officer.create("customer", json!({ "name": "孙国强", "phone": "13900020001", "type": "owner" }));
    let posted = taken(&gateway, 1);
    assert_eq!((posted.len(), &posted[0].json()["subject"]), (1, &there["id"]));
}

#[test]
fn of_one_subject_everything_comes_in_order_however_often_it_is_tried() {
    let (server, gateway) = (server(), Gateway::start());
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let hook = make(&admin, &gateway.url, &["customer.*"], json!({}));
    gateway.will_say(&[503, 500]);
    let one = customer(&officer, "孙国强", "13900020001");
    let path = format!("/records/customer/{one}");
    for city in ["武汉", "长沙"] {
        officer.patch(&path, &json!({ "data": { "city": city } })).ok(200);
    }
    eventually("all are put down", SOON, || (log(&admin, &hook).len() == 3).then_some(()));
    taken(&gateway, 1);
    eventually("the first try is noted", SOON, || (log(&admin, &hook)[0]["attempts"] == 1).then_some(()));
    assert_eq!(gateway.taken().len(), 1, "the others wait for the first");
    server.set_clock("2026-03-13T10:00:06+08:00");
    taken(&gateway, 2);
    eventually("the second try is noted", SOON, || (log(&admin, &hook)[0]["attempts"] == 2).then_some(()));
    server.set_clock("2026-03-13T10:06:00+08:00");
    let posted = taken(&gateway, 5);
    let kinds: Vec<Value> = posted.iter().map(|posted| posted.json()["recordrev"].clone()).collect();
    assert_eq!(kinds, [1, 1, 1, 2, 3].map(Value::from), "three times the first, then the others");
    let ids: Vec<&String> = posted[..3].iter().map(|posted| &posted.headers["webhook-id"]).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "whoever takes it twice knows it again: {ids:?}");
    eventually("all are delivered", SOON, || {
        states(&admin, &hook).iter().all(|state| state == "delivered").then_some(())
    });
}

#[test]
fn a_server_that_dies_has_told_everything_when_it_is_back() {
    let (mut server, gateway) = (server(), Gateway::start());
    let hook = make(&server.admin(), &gateway.url, &["customer.created"], json!({}));
    gateway.will_say(&[503]);
    let officer = server.staff("wang");
    let all: BTreeSet<String> = (1..=9).map(|n| customer(&officer, "孙国强", &format!("1390002000{n}"))).collect();
    server.kill9();
    server.launch();
    server.set_clock("2026-03-13T11:00:00+08:00");
    let admin = server.admin();
    eventually("all are delivered", SOON, || {
        let states = states(&admin, &hook);
        (states.len() == 9 && states.iter().all(|state| state == "delivered")).then_some(())
    });
    let told: BTreeSet<String> =
        gateway.taken().iter().filter_map(|posted| posted.json()["subject"].as_str().map(str::to_owned)).collect();
    assert_eq!(told, all);
}

#[test]
fn after_five_days_of_silence_it_is_stopped_and_its_owner_is_told() {
    let (gateway, mail) = (Gateway::start(), MailServer::start());
    let variables =
        vec![("MARQUE__OUTBOUND__SMTP__URL", kept(&mail.url)), ("MARQUE__OUTBOUND__SMTP__FROM", "crm@example.cn")];
    let server = server_with(variables);
    let (admin, officer) = (server.admin(), server.staff("wang"));
    admin.patch("/records/user/admin", &json!({ "data": { "email": "it@example.com" } })).ok(200);
    let hook = make(&admin, &gateway.url, &["customer.created"], json!({}));
    gateway.will_say(&[500; 200]);
    customer(&officer, "孙国强", "13900020001");
    let mut clock: marque::model::Time = FRIDAY.parse().expect("a moment");
    eventually("it is stopped", SOON * 3, || {
        clock = clock.plus_millis(6 * 3_600_000);
        server.set_clock(&clock.to_string());
        // Something happens every few hours, so that there is always something to be told.
        let n = (clock.millis() / 3_600_000) % 9_000;
        customer(&officer, "何美玲", &format!("1380001{n:04}"));
        let state = admin.get(&format!("/webhooks/{}", id(&hook))).ok(200);
        (state["state"] == "disabled").then_some(state)
    });
    let state = admin.get(&format!("/webhooks/{}", id(&hook))).ok(200);
    assert_eq!(state["why"], "failing", "{state}");
    assert!(clock - FRIDAY.parse().expect("a moment") >= 5 * 86_400_000, "not before {clock}");
    let letter = eventually("the owner is told", SOON, || mail.taken().into_iter().next());
    assert!(letter.contains("To: it@example.com"), "{letter}");
    let told = admin.events_after(0);
    assert!(told.iter().any(|event| event["kind"] == "webhook.disabled" && event["data"]["why"] == "failing"));
    admin.post(&format!("/webhooks/{}/test", id(&hook)), &json!({})).problem(409, "webhook.not_active");
    // Mended and set going again, it hears what it has missed.
    let before = gateway.taken().len();
    let mended = Gateway::start();
    let going = json!({ "state": "active", "url": mended.url });
    admin.patch(&format!("/webhooks/{}", id(&hook)), &going).ok(200);
    server.set_clock(&clock.plus_millis(12 * 3_600_000).to_string());
    taken(&mended, 1);
    assert_eq!(gateway.taken().len(), before);
}

#[test]
fn it_hears_with_its_owners_eyes_and_with_the_changers_after_a_change() {
    let (server, gateway) = (server(), Gateway::start());
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let body = json!({ "name": "x", "url": gateway.url, "events": ["*"] });
    officer.post("/webhooks", &body).problem(403, "denied");
    officer.get("/webhooks").problem(403, "denied");
    let org = json!({ "data": { "code": "d9", "name": "九店", "type": "dealer", "parent": "hq" } });
    let other = id(&admin.post("/records/org", &org).ok(201)).to_owned();
    let hook = make(&admin, &gateway.url, &["customer.created"], json!({ "org": "d1" }));
    admin
        .post("/records/customer", &json!({ "data": { "name": "外店", "phone": "13900020009" }, "org": other }))
        .ok(201);
    let own = customer(&officer, "孙国强", "13900020001");
    let posted = taken(&gateway, 1);
    assert_eq!(posted[0].json()["subject"], json!(own), "what happens elsewhere is not told");
    let gone = admin.post("/webhooks", &json!({ "name": "y", "url": gateway.url, "events": ["customer.*"] })).ok(201);
    assert_eq!(admin.get("/webhooks").ok(200)["items"].as_array().map(Vec::len), Some(2));
    admin.delete(&format!("/webhooks/{}", id(&gone))).ok(204);
    admin.get(&format!("/webhooks/{}", id(&gone))).problem(404, "webhook.not_found");
    let at = format!("/webhooks/{}", id(&hook));
    admin.patch(&at, &json!({ "state": "disabled" })).problem(400, "state.invalid");
    assert_eq!(admin.patch(&at, &json!({ "state": "paused" })).ok(200)["state"], "paused");
    let while_paused = customer(&officer, "何美玲", "13900020002");
    assert_eq!(admin.patch(&at, &json!({ "state": "active" })).ok(200)["state"], "active");
    let posted = taken(&gateway, 2);
    assert_eq!(posted[1].json()["subject"], json!(while_paused), "what happened meanwhile was kept");
}

#[test]
fn another_secret_signs_beside_the_old_one_for_a_day() {
    let (server, gateway) = (server(), Gateway::start());
    let admin = server.admin();
    let hook = make(&admin, &gateway.url, &["customer.created"], json!({}));
    let at = format!("/webhooks/{}", id(&hook));
    let old = hook["secret"].as_str().expect("a secret").to_owned();
    let new = admin.post(&format!("{at}/rotate"), &json!({})).ok(200)["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(old, new);
    let tested = admin.post(&format!("{at}/test"), &json!({})).ok(202);
    assert_eq!(tested["kind"], "webhook.test");
    let posted = taken(&gateway, 1);
    assert!(is_signed(&posted[0], &old) && is_signed(&posted[0], &new) && posted[0].json()["type"] == "webhook.test");
    server.set_clock("2026-03-14T10:00:01+08:00");
    admin.post(&format!("{at}/test"), &json!({})).ok(202);
    let posted = taken(&gateway, 2);
    assert!(!is_signed(&posted[1], &old) && is_signed(&posted[1], &new));
    // A trial that is not taken has failed and is tried again by hand.
    gateway.will_say(&[404]);
    admin.post(&format!("{at}/test"), &json!({})).ok(202);
    let failed =
        eventually("it has failed", SOON, || log(&admin, &hook).into_iter().find(|line| line["state"] == "failed"));
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!(404), &json!(1)), "{failed}");
    let again = format!("{at}/deliveries/{}/retry", id(&failed));
    assert_eq!(admin.post(&again, &json!({})).ok(200)["n"], 1);
    server.set_clock("2026-03-14T10:01:00+08:00");
    eventually("it was taken", SOON, || states(&admin, &hook).iter().all(|state| state == "delivered").then_some(()));
}

#[test]
fn nothing_inside_the_house_is_called_unless_the_operator_says_so() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    for url in [
        "http://127.0.0.1:8080/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://localhost/",
        "http://hooks.example.cn/",
        "file:///etc/passwd",
    ] {
        let body = json!({ "name": "x", "url": url, "events": ["customer.*"] });
        admin.post("/webhooks", &body).problem(400, "egress.refused");
    }
    for (events, field) in [(json!([]), "/events"), (json!(["kund e"]), "/events")] {
        let body = json!({ "name": "x", "url": "https://hooks.example.cn/", "events": events });
        assert_eq!(admin.post("/webhooks", &body).pointers(), [field]);
    }
}
