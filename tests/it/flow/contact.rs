//! Whether a customer may be contacted: consent asked for at the moment of sending, and nothing sent that may not be.

mod afterwards;
mod crash;
mod opt_out;
mod page;
mod policy;
mod templates;
mod ways;

use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

/// A customer who has a mobile and nothing else; its id.
fn customer(client: &Client, name: &str, phone: &str) -> String {
    client.create("customer", json!({ "name": name, "phone": phone }))["id"].as_str().expect("an id").to_owned()
}

fn say(client: &Client, customer: &str, body: Value) -> Value {
    client.post(&format!("/records/customer/{customer}/actions/consent"), &body).ok(200)["record"].clone()
}

/// A yes to marketing by one channel, on paper.
fn agree(client: &Client, customer: &str, channel: &str) -> Value {
    say(
        client,
        customer,
        json!({ "purpose": "marketing", "channel": channel, "state": "granted", "how": "paper", "text_version": "2026-01", "proof": "表单 88" }),
    )
}

fn may(client: &Client, customer: &str, query: &str) -> Value {
    client.get(&format!("/records/customer/{customer}/may?{query}")).ok(200)
}

fn send(client: &Client, customer: &str, purpose: &str, channel: &str, more: Value) -> String {
    let mut data = json!({ "customer": customer, "purpose": purpose, "channel": channel, "body": "保养优惠" });
    data.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    client.create("message", data)["id"].as_str().expect("an id").to_owned()
}

/// State and reason of a message.
fn fate(client: &Client, message: &str) -> (Value, Value) {
    let data = client.record("message", message)["data"].clone();
    (data["state"].clone(), data["reason"].clone())
}

/// What became of a message in the end.
fn concluded(client: &Client, message: &str) -> (Value, Value) {
    eventually("the message is not queued any more", SOON, || {
        let fate = fate(client, message);
        (fate.0 != "queued").then_some(fate)
    })
}

#[test]
fn who_opts_out_half_a_minute_before_the_batch_goes_out_is_not_sent_it() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let (stays, leaves) = (customer(&officer, "孙国强", "13900020001"), customer(&officer, "何美玲", "13900020002"));
    for one in [&stays, &leaves] {
        agree(&officer, one, "sms");
    }
    let noon = json!({ "due_at": "2026-03-13T12:00:00+08:00", "campaign": "spring" });
    let sent = send(&officer, &stays, "marketing", "sms", noon.clone());
    let stopped = send(&officer, &leaves, "marketing", "sms", noon);
    server.set_clock("2026-03-13T11:59:30+08:00");
    say(
        &officer,
        &leaves,
        json!({ "purpose": "marketing", "channel": "sms", "state": "withdrawn", "how": "sms_reply", "proof": "TD" }),
    );
    assert_eq!(fate(&officer, &stopped), (json!("queued"), Value::Null));
    server.set_clock("2026-03-13T12:00:00+08:00");
    assert_eq!(concluded(&officer, &sent), (json!("sent"), Value::Null));
    assert_eq!(concluded(&officer, &stopped), (json!("suppressed"), json!("opted_out")));

    let caught = officer.get("/outbound?state=sent").ok(200);
    let [item] = caught["items"].as_array().expect("items").as_slice() else { panic!("{caught}") };
    assert_eq!((item["id"].as_str(), &item["caught"]["address"]), (Some(sent.as_str()), &json!("139****0001")));
    let text = item["caught"]["body"].as_str().expect("a text");
    assert!(
        text.starts_with('【') && text.contains("退订") && text.contains("/p/preferences/"),
        "sender and opt-out: {text}"
    );
    let held = officer.get(&format!("/outbound?state=suppressed&reason=opted_out&customer={leaves}")).ok(200);
    assert_eq!((&held["items"][0]["data"]["reason"], &held["items"][0]["caught"]), (&json!("opted_out"), &Value::Null));

    let timeline = officer.get(&format!("/records/customer/{leaves}/timeline?limit=50")).ok(200);
    let kinds: Vec<&str> =
        timeline["items"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    for kind in ["consent.granted", "consent.withdrawn", "message.queued", "message.suppressed"] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
    let message = officer.record("message", &sent);
    assert!(message["data"]["consent"].is_string(), "the consent relied on is kept: {message}");
}

