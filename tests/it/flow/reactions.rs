//! A dealer's reactions: scripts that hear what happens and ask for something, within what was granted and no further.

use serde_json::{Value, json};

use super::{imports::import_as, script::blocks};
use crate::{
    routes::items,
    support::{Client, SOON, Server, eventually},
};

pub const FRIDAY: &str = "2026-03-13T10:00:00+08:00";
const CALL: &str = "/scripts/reaction/call";

/// Somebody calls a new customer the next day.
const TASK: &str = r#"
/// 新客户次日回访
fn on_customer_created(event) {
    #{
        command: "record.create", kind: "worklist.task", why: "新客户次日回访",
        data: #{
            title: PARAMETERS.title ?? "致电新客户", owner: PARAMETERS.owner, due: add_days(NOW, 1), customer: event.record.id, step: "welcome",
        },
    }
}
"#;
/// And a message besides.
const MESSAGE: &str = r#"
fn on_customer_created(event) {
    #{
        command: "message.send", customer: event.subject, purpose: "marketing", channel: "sms", body: "欢迎光临本店",
        why: "第一次来",
    }
}
"#;

fn officer_id(server: &Server, login: &str) -> String {
    let found = server.admin().list("user", &json!({ "login": format!("d1.{login}") }));
    found[0]["id"].as_str().expect("an id").to_owned()
}

fn draft(author: &Client, source: &str, asks: &[&str], parameters: &Value) {
    let body = json!({ "source": source, "asks": asks, "parameters": parameters });
    author.put(&format!("{CALL}/draft?org=d1"), &body).ok(200);
}

fn publish(author: &Client, source: &str, asks: &[&str], parameters: &Value) -> Value {
    draft(author, source, asks, parameters);
    author.post(&format!("{CALL}/publish?org=d1"), &json!({})).ok(200)
}

fn customer(officer: &Client, n: usize) -> String {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("1300001{n:04}") });
    officer.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

/// A yes to marketing by SMS, on paper.
fn consent(client: &Client, customer: &str) {
    let said = json!({ "purpose": "marketing", "channel": "sms", "state": "granted", "how": "paper", "text_version": "2026-01", "proof": "表单 88" });
    client.post(&format!("/records/customer/{customer}/actions/consent"), &said).ok(200);
}

fn tasks(client: &Client, customer: &str) -> Vec<Value> {
    client.list("worklist.task", &json!({ "customer": customer, "step": "welcome" }))
}

fn tried(author: &Client, body: &Value) -> Value {
    let job = author.post(&format!("{CALL}/preview?org=d1"), body).ok(202)["job"].as_str().expect("a job").to_owned();
    let job = eventually("the preview ends", SOON, || {
        Some(author.get(&format!("/jobs/{job}")).ok(200)).filter(|job| job["state"] != "running")
    });
    assert_eq!(job["state"], "done", "{job}");
    job["detail"].clone()
}

#[test]
fn a_reaction_asks_for_what_it_was_granted_and_why_tells_of_it() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let owner = json!({ "owner": officer_id(&server, "wang") });
    let before = customer(&officer, 1);
    publish(&author, TASK, &["record.create:worklist.task"], &owner);

    let after = customer(&officer, 2);
    let task = eventually("the task is there", SOON, || tasks(&officer, &after).pop());
    assert_eq!(
        (&task["data"]["title"], &task["data"]["due"]),
        (&json!("致电新客户"), &json!("2026-03-14T02:00:00.000Z"))
    );
    assert_eq!(tasks(&officer, &before), Vec::<Value>::new(), "what came before it was published is not made up for");
    let why = officer.get(&format!("/records/worklist.task/{}/why/due", task["id"].as_str().expect("an id"))).ok(200);
    assert_eq!((&why["script"], &why["script_owner"]), (&json!("reaction/call"), &json!("d1")), "{why}");
    assert_eq!(why["reasons"], json!(["新客户次日回访"]), "{why}");
    assert!(why["input"]["record"]["phone"].is_null(), "nothing personal is told to a script: {why}");

    author.post(&format!("{CALL}/rollback?org=d1"), &json!({})).ok(200);
    let last = customer(&officer, 3);
    assert_eq!(tasks(&officer, &last), Vec::<Value>::new(), "one that was taken out of force hears nothing");
}

