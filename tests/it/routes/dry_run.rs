//! What a dry run promises: nothing is written, and applying what was shown does exactly that or says what differs.

use std::collections::{BTreeMap, BTreeSet};

use marque::store::{Store, StoreConfig};
use serde_json::{Value, json};

use super::{bare, customer, items};
use crate::{
    faults::package::{install, wayward},
    support::{Answer, Client, SOON, Server, eventually},
};

/// Who looked, who came in, what is at work: these a dry run may write. Cursors of quiet lanes are moved up by the clock, whoever asks.
const OF_NO_RECORD: [&str; 6] = ["audit", "audit_root", "session", "job", "job_file", "lane"];
const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";
const PACKAGE: &str = "application/octet-stream";

/// One request for each route that can be tried: method and template, and the request itself.
struct Trial {
    route: String,
    path: String,
    body: Body,
}

enum Body {
    Json(Value),
    File(&'static str, Vec<u8>),
}

fn trial(route: impl Into<String>, path: impl Into<String>, body: Value) -> Trial {
    Trial { route: route.into(), path: path.into(), body: Body::Json(body) }
}

fn file_trial(route: &str, path: &str, bytes: Vec<u8>) -> Trial {
    Trial { route: route.into(), path: path.into(), body: Body::File(PACKAGE, bytes) }
}

impl Trial {
    fn send(&self, client: &Client, how: &str) -> Answer {
        let method = self.route.split(' ').next().expect("a method");
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{joint}{how}", self.path);
        match &self.body {
            Body::Json(body) => client.json(method, &path, &[], body),
            Body::File(media_type, bytes) => client.send(method, &path, &[("content-type", media_type)], bytes.clone()),
        }
    }
}

/// A store in which every route has something to do.
fn trials(server: &Server) -> Vec<Trial> {
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let mut trials = of_records(&officer);
    trials.extend(of_merging(&admin));
    trials.extend(of_contact(&admin));
    trials.extend(of_the_house(&admin));
    trials
}

fn of_records(officer: &Client) -> Vec<Trial> {
    let there = customer(officer, "王磊", "13000012345");
    officer.patch(&format!("/records/customer/{there}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    let free = customer(officer, "赵敏", "13000012348");
    let gone = customer(officer, "李静", "13000012346");
    officer.delete(&format!("/records/customer/{gone}")).ok(204);
    let case = officer.create("complaints.case", json!({ "customer": there, "facts": "空调不制冷。" }));
    let case = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    let of = format!("/records/customer/{there}");
    let file = officer.send("POST", &format!("{of}/attachments?name=a.pdf"), &[], PDF.to_vec()).ok(201);
    let file = file["id"].as_str().expect("an id");
    let new = json!({ "data": { "name": "张伟", "phone": "13000012347" } });
    let raise = json!({ "customer": there, "facts": "异响。" });
    let item = "/api/v1/records/{kind}/{id}";
    vec![
        trial("POST /api/v1/records/{kind}", "/records/customer", new),
        trial(format!("PATCH {item}"), of.clone(), json!({ "data": { "city": "长沙" } })),
        trial(format!("DELETE {item}"), format!("/records/customer/{free}"), Value::Null),
        trial(format!("POST {item}/moves/{{transition}}"), format!("{case}/moves/accept"), json!({})),
        trial(format!("POST {item}/undo"), format!("{of}/undo"), json!({ "rev": 2 })),
        trial(format!("POST {item}/restore"), format!("/records/customer/{gone}/restore"), json!({})),
        trial(format!("POST {item}/actions/{{action}}"), format!("{case}/actions/accept"), json!({})),
        trial("POST /api/v1/records/{kind}/actions/{action}", "/records/complaints.case/actions/raise", raise),
        file_trial(&format!("POST {item}/attachments"), &format!("{of}/attachments?name=b.pdf"), PDF.to_vec()),
        trial("DELETE /api/v1/attachments/{id}", format!("/attachments/{file}"), Value::Null),
    ]
}

fn of_merging(admin: &Client) -> Vec<Trial> {
    let [this, other, kept, lost] = [("周明", "51"), ("吴刚", "52"), ("孙亮", "53"), ("钱多", "54")]
        .map(|(name, digits)| customer(admin, name, &format!("130000123{digits}")));
    let merged = admin.post(&format!("/records/customer/{kept}/actions/merge"), &json!({ "other": lost })).ok(200);
    let of = "/api/v1/records/customer/{id}/actions";
    let erased = customer(admin, "冯唐", "13000012355");
    let review = "/api/v1/records/review/{id}/actions";
    // The same telephone under two names: perhaps one customer.
    let twin = customer(admin, "周芳", "13000012351");
    let open = admin.list("review", &json!({ "customer": twin }));
    let open = format!("/records/review/{}/actions", open[0]["id"].as_str().expect("an id"));
    vec![
        trial(format!("POST {of}/merge"), format!("/records/customer/{this}/actions/merge"), json!({ "other": other })),
        trial(
            format!("POST {of}/unmerge"),
            format!("/records/customer/{kept}/actions/unmerge"),
            json!({ "merge": merged["reply"]["merge"] }),
        ),
        trial(
            format!("POST {of}/erase"),
            format!("/records/customer/{erased}/actions/erase"),
            json!({ "why": "本人要求" }),
        ),
        trial(format!("POST {review}/merge"), format!("{open}/merge"), json!({})),
        trial(format!("POST {review}/dismiss"), format!("{open}/dismiss"), json!({ "why": "两个人" })),
    ]
}

fn of_contact(admin: &Client) -> Vec<Trial> {
    let asked = customer(admin, "郑洁", "13000012361");
    let later = json!({ "customer": asked, "purpose": "serve", "channel": "sms", "body": "好了", "due_at": "2027-03-13T12:00:00+08:00" });
    let queued = admin.create("message", later);
    let queued = queued["id"].as_str().expect("an id");
    let yes =
        json!({ "purpose": "marketing", "channel": "sms", "state": "granted", "how": "paper", "text_version": "1" });
    vec![
        trial(
            "POST /api/v1/records/customer/{id}/actions/consent",
            format!("/records/customer/{asked}/actions/consent"),
            yes,
        ),
        trial(
            "POST /api/v1/records/message/{id}/actions/cancel",
            format!("/records/message/{queued}/actions/cancel"),
            json!({}),
        ),
        trial("PUT /api/v1/contact/policy", "/contact/policy?org=d1", json!({ "per_week": 1 })),
    ]
}

fn of_the_house(admin: &Client) -> Vec<Trial> {
    let source = "fn decide(input) { #{ level: \"general\", response: \"3d\", reasons: [\"a regular\"] } }";
    let draft = json!({ "source": source });
    let (script, route) = ("/scripts/decision/complaint.level", "/api/v1/scripts/{role}/{point}");
    admin.put(&format!("{script}/draft?org=d1"), &draft).ok(200);
    admin.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
    let trial_of = "/scripts/decision/complaint.escalate";
    let to_gm = json!({ "source": "fn decide(input) { #{ to: \"gm\", reasons: [] } }" });
    admin.put(&format!("{trial_of}/draft?org=d1"), &to_gm).ok(200);
    admin.post(&format!("{trial_of}/publish?org=d1"), &json!({ "share": 50 })).ok(200);
    let field = |name: &str| json!({ "name": name, "type": "text", "label": { "zh-CN": "自定义", "en": "Own" } });
    let (fields, label) = ("/kinds/customer/fields", json!({ "label": { "zh-CN": "尺寸", "en": "Size" } }));
    admin.post(&format!("{fields}?org=d1"), &field("x_size")).ok(201);
    let (kind, size) = ("/api/v1/kinds/{kind}", format!("{fields}/x_size?org=d1"));
    let (plugin, worklist) = ("/api/v1/plugins/{name}", "/plugins/worklist");
    vec![
        trial(format!("PUT {route}/draft"), format!("{script}/draft?org=d1"), draft),
        trial(format!("POST {route}/publish"), format!("{script}/publish?org=d1"), json!({})),
        trial(format!("POST {route}/promote"), format!("{trial_of}/promote?org=d1"), json!({})),
        trial("POST /api/v1/recipes/{name}/begin", "/recipes/churn/begin?org=d1", json!({})),
        trial(format!("POST {route}/rollback"), format!("{script}/rollback?org=d1"), json!({ "version": 0 })),
        trial(format!("POST {kind}/fields"), format!("{fields}?org=d1"), field("x_hobby")),
        trial(format!("PATCH {kind}/fields/{{name}}"), size.clone(), label.clone()),
        trial(format!("DELETE {kind}/fields/{{name}}"), size, Value::Null),
        trial(format!("PATCH {kind}/labels"), "/kinds/customer/labels?org=d1", label),
        trial(format!("POST {plugin}/enable"), format!("{worklist}/enable"), json!({})),
        trial(format!("POST {plugin}/disable"), format!("{worklist}/disable"), json!({})),
        trial(format!("PUT {plugin}/settings"), format!("{worklist}/settings?org=d1"), json!({})),
        file_trial("POST /api/v1/plugins", "/plugins", wayward()),
    ]
}

/// The routes that say they can be tried, as their own templates; those written out for one kind are the same routes.
fn tried(client: &Client) -> BTreeSet<String> {
    let document = client.get("/api/openapi.json").ok(200);
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, told) in item.as_object().expect("operations") {
            let takes = |name: &str| {
                told["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == name))
            };
            let words = path.trim_start_matches("/api/v1").split(['/', '{', '}', '.']).filter(|word| !word.is_empty());
            let own_id = std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("_");
            if told["operationId"] != json!(own_id) {
                continue;
            }
            assert_eq!(takes("dry_run"), takes("preview"), "{method} {path}: what can be shown can be applied");
            if takes("dry_run") {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

pub fn contents(server: &Server) -> BTreeMap<String, String> {
    let store = Store::open(&server.data(), &StoreConfig::default()).expect("the store of a stopped server");
    store.contents(&OF_NO_RECORD).expect("its contents")
}

#[test]
fn no_route_writes_anything_when_it_is_only_tried() {
    let mut server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let trials = trials(&server);
    let known: BTreeSet<String> = trials.iter().map(|trial| trial.route.clone()).collect();
    assert_eq!(known, tried(&server.admin()), "every route that can be tried is tried here");
    settled(&server.admin());
    server.stop();
    let before = contents(&server);
    server.launch();
    for trial in &trials {
        let told = trial.send(&server.admin(), "dry_run=true").ok(200);
        let is_told = ["preview", "at_seq", "digest", "commands", "events", "messages", "faults", "deeper"]
            .iter()
            .all(|name| told.get(name).is_some());
        assert!(is_told, "{}: {told}", trial.route);
        assert_eq!(told["messages"], json!([]), "{}", trial.route);
        // Cases are moved by their actions; the administrator is nobody's complaints officer.
        if !trial.route.contains("/moves/") && !trial.route.contains("/{id}/actions/") {
            assert_eq!(told["faults"], json!([]), "{}: {told}", trial.route);
            assert_ne!(told["commands"], json!([]), "{}: {told}", trial.route);
        }
    }
    server.stop();
    let after = contents(&server);
    let changed: Vec<&String> = before.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "written by a dry run: {changed:?}");
}

/// Waits until nothing is being delivered any more.
fn settled(admin: &Client) {
    let mut head = -1;
    eventually("everything is delivered", SOON * 3, || {
        let plugins = admin.get("/plugins").ok(200);
        let is_still = items(&plugins).iter().all(|plugin| plugin["lag"] == 0);
        let last = std::mem::replace(&mut head, admin.head());
        (is_still && last == head).then_some(())
    });
}

fn shape(events: &Value) -> Vec<Value> {
    let events = events.as_array().expect("events");
    events.iter().map(|event| json!([event["kind"], event["record"], event["data"], event["org"]])).collect()
}

#[test]
fn what_was_shown_is_done_with_the_same_ids_and_what_reacts_is_shown_too() {
    let server = Server::at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    settled(&admin);
    let body = json!({ "data": { "name": "王磊", "phone": "13000012345" } });
    let shown = admin.post("/records/customer?dry_run=true", &body).ok(200);
    let commands = items_of(&shown, "commands");
    assert_eq!((&commands[0]["name"], &commands[0]["by"]), (&json!("record.create"), &Value::Null), "{shown}");
    let mark = commands.iter().find(|command| command["by"] == "wayward").unwrap_or_else(|| panic!("{shown}"));
    let id = shown["events"][0]["record"]["id"].as_str().expect("an id");
    assert_eq!(mark["body"]["data"]["customer"], json!(id), "the plugin read the customer that is not there yet");
    let before = admin.head();
    let preview = shown["preview"].as_str().expect("a preview");
    let made = admin.post(&format!("/records/customer?preview={preview}"), &body).ok(201);
    assert_eq!(made["id"], json!(id));
    eventually("the plugin has reacted", SOON, || {
        (admin.list("wayward.mark", &json!({ "customer": id })).len() == 1).then_some(())
    });
    settled(&admin);
    let done = json!(admin.events_after(before));
    assert_eq!(shape(&done), shape(&shown["events"]), "events and ids are those that were shown");
    admin.post(&format!("/records/customer?preview={preview}"), &body).problem(409, "preview.unknown");
}

fn items_of<'a>(body: &'a Value, name: &str) -> &'a Vec<Value> {
    body[name].as_array().unwrap_or_else(|| panic!("no {name}: {body}"))
}

#[test]
fn a_misbehaving_reaction_is_a_fault_of_the_preview_and_harms_nobody() {
    let server = Server::at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let body = json!({ "data": { "name": "王磊", "phone": "13000012345", "note": "trap" } });
    let shown = admin.post("/records/customer?dry_run=true", &body).ok(200);
    assert_eq!(
        (&shown["faults"][0]["code"], &shown["faults"][0]["by"]),
        (&json!("trap"), &json!("wayward")),
        "{shown}"
    );
    assert_eq!(shape(&shown["events"]).len(), 1, "{shown}");
    assert_eq!(admin.get("/plugins/wayward").ok(200)["parked"], 0, "nothing was delivered");
}

#[test]
fn what_has_drifted_is_named_and_nothing_is_done() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let body = json!({ "data": { "city": "武汉", "note": "老客户" } });
    let preview = |path: &str, body: &Value| {
        let shown = admin.patch(&format!("{path}?dry_run=true"), body).ok(200);
        shown["preview"].as_str().expect("a preview").to_owned()
    };
    let first = preview(&path, &body);
    admin.patch(&path, &json!({ "data": { "address": "江汉路1号" } })).ok(200);
    let refused = admin.patch(&format!("{path}?preview={first}"), &body);
    assert_eq!(refused.pointers(), ["/events/0"], "{}", refused.text);
    refused.problem(409, "preview.drifted");
    assert_eq!(admin.record("customer", &id)["rev"], 2);
    // A preview is of one request.
    let second = preview(&path, &body);
    admin.patch(&format!("{path}?preview={second}"), &json!({ "data": {} })).problem(409, "preview.mismatch");
    let other = customer(&admin, "李静", "13000012346");
    admin.patch(&format!("/records/customer/{other}?preview={second}"), &body).problem(409, "preview.mismatch");
    assert_eq!(admin.patch(&format!("{path}?preview={second}"), &body).ok(200)["rev"], 3);
    admin.patch(&format!("{path}?preview=nothing"), &body).problem(409, "preview.unknown");
    admin.patch(&format!("{path}?preview=p&dry_run=true"), &body).problem(400, "preview.invalid");
    admin.patch(&format!("{path}?dry_run=perhaps"), &body).problem(400, "dry_run.invalid");
}

#[test]
fn a_preview_ends_with_its_time_and_with_the_server() {
    let mut server = bare();
    let admin = server.admin();
    let body = json!({ "data": { "name": "王磊", "phone": "13000012345" } });
    let shown = |admin: &Client| {
        let told = admin.post("/records/customer?dry_run=true", &body).ok(200);
        told["preview"].as_str().expect("a preview").to_owned()
    };
    let old = shown(&admin);
    server.set_clock("2026-03-13T10:16:00+08:00");
    let admin = server.admin();
    admin.post(&format!("/records/customer?preview={old}"), &body).problem(409, "preview.unknown");
    // Time decides what is done as it was shown, and when is written down as it is.
    let kept = shown(&admin);
    server.set_clock("2026-03-13T10:20:00+08:00");
    let made = server.admin().post(&format!("/records/customer?preview={kept}"), &body).ok(201);
    assert_eq!(made["created_at"], "2026-03-13T02:20:00.000Z", "{made}");
    let lost = shown(&server.admin());
    server.restart();
    server.admin().post(&format!("/records/customer?preview={lost}"), &body).problem(409, "preview.unknown");
}

#[test]
fn an_action_does_what_its_preview_has_shown() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let who = customer(&officer, "王磊", "13000012345");
    settled(&server.admin());
    let body = json!({ "data": { "customer": who, "facts": "空调不制冷。" } });
    let before = server.admin().head();
    let shown = officer.post("/records/complaints.case?dry_run=true", &body).ok(200);
    assert_eq!(shown["faults"], json!([]), "{shown}");
    let preview = shown["preview"].as_str().expect("a preview");
    let case = officer.post(&format!("/records/complaints.case?preview={preview}"), &body).ok(201);
    settled(&server.admin());
    let done = json!(server.admin().events_after(before));
    let (done, shown) = (shape(&done), shape(&shown["events"]));
    assert!(!shown.is_empty() && done.len() >= shown.len(), "{done:?}");
    assert_eq!(done[..shown.len()], shown[..], "what was shown was done");
    let path = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    let refused = officer.post(&format!("{path}/actions/close?dry_run=true"), &json!({})).ok(200);
    assert_eq!(refused["faults"].as_array().map(Vec::len), Some(1), "{refused}");
    let preview = refused["preview"].as_str().expect("a preview");
    let code = refused["faults"][0]["code"].as_str().expect("a code");
    let status = u16::try_from(refused["faults"][0]["status"].as_u64().expect("a status")).expect("a status");
    officer.post(&format!("{path}/actions/close?preview={preview}"), &json!({})).problem(status, code);
}
