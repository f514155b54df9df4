//! A draft of a computed field is tried on every record: what it says would change is what publishing changes.

use serde_json::{Value, json};

use super::{
    bulk::{all_done, jobs},
    http::{BY_SPENDING, SCORE, client, current, job, publish, server},
};
use crate::support::{Client, SOON, eventually};

/// As [`BY_SPENDING`], and clients without a job are worth nothing at all.
const STRICTER: &str = "fn compute(record) {\n    if record.n_jobs == 0 { return (); }\n    let spent = record.spent ?? 0;\n    \
    #{ value: record.n_jobs * 10 + spent / 20000, reasons: [`${record.n_jobs} jobs`] }\n}";

/// What a preview found, once it has ended.
fn tried(author: &Client, body: &Value) -> Value {
    let job = author.post(&format!("{SCORE}/preview"), body).ok(202)["job"].as_str().expect("a job").to_owned();
    let job = eventually("the preview ends", SOON, || {
        Some(author.get(&format!("/jobs/{job}")).ok(200)).filter(|job| job["state"] != "running")
    });
    assert_eq!((&job["state"], &job["done"]), (&json!("done"), &job["total"]), "{job}");
    job["detail"].clone()
}

fn clients(admin: &Client) -> Vec<String> {
    let clients: Vec<String> = (0..30).map(|n| client(admin, &format!("Client {n}"))).collect();
    for (n, client) in clients.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        job(admin, client, 100_000 * (1 + n as i64));
    }
    clients
}

