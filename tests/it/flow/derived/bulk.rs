//! Definitions and publications fill what is there already, as jobs that end and go on after a kill.

use serde_json::{Value, json};

use super::{
    garage,
    http::{BY_SPENDING, SCORE, publish},
};
use crate::{
    faults::package::install,
    support::{Client, SOON, Server, eventually},
};

const N_CLIENTS: usize = 1_500;

/// Many clients, every third with a job, brought in as people do it.
fn fill(admin: &Client) {
    let import = |kind: &str, text: String| {
        let path = format!("/records/{kind}/import?mode=apply");
        let body = admin.send("POST", &path, &[("content-type", "text/csv")], text.into_bytes()).ok(202);
        let id = body["job"]["id"].as_str().or(body["job"].as_str()).expect("a job").to_owned();
        eventually("the import ends", SOON * 6, || {
            (admin.get(&format!("/jobs/{id}")).ok(200)["state"] == "done").then_some(())
        });
    };
    let names: String = (0..N_CLIENTS).map(|n| format!("Client {n:04}\n")).collect();
    import("garage.client", format!("Name\n{names}"));
    for client in admin.list("garage.client", &json!({})).iter().step_by(3) {
        admin.create("garage.job", json!({ "client": client["id"], "amount": 20_000, "is_paid": true }));
    }
}

pub fn jobs(admin: &Client) -> Vec<Value> {
    let body = admin.get("/jobs?limit=100").ok(200);
    body["items"].as_array().expect("items").iter().filter(|job| job["kind"] == "derive").cloned().collect()
}

pub fn all_done(admin: &Client, n: usize) -> Vec<Value> {
    eventually("every back-fill has ended", SOON * 6, || {
        Some(jobs(admin)).filter(|jobs| jobs.len() >= n && jobs.iter().all(|job| job["state"] != "running"))
    })
}

fn n_with(admin: &Client, filter: &Value) -> u64 {
    let body = admin.get(&format!("/records/garage.client?limit=1&count=exact&filter={filter}")).ok(200);
    body["count"].as_u64().expect("a count")
}

#[test]
fn what_is_defined_later_is_filled_for_what_is_there() {
    let mut server = Server::start();
    let admin = server.admin();
    install(&admin, garage::plain_package(), "garage");
    fill(&admin);
    let head = admin.head();
    install(&admin, garage::package(), "garage");
    // The job is there as soon as the definition is, and goes on after a kill.
    assert_eq!(jobs(&admin).len(), 2);
    server.kill9();
    server.launch();
    let admin = server.admin();
    let done = all_done(&admin, 2);
    assert!(done.iter().all(|job| job["state"] == "done" && job["done"] == N_CLIENTS), "{done:?}");
    let n_jobs = 500usize.div_ceil(3) as u64;
    assert_eq!(n_with(&admin, &json!({ "spent": 20_000 })), n_jobs);
    assert_eq!(n_with(&admin, &json!({ "n_jobs": 0 })), N_CLIENTS as u64 - n_jobs);
    assert_eq!(n_with(&admin, &json!({ "class": "plain" })), N_CLIENTS as u64, "the script that ships with it");
    let events = admin.events_after(head);
    let told = events.iter().filter(|event| event["data"]["quoted"]["spent"] == 20_000).count();
    assert_eq!(told as u64, n_jobs, "who reacts to it hears of it once");

    publish(&admin, SCORE, BY_SPENDING);
    let done = all_done(&admin, 3);
    let rate = done.iter().filter_map(|job| job["detail"]["rows_per_second"].as_u64()).max();
    assert!(rate.is_some_and(|rate| rate > 0), "{done:?}");
    assert_eq!(n_with(&admin, &json!({ "score": 12 })), n_jobs);
    assert_eq!(n_with(&admin, &json!({ "score": 0 })), N_CLIENTS as u64 - n_jobs);
    // A later version of the plugin that derives the same begins nothing anew.
    install(&admin, garage::package(), "garage");
    assert_eq!(jobs(&admin).len(), 3);
}

#[test]
fn a_back_fill_is_nobodys_to_cancel() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, garage::plain_package(), "garage");
    fill(&admin);
    install(&admin, garage::package(), "garage");
    let job = jobs(&admin).remove(0);
    let answer = admin.post(&format!("/jobs/{}/cancel", job["id"].as_str().expect("an id")), &json!({}));
    let is_kept = answer.status == 409 && answer.body["code"] == "job.kept";
    assert!(is_kept || answer.body["state"] == "done", "{}", answer.text);
}

#[test]
fn a_roll_up_that_does_not_fit_its_child_is_refused_at_the_door() {
    let server = Server::start();
    let admin = server.admin();
    let package = garage::package_with(|client| {
        client["fields"]["spent"]["rollup"]["filter"] = json!({ "day": { "gt": { "$now": "-30d" } } });
    });
    let refused = admin.send("POST", "/plugins", &[("content-type", "application/octet-stream")], package);
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("goes by $now"), "{}", refused.text);
    let package = garage::package_with(|client| client["fields"]["spent"]["rollup"]["via"] = json!("what"));
    let refused = admin.send("POST", "/plugins", &[("content-type", "application/octet-stream")], package);
    assert!(refused.text.contains("has no ref of that name"), "{}", refused.text);
    admin.get("/records/garage.client").problem(404, "kind.not_found");
}
