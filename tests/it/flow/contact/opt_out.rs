//! Who says no to one dealer is left alone by all of the brand; ways and complaints that stand against a contact.

use serde_json::{Value, json};

use super::{FRIDAY, agree, concluded, customer, may, say, send};
use crate::support::{Client, Server};

const SMS: &str = "purpose=marketing&channel=sms";

/// A second dealer with one officer.
fn second_dealer(server: &Server) -> Client {
    let admin = server.admin();
    let org = json!({ "data": { "code": "d2", "name": "二店", "type": "dealer", "parent": "hq" } });
    let org = admin.post("/records/org", &org).ok(201)["id"].as_str().expect("an id").to_owned();
    let data = json!({ "login": "d2.he", "name": "何静", "roles": ["crm_officer"] });
    let user = admin.post("/records/user", &json!({ "data": data, "org": org })).ok(201);
    let path = format!("/records/user/{}/actions/set_password", user["id"].as_str().expect("an id"));
    admin.post(&path, &json!({ "password": "correct horse battery" })).ok(200);
    server.client().login("d2.he", "correct horse battery")
}

#[test]
fn an_opt_out_at_one_dealer_stops_the_channel_at_the_other_and_tells_it_nothing_more() {
    let server = Server::dealer_at(FRIDAY);
    let (here, there) = (server.staff("wang"), second_dealer(&server));
    let data = |email: &str| json!({ "name": "孙国强", "phone": "13900020001", "email": email, "id_no": "11010519491231002X" });
    let id = |item: Value| item["id"].as_str().expect("an id").to_owned();
    let mine = id(here.create("customer", data("sun@example.com")));
    let theirs = id(there.create("customer", data("sun@example.com")));
    assert_ne!(mine, theirs);
    agree(&here, &mine, "sms");
    agree(&here, &mine, "email");
    assert_eq!(may(&here, &mine, SMS)["is_allowed"], true);
    assert_eq!(may(&there, &theirs, SMS)["reason"], "no_consent", "a yes to one dealer is none to another");
    agree(&there, &theirs, "sms");
    server.set_clock("2026-03-13T10:30:00+08:00");
    say(&here, &mine, json!({ "purpose": "marketing", "channel": "sms", "state": "withdrawn", "how": "sms_reply" }));
    assert_eq!(may(&there, &theirs, SMS)["reason"], "opted_out");
    assert_eq!(may(&here, &mine, "purpose=marketing&channel=email")["is_allowed"], true, "of this channel alone");
    assert_eq!(there.list("consent", &json!({})).len(), 1, "the other dealer sees its own consents alone");
    let detail = may(&there, &theirs, SMS).to_string();
    assert!(!detail.contains("d1") && !detail.contains(&mine), "{detail}");
    // A new yes is newer than the no.
    server.set_clock("2026-03-13T11:00:00+08:00");
    agree(&there, &theirs, "sms");
    assert_eq!(may(&there, &theirs, SMS)["is_allowed"], true);
    assert_eq!(may(&here, &mine, SMS)["reason"], "opted_out");
    there.get(&format!("/records/customer/{mine}/may?{SMS}")).problem(404, "record.not_found");
    // A dealer's people can open the page of their own link: it tells of that dealer alone. What is stopped there is stopped everywhere.
    server.set_clock("2026-03-13T11:30:00+08:00");
    let told = here.get(&format!("/records/customer/{mine}/contact")).ok(200);
    let link = told["link"].as_str().expect("a link");
    let path = &link[link.find("/p/").expect("a path")..];
    let nobody = server.client();
    let shown = nobody.send("GET", path, &[("accept-language", "zh-CN")], Vec::new());
    assert!(shown.text.contains("所有门店") && !shown.text.contains("二店"), "{}", shown.text);
    let form = ("content-type", "application/x-www-form-urlencoded");
    nobody.send("POST", path, &[form], b"purpose=marketing&do=stop".to_vec());
    assert_eq!(may(&there, &theirs, SMS)["reason"], "opted_out");
}

#[test]
fn the_maker_may_use_what_the_dealer_was_told_only_if_the_dealer_may_share_it() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, admin) = (server.staff("wang"), server.admin());
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    let by_maker = format!("{SMS}&sender=hq");
    assert_eq!(may(&admin, &owner, &by_maker)["reason"], "no_consent");
    say(&officer, &owner, json!({ "purpose": "share_maker", "state": "granted", "how": "paper", "text_version": "1" }));
    assert_eq!(may(&admin, &owner, &by_maker)["is_allowed"], true);
    let sent = send(&admin, &owner, "marketing", "sms", json!({ "sender": "hq" }));
    assert_eq!(concluded(&admin, &sent).0, "sent");
    let wrong =
        json!({ "data": { "customer": owner, "purpose": "serve", "channel": "sms", "body": "x", "sender": "hq" } });
    officer.post("/records/message", &wrong).problem(400, "invalid");
}

