//! Exports of more than 500 rows: who may ask, who may approve, who takes the file, and for how long it lies.

use std::fs;

use serde_json::{Value, json};

use super::imports::{CSV, counts, import_as};
use crate::{
    routes::items,
    support::{Client, SOON, Server, eventually, server::STAFF_PASSWORD},
};

const NOON: &str = "2026-03-13T10:00:00+08:00";

/// A dealer with 600 customers and four from the demo.
fn dealer() -> Server {
    let server = Server::dealer_at(NOON);
    let lines: String = (0..600).map(|n| format!("客户{n},138{n:08}\n")).collect();
    let path = "/records/customer/import?mode=apply&org=d1";
    let job = import_as(&server.admin(), path, CSV, format!("姓名,手机\n{lines}").into_bytes());
    assert_eq!(job["counts"], counts(0, 0, 0, 600));
    server
}

fn wish() -> Value {
    json!({ "kind": "customer", "format": "csv", "purpose": "年度回访" })
}

fn narrow() -> Value {
    json!({ "kind": "customer", "format": "csv", "purpose": "回访", "filter": { "name": "客户1" }, "fields": ["name", "phone"] })
}

fn id(export: &Value) -> &str {
    export["id"].as_str().unwrap_or_else(|| panic!("no id: {export}"))
}

fn ready(client: &Client, id: &str) -> Value {
    eventually("the file is ready", SOON * 6, || {
        let export = client.get(&format!("/exports/{id}")).ok(200);
        (export["state"] != "running").then_some(export)
    })
}

fn whats(server: &Server) -> Vec<String> {
    let page = server.admin().get("/audit?what=export.*&limit=500").ok(200);
    items(&page).iter().rev().map(|entry| entry["what"].as_str().expect("a code").to_owned()).collect()
}

fn user(server: &Server, org: &str, login: &str, role: &str) -> Client {
    let data = json!({ "login": login, "name": "小陈", "roles": [role] });
    let item = server.admin().post("/records/user", &json!({ "org": org, "data": data })).ok(201);
    let path = format!("/records/user/{}/actions/set_password", item["id"].as_str().expect("an id"));
    server.admin().post(&path, &json!({ "password": STAFF_PASSWORD })).ok(200);
    server.client().login(login, STAFF_PASSWORD)
}

#[test]
fn a_second_person_approves_and_only_who_asked_takes_the_file() {
    let server = dealer();
    let (manager, colleague) = (server.staff("sun"), server.staff("zhao"));
    let asked = manager.post("/exports", &wish()).ok(201);
    assert_eq!((&asked["rows"], &asked["state"]), (&json!(604), &json!("waiting")), "{asked}");
    let path = format!("/exports/{}", id(&asked));
    manager.get(&format!("{path}/file")).problem(409, "export.not_ready");
    manager.post(&format!("{path}/approve"), &json!({})).problem(403, "export.own");
    manager.post(&format!("{path}/refuse"), &json!({ "why": "doch nicht" })).problem(403, "export.own");
    let waiting = colleague.get("/exports?state=waiting").ok(200);
    assert_eq!((items(&waiting).len(), &waiting["items"][0]["purpose"]), (1, &json!("年度回访")));
    colleague.post(&format!("{path}/approve"), &json!({})).ok(200);
    colleague.post(&format!("{path}/approve"), &json!({})).problem(409, "export.decided");
    let export = ready(&manager, id(&asked));
    assert_eq!(
        (&export["state"], &export["n_rows"], &export["decided_by"]),
        (&json!("ready"), &json!(604), &json!("user:d1-zhao"))
    );
    colleague.get(&format!("{path}/file")).problem(403, "export.not_yours");
    let text = String::from_utf8(manager.download(&format!("{path}/file"))).expect("a text");
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 604 + 1, "a header, the rows, and whose it is");
    let mark = format!("marque:export {} | user:d1-sun", id(&asked));
    let last = lines[605];
    assert!(last.starts_with(&mark) && last.ends_with("| 2026-03-13T02:00:00.000Z | 年度回访"), "{last}");
    assert_eq!(whats(&server), ["export.asked", "export.approved", "export.ended", "export.fetched"]);
    let log = server.admin().get("/audit?what=export.*").ok(200);
    assert!(
        items(&log).iter().all(|entry| entry["digest"].is_string() && entry["export"]["purpose"] == "年度回访"),
        "{log}"
    );
    assert!(items(&log).iter().all(|entry| !entry["detail"].to_string().contains("年度回访")), "{log}");
}

#[test]
fn a_few_rows_are_ready_at_once_and_one_person_alone_gets_no_more_directly() {
    let server = dealer();
    let manager = server.staff("sun");
    let export = manager.post("/exports", &narrow()).ok(201);
    assert_eq!((&export["state"], &export["rows"]), (&json!("ready"), &json!(1)), "{export}");
    let text = String::from_utf8(manager.download(&format!("/exports/{}/file", id(&export)))).expect("a text");
    assert!(text.contains("客户1,'+8613800000001\r\n"), "{text}");
    let direct = "/records/customer/export?format=csv&purpose=回访";
    let problem = manager.get(direct).problem(403, "export.approval");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("POST /api/v1/exports")), "{problem}");
    server.admin().get(direct).problem(403, "export.approval");
    let few = manager.get(&format!("{direct}&filter={{\"name\":\"客户1\"}}"));
    assert_eq!((few.status, few.text.trim_end().lines().count()), (200, 3), "{}", few.text);
}