#[test]
fn what_a_preview_shows_is_what_publishing_does() {
    let (_server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let clients = clients(&admin);
    all_done(&admin, jobs(&admin).len());
    let before: Vec<Value> = clients.iter().map(|client| current(&admin, client)["data"]["score"].clone()).collect();

    let head = admin.head();
    let shown = tried(&admin, &json!({ "source": STRICTER }));
    assert_eq!(admin.head(), head, "a preview is no event");
    let now: Vec<Value> = clients.iter().map(|client| current(&admin, client)["data"]["score"].clone()).collect();
    assert_eq!(now, before, "a preview writes nothing");
    let effect = &shown["effects"]["score"];
    assert_eq!(effect["n"], 30);
    assert_eq!(effect["changed"], 30, "ten have less, twenty have none: {effect}");
    assert_eq!(effect["failed"], 0);
    assert_eq!(effect["new"]["n_empty"], 20);
    // The longest way is that of the client who has spent most: 10 + 2 800 000 / 10 000 comes down to half of the second part.
    let first = &effect["movers"][0];
    assert_eq!(
        (&first["id"], &first["old"], &first["new"]),
        (&json!(clients[27]), &json!(290), &json!(150)),
        "{first}"
    );
    assert_eq!(first["reasons"], json!(["1 jobs"]));
    assert_eq!(tried(&admin, &json!({ "source": STRICTER }))["hash"], shown["hash"], "the same again");

    publish(&admin, SCORE, STRICTER);
    all_done(&admin, jobs(&admin).len());
    let after: Vec<Value> = clients.iter().map(|client| current(&admin, client)["data"]["score"].clone()).collect();
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(json!(changed), effect["changed"]);
    assert_eq!(after.iter().filter(|score| score.is_null()).count(), 20);
    let nothing = tried(&admin, &json!({ "source": STRICTER }));
    assert_eq!(nothing["effects"]["score"]["changed"], 0, "what holds already changes nothing: {nothing}");
}

/// Jobs are added, priced anew, given to somebody else and taken away; clients come and go, and one changes its name.
fn a_day_later(admin: &Client, clients: &[String]) {
    let jobs = admin.list("garage.job", &json!({}));
    let of = |n: usize| {
        let job = jobs.iter().find(|job| job["data"]["client"] == clients[n]).expect("a job");
        format!("/records/garage.job/{}", job["id"].as_str().expect("an id"))
    };
    job(admin, &clients[1], 500_000);
    job(admin, &clients[3], 70_000);
    admin.patch(&of(6), &json!({ "data": { "amount": 1 } })).ok(200);
    admin.patch(&of(9), &json!({ "data": { "client": clients[2] } })).ok(200);
    assert_eq!(admin.delete(&of(12)).status, 204);
    job(admin, &client(admin, "Late"), 900_000);
    assert_eq!(admin.delete(&format!("/records/garage.client/{}", clients[4])).status, 204);
    admin.patch(&format!("/records/garage.client/{}", clients[5]), &json!({ "data": { "name": "Renamed" } })).ok(200);
}

#[test]
fn a_rule_is_seen_at_work_on_the_records_and_roll_ups_of_then() {
    const THEN: &str = "2026-03-13T12:00:00.000Z";
    let (server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let clients = clients(&admin);
    all_done(&admin, jobs(&admin).len());
    clients.iter().for_each(|client| drop(current(&admin, client)));
    let then = tried(&admin, &json!({ "source": STRICTER }));
    let movers = then["effects"]["score"]["movers"].clone();

    server.set_clock("2026-03-14T02:00:00Z");
    a_day_later(&admin, &clients);
    all_done(&admin, jobs(&admin).len());
    clients.iter().filter(|client| **client != clients[4]).for_each(|client| drop(current(&admin, client)));
    let now = tried(&admin, &json!({ "source": STRICTER }));
    assert_ne!(now["hash"], then["hash"], "much has happened since");
    let head = admin.head();
    let again = tried(&admin, &json!({ "source": STRICTER, "to": THEN }));
    assert_eq!(again["to"], THEN);
    assert_eq!(again["hash"], then["hash"], "every value is that of then: {again}");
    assert_eq!(
        again["effects"]["score"]["changed"], then["effects"]["score"]["changed"],
        "held against the rule in force"
    );
    assert_eq!(again["effects"]["score"]["movers"], movers);
    assert_eq!(admin.head(), head, "nothing was written");

    let before = tried(&admin, &json!({ "source": STRICTER, "to": "2026-03-12T00:00:00Z" }));
    assert_eq!(before["effects"], json!({}), "nobody was there yet: {before}");
    for (span, code) in [
        (json!({ "source": STRICTER, "from": THEN }), "from.invalid"),
        (json!({ "source": STRICTER, "to": "2026-03-15T00:00:00Z" }), "to.invalid"),
        (json!({ "source": STRICTER, "to": "2020-01-01T00:00:00Z" }), "to.invalid"),
    ] {
        admin.post(&format!("{SCORE}/preview"), &span).problem(400, code);
    }
}

#[test]
fn what_fails_on_some_is_counted_and_keeps_their_values() {
    let (_server, admin) = server();
    publish(&admin, SCORE, BY_SPENDING);
    let clients = clients(&admin);
    all_done(&admin, jobs(&admin).len());
    clients.iter().for_each(|client| drop(current(&admin, client)));
    let shown = tried(&admin, &json!({ "source": "fn compute(record) { 100 / record.n_jobs }" }));
    let effect = &shown["effects"]["score"];
    assert_eq!((&effect["failed"], &effect["changed"]), (&json!(20), &json!(10)), "{effect}");
    assert_eq!(effect["faults"][0]["n"], 20, "{effect}");
    let state = admin.get(SCORE).ok(200);
    assert_eq!(state["failures"], 0, "a try is no failure of the script in force: {state}");
}

#[test]
fn what_does_not_parse_or_is_not_ones_own_is_not_tried() {
    let (_server, admin) = server();
    let refused = admin.post(&format!("{SCORE}/preview"), &json!({ "source": "fn compute(record) { " }));
    assert_eq!(refused.status, 400, "{}", refused.text);
    let refused = admin.post(&format!("{SCORE}/preview"), &json!({}));
    refused.problem(404, "draft.not_found");
    let refused = admin.post(&format!("{SCORE}/preview"), &json!({ "source": BY_SPENDING, "days": 0 }));
    assert_eq!(refused.status, 400, "{}", refused.text);
}

#[test]
fn a_version_on_trial_computes_for_its_share_alone_until_it_is_promoted() {
    let (_server, admin) = server();
    publish(&admin, SCORE, "fn compute(record) { 1 }");
    let clients = clients(&admin);
    let scores = || -> Vec<Value> {
        clients.iter().map(|client| admin.record("garage.client", client)["data"]["score"].clone()).collect()
    };
    let count = |scores: &[Value], n: i64| scores.iter().filter(|score| **score == n).count();
    eventually("all are computed", SOON, || (count(&scores(), 1) == clients.len()).then_some(()));
    admin.put(&format!("{SCORE}/draft"), &json!({ "source": "fn compute(record) { 2 }" })).ok(200);
    admin.post(&format!("{SCORE}/publish"), &json!({ "share": 50 })).ok(200);
    all_done(&admin, jobs(&admin).len());
    let shared = scores();
    let (old, new) = (count(&shared, 1), count(&shared, 2));
    assert!(old > 0 && new > 0 && old + new == clients.len(), "{shared:?}");
    for client in &clients {
        job(&admin, client, 100);
        current(&admin, client);
    }
    assert_eq!(scores(), shared, "each stays with its version");
    admin.post(&format!("{SCORE}/promote"), &json!({})).ok(200);
    eventually("all have the new one", SOON, || (count(&scores(), 2) == clients.len()).then_some(()));
}