#[test]
fn a_number_not_to_be_used_is_not_used_and_another_is() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    let point = |value: &str| {
        let data = json!({ "customer": owner, "kind": "mobile", "value": value });
        officer.create("parties.contact_point", data)["id"].as_str().expect("an id").to_owned()
    };
    let second = point("13900020009");
    let points = officer.list("parties.contact_point", &json!({ "customer": owner, "value": "+8613900020001" }));
    let first = points[0]["id"].as_str().expect("an id");
    let bar = |point: &str| {
        let path = format!("/records/parties.contact_point/{point}/actions/bar");
        officer.post(&path, &json!({ "reason": "客户要求" })).ok(200);
    };
    bar(first);
    let sent = send(&officer, &owner, "serve", "sms", json!({}));
    assert_eq!(concluded(&officer, &sent).0, "sent");
    let caught = officer.get(&format!("/outbound?customer={owner}")).ok(200);
    assert_eq!(caught["items"][0]["caught"]["address"], "139****0009");
    bar(&second);
    for query in [SMS, "purpose=serve&channel=sms", "purpose=serve&channel=call"] {
        assert_eq!(may(&officer, &owner, query)["reason"], "do_not_call", "{query}");
    }
    let told = officer.get(&format!("/records/customer/{owner}/contact")).ok(200);
    let codes: Vec<&str> =
        told["banner"].as_array().expect("lines").iter().filter_map(|line| line["code"].as_str()).collect();
    assert!(codes.contains(&"do_not_call"), "{told}");
}

#[test]
fn an_open_complaint_stops_marketing_and_service_goes_on() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    officer.create("complaints.case", json!({ "customer": owner, "facts": "空调不制冷。" }));
    assert_eq!(may(&officer, &owner, SMS)["reason"], "open_complaint");
    assert_eq!(may(&officer, &owner, "purpose=serve&channel=sms")["is_allowed"], true);
    let offer = send(&officer, &owner, "marketing", "sms", json!({}));
    assert_eq!(concluded(&officer, &offer), (json!("suppressed"), json!("open_complaint")));
    let told = officer.get(&format!("/records/customer/{owner}/contact")).ok(200);
    let line = &told["banner"][0];
    assert_eq!((&line["code"], &line["tone"]), (&json!("open_complaint"), &json!("bad")), "{told}");
    assert_eq!(
        told["items"].as_array().map(Vec::len),
        Some(20),
        "every channel of two purposes, and eight purposes more"
    );
}

#[test]
fn two_customers_made_one_are_sent_a_campaign_once() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let (kept, lost) = (customer(&officer, "孙国强", "13900020001"), customer(&officer, "孙大强", "13900020002"));
    let noon = json!({ "due_at": "2026-03-13T12:00:00+08:00", "campaign": "spring" });
    let messages: Vec<String> = [&kept, &lost]
        .into_iter()
        .map(|one| {
            agree(&officer, one, "sms");
            send(&officer, one, "marketing", "sms", noon.clone())
        })
        .collect();
    officer.post(&format!("/records/customer/{kept}/actions/merge"), &json!({ "other": lost })).ok(200);
    server.set_clock("2026-03-13T12:00:00+08:00");
    let mut fates: Vec<String> = messages.iter().map(|message| format!("{:?}", concluded(&officer, message))).collect();
    fates.sort();
    let [sent, stopped] = fates.as_slice() else { panic!("{fates:?}") };
    assert!(sent.contains("sent") && stopped.contains("merged"), "{fates:?}");
}

#[test]
fn a_child_is_sent_no_marketing() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let data = json!({ "name": "孙小明", "phone": "13900020001", "birth_date": "2012-03-14" });
    // Whether a birth date like this is taken at all is another rule's business.
    let made = officer.post("/records/customer", &json!({ "data": data }));
    if made.status != 201 {
        return;
    }
    let child = made.body["id"].as_str().expect("an id").to_owned();
    agree(&officer, &child, "sms");
    assert_eq!(may(&officer, &child, SMS)["reason"], "under_age");
    assert_eq!(
        may(&officer, &child, &format!("{SMS}&at=2026-03-14T12:00:00%2B08:00"))["is_allowed"],
        true,
        "fourteen today"
    );
}
