//! Versions are swapped back and forth under load: what came in is done, once, by one of them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::package::{asking, install, send, wayward};
use crate::support::{Client, Server, eventually};

const SWAPS: usize = 6;
const WRITERS: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn versions_are_swapped_under_load_and_every_event_has_one_effect() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let (stop, n_made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (admin, stop, n_made) = (admin.clone(), stop.clone(), n_made.clone());
            thread::spawn(move || write(&admin, writer, &stop, &n_made))
        })
        .collect();
    for n in 0..SWAPS {
        let before = n_made.load(Ordering::SeqCst);
        eventually("the writers write", PATIENCE, || (n_made.load(Ordering::SeqCst) >= before + 20).then_some(()));
        if n % 2 == 0 {
            // It takes over all marks there are, and then hears what has come meanwhile.
            send(&admin, asking("0.2.0"), "?grant=true").ok(201);
        } else {
            admin.post("/plugins/wayward/rollback", &json!({})).ok(200);
        }
        let expected = if n % 2 == 0 { "0.2.0" } else { "0.1.0" };
        assert_eq!(admin.get("/plugins/wayward").ok(200)["version"], expected);
    }
    stop.store(true, Ordering::SeqCst);
    writers.into_iter().for_each(|writer| writer.join().expect("a writer ends"));
    let n_made = n_made.load(Ordering::SeqCst) as usize;
    eventually("everything is delivered", PATIENCE, || {
        (admin.get("/plugins/wayward").ok(200)["lag"] == 0).then_some(())
    });
    let mut marks: HashMap<String, u32> = HashMap::new();
    for mark in all(&admin, "wayward.mark") {
        *marks.entry(mark["data"]["customer"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert_eq!(marks.len(), n_made, "events in are effects out");
    assert!(marks.values().all(|n| *n == 1), "one effect each");
    assert_eq!(admin.get("/plugins/wayward").ok(200)["parked"], 0);
}

fn write(admin: &Client, writer: u32, stop: &AtomicBool, n_made: &AtomicU32) {
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let data = json!({ "name": format!("客户{writer}-{n}"), "phone": format!("186{writer}{n:0>7}") });
        admin.create("customer", data);
        n_made.fetch_add(1, Ordering::SeqCst);
    }
}

fn all(client: &Client, kind: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let body = client.get(&format!("/records/{kind}?limit=500{cursor}")).ok(200);
        found.extend(body["items"].as_array().cloned().unwrap_or_default());
        match body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
