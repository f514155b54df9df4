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

#[test]
fn a_version_over_the_past_comes_to_what_it_would_have_come_to() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let customer = customer(&officer);
    let facts = ["空调不制冷。", "洗车没有洗干净。"];
    let before: Vec<Value> = facts.iter().map(|facts| raise(&officer, &customer, facts)).collect();

    // A rule that goes by the day: on Fridays within two hours.
    let source = "fn decide(input) {
        let is_friday = weekday(NOW) == 5;
        #{ level: \"general\", response: if is_friday { \"2h\" } else { \"20h\" }, reasons: [date(NOW)] }
    }";
    author.put(&format!("{LEVEL}/draft?org=d1"), &json!({ "source": source })).ok(200);
    server.set_clock("2026-03-20T10:00:00+08:00");
    author.post(&format!("{LEVEL}/publish?org=d1"), &json!({})).ok(200);
    let after: Vec<Value> = facts.iter().map(|facts| raise(&officer, &customer, facts)).collect();
    server.set_clock("2026-04-20T10:00:00+08:00");

    let month = |from: &str, to: &str| tried(&author, &json!({ "version": 1, "from": from, "to": to }));
    let own = month("2026-03-20T00:00:00+08:00", "2026-04-01T00:00:00+08:00");
    for field in ["level", "response"] {
        let effect = &own["effects"][field];
        assert_eq!((&effect["n"], &effect["changed"]), (&json!(2), &json!(0)), "the same a month later: {own}");
    }
    let old = month("2026-03-01T00:00:00+08:00", "2026-03-20T00:00:00+08:00");
    assert_eq!(old["effects"]["response"]["moves"], json!([{ "old": "", "new": "2h", "n": 2 }]), "{old}");
    let response = |case: &Value| {
        let id = case["id"].as_str().expect("an id").to_owned();
        officer.get(&format!("/records/complaints.case/{id}/why/level")).ok(200)["output"]["response"].clone()
    };
    assert!(before.iter().all(|case| response(case).is_null()) && after.iter().all(|case| response(case) == "2h"));
    let path = format!("{LEVEL}/preview?org=d1");
    author.post(&path, &json!({ "version": 9 })).problem(404, "version.not_found");
    let turned = json!({ "version": 1, "from": "2026-03-20T00:00:00Z", "to": "2026-03-01T00:00:00Z" });
    author.post(&path, &turned).problem(400, "from.invalid");
}