#[test]
fn what_is_not_granted_or_not_there_does_not_pass_the_check() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let check = |source: &str, asks: Value| {
        let body = json!({ "source": source, "asks": asks });
        let report = author.post(&format!("{CALL}/check?org=d1"), &body).ok(200);
        (report["ok"].clone(), report["problems"][0]["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(check(TASK, json!(["record.create:worklist.task"])).0, true);
    for (source, asks, word) in [
        (TASK, json!(["record.change:worklist.task"]), "not open to scripts"),
        (TASK, json!(["record.create:complaints.case"]), "not open to scripts"),
        (TASK, json!(["record.change:user"]), "never a script's"),
        (TASK, json!(["consent.give"]), "none of"),
        (TASK, json!(["record.create:nothing"]), "there is not"),
        ("fn on_customer_borned(event) { }", json!([]), "no event calls on_customer_borned"),
        ("fn on_customer_merged(event) { }", json!([]), ""),
        ("fn on_message_suppressed(event) { }", json!([]), ""),
        (TASK, json!(["record.move:customer"]), "no states"),
        ("fn on_worklist_task_borned(event) { }", json!([]), "no event calls on_worklist_task_borned"),
        ("fn compute(record) { 1 }", json!([]), "on_<event>(event)"),
    ] {
        let (ok, message) = check(source, asks);
        assert!(ok == json!(word.is_empty()) && message.contains(word), "{source}: {message}");
    }
    // What was not granted is no secret of the check alone.
    let example = json!([{ "name": "新客户", "input": { "kind": "customer.created", "record": { "id": "c1" } } }]);
    let body = json!({ "source": TASK, "asks": [], "examples": example });
    let report = author.post(&format!("{CALL}/check?org=d1"), &body).ok(200);
    let message = report["examples"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("record.create:worklist.task, which is not among its grants"), "{report}");
}

#[test]
fn a_preview_counts_commands_and_messages_and_writes_nothing() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let agreed = customer(&officer, 1);
    customer(&officer, 2);
    consent(&officer, &agreed);
    let head = author.head();
    let both = format!("{MESSAGE}\nfn on_consent_granted(event) {{ throw \"不懂\"; }}");
    let shown = tried(&author, &json!({ "source": both, "asks": ["message.send"], "days": 1 }));
    assert_eq!(author.head(), head, "nothing is done");
    let commands = &shown["commands"];
    assert_eq!(commands["asked"]["message.send"], commands["messages"]["n"], "{shown}");
    let n = commands["messages"]["n"].as_u64().expect("a number");
    let stopped = commands["messages"]["stopped"].as_u64().expect("a number");
    assert!(n >= 2 && stopped >= 1 && stopped <= n, "{shown}");
    assert!(commands["messages"]["reasons"].as_object().is_some_and(|reasons| !reasons.is_empty()), "{shown}");
    // A customer of the house is none of the dealer's.
    let of_hq = server.admin().create("customer", json!({ "name": "总部客户", "phone": "13000008888" }))["id"].clone();
    let elsewhere = MESSAGE.replace("event.subject", &of_hq.to_string());
    let told = tried(&author, &json!({ "source": elsewhere, "asks": ["message.send"], "days": 1 }));
    let messages = &told["commands"]["messages"];
    assert_eq!((&messages["n"], &messages["reasons"]), (&json!(2), &json!({ "no_customer": 2 })), "{told}");
    let again = tried(&author, &json!({ "source": both, "asks": ["message.send"], "days": 1 }));
    assert_eq!(again["hash"], shown["hash"], "the same draft on the same events");
}

#[test]
fn what_can_send_messages_is_published_by_a_second_person() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author, colleague) = (server.staff("wang"), server.staff("deng"), server.staff("sun"));
    draft(&author, MESSAGE, &["message.send"], &json!({}));
    author.post(&format!("{CALL}/publish?org=d1"), &json!({})).problem(409, "script.second_person");
    colleague.post(&format!("{CALL}/publish?org=d1"), &json!({})).ok(200);
    let versions = author.get(&format!("{CALL}/versions?org=d1")).ok(200);
    let version = &items(&versions)[0];
    assert_ne!(version["written_by"], version["published_by"], "{version}");
    assert_eq!(version["asks"], json!(["message.send"]));
    let written = customer(&officer, 1);
    let sent =
        eventually("the message is queued", SOON, || officer.list("message", &json!({ "customer": written })).pop());
    assert_eq!(sent["data"]["body"], "欢迎光临本店", "{sent}");
}

