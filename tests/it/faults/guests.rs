//! A plugin that loops, hoards or traps is stopped, blamed and parked, while everyone else goes on.

use std::time::Duration;

use serde_json::{Value, json};

use super::package::{install, wayward};
use crate::support::{Client, Server, Setup, eventually};

/// Every misdeed is tried several times first.
const PATIENCE: Duration = Duration::from_secs(60);

fn server() -> Server {
    // Parked soon: this is about what happens then, not about patience.
    Server::with(Setup {
        variables: vec![("MARQUE__BUS__TRIES", "2"), ("MARQUE__BUS__BACKOFF_MS", "10")],
        ..Setup::default()
    })
}

fn newcomer(admin: &Client, n: u32, note: &str) -> String {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("130000{n:05}"), "note": note });
    admin.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

fn parked(admin: &Client) -> Vec<Value> {
    let body = admin.get("/plugins/wayward/parked").ok(200);
    body["items"].as_array().unwrap_or_else(|| panic!("no items: {body}")).clone()
}

fn marks(admin: &Client, customer: &str) -> usize {
    admin.list("wayward.mark", &json!({ "customer": customer })).len()
}

#[test]
fn misbehaving_guests_are_stopped_blamed_and_parked_while_others_are_served() {
    let server = server();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let honest_before = newcomer(&admin, 1, "");
    let bad: Vec<(String, &str)> = [("loop", "deadline"), ("memory", "memory"), ("trap", "trap")]
        .into_iter()
        .zip(10..)
        .map(|((note, code), n)| (newcomer(&admin, n, note), code))
        .collect();
    let honest_after = newcomer(&admin, 2, "");

    eventually("all three are parked", PATIENCE, || (parked(&admin).len() == 3).then_some(()));
    for (customer, code) in &bad {
        let all = parked(&admin);
        let entry = all.iter().find(|entry| entry["subject"] == **customer).unwrap_or_else(|| panic!("{all:?}"));
        assert_eq!((&entry["fault"]["code"], &entry["fault"]["blame"]), (&json!(code), &json!("guest")), "{entry}");
        assert!(entry["fault"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{entry}");
        assert_eq!(marks(&admin, customer), 0, "what a stopped call had staged is gone");
    }
    for customer in [&honest_before, &honest_after] {
        eventually("the honest are marked", PATIENCE, || (marks(&admin, customer) == 1).then_some(()));
    }
    let later = newcomer(&admin, 3, "");
    eventually("and the next one too", PATIENCE, || (marks(&admin, &later) == 1).then_some(()));
}

#[test]
fn a_plugin_that_fails_on_everything_rests_and_goes_on_afterwards() {
    let server = Server::with(Setup {
        variables: vec![
            ("MARQUE__BUS__TRIES", "2"),
            ("MARQUE__BUS__BACKOFF_MS", "10"),
            ("MARQUE__BUS__BREAKER", "3"),
            ("MARQUE__BUS__REST_MS", "3000"),
        ],
        ..Setup::default()
    });
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let bad: Vec<String> = (10..16).map(|n| newcomer(&admin, n, "trap")).collect();
    let told = eventually("it rests", PATIENCE, || {
        Some(admin.get("/plugins/wayward").ok(200)).filter(|told| told["rests_s"].is_number())
    });
    assert_eq!(told["state"], "enabled", "{told}");
    let honest = newcomer(&admin, 1, "");
    eventually("the honest one is marked all the same", PATIENCE, || (marks(&admin, &honest) == 1).then_some(()));
    eventually("what cannot be done is parked", PATIENCE, || (parked(&admin).len() == bad.len()).then_some(()));
}

#[test]
fn a_mended_delivery_is_retried_and_a_dropped_one_forgotten() {
    let server = server();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let mended = newcomer(&admin, 1, "trap");
    let dropped = newcomer(&admin, 2, "trap");
    let all = eventually("both are parked", PATIENCE, || Some(parked(&admin)).filter(|all| all.len() == 2));
    let seq_of = |customer: &str| {
        all.iter().find(|entry| entry["subject"] == customer).unwrap_or_else(|| panic!("{all:?}"))["seq"].to_string()
    };
    admin.patch(&format!("/records/customer/{mended}"), &json!({ "data": { "note": "well" } })).ok(200);
    let post = |customer: &str, what: &str| {
        let seq = seq_of(customer);
        let answer = admin.post(&format!("/plugins/wayward/parked/{}/{what}", seq.trim_matches('"')), &json!({}));
        assert!((200..300).contains(&answer.status), "{}", answer.text);
    };
    post(&mended, "retry");
    eventually("the mended one is marked", PATIENCE, || (marks(&admin, &mended) == 1).then_some(()));
    post(&dropped, "drop");
    eventually("nothing is parked any more", PATIENCE, || parked(&admin).is_empty().then_some(()));
    assert_eq!(marks(&admin, &dropped), 0);
}
