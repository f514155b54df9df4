//! The public page: for whoever has the link and for nobody else, without signing in and without script.

use serde_json::json;

use super::{FRIDAY, agree, concluded, customer, may, send};
use crate::support::{Client, Server};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The path of a customer's page.
fn page(officer: &Client, customer: &str) -> String {
    let told = officer.get(&format!("/records/customer/{customer}/contact")).ok(200);
    let link = told["link"].as_str().expect("a link");
    link[link.find("/p/").expect("a path")..].to_owned()
}

#[test]
fn one_click_stops_it_and_another_allows_it_again() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    let path = page(&officer, &owner);
    let shown = nobody.send("GET", &path, &[("accept-language", "zh-CN")], Vec::new());
    assert_eq!((shown.status, shown.media_type.as_str()), (200, "text/html"));
    assert!(shown.text.contains("139****0001") && shown.text.contains("退订"), "{}", shown.text);
    for secret in ["孙国强", "13900020001", "<script"] {
        assert!(!shown.text.contains(secret), "the page tells {secret}");
    }
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true, "looking changes nothing");
    let stop = nobody.send("POST", &path, &[FORM], b"purpose=marketing&channel=sms&do=stop".to_vec());
    assert!(matches!(stop.status, 200 | 303), "{}", stop.text);
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["reason"], "opted_out");
    server.set_clock("2026-03-13T10:05:00+08:00");
    nobody.send("POST", &path, &[FORM], b"purpose=marketing&channel=sms&do=allow".to_vec());
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true);
    let all = officer.list("consent", &json!({ "customer": owner }));
    let by_page = all.iter().filter(|one| one["data"]["how"] == "web_tick").count();
    assert_eq!((all.len(), by_page), (3, 2), "{all:?}");
    let english = nobody.send("GET", &format!("{path}?lang=en"), &[], Vec::new());
    assert!(english.text.contains("<html lang=\"en\">") && english.text.contains("Stop all marketing"));
}

#[test]
fn whoever_says_no_again_after_a_yes_is_heard_again() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let owner = customer(&officer, "孙国强", "13900020001");
    let path = page(&officer, &owner);
    let press = |clock: &str, said: &str| {
        server.set_clock(clock);
        let answer = nobody.send("POST", &path, &[FORM], said.as_bytes().to_vec());
        assert!(matches!(answer.status, 200 | 303), "{}", answer.text);
        may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"] == true
    };
    assert!(!press("2026-03-13T10:01:00+08:00", "purpose=marketing&do=stop"));
    assert!(press("2026-03-13T10:02:00+08:00", "purpose=marketing&channel=sms&do=allow"));
    assert!(!press("2026-03-13T10:03:00+08:00", "purpose=marketing&do=stop"), "the first no is not the last word");
    let n = officer.list("consent", &json!({ "customer": owner })).len();
    assert!(!press("2026-03-13T10:04:00+08:00", "purpose=marketing&do=stop"));
    assert_eq!(officer.list("consent", &json!({ "customer": owner })).len(), n, "the same said twice is said once");
    // The page is where one speaks as the customer: it is handed to those who may take down a yes.
    let consultant = server.staff("li");
    let own = consultant.create("customer", json!({ "name": "钱多", "phone": "13900020002", "owner": "d1-li" }));
    let path = format!("/records/customer/{}/contact", own["id"].as_str().expect("an id"));
    assert_eq!(consultant.get(&path).ok(200)["link"], serde_json::Value::Null);
}

#[test]
fn a_mail_program_stops_mail_with_the_headers_it_was_sent() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let data = json!({ "name": "孙国强", "phone": "13900020001", "email": "sun@example.com" });
    let owner = officer.create("customer", data)["id"].as_str().expect("an id").to_owned();
    agree(&officer, &owner, "email");
    agree(&officer, &owner, "sms");
    let mail = send(&officer, &owner, "marketing", "email", json!({ "subject": "续保" }));
    assert_eq!(concluded(&officer, &mail).0, "sent");
    let caught = officer.get("/outbound?state=sent").ok(200)["items"][0]["caught"].clone();
    assert_eq!(
        (&caught["address"], &caught["headers"]["List-Unsubscribe-Post"]),
        (&json!("s***@example.com"), &json!("List-Unsubscribe=One-Click"))
    );
    let link = caught["headers"]["List-Unsubscribe"].as_str().expect("a link").trim_matches(['<', '>']);
    let path = &link[link.find("/p/").expect("a path")..];
    let answer = server.client().send("POST", path, &[FORM], b"List-Unsubscribe=One-Click".to_vec());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=email")["reason"], "opted_out");
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true, "mail alone");
    server.client().send("POST", path, &[FORM], b"List-Unsubscribe=One-Click".to_vec());
    assert_eq!(officer.list("consent", &json!({ "customer": owner, "state": "withdrawn" })).len(), 1, "once is enough");
}

#[test]
fn a_link_that_was_made_up_leads_nowhere_and_guessing_is_stopped() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let (owner, other) = (customer(&officer, "孙国强", "13900020001"), customer(&officer, "何美玲", "13900020002"));
    let path = page(&officer, &owner);
    let forged = path.replace(&owner, &other);
    for wrong in [forged.as_str(), "/p/preferences/x.y", "/p/preferences/nobody"] {
        assert_eq!(nobody.get(wrong).status, 404, "{wrong}");
    }
    let post = nobody.send("POST", &forged, &[FORM], b"purpose=marketing&channel=all&do=stop".to_vec());
    assert_eq!(post.status, 404);
    assert!(officer.list("consent", &json!({})).is_empty());
    let statuses: Vec<u16> = (0..40).map(|_| nobody.get("/p/preferences/x.y").status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(nobody.get(&path).status, 200, "who has a link is let in");
    assert_eq!(nobody.send("POST", &path, &[FORM], b"purpose=serve&do=stop".to_vec()).status, 400);
    let foreign = [FORM, ("origin", "https://evil.example")];
    assert_eq!(nobody.send("POST", &path, &foreign, b"purpose=marketing&channel=all&do=stop".to_vec()).status, 403);
}
