//! A draft of a decision is tried on what was decided before: which answers differ, and nothing else happens.

use serde_json::{Value, json};

use super::complaint::{FRIDAY, customer, raise};
use crate::support::{Client, SOON, Server, eventually};

const LEVEL: &str = "/scripts/decision/complaint.level";

fn tried(author: &Client, body: &Value) -> Value {
    let path = format!("{LEVEL}/preview?org=d1");
    let job = author.post(&path, body).ok(202)["job"].as_str().expect("a job").to_owned();
    let job = eventually("the preview ends", SOON, || {
        Some(author.get(&format!("/jobs/{job}")).ok(200)).filter(|job| job["state"] != "running")
    });
    assert_eq!(job["state"], "done", "{job}");
    job["detail"].clone()
}

#[test]
fn decisions_of_the_last_days_are_made_again_as_of_their_time() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let customer = customer(&officer);
    let facts = ["空调不制冷。", "行驶中发动机舱起火。", "洗车没有洗干净。"];
    let cases: Vec<Value> = facts.iter().map(|facts| raise(&officer, &customer, facts)).collect();
    let head = author.head();

    let two_hours = "fn decide(input) { #{ level: \"general\", response: \"2h\", reasons: [\"本店两小时受理\"] } }";
    let shown = tried(&author, &json!({ "source": two_hours }));
    assert_eq!(author.head(), head, "nothing is decided anew");
    // A dealer can only be stricter, so every level stays; two hours are said for cases that had no time of their own.
    let level = &shown["effects"]["level"];
    assert_eq!((&level["n"], &level["changed"], &level["failed"]), (&json!(3), &json!(0), &json!(0)), "{shown}");
    let response = &shown["effects"]["response"];
    assert_eq!(response["moves"], json!([{ "old": "", "new": "2h", "n": 3 }]), "{shown}");
    let movers = response["movers"].as_array().expect("movers");
    let is_there =
        |case: &Value| movers.iter().any(|mover| mover["id"] == case["id"] && mover["kind"] == "complaints.case");
    assert!(cases.iter().all(is_there), "{movers:?}");

    // What was decided before the days asked for is left out.
    server.set_clock("2026-03-20T02:00:00Z");
    let shown = tried(&author, &json!({ "source": two_hours, "days": 3 }));
    assert_eq!(shown["effects"], json!({}), "{shown}");
    let shown = tried(&author, &json!({ "source": two_hours, "days": 30 }));
    assert_eq!(shown["effects"]["response"]["changed"], 3, "{shown}");
}

#[test]
fn only_those_who_write_rules_try_them() {
    let server = Server::dealer_at(FRIDAY);
    let body = json!({ "source": "fn decide(input) { #{ level: \"general\", reasons: [] } }" });
    server.staff("li").post(&format!("{LEVEL}/preview?org=d1"), &body).problem(403, "denied");
}
