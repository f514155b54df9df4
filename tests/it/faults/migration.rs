//! The server dies while a newer version takes over the data of the one before: the older goes on, and the next attempt ends it.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::package::{asking, install, wayward};
use crate::support::{Client, Server, eventually};

const PATIENCE: Duration = Duration::from_secs(120);
/// Twelve steps of fifty.
const N: usize = 600;

fn n_marks(admin: &Client, text: &str) -> u64 {
    let path = format!("/records/wayward.mark?count=exact&limit=1&filter={}", json!({ "text": text }));
    admin.get(&path).ok(200)["count"].as_u64().expect("a count")
}

#[test]
fn a_server_that_dies_in_a_migration_goes_on_with_the_older_version_and_the_next_attempt_ends_it() {
    let mut server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    for n in 0..N {
        admin.create("customer", json!({ "name": format!("客户{n}"), "phone": format!("187{n:08}") }));
    }
    eventually("all are marked", PATIENCE, || (n_marks(&admin, "seen") == N as u64).then_some(()));
    let coming = {
        let admin = admin.clone();
        let media_type = "application/octet-stream";
        // Nobody may be left to answer it.
        thread::spawn(move || {
            admin.try_send("POST", "/plugins?grant=true", &[("content-type", media_type)], asking("0.2.0"))
        })
    };
    eventually("it has begun", PATIENCE, || (n_marks(&admin, "taken over") > 0).then_some(()));
    server.kill9();
    drop(coming.join().expect("the sender ends with the server"));
    server.launch();

    let admin = server.admin();
    let told: Value = admin.get("/plugins/wayward").ok(200);
    let n_taken_over = n_marks(&admin, "taken over");
    eprintln!("{n_taken_over} of {N} were taken over when the server died");
    assert!(n_taken_over > 0 && n_taken_over < N as u64, "the server died too late: this proved nothing");
    assert_eq!((&told["version"], &told["state"]), (&json!("0.1.0"), &json!("enabled")), "{told}");
    let later = admin.create("customer", json!({ "name": "后来", "phone": "18799999999" }));
    eventually("it goes on", PATIENCE, || {
        (admin.list("wayward.mark", &json!({ "customer": later["id"] })).len() == 1).then_some(())
    });
    super::package::send(&admin, asking("0.2.0"), "?grant=true").ok(201);
    assert_eq!((n_marks(&admin, "taken over"), n_marks(&admin, "seen")), (N as u64 + 1, 0));
}
