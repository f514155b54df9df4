//! One version in the place of another: what is welcome, what is shown beforehand, what the versions in between may still do.

use std::{fs, time::Duration};

use marque_package::Key;
use serde_json::{Value, json};

use crate::{
    faults::package::{asking, codeless, install, send, signed, version, wayward},
    support::{Client, Server, Setup, eventually, server::binary},
};

const PATIENCE: Duration = Duration::from_secs(60);
const MARKS: &str = "asks record.create:wayward.mark";

fn plugin(admin: &Client) -> Value {
    admin.get("/plugins/wayward").ok(200)
}

fn newcomer(client: &Client, n: u32) -> String {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("130000{n:05}") });
    client.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

fn marks(client: &Client, customer: &str) -> usize {
    client.list("wayward.mark", &json!({ "customer": customer })).len()
}

fn preview(admin: &Client, package: Vec<u8>) -> crate::support::Answer {
    let media_type = [("content-type", "application/octet-stream")];
    admin.send("POST", "/plugins/wayward/preview?after=0", &media_type, package)
}

#[test]
fn a_version_without_code_hears_nothing_any_more() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let first = newcomer(&admin, 1);
    eventually("it is marked", PATIENCE, || (marks(&admin, &first) == 1).then_some(()));
    // What it would do is told plainly too: nothing.
    let told = preview(&admin, codeless("0.2.0")).ok(200);
    assert_eq!((&told["n_events"], &told["n_different"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(told["items"][0]["after"]["commands"], json!([]), "{told}");
    send(&admin, codeless("0.2.0"), "").ok(201);
    let second = newcomer(&admin, 2);
    // Whoever heard before would have marked it by the time a third party hears of a later event.
    let told = preview(&admin, codeless("0.3.0")).ok(200);
    assert_eq!((&told["n_events"], &told["items"]), (&json!(0), &json!([])), "{told}");
    install(&admin, version("0.4.0", |manifest| manifest), "wayward");
    eventually("what came meanwhile is heard by the next that hears", PATIENCE, || {
        (marks(&admin, &second) == 1).then_some(())
    });
    let events = admin.events_after(0);
    let at = |what: &dyn Fn(&Value) -> bool| events.iter().position(what).expect("it happened");
    let last_installed = at(&|event| event["kind"] == "plugin.installed" && event["data"]["version"] == "0.4.0");
    let marked = events.iter().rposition(|event| event["kind"] == "wayward.mark.created").expect("it happened");
    assert!(last_installed < marked, "nobody marked it before");
}

#[test]
fn what_takes_over_data_is_not_shown_beforehand() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let first = newcomer(&admin, 1);
    eventually("it is marked", PATIENCE, || (marks(&admin, &first) == 1).then_some(()));
    let head = admin.head();
    let refused = send(&admin, asking("0.2.0"), "?grant=true&dry_run=true").problem(409, "plugin.migrates");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("preview")), "{refused}");
    assert_eq!((admin.head(), &plugin(&admin)["version"]), (head, &json!("0.1.0")));
    send(&admin, asking("0.2.0"), "?grant=true").ok(201);
    let logs = admin.get("/plugins/wayward/logs").ok(200);
    let lines = logs["items"].as_array().expect("lines");
    assert!(lines.iter().any(|line| line["message"] == "takes over old marks"), "a migration writes logs: {logs}");
    // Back to an older one nothing migrates, so that can be shown.
    send(&admin, wayward(), "?force=true&dry_run=true").ok(200);
}

#[test]
fn whoever_is_not_welcome_comes_in_by_no_way() {
    let (ours, theirs) = (Key::generate(), Key::generate());
    let publishers: &'static str = Box::leak(format!("{},{}", ours.public(), theirs.public()).into_boxed_str());
    let setup = Setup { variables: vec![("MARQUE__PLUGINS__PUBLISHERS", publishers)], ..Setup::default() };
    let server = Server::with(setup);
    let admin = server.admin();
    send(&admin, wayward(), "").problem(409, "plugin.publisher");
    send(&admin, signed("0.1.0", &ours), "").ok(201);
    send(&admin, signed("0.2.0", &theirs), "?force=true").ok(201);
    preview(&admin, asking("0.3.0")).problem(409, "plugin.publisher");
    admin.post("/revocations", &json!({ "what": format!("key:{}", ours.public()) })).ok(201);
    assert_eq!(plugin(&admin)["state"], "enabled", "it was another's that was revoked");
    admin.post("/plugins/wayward/rollback", &json!({})).problem(409, "plugin.revoked");
    preview(&admin, signed("0.3.0", &ours)).problem(409, "plugin.revoked");
    send(&admin, signed("0.3.0", &ours), "?force=true").problem(409, "plugin.revoked");
}

