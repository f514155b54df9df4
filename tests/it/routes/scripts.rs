//! Rules as an editor sees them.

use serde_json::{Value, json};

use super::{bare, items};
use crate::support::Server;

const LEVEL: &str = "/scripts/decision/complaint.level";

#[test]
fn a_rule_is_listed_read_and_drafted() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let author = server.staff("deng");
    let listed = author.get("/scripts?org=d1").ok(200);
    let item = items(&listed)
        .iter()
        .find(|item| item["name"] == "decision/complaint.level")
        .unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(
        (&item["state"], &item["owner"], &item["version"]),
        (&json!("builtin"), &json!("complaints"), &json!(0))
    );
    assert_eq!((&item["org"], &item["has_draft"]), (&json!("d1"), &json!(false)));

    let one = author.get(&format!("{LEVEL}?org=d1")).ok(200);
    assert_eq!(one["source"], one["builtin_source"]);
    assert!(one["input"].is_object() && one["output"].is_object() && one["draft"].is_null(), "{one}");

    let source = "fn decide(input) { #{ level: \"general\", response: \"2h\", reasons: [] } }";
    let saved = author
        .put(&format!("{LEVEL}/draft?org=d1"), &json!({ "source": source, "parameters": { "hours": 2 } }))
        .ok(200);
    assert_eq!(
        (&saved["draft"]["source"], &saved["parameters"], &saved["has_draft"]),
        (&json!(source), &json!({ "hours": 2 }), &json!(true))
    );
    assert_eq!(saved["state"], "builtin", "a draft is not in force");

    let unsaved = author.post(&format!("{LEVEL}/check?org=d1"), &json!({ "source": "fn decide(input) {" })).ok(200);
    assert_eq!(unsaved["ok"], false, "{unsaved}");
    assert_eq!(author.post(&format!("{LEVEL}/publish?org=d1"), &json!({})).ok(200), json!({ "version": 1 }));
    let published = author.get(&format!("{LEVEL}?org=d1")).ok(200);
    assert_eq!(
        (&published["state"], &published["owner"], &published["version"]),
        (&json!("published"), &json!("d1"), &json!(1))
    );
    let versions = author.get(&format!("{LEVEL}/versions?org=d1")).ok(200);
    assert_eq!((items(&versions).len(), &versions["items"][0]["source"]), (1, &json!(source)));
    assert_eq!(author.post(&format!("{LEVEL}/rollback?org=d1"), &json!({})).ok(200), json!({ "version": 0 }));
}

#[test]
fn a_rule_of_the_maker_holds_for_its_dealers() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let source = "fn decide(input) { #{ level: \"general\", reasons: [] } }";
    admin.put(&format!("{LEVEL}/draft"), &json!({ "source": source })).ok(200);
    admin.post(&format!("{LEVEL}/publish"), &json!({})).ok(200);
    let seen = server.staff("deng").get(&format!("{LEVEL}?org=d1")).ok(200);
    assert_eq!(
        (&seen["owner"], &seen["source"], &seen["draft"]),
        (&json!("hq"), &json!(source), &Value::Null),
        "{seen}"
    );
    server.staff("deng").get(&format!("{LEVEL}?org=hq")).problem(403, "denied");
}

#[test]
fn a_name_that_is_none_is_refused() {
    let server = bare();
    let admin = server.admin();
    admin.get("/scripts/decision/unicorn").problem(404, "script.not_found");
    admin.get("/scripts/spell/unicorn").problem(400, "script.invalid");
    admin.post("/scripts/reaction/hello/check", &json!({})).problem(404, "draft.not_found");
}

/// `MARQUE_UPDATE=1` writes the file anew.
#[test]
fn the_definitions_in_the_repository_are_those_of_the_server() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let told = server.admin().get("/scripts/definitions").ok(200);
    let text = told["text"].as_str().expect("a text");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/marque.d.rhai");
    if std::env::var_os("MARQUE_UPDATE").is_some() {
        std::fs::write(&file, text).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "scripts/marque.d.rhai is behind: run this test with MARQUE_UPDATE=1");
    let ears = told["ears"].as_array().expect("names");
    assert!(
        ears.contains(&json!("on_customer_created")) && ears.contains(&json!("on_complaints_case_accepted")),
        "{ears:?}"
    );
    let has_phone = items_of(&told["kinds"]["customer"]).iter().any(|field| field["name"] == "phone");
    assert!(!has_phone, "nothing personal");
    assert!(told["asks"].as_array().is_some_and(|asks| asks.contains(&json!("record.create:worklist.task"))));
}

fn items_of(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}
