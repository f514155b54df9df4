//! Points through the whole server: a document to a tier, two desks at once, many operations with crashes between them.

use std::thread;

use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

fn customer(officer: &Client, name: &str, phone: &str) -> String {
    let item = officer.create("customer", json!({ "name": name, "phone": phone, "type": "owner" }));
    item["id"].as_str().expect("an id").to_owned()
}

/// A member; the id of the account.
fn member(officer: &Client, customer: &str) -> String {
    let item = officer.create("loyalty.account", json!({ "customer": customer }));
    item["id"].as_str().expect("an id").to_owned()
}

fn document(number: &str, customer: &str, fen: i64) -> Value {
    let lines = json!([{ "kind": "repair", "amount": fen }]);
    json!({ "number": number, "customer": customer, "kind": "service", "lines": lines })
}

fn post(client: &Client, document: &Value) -> Value {
    client.post("/records/loyalty.document/actions/post", document).ok(200)["reply"].clone()
}

/// Balance, sum of the entries, sum of the open lots; all the same, or the test fails.
#[track_caller]
fn whole(client: &Client, account: &str) -> i64 {
    let path = format!("/records/loyalty.account/{account}/actions/reconcile");
    let reply = client.post(&path, &json!({})).ok(200)["reply"].clone();
    assert_eq!(reply["is_whole"], true, "{reply}");
    reply["balance"].as_i64().expect("a number")
}

/// C18-AC1.
#[test]
fn the_document_that_makes_gold_counts_once_and_the_next_twice() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    post(&officer, &document("W1", &owner, 938_000));
    let reply = post(&officer, &document("W2", &owner, 125_000));
    assert_eq!((&reply["points"], &reply["lifetime"], &reply["tier"]), (&json!(1_250), &json!(10_650), &json!("gold")));
    let reply = post(&officer, &document("W3", &owner, 125_000));
    assert_eq!((&reply["points"], &reply["balance"]), (&json!(2_500), &json!(13_150)));
    // The same invoice sent twice is one.
    let again = post(&officer, &document("W3", &owner, 125_000));
    assert_eq!((&again["replayed"], &again["balance"]), (&json!(true), &json!(13_150)));
    assert_eq!(whole(&officer, &account), 13_150);

    let why = officer.get(&format!("/records/loyalty.account/{account}/why/tier")).ok(200);
    assert_eq!((&why["point"], &why["output"]["tier"]), (&json!("points.tier"), &json!("gold")), "{why}");
    let timeline = officer.get(&format!("/records/customer/{owner}/timeline?limit=50")).ok(200);
    let items = timeline["items"].as_array().expect("items");
    let titles: Vec<&str> = items.iter().filter_map(|item| item["title"]["zh-CN"].as_str()).collect();
    assert!(titles.contains(&"获得 2500 积分（单据），余额 13150"), "{titles:?}");
    assert!(titles.contains(&"会员等级变为金卡"), "{titles:?}");
}

/// C18-AC3.
#[test]
fn two_desks_that_burn_at_once_cannot_both_have_the_last_points() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    post(&officer, &document("W1", &owner, 148_000));
    assert_eq!(whole(&officer, &account), 1_500);
    let desks = [server.staff("wang"), server.staff("zhao")];
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = desks
            .iter()
            .map(|desk| {
                let path = format!("/records/loyalty.account/{account}/actions/burn");
                scope.spawn(move || desk.post(&path, &json!({ "points": 1_000, "against": "repair" })))
            })
            .collect();
        asked.into_iter().map(|asked| asked.join().expect("a desk answers")).collect()
    });
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (1, 1));
    refused.into_iter().for_each(|answer| _ = answer.problem(409, "insufficient"));
    assert_eq!(whole(&officer, &account), 500);
    assert_eq!(officer.list("loyalty.entry", &json!({ "account": account, "kind": "burn" })).len(), 1);
}

