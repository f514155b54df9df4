//! Derived fields over HTTP: filtered, ordered, summed, explained, and current again after a kill.

use std::fs;

use serde_json::{Value, json};

use super::garage;
use crate::{
    faults::package::install,
    support::{Client, SOON, Server, eventually},
};

pub const SCORE: &str = "/scripts/computed/garage.client.score";
/// Ten points a job, and the fen spent as whole hundreds of yuan.
pub const BY_SPENDING: &str = "fn compute(record) {\n    let spent = record.spent ?? 0;\n    \
    #{ value: record.n_jobs * 10 + spent / 10000, reasons: [`${record.n_jobs} jobs`] }\n}";

pub fn server() -> (Server, Client) {
    let server = Server::at("2026-03-13T02:00:00Z");
    let admin = server.admin();
    install(&admin, garage::package(), "garage");
    (server, admin)
}

pub fn client(admin: &Client, name: &str) -> String {
    admin.create("garage.client", json!({ "name": name, "phone": "13800001234" }))["id"].as_str().expect("an id").into()
}

pub fn job(admin: &Client, client: &str, amount: i64) -> Value {
    admin.create("garage.job", json!({ "client": client, "amount": amount, "is_paid": true, "what": "保养" }))
}

pub fn publish(author: &Client, script: &str, source: &str) {
    author.put(&format!("{script}/draft"), &json!({ "source": source })).ok(200);
    author.post(&format!("{script}/publish"), &json!({})).ok(200);
}

/// The client once nothing of it is behind.
#[track_caller]
pub fn current(admin: &Client, client: &str) -> Value {
    eventually("everything is computed", SOON, || {
        Some(admin.record("garage.client", client)).filter(|record| record.get("stale").is_none())
    })
}