#[test]
fn nobody_else_exports_approves_or_learns_of_it() {
    let server = dealer();
    let manager = server.staff("sun");
    let asked = manager.post("/exports", &wish()).ok(201);
    let path = format!("/exports/{}", id(&asked));
    let data = json!({ "code": "d2", "name": "二店", "type": "dealer", "parent": "hq" });
    let other = server.admin().create("org", data);
    let stranger = user(&server, other["id"].as_str().expect("an id"), "d2.sun", "gm");
    for way in ["approve", "refuse"] {
        let body = if way == "refuse" { json!({ "why": "x" }) } else { json!({}) };
        stranger.post(&format!("{path}/{way}"), &body).problem(404, "export.not_found");
        server.staff("wang").post(&format!("{path}/{way}"), &body);
    }
    stranger.get(&path).problem(404, "export.not_found");
    stranger.get(&format!("{path}/file")).problem(404, "export.not_found");
    assert_eq!(items(&stranger.get("/exports").ok(200)), &Vec::<Value>::new());
    for nobody in ["wang", "li", "chen", "zhou", "deng"] {
        let client = server.staff(nobody);
        client.post("/exports", &narrow()).problem(403, "denied");
        client
            .get("/records/customer/export?format=csv&purpose=回访&filter={\"name\":\"客户1\"}")
            .problem(403, "denied");
        client.get(&path).problem(404, "export.not_found");
        assert_eq!(items(&client.get("/exports").ok(200)), &Vec::<Value>::new());
    }
    server.staff("wang").post(&format!("{path}/approve"), &json!({})).problem(404, "export.not_found");
    assert_eq!(manager.get(&path).ok(200)["state"], "waiting", "nothing of that has changed it");
    let dpo = user(&server, "hq", "dpo", "dpo");
    dpo.post(&format!("{path}/refuse"), &json!({ "why": " " })).problem(400, "why.invalid");
    let refused = dpo.post(&format!("{path}/refuse"), &json!({ "why": "请缩小范围" })).ok(200);
    assert_eq!((&refused["state"], &refused["why"]), (&json!("refused"), &json!("请缩小范围")));
    dpo.post(&format!("{path}/approve"), &json!({})).problem(409, "export.decided");
    manager.get(&format!("{path}/file")).problem(409, "export.not_ready");
}

#[test]
fn what_has_changed_since_it_was_asked_for_is_not_approved_unseen() {
    let server = dealer();
    let asked = server.staff("sun").post("/exports", &wish()).ok(201);
    let approve = format!("/exports/{}/approve", id(&asked));
    server.staff("wang").create("customer", json!({ "name": "新客户", "phone": "13000012345" }));
    let colleague = server.staff("zhao");
    colleague.post(&approve, &json!({})).problem(409, "export.grown");
    let seen = colleague.get(&format!("/exports/{}", id(&asked))).ok(200);
    assert_eq!((&seen["state"], &seen["rows"]), (&json!("waiting"), &json!(605)));
    server.admin().patch("/records/user/d1-sun", &json!({ "data": { "status": "left" } })).ok(200);
    colleague.post(&approve, &json!({})).problem(409, "export.asker_gone");
}

#[test]
fn a_file_lies_for_seven_days_and_a_wish_waits_as_long() {
    let server = dealer();
    let (manager, folder) = (server.staff("sun"), server.data().join("exports"));
    let made = manager.post("/exports", &narrow()).ok(201);
    let asked = manager.post("/exports", &wish()).ok(201);
    assert!(folder.join(id(&made)).is_file());
    server.set_clock("2026-03-20T09:59:00+08:00");
    server.staff("sun").download(&format!("/exports/{}/file", id(&made)));
    server.set_clock("2026-03-20T10:00:00+08:00");
    let (manager, colleague) = (server.staff("sun"), server.staff("zhao"));
    manager.get(&format!("/exports/{}/file", id(&made))).problem(404, "export.expired");
    colleague.post(&format!("/exports/{}/approve", id(&asked)), &json!({})).problem(409, "export.decided");
    server.set_clock("2026-03-20T11:00:00+08:00");
    eventually("the file is removed", SOON, || (!folder.join(id(&made)).exists()).then_some(()));
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 0);
    let listed = server.staff("sun").get("/exports").ok(200);
    assert!(items(&listed).iter().all(|export| export["state"] == "expired"), "{listed}");
}

#[test]
fn half_a_file_of_a_server_that_died_is_cleared_away() {
    let mut server = dealer();
    let made = server.staff("sun").post("/exports", &narrow()).ok(201);
    server.kill9();
    let folder = server.data().join("exports");
    fs::write(folder.join("0199-half.part"), "x").expect("a file");
    server.launch();
    assert!(!folder.join("0199-half.part").exists());
    let text = server.staff("sun").download(&format!("/exports/{}/file", id(&made)));
    assert!(!text.is_empty(), "what was ready still is");
}
