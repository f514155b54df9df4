//! A dealer adds a roll-up and a computed field of its own to the core's customers, while the server runs.

use serde_json::{Value, json};

use crate::{
    flow::complaint::{FRIDAY, customer, raise},
    support::{Client, SOON, Server, eventually},
};

const RISK: &str = "/scripts/computed/customer.x_risk";

fn add(admin: &Client, field: &Value) -> Value {
    admin.post("/kinds/customer/fields", field).ok(201)
}

fn cases() -> Value {
    json!({
        "org": "d1", "name": "x_cases", "type": "rollup", "as": "int", "label": "投诉数", "indexed": true,
        "rollup": { "kind": "complaints.case", "via": "customer", "fn": "count" },
    })
}

#[test]
fn a_dealers_own_roll_up_and_score_hold_for_its_customers() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, officer, author) = (server.admin(), server.staff("wang"), server.staff("deng"));
    let id = customer(&officer);
    raise(&officer, &id, "空调不制冷。");
    let made = add(&admin, &cases());
    assert_eq!(
        (&made["type"], &made["as"], &made["readonly"]),
        (&json!("rollup"), &json!("int"), &json!(true)),
        "{made}"
    );
    let risk = json!({
        "org": "d1", "name": "x_risk", "type": "computed", "as": "int", "label": "流失风险", "indexed": true,
        "script": "computed/customer.x_risk",
    });
    add(&admin, &risk);
    let seen = |field: &str| officer.record("customer", &id)["data"][field].clone();
    eventually("what was there is counted", SOON, || (seen("x_cases") == 1).then_some(()));
    raise(&officer, &id, "等了很久。");
    assert_eq!(seen("x_cases"), 2, "and what comes, at once");

    let listed = author.get("/scripts").ok(200);
    let names = listed["items"].as_array().expect("items").iter().map(|item| item["name"].clone());
    assert!(names.into_iter().any(|name| name == "computed/customer.x_risk"), "{listed}");
    let source = "fn compute(record) { #{ value: 30 * record.x_cases, reasons: [\"投诉\"] } }";
    author.put(&format!("{RISK}/draft"), &json!({ "source": source })).ok(200);
    author.post(&format!("{RISK}/publish"), &json!({})).ok(200);
    eventually("the score is computed", SOON, || (seen("x_risk") == 60).then_some(()));
    raise(&officer, &id, "洗车没有洗干净。");
    eventually("the score follows", SOON, || (seen("x_risk") == 90).then_some(()));
    let why = officer.get(&format!("/records/customer/{id}/why/x_risk")).ok(200);
    assert_eq!((&why["script_owner"], &why["reasons"]), (&json!("d1"), &json!(["投诉"])), "{why}");
    let worst = officer.get("/records/customer?order=-x_risk&limit=1&filter={\"x_cases\":{\"gte\":3}}").ok(200);
    assert_eq!(worst["items"][0]["id"], id.as_str(), "{worst}");
}

#[test]
fn a_dealers_roll_up_is_checked_like_a_plugins() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    let mut wrong = cases();
    wrong["rollup"]["via"] = json!("owner");
    let refused = admin.post("/kinds/customer/fields", &wrong).problem(400, "field.invalid");
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("has no ref of that name")), "{refused}");
    wrong = cases();
    wrong["rollup"]["filter"] = json!({ "response_due": { "lt": { "$now": "0d" } } });
    let refused = admin.post("/kinds/customer/fields", &wrong).problem(400, "field.invalid");
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("goes by $now")), "{refused}");
}

#[test]
fn a_merged_customer_counts_what_refers_to_either() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let kept = customer(&officer);
    let other = officer.create("customer", json!({ "name": "李秀英", "phone": "13000054321" }));
    let other = other["id"].as_str().expect("an id").to_owned();
    raise(&officer, &kept, "空调不制冷。");
    raise(&officer, &other, "等了很久。");
    raise(&officer, &other, "异响。");
    add(&admin, &cases());
    let n_cases = |id: &str, wanted: i64| {
        eventually("the cases of a customer", SOON, || {
            (officer.record("customer", id)["data"]["x_cases"] == wanted).then_some(())
        });
    };
    n_cases(&kept, 1);
    n_cases(&other, 2);
    let merge = json!({ "other": other, "why": "同一个人" });
    let merged = admin.post(&format!("/records/customer/{kept}/actions/merge"), &merge).ok(200);
    let is_told = |side: &str| merged["reply"][side].get("x_cases").is_some();
    assert!(!is_told("kept") && !is_told("lost"), "nobody's to keep or to lose: {merged}");
    assert_eq!(merged["record"]["data"]["x_cases"], 3, "{merged}");
    let history = officer.get(&format!("/records/customer/{kept}/history")).ok(200);
    assert!(!history["items"][0]["changes"].to_string().contains("x_cases"), "no revision of it: {history}");
    raise(&officer, &other, "洗车没有洗干净。");
    n_cases(&kept, 4);
    let unmerge = json!({ "merge": merged["reply"]["merge"] });
    let parted = admin.post(&format!("/records/customer/{kept}/actions/unmerge"), &unmerge).ok(200);
    assert_eq!(parted["reply"]["conflicts"], json!([]), "{parted}");
    // What was written under the former id was written of the one that stayed.
    n_cases(&kept, 2);
    n_cases(&other, 2);
}