#[test]
fn a_preview_runs_with_the_rights_that_carry_over() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let first = newcomer(&admin, 1);
    eventually("it is marked", PATIENCE, || (marks(&admin, &first) == 1).then_some(()));
    let rights = json!({ "rights": ["hears customer.created", MARKS] });
    admin.put("/plugins/wayward/rights", &rights).ok(200);
    let told = preview(&admin, asking("0.2.0")).ok(200);
    // What is held back from the one at work is held back from the other too, so neither may read the customer.
    assert_eq!((&told["n_events"], &told["n_different"]), (&json!(1), &json!(0)), "{told}");
}

#[test]
fn which_version_waits_is_told_to_keepers_and_who_does_without_to_those_above() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let data = json!({ "code": "d9", "name": "九店", "type": "dealer", "parent": "hq" });
    let other = admin.create("org", data)["id"].as_str().expect("an id").to_owned();
    install(&admin, wayward(), "wayward");
    send(&admin, asking("0.2.0"), "").ok(202);
    for org in ["d1", &other] {
        assert_eq!(admin.put(&format!("/plugins/wayward/orgs/{org}"), &json!({ "enabled": false })).status, 204);
    }
    let told = plugin(&admin);
    assert_eq!(told["waiting"]["version"], "0.2.0");
    assert_eq!(told["off"].as_array().map(Vec::len), Some(2), "{told}");
    let listed = officer.get("/plugins").ok(200);
    let in_list = listed["items"].as_array().expect("items").iter().find(|item| item["name"] == "wayward");
    for told in [&plugin(&officer), in_list.expect("it is listed")] {
        assert_eq!((&told["waiting"], &told["off"]), (&json!(null), &json!(["d1"])), "{told}");
    }
}

#[test]
fn packages_are_looked_at_beside_a_server_as_it_would_load_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (sound, torn) = (folder.path().join("sound.mpk"), folder.path().join("torn.mpk"));
    fs::write(&sound, wayward()).expect("written");
    fs::write(&torn, b"no package").expect("written");
    let output = std::process::Command::new(binary()).args(["plugin", "check"]).args([&sound, &torn]).output();
    let output = output.expect("the server's binary runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = told.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect();
    assert_eq!((lines, output.status.success()), (vec!["ok", "WRONG"], false), "{told}");
}

#[test]
fn data_leaves_only_with_whoever_may_take_it_out_and_what_stays_is_told() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let customer = newcomer(&admin, 1);
    eventually("it is marked", PATIENCE, || (marks(&admin, &customer) == 1).then_some(()));
    let role = json!({
        "code": "taker", "name": { "zh-CN": "取数", "en": "Taker" },
        "grants": [{ "kind": "wayward.mark", "verbs": ["read", "export"], "scope": "brand", "fields": { "text": "hidden" } }],
    });
    admin.create("role", role);
    let hired = |login: &str, roles: Value| {
        let user = admin.create("user", json!({ "login": login, "name": login, "roles": roles }));
        let path = format!("/users/{}/password", user["id"].as_str().expect("an id"));
        admin.post(&path, &json!({ "password": "long enough to be safe" })).ok(200);
        server.client().login(login, "long enough to be safe")
    };
    // Who keeps plugins does not see customers' data by that alone.
    hired("keeper", json!(["hq_admin"])).get("/plugins/wayward/export").problem(403, "denied");
    let taken = hired("taker", json!(["hq_admin", "taker"])).download("/plugins/wayward/export");
    let taken = String::from_utf8(taken).expect("text");
    let lines: Vec<Value> = taken.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [mark, told] = &lines[..] else { panic!("{taken}") };
    assert_eq!((&mark["data"]["customer"], &mark["data"]["text"]), (&json!(customer), &json!(null)), "{taken}");
    assert_eq!(
        told["marque:export"]["left_out"],
        json!({ "kinds": [], "fields": { "wayward.mark": ["text"] } }),
        "{taken}"
    );
}
