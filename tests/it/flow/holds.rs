//! What an import sets off: known beforehand, held, let go or dropped, and never in anybody else's way.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::imports::{CSV, counts, finished, import_as};
use crate::{
    faults::package::{install, wayward},
    support::{Client, Server, Setup, eventually},
};

const PATIENCE: Duration = Duration::from_secs(120);

/// Without the plugins that come with it, some of which hear of customers too.
fn alone(variables: Vec<(&'static str, &'static str)>) -> Server {
    Server::with(Setup { arguments: vec!["--plugins", "none"], variables, ..Setup::default() })
}

fn file(n_rows: u32) -> Vec<u8> {
    let lines: String = (0..n_rows).map(|n| format!("客户{n},138{n:08}\n")).collect();
    format!("姓名,手机\n{lines}").into_bytes()
}

fn import(client: &Client, how: &str, n_rows: u32) -> Value {
    import_as(client, &format!("/records/customer/import?{how}"), CSV, file(n_rows))
}

/// How many customers the plugin has marked.
fn n_marks(client: &Client) -> u64 {
    let body = client.get("/records/wayward.mark?limit=1&count=exact").ok(200);
    body["count"].as_u64().unwrap_or_else(|| panic!("no count: {body}"))
}

fn id(job: &Value) -> &str {
    job["id"].as_str().expect("an id")
}

fn held(client: &Client, job: &str) -> Value {
    client.get(&format!("/jobs/{job}")).ok(200)["held"].clone()
}

/// Nothing more comes although there was time for it.
fn stays_at(client: &Client, n: u64) {
    let end = Instant::now() + Duration::from_millis(1_500);
    while Instant::now() < end {
        assert_eq!(n_marks(client), n);
        thread::park_timeout(Duration::from_millis(100));
    }
}

#[test]
fn a_preview_tells_what_would_be_set_off_and_for_whom() {
    let server = alone(Vec::new());
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    admin.create("customer", json!({ "name": "客户1", "phone": "13800000001" }));
    let preview = import(&admin, "mode=preview&automations=hold", 40);
    assert_eq!(preview["detail"]["automations"], json!({ "customer.created": 39 }));
    assert_eq!(preview["detail"]["heard_by"], json!({ "customer.created": { "wayward": 39 } }));
    let applied = import(&admin, "mode=apply", 40);
    for name in ["automations", "heard_by"] {
        assert_eq!(applied["detail"][name], preview["detail"][name], "as foreseen");
    }
    eventually("every one is marked", PATIENCE, || (n_marks(&admin) == 40).then_some(()));
    admin.post(&format!("/jobs/{}/release", id(&applied)), &json!({})).problem(409, "job.not_held");
    admin.post(&format!("/jobs/{}/release", id(&preview)), &json!({})).problem(409, "job.nothing");
}

#[test]
fn held_events_wait_for_release_through_two_deaths_and_are_delivered_once() {
    let mut server = alone(Vec::new());
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let job = import(&admin, "mode=apply&automations=hold", 300);
    assert_eq!(job["counts"], counts(0, 0, 0, 300));
    let job = id(&job).to_owned();
    eventually("all are set aside", PATIENCE, || {
        (held(&admin, &job) == json!({ "state": "held", "n_waiting": 300 })).then_some(())
    });
    admin.create("customer", json!({ "name": "过路人", "phone": "13900000000" }));
    eventually("others are marked at once", PATIENCE, || (n_marks(&admin) == 1).then_some(()));
    assert_eq!(admin.get("/plugins/wayward").ok(200)["parked"], 0, "nothing has failed");
    server.kill9();
    server.launch();
    let admin = server.admin();
    stays_at(&admin, 1);
    admin.post(&format!("/jobs/{job}/release"), &json!({})).ok(200);
    eventually("some are let go", PATIENCE, || (n_marks(&admin) > 40).then_some(()));
    assert!(n_marks(&admin) < 301, "at a measured pace");
    server.kill9();
    server.launch();
    let admin = server.admin();
    eventually("all are let go", PATIENCE, || (held(&admin, &job)["n_waiting"] == 0).then_some(()));
    stays_at(&admin, 301);
    let marks = admin.get("/records/wayward.mark/aggregate?group=customer&measures={\"n\":{\"count\":true}}").ok(200);
    let items = marks["items"].as_array().expect("groups");
    assert!(items.len() == 301 && items.iter().all(|item| item["n"] == 1), "each once: {}", items.len());
}

#[test]
fn discarded_events_are_never_delivered_and_hold_up_nothing_afterwards() {
    let server = alone(Vec::new());
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let job = import(&admin, "mode=apply&automations=hold", 60);
    let job = id(&job).to_owned();
    eventually("all are set aside", PATIENCE, || (held(&admin, &job)["n_waiting"] == 60).then_some(()));
    admin.post(&format!("/jobs/{job}/discard"), &json!({})).ok(200);
    eventually("all are dropped", PATIENCE, || {
        (held(&admin, &job) == json!({ "state": "discarded", "n_waiting": 0 })).then_some(())
    });
    stays_at(&admin, 0);
    admin.create("customer", json!({ "name": "过路人", "phone": "13900000000" }));
    eventually("the plugin goes on", PATIENCE, || (n_marks(&admin) == 1).then_some(()));
    admin.post(&format!("/jobs/{job}/release"), &json!({})).problem(409, "job.not_held");
}

#[test]
fn a_batched_import_does_not_stand_in_the_way_of_others() {
    let server = alone(vec![("MARQUE__BUS__PACED_PER_SECOND", "20")]);
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let job = import(&admin, "mode=apply&automations=batch", 200);
    let job = id(&job).to_owned();
    let passer = admin.create("customer", json!({ "name": "过路人", "phone": "13900000000" }));
    let filter = json!({ "customer": passer["id"] });
    eventually("the passer-by is marked", PATIENCE, || (!admin.list("wayward.mark", &filter).is_empty()).then_some(()));
    assert!(n_marks(&admin) < 201, "the import's are still on their way");
    eventually("all are let go", PATIENCE, || (n_marks(&admin) == 201).then_some(()));
    assert_eq!(held(&admin, &job), json!({ "state": "going", "n_waiting": 0 }));
    assert_eq!(finished(&admin, &job)["state"], "done");
}
