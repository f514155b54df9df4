//! The audit log: everything that was done or refused is in it, no value is, and nobody can change it unseen.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    routes::{bare, customer, items},
    support::{Client, SOON, Server, Setup, eventually, server::binary},
};

const NOON: &str = "2026-03-13T10:00:00+08:00";

fn audit(client: &Client, query: &str) -> Vec<Value> {
    items(&client.get(&format!("/audit?limit=500&{query}")).ok(200)).clone()
}

fn whats(entries: &[Value]) -> Vec<&str> {
    entries.iter().rev().map(|entry| entry["what"].as_str().expect("a code")).collect()
}

#[test]
fn every_write_of_a_record_is_in_the_log_and_no_value_is() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({ "data": { "city": "武汉" } })).ok(200);
    admin.delete(&path).ok(204);
    admin.post(&format!("{path}/restore"), &json!({})).ok(200);
    admin.send("POST", &format!("{path}/attachments?name=a.pdf"), &[], b"%PDF-1.7\n%%EOF\n".to_vec()).ok(201);
    let entries = audit(&admin, &format!("record={id}"));
    let expected = ["record.created", "record.changed", "record.removed", "record.restored", "record.attached"];
    assert_eq!(whats(&entries), expected);
    let [.., changed, created] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((&created["rev"], &changed["rev"]), (&json!(1), &json!(2)));
    assert_eq!((&changed["actor"], &changed["actor_name"]), (&json!("user:admin"), &json!("管理员")), "{changed}");
    assert_eq!((&changed["kind"], &changed["text"]), (&json!("customer"), &json!("修改了记录")), "{changed}");
    assert_eq!(changed["detail"]["changed"], json!(["city"]), "{changed}");
    let digests: Vec<usize> = [created, changed].map(|entry| entry["digest"].as_str().map_or(0, str::len)).into();
    assert_eq!(digests, [32, 32], "values are digested");
    let whole = admin.get("/audit?limit=500").text;
    for value in ["13000012345", "王磊", "武汉"] {
        assert!(!whole.contains(value), "{value} is in the audit log");
    }
}

#[test]
fn both_sides_of_a_merge_are_in_the_log() {
    let server = bare();
    let admin = server.admin();
    let (kept, lost) = (customer(&admin, "王磊", "13000012345"), customer(&admin, "王小磊", "13000012346"));
    let merged = admin.post(&format!("/records/customer/{kept}/actions/merge"), &json!({ "other": lost })).ok(200);
    let (of_kept, of_lost) = (audit(&admin, &format!("record={kept}")), audit(&admin, &format!("record={lost}")));
    assert_eq!(whats(&of_kept), ["record.created", "record.merged"]);
    assert_eq!(whats(&of_lost), ["record.created", "record.merged"]);
    assert_eq!(of_lost[0]["detail"]["into"], json!(kept));
    let undo = json!({ "merge": merged["reply"]["merge"] });
    admin.post(&format!("/records/customer/{kept}/actions/unmerge"), &undo).ok(200);
    assert_eq!(whats(&audit(&admin, &format!("record={lost}"))).last(), Some(&"record.unmerged"));
}

