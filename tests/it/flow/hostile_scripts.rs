//! Scripts meant to do harm, through the door that dealers use: each ends with a reason of its own, and the server is as it was.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::reactions::FRIDAY;
use crate::{
    routes::{dry_run::contents, items},
    support::{Client, SOON, Server, eventually},
};

const LEVEL: &str = "/scripts/decision/complaint.level";
const TRICK: &str = "/scripts/reaction/trick";

/// The corpus, and what is too long to lie in a file.
fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/hostile-scripts");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a script"))
    };
    let mut scripts: Vec<(String, String)> = files.iter().map(read).collect();
    let made = [
        ("a name of five million letters", format!("let {} = 1;", "x".repeat(5_000_000))),
        ("a list of three hundred thousand", format!("let l = [{}];", "1,".repeat(300_000))),
        ("twenty thousand comments inside one another", "/*".repeat(20_000)),
        ("a chain of fifty thousand sums", format!("1{}", "+1".repeat(50_000))),
        ("a switch with two hundred thousand arms", {
            let arms: String = (0..200_000).map(|n| format!("{n}=>{n},")).collect();
            format!("switch 1 {{ {arms} _ => 0 }}")
        }),
        ("sums as long as a source may be", format!("1{}", "+1".repeat(16_000))),
        ("blocks as long as a source may be", format!("{}{}", "{".repeat(16_000), "}".repeat(16_000))),
        ("names as long as a source may be", format!("let {} = 1;", "x".repeat(32_000))),
        ("arms as long as a source may be", {
            let arms: String = (0..3_500).map(|n| format!("{n}=>1,")).collect();
            format!("switch 1 {{ {arms} _ => 0 }}")
        }),
        ("functions as many as a source may hold", (0..3_000).map(|n| format!("}} fn f{n}() {{")).collect()),
        ("text out of text", "let t = \"a\"; t.pad(30000, 'a'); let l = []; loop { l.push(t.to_string()); }".into()),
    ];
    scripts.extend(made.map(|(name, body)| (name.to_owned(), body)));
    scripts
}

#[test]
fn the_corpus_leaves_the_server_as_it_was() {
    let mut server = Server::dealer_at(FRIDAY);
    server.stop();
    let before = contents(&server);
    server.launch();
    let author = server.staff("deng");
    let corpus = corpus();
    assert!(corpus.len() >= 50, "{} scripts", corpus.len());
    for (name, body) in &corpus {
        let decision = json!({ "source": format!("fn decide(input) {{\n{body}\n}}") });
        // What is longer than any body may be is not even read to its end.
        let Some(answer) = author.try_json("POST", &format!("{LEVEL}/check?org=d1"), &[], &decision) else { continue };
        // What is no answer to the point fails its example; what is too long is refused before it is read.
        let is_told = answer.status == 413 || answer.status == 400 || answer.ok(200)["ok"] == false;
        assert!(is_told, "{name}: as a decision");
        let example = json!([{ "name": "x", "input": { "kind": "customer.created" } }]);
        let reaction =
            json!({ "source": format!("fn on_customer_created(event) {{\n{body}\n}}"), "examples": example });
        let Some(answer) = author.try_json("POST", &format!("{TRICK}/check?org=d1"), &[], &reaction) else { continue };
        assert!(answer.status < 500, "{name}: as a reaction: {}", answer.text);
    }
    author.get("/session").ok(200);
    server.stop();
    let after = contents(&server);
    let changed: Vec<&String> = before.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
    assert_eq!(changed, Vec::<&String>::new());
}

fn publish(author: &Client, script: &str, source: &str, asks: &[&str]) {
    author.put(&format!("{script}/draft?org=d1"), &json!({ "source": source, "asks": asks })).ok(200);
    author.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
}

fn customer(officer: &Client, n: usize) -> String {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("1300002{n:04}") });
    officer.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

/// What it was parked for.
fn parked(author: &Client, script: &str) -> String {
    eventually("the delivery is parked", SOON, || {
        let parked = author.get(&format!("{script}/parked?org=d1")).ok(200);
        items(&parked).last().map(|parked| parked["fault"].to_string())
    })
}

#[test]
fn a_reaction_gets_no_further_than_its_dealer_may() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author, admin) = (server.staff("wang"), server.staff("deng"), server.admin());
    let data = json!({ "name": "总部客户", "phone": "13000029999" });
    let foreign = admin.post("/records/customer", &json!({ "org": "hq", "data": data })).ok(201);
    let foreign = foreign["id"].as_str().expect("an id");
    let change = |id: &str, data: &str| {
        format!(
            "fn on_customer_created(event) {{ #{{ command: \"record.change\", kind: \"customer\", id: {id}, data: {data} }} }}"
        )
    };
    let own = "event.record.id";
    let tricks = [
        ("another organisation's customer", change(&format!("\"{foreign}\""), "#{ city: \"武汉\" }"), "not_found"),
        ("a record's organisation", change(own, "#{ org: \"hq\" }"), "org"),
        ("a field that looks like another", change(own, "#{ \"сity\": \"武汉\" }"), "ity"),
        ("a date that is none", change(own, "#{ first_seen: \"9999-99-99\" }"), "is not a day"),
        ("a number for a text", change(own, "#{ city: 1.5 }"), "city"),
        ("a value of the server's", change(own, "#{ erased_at: NOW }"), "erased_at"),
    ];
    for (n, (name, source, word)) in tricks.iter().enumerate() {
        let script = format!("/scripts/reaction/trick{n}");
        publish(&author, &script, source, &["record.change:customer"]);
        customer(&officer, n);
        let fault = parked(&author, &script);
        assert!(fault.contains(word), "{name}: {fault}");
        author.post(&format!("{script}/rollback?org=d1"), &json!({})).ok(200);
    }
    assert!(admin.record("customer", foreign)["data"]["city"].is_null());
}

