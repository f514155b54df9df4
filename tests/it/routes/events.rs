//! The log as a list and as a stream without gaps, for the eyes of those it concerns.

use std::{
    io::{BufRead, BufReader},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{bare, customer, items};
use crate::support::{Client, SOON, Server};

/// Messages of a stream as they come, until the server or the test ends it.
fn stream(server: &Server, client: &Client, query: &str, last: Option<i64>) -> Receiver<(i64, Value)> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build().into();
    let mut request = agent
        .get(format!("{}/api/v1/events/stream{query}", server.address()))
        .header("authorization", format!("Bearer {}", client.token().expect("a token")));
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    let response = request.call().expect("a stream");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut id = 0;
        for line in BufReader::new(response.into_body().into_reader()).lines().map_while(Result::ok) {
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.parse().expect("a number");
            } else if let Some(text) = line.strip_prefix("data: ") {
                let message = (id, serde_json::from_str(text).expect("JSON"));
                if sender.send(message).is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

fn next(stream: &Receiver<(i64, Value)>) -> (i64, Value) {
    stream.recv_timeout(SOON).expect("an event comes")
}

#[test]
fn a_list_goes_on_after_a_number() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    customer(&admin, "李静", "13000012346");
    let all = admin.get("/events?limit=500").ok(200);
    assert_eq!(all["next"], Value::Null);
    let first = admin.get("/events?limit=2").ok(200);
    let rest = admin.get(&format!("/events?limit=500&after={}", first["next"])).ok(200);
    assert_eq!([items(&first).clone(), items(&rest).clone()].concat(), *items(&all));
    let own = admin.get(&format!("/events?subject={id}")).ok(200);
    assert_eq!(items(&own).len(), 1, "{own}");
    assert_eq!(items(&admin.get("/events?kind=customer.*").ok(200)).len(), 2);
}

#[test]
fn a_stream_goes_on_after_the_last_event_without_a_gap() {
    let server = bare();
    let admin = server.admin();
    let live = stream(&server, &admin, "?kind=customer.*", None);
    let ids: Vec<String> = (0..30).map(|n| customer(&admin, "王磊", &format!("130000123{n:02}"))).collect();
    let heard: Vec<(i64, Value)> = ids.iter().map(|_| next(&live)).collect();
    let subjects: Vec<&str> = heard.iter().filter_map(|(_, event)| event["subject"].as_str()).collect();
    assert_eq!(subjects, ids);
    let (seq, event) = &heard[0];
    assert_eq!(
        (&event["specversion"], &event["type"], &event["id"]),
        (&json!("1.0"), &json!("customer.created"), &json!(seq.to_string()))
    );

    let resumed = stream(&server, &admin, "?kind=customer.*", Some(heard[9].0));
    let again: Vec<(i64, Value)> = (10..30).map(|_| next(&resumed)).collect();
    assert_eq!(again, heard[10..]);
    let later = customer(&admin, "李静", "13000019999");
    assert_eq!(next(&resumed).1["subject"], json!(later));
    assert_eq!(next(&live).1["subject"], json!(later));
}

#[test]
fn a_stream_ends_with_its_session() {
    let server = bare();
    let admin = server.admin();
    let live = stream(&server, &admin, "", None);
    let other = server.admin();
    admin.delete("/session").ok(204);
    let ended = loop {
        match live.recv_timeout(SOON) {
            Ok(_) => {}
            Err(ended) => break ended,
        }
    };
    assert_eq!(ended, mpsc::RecvTimeoutError::Disconnected);
    customer(&other, "王磊", "13000012345");
}

#[test]
fn a_dealer_hears_that_a_plugin_came_or_went_and_nothing_of_what_it_is() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let live = stream(&server, &officer, "?kind=plugin.*", None);
    admin.post("/plugins/worklist/disable", &json!({})).ok(200);
    admin.put("/plugins/complaints/settings", &json!({})).ok(200);
    admin.post("/plugins/worklist/enable", &json!({})).ok(200);
    let heard = [next(&live).1, next(&live).1];
    assert_eq!(heard.each_ref().map(|event| event["type"].clone()), ["plugin.disabled", "plugin.enabled"]);
    assert!(heard.iter().all(|event| event["data"] == json!({}) && event["actor"] == "system"), "{heard:?}");
}

#[test]
fn a_dealer_hears_of_its_own_business_alone() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let live = stream(&server, &officer, "?kind=customer.*", None);
    let foreign = customer(&admin, "总部客户", "13000012345");
    let own = customer(&officer, "本店客户", "13000012346");
    assert_eq!(next(&live).1["subject"], json!(own));
    let listed = officer.get("/events?kind=customer.*&limit=500").ok(200);
    assert!(items(&listed).iter().all(|event| event["subject"] != json!(foreign)), "{listed}");
    officer.get(&format!("/records/customer/{foreign}/timeline")).problem(404, "record.not_found");
}

#[test]
fn an_open_stream_does_not_keep_the_server_from_ending() {
    let mut server = bare();
    let admin = server.admin();
    let _live = stream(&server, &admin, "", None);
    server.stop();
}