#[test]
fn the_log_is_narrowed_and_paged_and_whoever_reads_it_is_in_it() {
    let server = bare();
    let admin = server.admin();
    let ids: Vec<String> = (0..5).map(|n| customer(&admin, &format!("客户{n}"), &format!("1300001000{n}"))).collect();
    let mut cursor = String::new();
    let mut found = Vec::new();
    loop {
        let page = admin.get(&format!("/audit?what=record.created&actor=user:admin&limit=2{cursor}")).ok(200);
        found.extend(items(&page).iter().map(|entry| entry["record"].as_str().expect("a record").to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    found.reverse();
    assert_eq!(found, ids, "each once, the newest first");
    assert_eq!(
        audit(&admin, "what=record.*&from=2026-03-13T10:00:00%2B08:00").len(),
        audit(&admin, "what=record.*").len()
    );
    assert_eq!(audit(&admin, "what=record.*&to=2026-03-13T10:00:00%2B08:00"), Vec::<Value>::new());
    assert_eq!(whats(&audit(&admin, "what=session.*")), ["session.opened"]);
    let reads = audit(&admin, "what=audit.read");
    assert_eq!(reads.len(), 6, "each look is one, whatever its pages: {reads:?}");
    assert_eq!(reads[5]["detail"]["what"], "record.created");
    admin.get("/audit?cursor=x").problem(400, "cursor.invalid");
    admin.get("/audit?from=yesterday").problem(400, "from.invalid");
}

#[test]
fn a_dealer_reads_its_own_part_and_only_those_who_answer_for_it() {
    let server = Server::dealer_at(NOON);
    customer(&server.staff("wang"), "王磊", "13000012345");
    customer(&server.admin(), "李静", "13000012346");
    let manager = server.staff("sun");
    let mut theirs = audit(&manager, "what=record.created&from=2026-03-13T10:00:00%2B08:00");
    // Plugins note what they do by themselves.
    theirs.retain(|entry| entry["kind"] == "customer");
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert_eq!((&theirs[0]["org"], &theirs[0]["actor"]), (&json!("d1"), &json!("user:d1-wang")));
    assert!(audit(&manager, "").iter().all(|entry| entry["org"] == "d1"), "nothing of headquarters");
    manager.get("/audit?org=hq").problem(403, "denied");
    for nobody in ["wang", "li", "chen", "deng"] {
        server.staff(nobody).get("/audit").problem(403, "denied");
        server.staff(nobody).get("/audit/roots").problem(403, "denied");
    }
}

#[test]
fn what_was_refused_is_noted_once_a_minute() {
    let server = Server::dealer_at(NOON);
    let consultant = server.staff("li");
    for _ in 0..3 {
        consultant.get("/audit").problem(403, "denied");
        server.client().with_token("made-up").get("/records/customer").problem(401, "unauthenticated");
    }
    server.client().get("/session").problem(401, "unauthenticated");
    consultant.post("/plugins/worklist/disable", &json!({})).problem(403, "denied");
    let refused = audit(&server.admin(), "what=refused");
    let told: Vec<Value> = refused
        .iter()
        .rev()
        .map(|entry| json!([entry["actor"], entry["detail"]["code"], entry["detail"]["route"], entry["address"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["user:d1-li", "denied", "/api/v1/audit", "127.0.0.1"]),
            json!(["nobody", "unauthenticated", "/api/v1/records/{kind}", "127.0.0.1"]),
            json!(["user:d1-li", "denied", "/api/v1/plugins/{name}/disable", "127.0.0.1"]),
        ]
    );
    server.set_clock("2026-03-13T10:02:00+08:00");
    server.staff("li").get("/audit").problem(403, "denied");
    let last = &audit(&server.admin(), "what=refused")[0];
    assert_eq!(last["detail"]["n_more_before"], 2, "{last}");
    for _ in 0..11 {
        server.client().post("/session", &json!({ "login": "d1.li", "password": "not the password" }));
    }
    let admin = server.admin();
    assert_eq!(audit(&admin, "what=session.refused").len(), 10);
    assert_eq!(audit(&admin, "what=refused")[0]["detail"]["code"], "session.throttled");
    assert!(!admin.get("/audit?what=session.refused").text.contains("d1.li"), "what was typed is digested");
}

fn marque(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).arg("--data").arg(data).env("NO_COLOR", "1");
    command.output().expect("the server's binary runs")
}

fn told(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for name in ["marque.db", "marque.db-wal", "audit.key"] {
        fs::copy(from.join(name), to.join(name)).expect("a copy");
    }
}

#[test]
fn roots_are_signed_hourly_and_at_the_end_and_show_a_log_that_was_cut_off() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let witness = elsewhere.path().join("witness");
    let variable: &'static str = Box::leak(witness.to_string_lossy().into_owned().into_boxed_str());
    let mut server = Server::with(Setup {
        clock: Some(NOON),
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__AUDIT__WITNESS", variable)],
        ..Setup::default()
    });
    let lines = || fs::read_to_string(&witness).unwrap_or_default().lines().count();
    eventually("the first root is signed", SOON, || (lines() == 1).then_some(()));
    customer(&server.admin(), "王磊", "13000012345");
    server.set_clock("2026-03-13T11:00:00+08:00");
    eventually("the second root is signed", SOON, || (lines() == 2).then_some(()));
    let roots = items(&server.admin().get("/audit/roots").ok(200)).clone();
    let times: Vec<&Value> = roots.iter().map(|root| &root["at"]).collect();
    assert_eq!(times, ["2026-03-13T03:00:00.000Z", "2026-03-13T02:00:00.000Z"]);
    server.stop();
    assert_eq!(lines(), 3, "and one at the end");

    let early = elsewhere.path().join("early");
    copy(&server.data(), &early);
    server.launch();
    customer(&server.admin(), "李静", "13000012346");
    let root = elsewhere.path().join("root");
    let root = root.to_str().expect("a path");
    // Beside the running server.
    let signed = marque(&server.data(), &["audit", "root", "--out", root]);
    assert!(signed.status.success(), "{}", told(&signed));
    let holds = marque(&server.data(), &["audit", "verify", "--root", root]);
    assert!(holds.status.success() && told(&holds).contains("the audit log holds"), "{}", told(&holds));
    let alone = marque(&early, &["audit", "verify"]);
    assert!(alone.status.success(), "what was cut off does not show by itself: {}", told(&alone));
    let cut_off = marque(&early, &["audit", "verify", "--root", root]);
    assert!(
        !cut_off.status.success() && told(&cut_off).contains("is missing: the log ends there"),
        "{}",
        told(&cut_off)
    );
    let by_witness = marque(&server.data(), &["audit", "verify", "--root", variable]);
    assert!(by_witness.status.success(), "{}", told(&by_witness));
    let nowhere = marque(elsewhere.path(), &["audit", "verify"]);
    assert!(!nowhere.status.success() && told(&nowhere).contains("there is no store"), "{}", told(&nowhere));
}
