//! What becomes of messages after they have gone: reports of gateways, and letters that people print.

use marque::model::webhook;
use serde_json::{Value, json};

use super::{FRIDAY, concluded, customer, fate, send};
use crate::support::{Client, Server, Setup, client::Answer, takers::Gateway};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOON: &str = "2026-03-13T12:00:00+08:00";
/// The same in seconds.
const NOON_S: i64 = 1_773_374_400;

fn report(nobody: &Client, channel: &str, secret: &str, at_seconds: i64, body: &Value) -> Answer {
    let (text, at) = (body.to_string(), at_seconds.to_string());
    let signature = webhook::signature(secret, "msg_1", at_seconds, &text);
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", at.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    nobody.send("POST", &format!("/outbound/reports/{channel}"), &headers, text.into_bytes())
}

#[test]
fn a_gateway_tells_what_arrived_and_only_with_its_signature() {
    let gateway = Gateway::start();
    let url: &'static str = Box::leak(gateway.url.clone().into_boxed_str());
    let variables =
        vec![("MARQUE__OUTBOUND__GATEWAYS__SMS__URL", url), ("MARQUE__OUTBOUND__GATEWAYS__SMS__SECRET", SECRET)];
    let server = Server::with(Setup { clock: Some(FRIDAY), customers: Some(4), variables, ..Setup::default() });
    let (officer, nobody) = (server.staff("wang"), server.client());
    let owner = customer(&officer, "孙国强", "13900020001");
    let messages: Vec<String> = (0..3).map(|_| send(&officer, &owner, "serve", "sms", json!({}))).collect();
    messages.iter().for_each(|message| assert_eq!(concluded(&officer, message).0, "sent"));
    server.set_clock(NOON);
    let one = |message: &str, state: &str| json!({ "reports": [{ "key": message, "state": state, "note": "空号" }] });

    for (secret, at) in [("whsec_AAAA", NOON_S), ("", NOON_S), (SECRET, NOON_S - 600)] {
        report(&nobody, "sms", secret, at, &one(&messages[0], "delivered")).problem(401, "report.unsigned");
    }
    report(&nobody, "email", SECRET, NOON_S, &one(&messages[0], "delivered")).problem(401, "report.unsigned");
    assert_eq!(fate(&officer, &messages[0]), (json!("sent"), Value::Null));

    let taken = |body: &Value| report(&nobody, "sms", SECRET, NOON_S, body).ok(200)["taken"].clone();
    assert_eq!(taken(&one(&messages[0], "delivered")), 1);
    assert_eq!(taken(&one(&messages[0], "delivered")), 0, "told twice is no news");
    assert_eq!(taken(&one(&messages[0], "failed")), 0, "what arrived stays arrived");
    assert_eq!(taken(&one(&messages[1], "failed")), 1);
    assert_eq!(taken(&one("019ce4ec-0900-8cab-a19d-5f5d64dd4d70", "delivered")), 0, "nothing is told of what there is");
    let data = officer.record("message", &messages[0])["data"].clone();
    assert_eq!((&data["state"], &data["delivery"]), (&json!("sent"), &json!("delivered")), "{data}");
    let data = officer.record("message", &messages[1])["data"].clone();
    assert_eq!(
        (&data["state"], &data["reason"], &data["delivery_note"]),
        (&json!("failed"), &json!("undelivered"), &json!("空号"))
    );
    assert_eq!(
        taken(
            &json!({ "reports": [{ "key": messages[2], "state": "opened" }, { "key": messages[0], "state": "opened" }] })
        ),
        2
    );
    let timeline = officer.get(&format!("/records/customer/{owner}/timeline?limit=50")).ok(200).to_string();
    for kind in ["message.delivered", "message.opened", "message.failed"] {
        assert!(timeline.contains(kind), "{kind}: {timeline}");
    }
}

#[test]
fn letters_are_printed_by_people_and_who_has_said_no_meanwhile_is_left_out() {
    let variables = vec![("MARQUE__OUTBOUND__PRINT_LETTERS", "true")];
    let server = Server::with(Setup { clock: Some(FRIDAY), customers: Some(4), variables, ..Setup::default() });
    let officer = server.staff("wang");
    let reader = |name: &str| {
        let data = json!({ "name": name, "phone": format!("1390002{:04}", name.len() * 7 % 9_999), "address": "武汉市解放大道 1 号" });
        let owner = officer.create("customer", data)["id"].as_str().expect("an id").to_owned();
        super::agree(&officer, &owner, "letter");
        owner
    };
    let (stays, leaves) = (reader("孙国强"), reader("何美玲女"));
    let letters: Vec<String> = [&stays, &leaves]
        .map(|owner| send(&officer, owner, "marketing", "letter", json!({ "subject": "春季保养" })))
        .into();
    letters.iter().for_each(|letter| assert_eq!(concluded(&officer, letter).0, "printing"));
    let list = officer.get("/outbound/letters").ok(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{list}");
    let all = list["items"].as_array().into_iter().flatten();
    let told: Vec<_> = all.map(|item| (item["name"].as_str(), item["address"].as_str())).collect();
    assert!(told.contains(&(Some("孙国强"), Some("武汉市解放大道 1 号"))), "{list}");
    super::say(
        &officer,
        &leaves,
        json!({ "purpose": "marketing", "channel": "letter", "state": "withdrawn", "how": "in_person" }),
    );
    let file = String::from_utf8(officer.download("/outbound/letters?format=csv")).expect("text");
    assert!(file.contains("id,name,address") && file.contains("孙国强") && !file.contains("何美玲"), "{file}");
    let told = officer.post("/outbound/letters/printed", &json!({ "ids": letters })).ok(200);
    assert_eq!(told, json!({ "sent": 1, "stopped": 1 }));
    assert_eq!(fate(&officer, &letters[0]), (json!("sent"), Value::Null));
    assert_eq!(fate(&officer, &letters[1]), (json!("suppressed"), json!("opted_out")));
    let empty = officer.get("/outbound/letters").ok(200);
    assert_eq!(empty["items"], json!([]));
    server.staff("deng").get("/outbound/letters").problem(403, "denied");
}