#[test]
fn lists_filter_order_and_sum_by_what_is_derived() {
    let (_server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let [ann, bob, cid] = ["Ann", "Bob", "Cid"].map(|name| client(&admin, name));
    for amount in [300_000, 200_000] {
        job(&admin, &ann, amount);
    }
    job(&admin, &bob, 900_000);
    // A roll-up is right as soon as the write has been answered.
    assert_eq!(admin.record("garage.client", &ann)["data"]["spent"], 500_000);
    let scores = [&ann, &bob, &cid].map(|client| current(&admin, client)["data"]["score"].clone());
    assert_eq!(scores, [json!(70), json!(100), json!(0)]);

    let names = |query: &str| {
        let body = admin.get(&format!("/records/garage.client?{query}")).ok(200);
        let names = body["items"].as_array().expect("items").iter().map(|item| item["data"]["name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("order=-score"), ["Bob", "Ann", "Cid"]);
    assert_eq!(names("order=spent&limit=2"), ["Cid", "Ann"]);
    assert_eq!(names("filter={\"spent\":{\"gte\":500000},\"class\":\"plain\"}"), ["Ann"]);
    assert_eq!(names("filter={\"class\":\"gold\"}"), ["Bob"], "it reads the score");
    assert_eq!(names("filter={\"n_jobs\":0}"), ["Cid"]);
    let jobs = admin.list("garage.job", &json!({ "client.spent": { "gt": 500_000 } }));
    assert_eq!(jobs.len(), 1, "also on the way over a ref");
    let groups = admin.get("/records/garage.client/aggregate?group=class&measures={\"n\":{\"sum\":\"score\"}}").ok(200);
    assert_eq!(groups["items"].as_array().map(Vec::len), Some(2), "{groups}");
    let page = admin.get("/records/garage.client?order=-score&limit=1").ok(200);
    let next = page["next"].as_str().expect("more").to_owned();
    assert_eq!(names(&format!("order=-score&limit=1&cursor={next}")), ["Ann"]);
}

#[test]
fn a_computed_value_is_no_revision_and_says_why() {
    let (_server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let ann = client(&admin, "Ann");
    job(&admin, &ann, 1_000_000);
    let record = current(&admin, &ann);
    assert_eq!((&record["rev"], &record["data"]["score"]), (&json!(1), &json!(110)), "{record}");
    let why = admin.get(&format!("/records/garage.client/{ann}/why/score")).ok(200);
    assert_eq!((&why["script_owner"], &why["script_version"]), (&json!("hq"), &json!(1)), "{why}");
    assert_eq!(why["input"]["record"], format!("{ann}@1"), "{why}");
    assert_eq!(why["input"]["derived"]["n_jobs"], 1, "{why}");
    assert_eq!((&why["output"], &why["reasons"]), (&json!(110), &json!(["1 jobs"])), "{why}");
    assert!(!why.to_string().contains("13800001234"), "nothing personal is shown to a script: {why}");
    let why = admin.get(&format!("/records/garage.client/{ann}/why/class")).ok(200);
    assert_eq!((&why["script_owner"], &why["script_version"]), (&json!("garage"), &json!(0)), "{why}");
    let history = admin.get(&format!("/records/garage.client/{ann}/history")).ok(200);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(1), "{history}");

    let timeline = admin.get(&format!("/records/garage.client/{ann}/timeline")).ok(200);
    let kinds: Vec<&str> =
        timeline["items"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    let derived = kinds.iter().filter(|kind| **kind == "garage.client.derived").count();
    assert!(derived >= 2 && kinds.contains(&"garage.job.created"), "{kinds:?}");
    let told = &timeline["items"][0];
    assert!(told["title"]["zh-CN"].as_str().is_some_and(|title| title.starts_with("客户：更新")), "{told}");
    let score = told["changes"].as_array().into_iter().flatten().find(|change| change["field"] == "score");
    assert_eq!(score.map(|change| &change["new"]), Some(&json!(110)), "{told}");
}

#[test]
fn nobody_writes_a_derived_field() {
    let (_server, admin) = server();
    let ann = client(&admin, "Ann");
    for data in [json!({ "name": "Eve", "spent": 5 }), json!({ "name": "Eve", "score": 5 })] {
        let refused = admin.post("/records/garage.client", &json!({ "data": data }));
        assert_eq!(refused.body["errors"][0]["code"], "readonly", "{}", refused.text);
    }
    // Sending back what one was given is no change.
    let record = current(&admin, &ann);
    admin.patch(&format!("/records/garage.client/{ann}"), &json!({ "data": record["data"] })).ok(200);
    let refused = admin.patch(&format!("/records/garage.client/{ann}"), &json!({ "data": { "n_jobs": 9 } }));
    assert_eq!(refused.pointers(), ["/data/n_jobs"]);
}

#[test]
fn time_alone_computes_a_record_anew() {
    let (server, admin) = server();
    let ann = client(&admin, "Ann");
    publish(&admin, SCORE, "fn compute(record) {\n    #{ value: day(NOW), next_at: add_days(NOW, 1) }\n}");
    let score = |wanted: i64| {
        eventually("the score of the day", SOON, || (current(&admin, &ann)["data"]["score"] == wanted).then_some(()));
    };
    score(13);
    server.set_clock("2026-03-14T03:00:00Z");
    score(14);
    server.set_clock("2026-03-15T04:00:00Z");
    score(15);
    assert_eq!(admin.record("garage.client", &ann)["rev"], 1);
}

#[test]
fn what_was_behind_at_a_kill_is_current_after_the_start() {
    let (mut server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let ann = client(&admin, "Ann");
    current(&admin, &ann);
    for round in 1..=5 {
        let admin = server.admin();
        let amount = round * 10_000;
        job(&admin, &ann, amount);
        // Acknowledged, and most likely not computed yet.
        server.kill9();
        server.launch();
        let spent = (1..=round).sum::<i64>() * 10_000;
        let record = current(&server.admin(), &ann);
        assert_eq!(record["data"]["spent"], spent, "round {round}: {record}");
        assert_eq!(record["data"]["score"], round * 10 + spent / 10_000, "round {round}: {record}");
    }
}

#[test]
fn scripts_that_compute_are_listed_checked_and_rolled_back() {
    let (_server, admin) = server();
    let ann = client(&admin, "Ann");
    job(&admin, &ann, 50_000);
    let listed = admin.get("/scripts").ok(200);
    let all = listed["items"].as_array().expect("items");
    let of = |name: &str| all.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("no {name}: {listed}"));
    let score = of("computed/garage.client.score");
    assert_eq!((&score["state"], &score["field"]), (&json!("draft"), &json!("score")), "{score}");
    assert_eq!(score["label"]["zh-CN"], "客户 · 评分");
    assert_eq!(of("computed/garage.client.class")["state"], "builtin");

    let check = |source: &str| admin.post(&format!("{SCORE}/check"), &json!({ "source": source })).ok(200);
    let good = check(BY_SPENDING);
    assert_eq!((&good["ok"], &good["examples"][0]["got"]["value"]), (&json!(true), &json!(15)), "tried on Ann: {good}");
    let wrong = check("fn compute(record) { \"many\" }");
    assert_eq!(wrong["ok"], false, "{wrong}");
    assert!(wrong["examples"][0]["message"].as_str().is_some_and(|text| text.contains("does not fit")), "{wrong}");
    let circle = check("fn compute(record) { if record.class == \"gold\" { 1 } else { 0 } }");
    assert_eq!(circle["problems"][0]["code"], "cycle", "the class reads the score: {circle}");
    admin.put(&format!("{SCORE}/draft"), &json!({ "source": "fn compute(record) { record.class }" })).ok(200);
    admin.post(&format!("{SCORE}/publish"), &json!({})).problem(400, "script.invalid");

    publish(&admin, SCORE, BY_SPENDING);
    publish(&admin, SCORE, "fn compute(record) { 7 }");
    let is = |wanted: Value| {
        eventually("the score of the version in force", SOON, || {
            (current(&admin, &ann)["data"]["score"] == wanted).then_some(())
        });
    };
    is(json!(7));
    admin.post(&format!("{SCORE}/rollback"), &json!({})).ok(200);
    is(json!(15));
    admin.post(&format!("{SCORE}/rollback"), &json!({ "version": 0 })).ok(200);
    is(Value::Null);
    let versions = admin.get(&format!("{SCORE}/versions")).ok(200);
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_computing_scripts_of_the_manual_pass_their_check() {
    let (_server, admin) = server();
    let ann = client(&admin, "Ann");
    job(&admin, &ann, 50_000);
    let manual = fs::read_to_string(format!("{}/../docs/SCRIPTS.md", env!("CARGO_MANIFEST_DIR"))).expect("the manual");
    let blocks: Vec<&str> =
        manual.split("```rhai compute\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for source in blocks {
        let check = admin.post(&format!("{SCORE}/check"), &json!({ "source": source })).ok(200);
        assert_eq!((&check["ok"], &check["examples"][0]["got"]["value"]), (&json!(true), &json!(5)), "{check}");
    }
}
