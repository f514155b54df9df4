//! Quiet hours and caps: what holds, and who may make it stricter.

use serde_json::{Value, json};

use super::{FRIDAY, agree, concluded, customer, fate, may, send};
use crate::support::{SOON, Server, eventually};

#[test]
fn the_third_in_a_week_is_stopped_whoever_sends_it() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    // All at once: one round must not send more than is allowed.
    let three: Vec<String> =
        (0..3).map(|n| send(&officer, &owner, "marketing", "sms", json!({ "body": format!("第 {n} 条") }))).collect();
    let fates: Vec<(Value, Value)> = three.iter().map(|message| concluded(&officer, message)).collect();
    let n_sent = fates.iter().filter(|fate| fate.0 == "sent").count();
    assert_eq!((n_sent, fates.iter().filter(|fate| fate.1 == "frequency_cap").count()), (2, 1), "{fates:?}");
    let asked = may(&officer, &owner, "purpose=marketing&channel=sms");
    assert_eq!((&asked["reason"], &asked["retry_at"]), (&json!("frequency_cap"), &json!("2026-03-20T02:00:00.000Z")));
    assert_eq!(may(&officer, &owner, "purpose=serve&channel=sms")["is_allowed"], true);
    server.set_clock("2026-03-20T10:00:00+08:00");
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true);
}

#[test]
fn at_night_a_message_waits_for_the_morning_unless_it_is_too_late_by_then() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let evening = "2026-03-13T21:30:00+08:00";
    let waits = send(&officer, &owner, "serve", "sms", json!({ "due_at": evening }));
    let in_vain =
        send(&officer, &owner, "serve", "sms", json!({ "due_at": evening, "until": "2026-03-13T23:00:00+08:00" }));
    server.set_clock(evening);
    assert_eq!(concluded(&officer, &in_vain), (json!("suppressed"), json!("quiet_hours")));
    let due = eventually("it was put off", SOON, || {
        let data = officer.record("message", &waits)["data"].clone();
        (data["reason"] == "quiet_hours").then(|| data["due_at"].clone())
    });
    assert_eq!((due, fate(&officer, &waits).0), (json!("2026-03-14T00:00:00.000Z"), json!("queued")));
    let call = may(&officer, &owner, "purpose=serve&channel=call");
    assert_eq!((&call["reason"], &call["retry_at"]), (&json!("quiet_hours"), &json!("2026-03-14T01:00:00.000Z")));
    server.set_clock("2026-03-14T08:00:00+08:00");
    assert_eq!(concluded(&officer, &waits), (json!("sent"), Value::Null));
}

#[test]
fn a_dealer_is_stricter_and_never_looser() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, manager, officer) = (server.admin(), server.staff("zhao"), server.staff("wang"));
    let owner = customer(&officer, "孙国强", "13900020001");
    agree(&officer, &owner, "sms");
    let defaults = manager.get("/contact/policy").ok(200);
    assert_eq!((&defaults["own"], &defaults["limits"]["per_week"]), (&json!({}), &json!(2)));
    let looser = manager.put("/contact/policy", &json!({ "per_week": 3 })).problem(400, "contact.looser");
    assert_eq!(looser["errors"][0]["pointer"], "/per_week");
    officer.put("/contact/policy", &json!({ "per_week": 1 })).problem(403, "denied");
    let stricter = json!({ "per_week": 1, "quiet": { "from": "18:00", "to": "09:00" } });
    let settled = manager.put("/contact/policy", &stricter).ok(200);
    assert_eq!((&settled["limits"]["per_week"], &settled["limits"]["per_month"]), (&json!(1), &json!(4)));
    assert_eq!(
        may(&officer, &owner, "purpose=marketing&channel=sms&at=2026-03-13T18:30:00%2B08:00")["reason"],
        "quiet_hours"
    );
    let first = send(&officer, &owner, "marketing", "sms", json!({}));
    assert_eq!(concluded(&officer, &first).0, "sent");
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["reason"], "frequency_cap");
    // Above it the maker may loosen what is built in, and the dealer's own word still holds.
    admin.put("/contact/policy", &json!({ "per_week": 5 })).ok(200);
    assert_eq!(manager.get("/contact/policy").ok(200)["limits"]["per_week"], 1);
    manager.put("/contact/policy", &json!({ "per_week": 3 })).ok(200);
    assert_eq!(may(&officer, &owner, "purpose=marketing&channel=sms")["is_allowed"], true);
}