#[test]
fn silence_is_a_no_and_a_recall_letter_goes_out() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let data =
        json!({ "name": "孙国强", "phone": "13900020001", "email": "sun@example.com", "address": "解放大道 688 号" });
    let owner = officer.create("customer", data)["id"].as_str().expect("an id").to_owned();
    let asked = may(&officer, &owner, "purpose=marketing&channel=email");
    assert_eq!((&asked["is_allowed"], &asked["reason"]), (&json!(false), &json!("no_consent")));
    assert_eq!(may(&officer, &owner, "purpose=serve&channel=letter"), json!({ "is_allowed": true }));
    assert_eq!(may(&officer, &owner, "purpose=profiling")["reason"], "no_consent");
    let letter = send(&officer, &owner, "serve", "letter", json!({ "subject": "召回通知" }));
    let offer = send(&officer, &owner, "marketing", "email", json!({ "subject": "续保" }));
    assert_eq!(concluded(&officer, &letter).0, "sent");
    assert_eq!(concluded(&officer, &offer), (json!("suppressed"), json!("no_consent")));
    // I3: taken back as a whole after it was queued.
    say(
        &officer,
        &owner,
        json!({ "purpose": "marketing", "state": "granted", "how": "in_person", "text_version": "2026-01" }),
    );
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=email")["is_allowed"], true);
    let later = send(
        &officer,
        &owner,
        "marketing",
        "email",
        json!({ "subject": "续保", "due_at": "2026-03-13T11:00:00+08:00" }),
    );
    say(&officer, &owner, json!({ "purpose": "marketing", "state": "withdrawn", "how": "in_person" }));
    server.set_clock("2026-03-13T11:00:00+08:00");
    assert_eq!(concluded(&officer, &later), (json!("suppressed"), json!("no_consent")));
}

#[test]
fn consents_are_added_and_never_changed() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let first = agree(&officer, &owner, "sms");
    let id = first["id"].as_str().expect("an id");
    assert_eq!((&first["data"]["handler"], &first["data"]["state"]), (&json!("d1"), &json!("granted")));
    officer.patch(&format!("/records/consent/{id}"), &json!({ "data": { "state": "refused" } })).problem(403, "denied");
    officer.delete(&format!("/records/consent/{id}")).problem(403, "denied");
    officer.post("/records/consent", &json!({ "data": {} })).problem(403, "denied");
    say(
        &officer,
        &owner,
        json!({ "purpose": "marketing", "channel": "sms", "state": "refused", "how": "recorded_call" }),
    );
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["reason"], "no_consent");
    agree(&officer, &owner, "sms");
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true);
    let all = officer.list("consent", &json!({ "customer": owner }));
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(officer.record("consent", id)["rev"], 1);

    let path = format!("/records/customer/{owner}/actions/consent");
    let without_text = json!({ "purpose": "marketing", "state": "granted", "how": "paper" });
    officer.post(&path, &without_text).problem(400, "invalid");
    officer
        .post(&path, &json!({ "purpose": "serve", "state": "granted", "how": "paper", "text_version": "1" }))
        .problem(400, "invalid");
    let ahead = json!({ "purpose": "photo", "state": "granted", "how": "paper", "text_version": "1", "obtained_at": "2027-01-01T00:00:00Z" });
    officer.post(&path, &ahead).problem(400, "invalid");
    // Who may not take a yes down may take a no down.
    let advisor = server.staff("zhou");
    let yes = json!({ "purpose": "photo", "state": "granted", "how": "paper", "text_version": "1" });
    advisor.post(&path, &yes).problem(403, "denied");
    say(
        &advisor,
        &owner,
        json!({ "purpose": "marketing", "channel": "call", "state": "withdrawn", "how": "in_person" }),
    );
}

#[test]
fn a_consent_ends_by_itself_and_an_old_paper_undoes_no_newer_word() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let body = json!({
        "purpose": "marketing", "channel": "sms", "state": "granted", "how": "paper", "text_version": "1", "expires": "2026-03-13T11:00:00+08:00",
    });
    say(&officer, &owner, body);
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true);
    let later = may(&officer, &owner, "purpose=marketing&channel=sms&at=2026-03-13T11:00:00%2B08:00");
    assert_eq!(later["reason"], "no_consent");
    say(
        &officer,
        &owner,
        json!({ "purpose": "marketing", "channel": "sms", "state": "withdrawn", "how": "in_person" }),
    );
    let body = json!({
        "purpose": "marketing", "channel": "sms", "state": "granted", "how": "paper", "text_version": "1", "obtained_at": "2026-03-01T10:00:00+08:00",
    });
    say(&officer, &owner, body);
    assert_eq!(
        may(&officer, &owner, "purpose=marketing&channel=sms")["reason"],
        "opted_out",
        "the paper is older than the word"
    );
}

