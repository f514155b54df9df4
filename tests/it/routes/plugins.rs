//! Plugins from outside: listed, rested, set to work, configured, held to their keepers.

use serde_json::{Value, json};

use super::{bare, items};
use crate::support::{FIRST_PARTY, Server};

#[test]
fn a_plugin_rests_and_works_again() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let listed = admin.get("/plugins").ok(200);
    let names: Vec<&str> = items(&listed).iter().filter_map(|plugin| plugin["name"].as_str()).collect();
    assert_eq!(names, FIRST_PARTY, "{listed}");
    assert!(items(&listed).iter().all(|plugin| plugin["state"] == "enabled" && plugin["parked"] == 0), "{listed}");

    assert_eq!(admin.post("/plugins/complaints/disable", &json!({})).ok(200)["state"], "disabled");
    let officer = server.staff("wang");
    let customer = super::customer(&officer, "王磊", "13000012345");
    let input = json!({ "data": { "customer": customer, "facts": "空调不制冷。" } });
    officer.post("/records/complaints.case", &input).problem(409, "plugin.disabled");
    assert_eq!(officer.get("/kinds/complaints.case").ok(200)["actions"], json!([]));
    assert_eq!(items(&officer.get("/screens").ok(200)).len(), names.len() - 1);

    assert_eq!(admin.post("/plugins/complaints/enable", &json!({})).ok(200)["state"], "enabled");
    officer.post("/records/complaints.case", &input).ok(201);
    admin.post("/plugins/unicorn/enable", &json!({})).problem(404, "plugin.not_found");
}

#[test]
fn public_pages_are_told_with_the_address_customers_reach_them_at() {
    let variables = vec![("MARQUE__OUTBOUND__PUBLIC_URL", "https://crm.example.cn/")];
    let server = Server::with(crate::support::Setup { variables, ..crate::support::Setup::default() });
    let told = server.admin().get("/plugins/complaints").ok(200);
    let pages = items_of(&told, "pages");
    let page = |name: &str| pages.iter().find(|page| page["name"] == name).expect(name);
    assert_eq!(page("complain")["url"], "https://crm.example.cn/p/complaints/complain");
    assert!(page("complain")["label"]["zh-CN"].is_string(), "{told}");
    assert!(
        page("status")["target"] == true && page("status").get("url").is_none(),
        "by a record's link alone: {told}"
    );
    let told = Server::start().admin().get("/plugins/complaints").ok(200);
    assert!(items_of(&told, "pages").iter().all(|page| page.get("url").is_none()), "nobody has said where: {told}");
}

#[test]
fn an_action_that_makes_a_record_can_be_rehearsed() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let customer = super::customer(&officer, "王磊", "13000012345");
    let input = json!({ "customer": customer, "facts": "空调不制冷。" });
    let before = officer.get("/events?limit=500").ok(200);
    let told = officer.post("/records/complaints.case/actions/raise?dry_run=true", &input).ok(200);
    let commands: Vec<&Value> = items_of(&told, "commands").iter().map(|command| &command["name"]).collect();
    assert!(commands.contains(&&json!("record.create")), "{told}");
    let kinds: Vec<&Value> = items_of(&told, "events").iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("complaints.case.created")) && told["faults"] == json!([]), "{told}");
    let refused =
        officer.post("/records/complaints.case?dry_run=true", &json!({ "data": { "customer": customer } })).ok(200);
    assert_eq!(items_of(&refused, "faults").len(), 1, "{refused}");
    assert_eq!(officer.get("/events?limit=500").ok(200), before);
}

fn items_of<'a>(body: &'a Value, name: &str) -> &'a Vec<Value> {
    body[name].as_array().unwrap_or_else(|| panic!("no {name}: {body}"))
}

#[test]
fn settings_are_checked_by_the_plugins_schema_and_belong_to_an_organisation() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let before = admin.get("/plugins/complaints?org=d1").ok(200);
    let (name, first) = before["settings"].as_object().and_then(|settings| settings.iter().next()).expect("a setting");
    let refused = admin.put("/plugins/complaints/settings?org=d1", &json!({ name: { "of": "another shape" } }));
    assert_eq!(refused.status, 400, "{}", refused.text);
    let told = admin.put("/plugins/complaints/settings?org=d1", &json!({ name: first })).ok(200);
    assert_eq!(told["settings"][name], *first, "{told}");
    admin.get("/plugins/complaints?org=nowhere").problem(403, "denied");
    let officer = server.staff("wang");
    officer.put("/plugins/complaints/settings", &json!({})).problem(403, "denied");
    assert!(
        officer.get("/plugins/complaints").ok(200).get("settings").is_none(),
        "settings are for those who may set them"
    );
}

#[test]
fn only_keepers_install_rest_and_look_into_plugins() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let package = [("content-type", "application/octet-stream")];
    officer.send("POST", "/plugins", &package, b"no package".to_vec()).problem(403, "denied");
    for path in ["disable", "enable", "parked/1/retry", "parked/1/drop"] {
        officer.post(&format!("/plugins/complaints/{path}"), &json!({})).problem(403, "denied");
    }
    officer.get("/plugins/complaints/logs").problem(403, "denied");
    let admin = server.admin();
    assert!(admin.get("/plugins/complaints/logs").ok(200)["items"].is_array());
    assert_eq!(admin.get("/plugins/complaints/parked").ok(200)["items"], json!([]));
    admin.post("/plugins/complaints/parked/1/retry", &json!({})).problem(404, "parked.not_found");
}

#[test]
fn what_is_no_package_is_refused() {
    let server = bare();
    let admin = server.admin();
    let package = [("content-type", "application/octet-stream")];
    let answer = admin.send("POST", "/plugins", &package, b"no package".to_vec());
    assert_eq!((answer.status, answer.media_type.as_str()), (400, "application/problem+json"), "{}", answer.text);
    admin.send("POST", "/plugins", &package, Vec::new()).problem(400, "plugin.invalid");
    assert_eq!(admin.get("/plugins").ok(200)["items"], json!([]));
}
