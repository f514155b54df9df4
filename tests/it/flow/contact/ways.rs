//! Messages leave by the transport of their channel: what it takes, what it refuses, and when it is tried again.

use serde_json::{Value, json};

use super::{FRIDAY, agree, concluded, customer, fate, send};
use crate::support::{
    SOON, Server, Setup, eventually,
    takers::{Gateway, MailServer},
};

fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn server(gateway: &Gateway, mail: &MailServer, catcher: &'static str) -> Server {
    let variables = vec![
        ("MARQUE__OUTBOUND__CATCHER", catcher),
        ("MARQUE__OUTBOUND__GATEWAYS__SMS__URL", kept(&gateway.url)),
        ("MARQUE__OUTBOUND__GATEWAYS__SMS__SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("MARQUE__OUTBOUND__GATEWAYS__SMS__HEADERS__AUTHORIZATION", "Bearer key"),
        ("MARQUE__OUTBOUND__SMTP__URL", kept(&mail.url)),
        ("MARQUE__OUTBOUND__SMTP__FROM", "crm@example.cn"),
    ];
    Server::with(Setup { clock: Some(FRIDAY), customers: Some(4), variables, ..Setup::default() })
}

#[test]
fn a_text_message_goes_to_its_gateway_signed_and_with_the_way_to_stop_it() {
    let (gateway, mail) = (Gateway::start(), MailServer::start());
    let server = server(&gateway, &mail, "true");
    let officer = server.staff("wang");
    let one = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &one, "sms");
    let message = send(&officer, &one, "marketing", "sms", json!({}));
    assert_eq!(concluded(&officer, &message), (json!("sent"), Value::Null));
    let [posted] = gateway.taken().try_into().expect("one message");
    let header = |name: &str| posted.headers.get(name).map(String::as_str);
    assert_eq!(header("idempotency-key"), Some(message.as_str()));
    assert_eq!(header("authorization"), Some("Bearer key"));
    assert_eq!(header("webhook-id"), Some(message.as_str()));
    assert!(header("webhook-signature").is_some_and(|signature| signature.starts_with("v1,")), "{posted:?}");
    let body = posted.json();
    assert_eq!((&body["address"], &body["channel"]), (&json!("+8613900020001"), &json!("sms")), "{body}");
    let text = body["body"].as_str().expect("a text");
    assert!(text.contains("】保养优惠 退订：http") && text.contains("/p/preferences/"), "{text}");
    // What a gateway took is not kept here as well.
    assert_eq!(officer.get("/outbound?state=sent").ok(200)["items"][0]["caught"], Value::Null);
}

#[test]
fn a_gateway_that_has_no_time_gets_the_same_message_again_and_one_that_refuses_does_not() {
    let (gateway, mail) = (Gateway::start(), MailServer::start());
    let server = server(&gateway, &mail, "true");
    let officer = server.staff("wang");
    let one = customer(&officer, "孙国强", "13900020001");
    gateway.will_say(&[503, 429]);
    let message = send(&officer, &one, "serve", "sms", json!({}));
    for (n_tries, later) in [(1, "2026-03-13T10:01:01+08:00"), (2, "2026-03-13T10:06:02+08:00")] {
        eventually("it has been tried", SOON, || (gateway.taken().len() == n_tries).then_some(()));
        assert_eq!(fate(&officer, &message), (json!("queued"), Value::Null));
        server.set_clock(later);
    }
    assert_eq!(concluded(&officer, &message), (json!("sent"), Value::Null));
    let keys: Vec<Option<String>> =
        gateway.taken().iter().map(|posted| posted.headers.get("idempotency-key").cloned()).collect();
    assert_eq!(keys, vec![Some(message); 3]);
    gateway.will_say(&[400]);
    let message = send(&officer, &one, "serve", "sms", json!({}));
    assert_eq!(concluded(&officer, &message), (json!("failed"), json!("refused")));
    server.set_clock("2026-03-14T10:00:00+08:00");
    assert_eq!(gateway.taken().len(), 4, "once and no more");
}

#[test]
fn e_mail_goes_to_the_mail_server_under_an_id_of_its_own() {
    let (gateway, mail) = (Gateway::start(), MailServer::start());
    let server = server(&gateway, &mail, "true");
    let officer = server.staff("wang");
    let reader = |name: &str, email: &str| {
        let item = officer.create("customer", json!({ "name": name, "email": email }));
        item["id"].as_str().expect("an id").to_owned()
    };
    let one = reader("孙国强", "sun@example.com");
    agree(&officer, &one, "email");
    let message = send(&officer, &one, "marketing", "email", json!({ "subject": "春季保养" }));
    assert_eq!(concluded(&officer, &message), (json!("sent"), Value::Null));
    let [letter] = mail.taken().try_into().expect("one letter");
    assert!(letter.contains(&format!("Message-ID: <{message}@example.cn>")), "{letter}");
    assert!(letter.contains("To: sun@example.com") && letter.contains("<crm@example.cn>"), "{letter}");
    assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{letter}");
    assert!(!letter.contains("春季保养"), "a subject is encoded: {letter}");

    let gone = reader("何美玲", "gone@example.com");
    let message = send(&officer, &gone, "serve", "email", json!({ "subject": "保养" }));
    assert_eq!(concluded(&officer, &message), (json!("failed"), json!("refused")));
}

#[test]
fn without_catcher_and_gateway_a_message_fails_and_says_so() {
    let (gateway, mail) = (Gateway::start(), MailServer::start());
    let server = server(&gateway, &mail, "false");
    let officer = server.staff("wang");
    let one = officer
        .create("customer", json!({ "name": "孙国强", "phone": "13900020001", "address": "武汉市解放大道 1 号" }));
    let message = send(&officer, one["id"].as_str().expect("an id"), "serve", "letter", json!({ "subject": "您好" }));
    assert_eq!(concluded(&officer, &message), (json!("failed"), json!("no_gateway")));
    assert_eq!(officer.get("/outbound").ok(200)["items"][0]["caught"], Value::Null);
}