#[test]
fn a_reaction_that_fails_is_parked_and_the_third_time_taken_out() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let broken = "fn on_customer_created(event) { throw \"坏了\"; }";
    publish(&author, broken, &[], &json!({}));
    for n in 1..=3 {
        customer(&officer, n);
    }
    let item = eventually("the script is taken out", SOON, || {
        let item = author.get(&format!("{CALL}?org=d1")).ok(200);
        (item["state"] != "published").then_some(item)
    });
    assert!(item["fault"]["message"].as_str().is_some_and(|fault| fault.contains("坏了")), "{item}");
    let parked = author.get(&format!("{CALL}/parked?org=d1")).ok(200);
    assert_eq!(items(&parked).len(), 3, "{parked}");
    customer(&officer, 4);

    // Mended: what came meanwhile is not made up for, what was parked can be tried again.
    let owner = json!({ "owner": officer_id(&server, "wang") });
    publish(&author, TASK, &["record.create:worklist.task"], &owner);
    let seq = items(&parked)[0]["seq"].as_i64().expect("a number");
    author.post(&format!("{CALL}/parked/{seq}/retry?org=d1"), &json!({})).ok(204);
    let made = officer.list("worklist.task", &json!({ "step": "welcome" }));
    assert_eq!(made.len(), 1, "{made:?}");
    let seq = items(&parked)[1]["seq"].as_i64().expect("a number");
    author.post(&format!("{CALL}/parked/{seq}/drop?org=d1"), &json!({})).ok(204);
    assert_eq!(items(&author.get(&format!("{CALL}/parked?org=d1")).ok(200)).len(), 1);
}

#[test]
fn what_the_core_refuses_is_parked_with_the_reason_and_nothing_of_it_is_done() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let two = "fn on_customer_created(event) { [
        #{ command: \"record.create\", kind: \"worklist.task\",
           data: #{ title: \"一\", owner: PARAMETERS.owner, due: NOW, step: \"welcome\" } },
        #{ command: \"record.create\", kind: \"worklist.task\", data: #{ title: \"二\", step: \"welcome\" } },
    ] }";
    let owner = json!({ "owner": officer_id(&server, "wang") });
    publish(&author, two, &["record.create:worklist.task"], &owner);
    customer(&officer, 1);
    let parked = eventually("it is parked", SOON, || {
        let parked = author.get(&format!("{CALL}/parked?org=d1")).ok(200);
        (!items(&parked).is_empty()).then_some(parked)
    });
    let fault = &items(&parked)[0]["fault"];
    assert!(fault["message"].as_str().is_some_and(|message| message.contains("owner")), "{fault}");
    assert_eq!(officer.list("worklist.task", &json!({ "step": "welcome" })), Vec::<Value>::new(), "all of it or none");
}

#[test]
fn a_version_on_trial_answers_for_its_share_of_subjects_until_it_is_promoted() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let owner = json!({ "owner": officer_id(&server, "wang") });
    let asks = ["record.create:worklist.task"];
    publish(&author, TASK, &asks, &owner);
    // The same source with another parameter.
    let other = json!({ "owner": owner["owner"], "title": "上门拜访" });
    draft(&author, TASK, &asks, &other);
    author.post(&format!("{CALL}/publish?org=d1"), &json!({ "share": 0 })).problem(400, "share.invalid");
    author.post(&format!("{CALL}/publish?org=d1"), &json!({ "share": 50 })).ok(200);
    let item = author.get(&format!("{CALL}?org=d1")).ok(200);
    assert_eq!((&item["version"], &item["canary"]), (&json!(1), &json!({ "version": 2, "share": 50 })), "{item}");

    let titles = |from: usize| -> Vec<String> {
        // In one commit, so that the events of both versions come together.
        let rows: String = (from..from + 16).map(|n| format!("客户{n},{}\n", 13_000_010_000_u64 + n as u64)).collect();
        let table = format!("name,phone\n{rows}").into_bytes();
        let job = import_as(&officer, "/records/customer/import?mode=apply", "text/csv", table);
        assert_eq!(job["counts"]["new"], 16, "{job}");
        let made = officer.list(
            "customer",
            &json!({ "name": { "in": (from..from + 16).map(|n| format!("客户{n}")).collect::<Vec<_>>() } }),
        );
        let made: Vec<String> = made.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect();
        let title = |customer: &String| {
            let task = eventually("the task is there", SOON, || tasks(&officer, customer).pop());
            task["data"]["title"].as_str().expect("a title").to_owned()
        };
        made.iter().map(title).collect()
    };
    let shared = titles(100);
    for title in ["致电新客户", "上门拜访"] {
        assert!(shared.iter().any(|one| one == title), "both versions answer: {shared:?}");
    }
    author.post(&format!("{CALL}/promote?org=d1"), &json!({})).ok(200);
    author.post(&format!("{CALL}/promote?org=d1"), &json!({})).problem(409, "script.no_canary");
    assert!(titles(200).iter().all(|title| title == "上门拜访"));
    author.post(&format!("{CALL}/rollback?org=d1"), &json!({})).ok(200);
    assert!(titles(300).iter().all(|title| title == "致电新客户"));
}