/// C18-AC6.
#[test]
fn everybody_reads_the_same_balance_as_soon_as_it_is_posted() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    post(&officer, &document("W1", &owner, 148_000));
    for client in [server.staff("zhao"), server.staff("li"), server.staff("zhou"), server.admin()] {
        let item = client.record("loyalty.account", &account);
        assert_eq!((&item["data"]["balance"], &item["data"]["tier"]), (&json!(1_500), &json!("silver")), "{item}");
    }
}

#[test]
fn of_two_desks_that_want_the_last_reward_one_is_told() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let reward = json!({ "name": "基础保养一次", "points": 1_000, "stock": 1 });
    let reward = officer.create("loyalty.reward", reward)["id"].as_str().expect("an id").to_owned();
    let owners: Vec<String> = (0..4)
        .map(|n| {
            let owner = customer(&officer, &format!("客户{n}"), &format!("1390002000{n}"));
            member(&officer, &owner);
            post(&officer, &document(&format!("W{n}"), &owner, 200_000));
            owner
        })
        .collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let asked: Vec<_> = owners
            .iter()
            .map(|owner| {
                let (officer, input) = (officer.clone(), json!({ "reward": reward, "customer": owner }));
                scope.spawn(move || officer.post("/records/loyalty.redemption/actions/redeem", &input).status)
            })
            .collect();
        asked.into_iter().map(|asked| asked.join().expect("a desk answers")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(officer.record("loyalty.reward", &reward)["data"]["stock"], 0);
    assert_eq!(officer.list("loyalty.redemption", &json!({})).len(), 1);
}

#[test]
fn points_end_two_years_later_and_their_owner_is_told_before() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    post(&officer, &document("W1", &owner, 148_000));
    let told = |template: &str| officer.list("message", &json!({ "customer": owner, "template": template })).len();
    // The timer is one: each ring sets the next. Ten months a step, so that nobody lapses between visits.
    for (n, day) in ["2026-12-01", "2027-09-01", "2028-01-20"].iter().enumerate() {
        server.set_clock(&format!("{day}T10:00:00+08:00"));
        post(&officer, &document(&format!("V{n}"), &owner, 100));
    }
    server.set_clock("2028-01-31T09:30:00+08:00");
    eventually("the first notice", SOON, || (told("message.expiring") == 1).then_some(()));
    server.set_clock("2028-03-17T09:30:00+08:00");
    eventually("the second notice", SOON, || (told("message.expiring") == 2).then_some(()));
    server.set_clock("2028-03-31T23:00:00+08:00");
    assert_eq!(whole(&officer, &account), 1_503, "the last day itself");
    server.set_clock("2028-04-01T09:30:00+08:00");
    eventually("they have ended", SOON, || (whole(&officer, &account) == 3).then_some(()));
    assert!(told("message.statement") >= 1, "a statement was queued and the gate decides whether it goes");
}

#[test]
fn a_friend_is_referred_recorded_and_rewarded_with_their_car() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    let input = json!({ "referrer": owner, "friend_phone": "139 1111 2222", "friend_name": "李强" });
    let referral = officer.create("loyalty.referral", input);
    let id = referral["id"].as_str().expect("an id");
    let friend = customer(&officer, "李强", "13911112222");
    eventually("the referral is valid", SOON, || {
        (officer.record("loyalty.referral", id)["data"]["state"] == "valid").then_some(())
    });
    let order = json!({ "order_no": "SO-77" });
    officer.post(&format!("/records/loyalty.referral/{id}/actions/order"), &order).ok(200);
    let delivery = json!({ "number": "S1", "customer": friend, "kind": "delivery", "order_no": "SO-77" });
    post(&officer, &delivery);
    let item = officer.record("loyalty.referral", id);
    assert_eq!((&item["data"]["state"], &item["data"]["points"]), (&json!("rewarded"), &json!(500)), "{item}");
    assert_eq!(whole(&officer, &account), 520);
    assert_eq!(officer.list("loyalty.account", &json!({ "customer": friend })).len(), 1, "the buyer has joined");
    let tree = officer.post("/records/loyalty.referral/actions/tree", &json!({ "customer": owner })).ok(200);
    assert_eq!(tree["reply"]["referrals"][0]["friend"], friend, "{tree}");
}