#[test]
fn a_preview_shows_messages_and_what_would_stop_them_and_writes_nothing() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let body = json!({ "data": { "customer": owner, "purpose": "marketing", "channel": "sms", "body": "优惠" } });
    let shown = officer.post("/records/message?dry_run=true", &body).ok(200);
    assert_eq!(
        (&shown["messages"][0]["verdict"]["reason"], &shown["stopped"]),
        (&json!("no_consent"), &json!({ "no_consent": 1 }))
    );
    assert!(officer.list("message", &json!({})).is_empty());
    agree(&officer, &owner, "sms");
    let shown = officer.post("/records/message?dry_run=true", &body).ok(200);
    assert_eq!((&shown["messages"][0]["verdict"]["is_allowed"], &shown["stopped"]), (&json!(true), &json!({})));
    let preview = shown["preview"].as_str().expect("a preview");
    let made = officer.post(&format!("/records/message?preview={preview}"), &body).ok(201);
    assert_eq!(concluded(&officer, made["id"].as_str().expect("an id")).0, "sent");

    customer(&officer, "何美玲", "13900020002");
    let count = json!({ "purpose": "marketing", "channel": "sms", "filter": { "phone": { "in": ["+8613900020001", "+8613900020002"] } } });
    let counted = officer.post("/contact/count", &count).ok(200);
    assert_eq!(counted, json!({ "n": 2, "n_allowed": 1, "stopped": { "no_consent": 1 } }));
}

#[test]
fn a_message_can_be_taken_back_until_it_has_gone() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let queued = send(&officer, &owner, "serve", "sms", json!({ "due_at": "2026-03-13T12:00:00+08:00" }));
    let path = format!("/records/message/{queued}/actions/cancel");
    assert_eq!(officer.post(&path, &json!({})).ok(200)["record"]["data"]["state"], "cancelled");
    officer.post(&path, &json!({})).problem(409, "message.not_queued");
    server.set_clock("2026-03-13T13:00:00+08:00");
    assert_eq!(fate(&officer, &queued).0, "cancelled");
    let wrong = json!({ "data": { "customer": owner, "purpose": "profiling", "channel": "sms", "body": "x" } });
    officer.post("/records/message", &wrong).problem(400, "invalid");
    let wrong = json!({ "data": { "customer": owner, "purpose": "serve", "channel": "email", "body": "x" } });
    officer.post("/records/message", &wrong).problem(400, "invalid");
    officer
        .patch(&format!("/records/message/{queued}"), &json!({ "data": { "state": "queued" } }))
        .problem(403, "denied");
}

#[test]
fn a_plugin_sends_what_it_was_granted_to_send() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let case = officer.create("complaints.case", json!({ "customer": owner, "facts": "空调不制冷。" }));
    let (id, number) = (case["id"].as_str().expect("an id"), case["data"]["number"].as_str().expect("a number"));
    let responsible = case["data"]["owner"].as_str().expect("an owner");
    let login = officer.record("user", responsible)["data"]["login"].as_str().expect("a login").to_owned();
    let handler = server.staff(login.trim_start_matches("d1."));
    handler
        .post(&format!("/records/complaints.case/{id}/actions/accept"), &json!({ "informed_by": "message" }))
        .ok(200);
    let caught = eventually("the number was sent", SOON, || {
        let sent = officer.get(&format!("/outbound?state=sent&customer={owner}")).ok(200);
        sent["items"].get(0).cloned()
    });
    assert_eq!(
        (&caught["data"]["purpose"], &caught["data"]["template"]),
        (&json!("serve"), &json!("complaints.accepted"))
    );
    let text = caught["caught"]["body"].as_str().expect("a text");
    assert!(text.contains(number) && !text.contains("退订"), "{text}");
}