#[test]
fn a_trial_that_fails_ends_alone_and_is_not_gone_back_to() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let owner = json!({ "owner": officer_id(&server, "wang") });
    let asks = ["record.create:worklist.task"];
    publish(&author, TASK, &asks, &owner);
    draft(&author, &TASK.replace("#{\n        command", "throw \"坏了\"; #{\n        command"), &asks, &owner);
    author.post(&format!("{CALL}/publish?org=d1"), &json!({ "share": 99 })).ok(200);
    let mut n = 0;
    let item = eventually("the trial is given up", SOON, || {
        n += 1;
        customer(&officer, n);
        let item = author.get(&format!("{CALL}?org=d1")).ok(200);
        item["canary"].is_null().then_some(item)
    });
    assert_eq!(
        (&item["version"], &item["state"], &item["fault"]),
        (&json!(1), &json!("published"), &Value::Null),
        "{item}"
    );
    let after = customer(&officer, 500);
    eventually("the version in force answers", SOON, || tasks(&officer, &after).pop());

    // What went wrong on trial has never been in force: one goes back over it.
    let third = json!({ "owner": owner["owner"], "title": "上门拜访" });
    assert_eq!(publish(&author, TASK, &asks, &third)["version"], 3);
    let back = author.post(&format!("{CALL}/rollback?org=d1"), &json!({})).ok(200);
    assert_eq!(back["version"], 1, "{back}");
}

#[test]
fn a_draft_is_published_as_it_was_seen() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let asks = ["record.create:worklist.task"];
    let seen = json!({ "source": TASK, "parameters": { "owner": "u1" }, "asks": asks });
    draft(&author, TASK, &asks, &json!({ "owner": "u2" }));
    author.post(&format!("{CALL}/publish?org=d1"), &json!({ "seen": seen })).problem(409, "draft.changed");
    draft(&author, TASK, &asks, &json!({ "owner": "u1" }));
    author.post(&format!("{CALL}/publish?org=d1"), &json!({ "seen": seen })).ok(200);
}

#[test]
fn a_reaction_does_not_hear_what_it_did_itself() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let source = "fn on_customer_changed(event) {
        #{ command: \"record.change\", kind: \"customer\", id: event.record.id, data: #{ note: `第 ${event.record.rev} 次` } }
    }";
    publish(&author, source, &["record.change:customer"], &json!({}));
    let id = customer(&officer, 1);
    officer.patch(&format!("/records/customer/{id}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    eventually("the note is there", SOON, || {
        officer.record("customer", &id)["data"]["note"].as_str().map(str::to_owned)
    });
    eventually("everything is heard", SOON, || {
        let item = author.get(&format!("{CALL}?org=d1")).ok(200);
        (item["status"]["lag"] == 0).then_some(())
    });
    assert_eq!(officer.record("customer", &id)["rev"], 3, "created, changed, noted: no more");
}

#[test]
fn every_reaction_of_the_manual_passes_its_check() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let blocks = blocks("docs/SCRIPTS.md", "rhai reaction");
    assert_eq!(blocks.len(), 2);
    let event = json!({ "kind": "customer.created", "subject": "c1", "record": { "id": "c1" } });
    let wanted = json!({ "command": "record.create", "kind": "worklist.task" });
    for source in blocks {
        let body = json!({
            "source": source, "asks": ["record.create:worklist.task"], "parameters": { "owner": "u1" },
            "examples": [{ "name": "新客户", "input": event, "output": wanted }],
        });
        let report = author.post(&format!("{CALL}/check?org=d1"), &body).ok(200);
        assert_eq!(report["ok"], true, "{source}\n{report}");
    }
}