#[test]
fn whoever_waits_is_let_in_and_who_comes_is_rewarded() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let plan =
        json!({ "name": "神农架自驾", "kind": "drive", "starts_at": "2026-03-21T08:30:00+08:00", "capacity": 1 });
    let activity = officer.create("loyalty.activity", plan)["id"].as_str().expect("an id").to_owned();
    let owners = [customer(&officer, "孙国强", "13900020001"), customer(&officer, "何美玲", "13900020002")];
    let account = member(&officer, &owners[1]);
    let signed: Vec<Value> = owners
        .iter()
        .map(|owner| officer.create("loyalty.sign_up", json!({ "activity": activity, "customer": owner })))
        .collect();
    let states: Vec<&Value> = signed.iter().map(|item| &item["data"]["state"]).collect();
    assert_eq!(states, ["confirmed", "waitlisted"]);
    let id = |n: usize| signed[n]["id"].as_str().expect("an id");
    officer.post(&format!("/records/loyalty.sign_up/{}/actions/cancel_sign_up", id(0)), &json!({})).ok(200);
    assert_eq!(officer.record("loyalty.sign_up", id(1))["data"]["state"], "confirmed");
    server.set_clock("2026-03-20T08:30:01+08:00");
    eventually("a reminder", SOON, || {
        (officer.list("message", &json!({ "template": "message.reminder" })).len() == 1).then_some(())
    });
    server.set_clock("2026-03-21T08:10:00+08:00");
    let checked = officer.post(&format!("/records/loyalty.sign_up/{}/actions/check_in", id(1)), &json!({})).ok(200);
    assert_eq!(checked["reply"]["points"], 50, "{checked}");
    assert_eq!(whole(&officer, &account), 70);
}

/// A few hundred operations from several desks, the server killed in between: nothing is half done.
#[test]
fn the_ledger_is_whole_after_many_desks_and_a_crash() {
    let mut server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let account = member(&officer, &owner);
    for round in 0..3 {
        let desks = [server.staff("wang"), server.staff("zhao"), server.staff("zhou")];
        thread::scope(|scope| {
            for (n, desk) in desks.iter().enumerate() {
                let (owner, account) = (owner.as_str(), account.as_str());
                scope.spawn(move || (0..25).for_each(|turn| one_of(desk, owner, account, round * 100 + turn * 3 + n)));
            }
            if round < 2 {
                // While they are at it.
                eventually("some work is done", SOON, || {
                    let entries = officer_of(&desks).list("loyalty.entry", &json!({ "account": account }));
                    (entries.len() > round * 20 + 5).then_some(())
                });
                server.kill9();
            }
        });
        if round < 2 {
            server.launch();
        }
        let officer = server.staff("wang");
        let balance = whole(&officer, &account);
        assert_eq!(officer.record("loyalty.account", &account)["data"]["balance"], balance);
    }
}

fn officer_of(desks: &[Client]) -> &Client {
    &desks[0]
}

/// A desk does something; refused or cut off is as good as done.
fn one_of(desk: &Client, owner: &str, account: &str, n: usize) {
    let at = |action: &str| format!("/records/loyalty.account/{account}/actions/{action}");
    let (path, body) = match n % 4 {
        0 | 1 => ("/records/loyalty.document/actions/post".to_owned(), document(&format!("N{n}"), owner, 60_000)),
        2 => (at("burn"), json!({ "points": 1_000, "against": "repair" })),
        _ => (at("adjust"), json!({ "points": -70, "reason": "核对" })),
    };
    // A server that was killed does not answer; what it did not commit has not happened.
    _ = desk.try_json("POST", &path, &[], &body);
}
