//! The goodwill fund of a dealer: it gives what it holds, to whoever comes first.

use serde_json::{Value, json};

use super::complaint::{FRIDAY, customer, raise};
use crate::support::{Client, Server};

/// The general manager of the dealer.
fn manager(server: &Server) -> Client {
    let people = server.admin().list("user", &json!({ "org": "d1" }));
    let is_gm = |user: &&Value| user["data"]["roles"].as_array().is_some_and(|roles| roles.contains(&json!("gm")));
    let login = people.iter().find(is_gm).and_then(|user| user["data"]["login"].as_str()).expect("a general manager");
    server.staff(login.trim_start_matches("d1."))
}

/// A complaint whose remedy is proposed.
fn proposed(officer: &Client, manager: &Client) -> String {
    let case = raise(officer, &customer(officer), "空调不制冷。");
    let id = case["id"].as_str().expect("an id").to_owned();
    for (action, input) in [
        ("accept", json!({ "informed_by": "phone" })),
        ("soothe", json!({})),
        ("analyse", json!({ "cause": "process" })),
        ("propose", json!({ "decision": "免费检修", "remedy": ["rework"], "remedy_cost": 0 })),
    ] {
        manager.post(&format!("/records/complaints.case/{id}/actions/{action}"), &input).ok(200);
    }
    id
}

#[test]
fn of_two_who_want_the_last_money_at_once_one_is_given_it_and_the_ledger_adds_up() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, manager) = (server.staff("wang"), manager(&server));
    let opened = json!({ "name": "2026 维系基金", "amount": 500_000, "reason": "年度预算" });
    officer.post("/records/complaints.fund/actions/open_fund", &opened).problem(403, "denied");
    let fund = manager.post("/records/complaints.fund/actions/open_fund", &opened).ok(200)["record"].clone();
    let id = fund["id"].as_str().expect("an id");
    let case = proposed(&officer, &manager);
    let spend = |amount: i64| {
        let input = json!({ "amount": amount, "reason": "代步车费用" });
        manager.post(&format!("/records/complaints.case/{case}/actions/spend_goodwill"), &input)
    };
    // C17-AC9.
    let refused = spend(600_000);
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("fund_short")), "{}", refused.text);
    assert_eq!(refused.pointers(), ["/amount"]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| spend(300_000).status)).collect();
        asked.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    let fund = manager.record("complaints.fund", id);
    assert_eq!((&fund["data"]["balance"], &fund["data"]["spent"]), (&json!(200_000), &json!(300_000)));
    assert_eq!(manager.record("complaints.case", &case)["data"]["goodwill"], 300_000);
    let entries = manager.list("complaints.fund_entry", &json!({ "fund": id }));
    let sum: i64 = entries
        .iter()
        .map(|entry| {
            let amount = entry["data"]["amount"].as_i64().expect("an amount");
            if entry["data"]["sort"] == "spend" { -amount } else { amount }
        })
        .sum();
    assert_eq!((entries.len(), sum), (2, 200_000), "{entries:?}");
    let wish = json!({ "data": { "balance": 9_999_999 } });
    manager.patch(&format!("/records/complaints.fund/{id}"), &wish).problem(403, "denied");
}
