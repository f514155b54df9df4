//! What somebody has open: listed, ended, and over by itself.

use std::{
    io::{BufRead, BufReader},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::json;

use super::{bare, items};
use crate::support::{Client, SOON, Server, server::PASSWORD};

const SECRET: &str = "a long enough secret";

fn person(admin: &Client, login: &str) -> String {
    let user = admin.create("user", json!({ "login": login, "name": login, "roles": ["consultant"] }));
    let id = user["id"].as_str().expect("an id").to_owned();
    admin.post(&format!("/users/{id}/password"), &json!({ "password": SECRET })).ok(200);
    id
}

fn ids(client: &Client, path: &str) -> Vec<String> {
    let listed = client.get(path).ok(200);
    items(&listed).iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    let server = bare();
    let admin = server.admin();
    person(&admin, "li");
    let clients = [0; 3].map(|_| server.client().login("li", SECRET));
    let [here, there, elsewhere] = &clients;
    let listed = here.get("/sessions").ok(200);
    assert_eq!(items(&listed).len(), 3, "{listed}");
    let current: Vec<bool> = items(&listed).iter().map(|item| item["is_current"] == true).collect();
    assert_eq!(current.iter().filter(|is_current| **is_current).count(), 1, "{listed}");
    for item in items(&listed) {
        assert_eq!(item["kind"], "session", "{item}");
        assert_eq!(item["seen_at"], "2026-03-13T02:00:00.000Z", "{item}");
        assert_eq!(item["expires_at"], "2026-03-27T02:00:00.000Z", "{item}");
    }
    let other = there.get("/sessions").ok(200);
    let other = items(&other).iter().find(|item| item["is_current"] == true).expect("its own")["id"].clone();
    here.delete(&format!("/sessions/{}", other.as_str().expect("an id"))).ok(204);
    there.get("/session").problem(401, "unauthenticated");
    here.delete("/sessions").ok(204);
    elsewhere.get("/session").problem(401, "unauthenticated");
    assert_eq!(ids(here, "/sessions").len(), 1);
    here.delete("/sessions/nothing").problem(404, "session.not_found");
}

#[test]
fn anothers_sessions_are_for_keepers_of_accounts_alone() {
    let server = bare();
    let admin = server.admin();
    let (li, _) = (person(&admin, "li"), person(&admin, "zhao"));
    let (li_client, zhao) = (server.client().login("li", SECRET), server.client().login("zhao", SECRET));
    let token = li_client.post("/tokens", &json!({ "name": "import" })).ok(201);
    let machine = server.client().with_token(token["token"].as_str().expect("a token"));
    let listed = admin.get(&format!("/sessions?user={li}")).ok(200);
    let session = items(&listed).iter().find(|item| item["kind"] == "session").expect("a session")["id"].clone();
    let session = session.as_str().expect("an id");
    zhao.get(&format!("/sessions?user={li}")).problem(403, "denied");
    zhao.delete(&format!("/sessions?user={li}")).problem(403, "denied");
    zhao.delete(&format!("/sessions/{session}")).problem(404, "session.not_found");
    admin.delete(&format!("/sessions/{session}")).ok(204);
    li_client.get("/session").problem(401, "unauthenticated");
    machine.get("/session").ok(200);
    admin.delete(&format!("/sessions?user={li}")).ok(204);
    machine.get("/session").problem(401, "unauthenticated");
    admin.get("/sessions?user=nobody").problem(404, "record.not_found");
}

#[test]
fn a_session_that_is_not_used_ends_after_half_a_day_and_any_after_a_fortnight() {
    let server = bare();
    let admin = server.admin();
    person(&admin, "li");
    let (used, unused) = (server.client().login("li", SECRET), server.client().login("li", SECRET));
    let token = used.post("/tokens", &json!({ "name": "import" })).ok(201);
    let machine = server.client().with_token(token["token"].as_str().expect("a token"));
    let age = |now: &str| {
        server.admin().post("/test/clock", &json!({ "now": now, "ages_sessions": true })).ok(200);
    };
    for hour in ["2026-03-13T18:00:00+08:00", "2026-03-14T00:00:00+08:00"] {
        used.get("/session").ok(200);
        age(hour);
    }
    used.get("/session").ok(200);
    unused.get("/session").problem(401, "unauthenticated");
    assert_eq!(ids(&used, "/sessions").len(), 2, "what has ended is not listed");
    for day in 14..27 {
        for hour in ["08", "16", "23"] {
            age(&format!("2026-03-{day}T{hour}:00:00+08:00"));
            used.get("/session").ok(200);
        }
    }
    age("2026-03-27T09:00:00+08:00");
    used.get("/session").ok(200);
    age("2026-03-27T10:00:00+08:00");
    used.get("/session").problem(401, "unauthenticated");
    machine.get("/session").ok(200);
}

/// Whether a stream has ended: nothing is left to read.
fn follow(server: &Server, client: &Client) -> mpsc::Receiver<&'static str> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build().into();
    let request = agent
        .get(format!("{}/api/v1/events/stream?after=0", server.address()))
        .header("authorization", format!("Bearer {}", client.token().expect("a token")));
    let response = request.call().expect("a stream");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(response.into_body().into_reader()).lines();
        if lines.next().is_some() {
            // The test may have ended.
            let _ = sender.send("begun");
        }
        lines.for_each(drop);
        let _ = sender.send("ended");
    });
    receiver
}

#[test]
fn a_stream_ends_with_its_session_however_that_ends() {
    let server = bare();
    let admin = server.admin();
    for (n, end) in ["sign out", "end all", "leave", "password"].iter().enumerate() {
        let id = person(&admin, &format!("li{n}"));
        let client = server.client().login(&format!("li{n}"), SECRET);
        let stream = follow(&server, &client);
        assert_eq!(stream.recv_timeout(SOON), Ok("begun"), "{end}");
        match *end {
            "sign out" => drop(client.delete("/session").ok(204)),
            "end all" => drop(admin.delete(&format!("/sessions?user={id}")).ok(204)),
            "leave" => {
                admin.patch(&format!("/records/user/{id}"), &json!({ "data": { "status": "left" } })).ok(200);
            }
            _ => drop(admin.post(&format!("/users/{id}/password"), &json!({ "password": PASSWORD })).ok(200)),
        }
        assert_eq!(stream.recv_timeout(SOON), Ok("ended"), "{end}");
        client.get("/session").problem(401, "unauthenticated");
    }
}
