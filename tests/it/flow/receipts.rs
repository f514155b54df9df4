//! Receipts: what a rule decided is decided again from what was kept of it, and comes to the same.

use serde_json::{Value, json};

use super::{
    complaint::{customer, raise},
    derived::http as garage,
    reactions::FRIDAY,
};
use crate::support::{Client, Server};

const LEVEL: &str = "/scripts/decision/complaint.level";

fn publish(author: &Client, source: &str, parameters: &Value) {
    let draft = json!({ "source": source, "parameters": parameters });
    author.put(&format!("{LEVEL}/draft?org=d1"), &draft).ok(200);
    author.post(&format!("{LEVEL}/publish?org=d1"), &json!({})).ok(200);
}

fn again(client: &Client, kind: &str, id: &str, field: &str) -> Value {
    client.get(&format!("/records/{kind}/{id}/why/{field}?again=true")).ok(200)
}

#[test]
fn a_decision_of_several_owners_is_made_again_with_the_versions_of_then() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let by_parameter = "fn decide(input) { #{ level: PARAMETERS.level, response: `${1 + minutes_between(input.now, NOW)}h`, reasons: [NOW] } }";
    publish(&author, by_parameter, &json!({ "level": "escalated" }));
    let case = raise(&officer, &customer(&officer), "空调不制冷。");
    let id = case["id"].as_str().expect("an id");

    // What holds by now is another rule, at another time, with other parameters.
    publish(&author, by_parameter, &json!({ "level": "important_urgent" }));
    server.set_clock("2026-06-13T10:00:00Z");
    let why = again(&officer, "complaints.case", id, "level");
    assert_eq!((&why["script_version"], &why["output"]["level"]), (&json!(1), &json!("escalated")), "{why}");
    assert!(why["combined"].as_array().is_some_and(|above| !above.is_empty()), "{why}");
    assert_eq!((&why["again"]["is_same"], &why["again"]["output"]), (&json!(true), &why["output"]), "{why}");
    let plain = officer.get(&format!("/records/complaints.case/{id}/why/level")).ok(200);
    assert!(plain["again"].is_null(), "only who asks waits for it");
}

#[test]
fn a_computed_value_is_made_again_from_the_revision_it_was_made_of() {
    let (_server, admin) = garage::server();
    garage::publish(&admin, garage::SCORE, garage::BY_SPENDING);
    let client = garage::client(&admin, "Ann");
    garage::job(&admin, &client, 300_000);
    let record = garage::current(&admin, &client);
    assert_eq!(record["data"]["score"], 40);
    for field in ["score", "class"] {
        let why = again(&admin, "garage.client", &client, field);
        assert_eq!(
            (&why["again"]["is_same"], &why["again"]["output"]),
            (&json!(true), &record["data"][field]),
            "{why}"
        );
    }
    garage::publish(&admin, garage::SCORE, "fn compute(record) { if record.n_jobs > 1 { throw \"no\"; } 1 }");
    garage::job(&admin, &client, 100_000);
    let why = crate::support::eventually("the script fails", crate::support::SOON, || {
        Some(again(&admin, "garage.client", &client, "score")).filter(|why| why["fallback"].is_string())
    });
    assert!(why["again"]["is_same"].is_null() && why["again"]["why"].is_string(), "{why}");
}