#[test]
fn two_reactions_that_answer_one_another_are_stopped() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let scripts = ["ping", "pong"].map(|name| format!("/scripts/reaction/{name}"));
    let source = "fn on_customer_changed(event) {
        #{ command: \"record.change\", kind: \"customer\", id: event.record.id, data: #{ city: `第 ${event.record.rev} 次` } }
    }";
    for script in &scripts {
        publish(&author, script, source, &["record.change:customer"]);
    }
    let id = customer(&officer, 1);
    officer.patch(&format!("/records/customer/{id}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    let fault = eventually("one of them is stopped", SOON, || {
        let faults = scripts.iter().map(|script| author.get(&format!("{script}/parked?org=d1")).ok(200));
        faults.filter_map(|parked| items(&parked).first().map(|parked| parked["fault"].to_string())).next()
    });
    assert!(fault.contains("depth.exceeded"), "{fault}");
    assert!(officer.record("customer", &id)["rev"].as_u64().is_some_and(|rev| rev < 20));
}

#[test]
fn a_reaction_cannot_write_to_everybody() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author, colleague) = (server.staff("wang"), server.staff("deng"), server.staff("sun"));
    let source = "fn on_customer_created(event) {
        let all = [];
        for n in 0..20 {
            all.push(#{ command: \"message.send\", customer: event.subject, purpose: \"serve\", channel: \"sms\", body: `第 ${n} 条` });
        }
        all
    }";
    author.put(&format!("{TRICK}/draft?org=d1"), &json!({ "source": source, "asks": ["message.send"] })).ok(200);
    colleague.post(&format!("{TRICK}/publish?org=d1"), &json!({})).ok(200);
    for n in 0..51 {
        customer(&officer, n);
    }
    let fault = parked(&author, TRICK);
    assert!(fault.contains("script.quota"), "{fault}");
}

#[test]
fn what_a_script_does_to_its_input_is_gone_with_the_call() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let source = "fn on_customer_created(event) { event.kind = \"x\"; event.record.id = \"y\"; [] }
        fn on_customer_changed(event) { if event.kind != \"customer.changed\" { throw \"changed\"; } [] }";
    let example =
        |kind: &str| json!({ "name": kind, "input": { "kind": kind, "record": { "id": "c1" } }, "output": [] });
    let examples = [example("customer.created"), example("customer.changed"), example("customer.created")];
    let body = json!({ "source": source, "examples": examples });
    let report = author.post(&format!("{TRICK}/check?org=d1"), &body).ok(200);
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn text_that_looks_like_code_stays_text() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let source = "fn on_customer_created(event) {
        #{ command: \"record.change\", kind: \"customer\", id: event.record.id, data: #{ tags: [], source: `来自 ${event.record.city}` } }
    }";
    let source = source.replace(" tags: [],", "");
    publish(&author, TRICK, &source, &["record.change:customer"]);
    let code = "${loop{}} `${1+1}` =HYPERLINK(1)";
    let data = json!({ "name": "王磊", "phone": "13000023333", "city": code });
    let id = officer.create("customer", data)["id"].as_str().expect("an id").to_owned();
    let told = eventually("the source is written", SOON, || {
        officer.record("customer", &id)["data"]["source"].as_str().map(str::to_owned)
    });
    assert_eq!(told, format!("来自 {code}"));
}

#[test]
fn the_same_script_comes_to_the_same_with_one_worker_and_with_many() {
    let tried = |workers: &'static str| -> (Value, Value) {
        let variables: &'static [(&'static str, &'static str)] =
            if workers == "1" { &[("MARQUE__BUS__WORKERS", "1")] } else { &[("MARQUE__BUS__WORKERS", "6")] };
        let server = Server::with(crate::support::Setup {
            clock: Some(FRIDAY),
            customers: Some(120),
            variables: variables.to_vec(),
            ..crate::support::Setup::default()
        });
        let author = server.staff("deng");
        author.post("/recipes/scoring/begin?org=d1", &json!({})).ok(200);
        let script = "/scripts/computed/customer.x_score";
        let job = author.post(&format!("{script}/preview?org=d1"), &json!({})).ok(202)["job"].clone();
        let job = job.as_str().expect("a job").to_owned();
        let shown = eventually("the preview ends", SOON * 3, || {
            Some(author.get(&format!("/jobs/{job}")).ok(200)).filter(|job| job["state"] == "done")
        });
        author.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
        let admin = server.admin();
        let all = eventually("all are computed", SOON * 3, || {
            let page = admin.get("/records/customer?limit=500&order=created_at").ok(200);
            let scores: Vec<Value> =
                items(&page).iter().map(|item| json!([item["id"], item["data"]["x_score"]])).collect();
            scores.iter().all(|score| score[1].is_number()).then(|| json!(scores))
        });
        (shown["detail"]["hash"].clone(), all)
    };
    let (one, many) = (tried("1"), tried("6"));
    assert!(one.1.as_array().is_some_and(|all| all.len() >= 120), "{}", one.1);
    assert_eq!(one, many);
}
