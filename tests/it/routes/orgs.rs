//! Organisations and staff: the tree and its laws, calendars, duty, teams, and the end of somebody's access.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{bare, items};
use crate::support::{Client, Server, eventually, server::STAFF_PASSWORD};

const CSV: &str = "text/csv";
/// A debug build on a busy machine; a release build takes seconds.
const PATIENCE: Duration = Duration::from_secs(240);

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_else(|| panic!("no id: {item}")).to_owned()
}

fn org(admin: &Client, code: &str, r#type: &str, parent: &str) -> String {
    id(&admin.create("org", json!({ "code": code, "name": code, "type": r#type, "parent": parent })))
}

fn change(admin: &Client, kind: &str, id: &str, data: Value) -> crate::support::Answer {
    admin.patch(&format!("/records/{kind}/{id}"), &json!({ "data": data }))
}

fn person(admin: &Client, login: &str, org: &str) -> String {
    let data = json!({ "login": login, "name": login, "roles": ["consultant"] });
    let user = id(&admin.post("/records/user", &json!({ "data": data, "org": org })).ok(201));
    let path = format!("/records/user/{user}/actions/set_password");
    admin.post(&path, &json!({ "password": STAFF_PASSWORD })).ok(200);
    user
}

#[test]
fn the_tree_has_its_order_its_counts_and_its_laws() {
    let server = bare();
    let admin = server.admin();
    let region = org(&admin, "east", "region", "hq");
    let dealer = org(&admin, "d1", "dealer", &region);
    let desk = org(&admin, "d1-show", "desk", &dealer);
    person(&admin, "d1.li", &dealer);
    person(&admin, "d1.wang", &desk);

    let tree = admin.get("/orgs/tree").ok(200);
    let told: Vec<_> = items(&tree)
        .iter()
        .map(|org| {
            (
                org["code"].as_str().unwrap_or(""),
                org["depth"].as_u64(),
                org["n_below"].as_u64(),
                org["n_people"].as_u64(),
            )
        })
        .collect();
    let expected = [("hq", 0, 3, 1), ("east", 1, 2, 0), ("d1", 2, 1, 1), ("d1-show", 3, 0, 1)];
    assert_eq!(told, expected.map(|(code, depth, below, people)| (code, Some(depth), Some(below), Some(people))));
    assert!(
        tree["types"].as_array().is_some_and(|types| types.contains(&json!({ "type": "region", "under": ["maker"] })))
    );
    // A dealer's own people see their own organisation and what is below, not what is above.
    let li = server.client().login("d1.li", STAFF_PASSWORD);
    let own: Vec<_> = items(&li.get("/orgs/tree").ok(200)).iter().map(|org| org["code"].clone()).collect();
    assert_eq!(own, ["d1", "d1-show"]);
    assert_eq!(li.record("org", &dealer)["data"]["name"], "d1");
    li.get("/records/org/hq").problem(404, "record.not_found");

    let refuse = |data: Value| {
        let answer = admin.post("/records/org", &json!({ "data": data })).problem(400, "org.parent");
        assert_eq!(answer["errors"][0]["pointer"], "/data/parent", "{answer}");
    };
    refuse(json!({ "code": "x", "name": "x", "type": "region", "parent": dealer }));
    refuse(json!({ "code": "x", "name": "x", "type": "desk", "parent": desk }));
    refuse(json!({ "code": "x", "name": "x", "type": "call_vendor", "parent": region }));
    refuse(json!({ "code": "x", "name": "x", "type": "dealer" }));
    refuse(json!({ "code": "x", "name": "x", "type": "maker" }));
    change(&admin, "org", &region, json!({ "parent": dealer })).problem(400, "org.parent");
    change(&admin, "org", &dealer, json!({ "parent": dealer })).problem(400, "org.parent");
    change(&admin, "org", &dealer, json!({ "type": "region", "parent": "hq" })).ok(200);
    change(&admin, "org", &dealer, json!({ "type": "call_vendor", "parent": "hq" })).ok(200);
    change(&admin, "org", &region, json!({ "type": "dealer" })).ok(200);
    change(&admin, "org", &dealer, json!({ "parent": region })).problem(400, "org.parent");
    let twice = json!({ "code": "east", "name": "x", "type": "region", "parent": "hq" });
    admin.post("/records/org", &json!({ "data": twice })).problem(409, "record.unique");
}

#[test]
fn a_moved_organisation_is_out_of_sight_of_those_it_was_under() {
    let server = bare();
    let admin = server.admin();
    let (east, west) = (org(&admin, "east", "region", "hq"), org(&admin, "west", "region", "hq"));
    let dealer = org(&admin, "d1", "dealer", &east);
    person(&admin, "east.ma", &east);
    let ma = server.client().login("east.ma", STAFF_PASSWORD);
    ma.get(&format!("/records/org/{dealer}")).ok(200);
    change(&admin, "org", &dealer, json!({ "parent": west })).ok(200);
    ma.get(&format!("/records/org/{dealer}")).problem(404, "record.not_found");
}

#[test]
fn an_organisation_with_open_work_does_not_close_and_says_what_it_is() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let admin = server.admin();
    let officer = server.staff("wang");
    let customer = id(&items(&officer.get("/records/customer?limit=1").ok(200))[0]);
    let raised = officer
        .post("/records/complaints.case", &json!({ "data": { "customer": customer, "facts": "空调不制冷", "kind": "product_quality", "channel": "visit" } }))
        .ok(201);
    let answer = change(&admin, "org", "d1", json!({ "status": "closed" })).problem(409, "org.busy");
    let detail = answer["detail"].as_str().unwrap_or("");
    assert!(detail.contains("complaints.case") && detail.contains("worklist.task"), "{detail} {raised}");
    let open = answer["open"].as_array().expect("what is open");
    assert!(open.iter().any(|each| each["kind"] == "complaints.case" && each["n"] == 1), "{answer}");
    assert_eq!(admin.record("org", "d1")["data"]["status"], "active");
    admin.delete("/records/org/d1").problem(409, "org.busy");
    // One without any closes, and what is under one that is closed is refused.
    let desk = org(&admin, "d1-show", "desk", "d1");
    change(&admin, "org", &desk, json!({ "status": "closed" })).ok(200);
    let region = admin.record("org", "d1")["data"]["parent"].as_str().expect("a region").to_owned();
    let busy = change(&admin, "org", &region, json!({ "status": "closed" })).problem(409, "org.busy");
    assert!(busy["detail"].as_str().is_some_and(|detail| detail.contains("1 org")), "{busy}");
}

#[test]
fn calendars_and_duty_plans_take_hold_at_once() {
    let server = bare();
    let admin = server.admin();
    let dealer = org(&admin, "d1", "dealer", "hq");
    let li = person(&admin, "d1.li", &dealer);
    let duty = |query: &str| admin.get(&format!("/users/{li}/duty{query}")).ok(200);
    let day = "?from=2026-03-13T00:00:00Z&to=2026-03-13T16:00:00Z";
    let span = |body: &Value| {
        let items = items(body).iter().map(|shift| (shift["from"].clone(), shift["to"].clone()));
        items.collect::<Vec<_>>()
    };
    let hours =
        |from: &str, to: &str| (json!(format!("2026-03-13T{from}:00.000Z")), json!(format!("2026-03-13T{to}:00.000Z")));
    let first = duty(day);
    assert_eq!(span(&first), [hours("00:30", "10:00")], "{first}");
    assert_eq!((&first["is_on_duty"], &first["time_zone"]), (&json!(true), &json!("Asia/Shanghai")));

    change(&admin, "org", &dealer, json!({ "opening_hours": { "fri": [["12:00", "20:00"]] } })).ok(200);
    assert_eq!(span(&duty(day)), [hours("04:00", "12:00")]);
    assert_eq!(duty("")["is_on_duty"], false);
    change(&admin, "org", &dealer, json!({ "time_zone": "Asia/Urumqi" })).ok(200);
    assert_eq!(span(&duty(day)), [hours("06:00", "14:00")]);

    let plan = json!({ "week": { "fri": [["08:00", "09:30"]] }, "days": { "2026-03-20": [] } });
    change(&admin, "user", &li, json!({ "duty": plan })).ok(200);
    assert_eq!(span(&duty(day)), [hours("02:00", "03:30")]);
    assert_eq!(duty("?from=2026-03-20T00:00:00Z&to=2026-03-21T00:00:00Z")["items"], json!([]));
    change(&admin, "user", &li, json!({ "status": "on_leave" })).ok(200);
    assert_eq!(duty(day)["items"], json!([]));

    admin
        .get(&format!("/users/{li}/duty?from=2026-03-13T00:00:00Z&to=2027-03-13T00:00:00Z"))
        .problem(400, "to.invalid");
    admin.get("/users/nobody/duty").problem(404, "record.not_found");
    for (field, value) in [
        ("duty", json!({ "week": { "fri": [["18:00", "08:00"]] } })),
        ("duty", json!({ "weeks": {} })),
        ("skills", json!({ "SUV": 6 })),
        ("skills", json!(["SUV"])),
        ("certificates", json!([{ "name": "DCRC", "issued": "2026-01-01", "expires": "2025-01-01" }])),
        ("capacity", json!(-1)),
        ("status", json!("leaving")),
    ] {
        let answer = change(&admin, "user", &li, json!({ field: value }));
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
    }
    change(&admin, "user", &li, json!({ "skills": { "SUV": 5, "新能源": 1 }, "capacity": 40 })).ok(200);
    for (field, value) in
        [("geo", json!({ "lat": 91, "lon": 0 })), ("brands", json!("M")), ("opening_hours", json!({ "xxx": [] }))]
    {
        let answer = change(&admin, "org", &dealer, json!({ field: value }));
        assert_eq!((answer.status, answer.pointers()), (400, vec![&*format!("/data/{field}")]), "{}", answer.text);
    }
}

#[test]
fn whoever_has_left_has_nothing_open_any_more_and_the_last_day_ends_by_itself() {
    let server = bare();
    let admin = server.admin();
    let dealer = org(&admin, "d1", "dealer", "hq");
    let (li, wang) = (person(&admin, "d1.li", &dealer), person(&admin, "d1.wang", &dealer));
    let session = server.client().login("d1.li", STAFF_PASSWORD);
    let token = session.post("/tokens", &json!({ "name": "phone" })).ok(201);
    let machine = server.client().with_token(token["token"].as_str().expect("a token"));
    machine.get("/session").ok(200);
    change(&admin, "user", &li, json!({ "status": "left" })).ok(200);
    session.get("/session").problem(401, "unauthenticated");
    machine.get("/session").problem(401, "unauthenticated");
    // Whoever comes back begins anew: what was open then stays shut.
    change(&admin, "user", &li, json!({ "status": "active" })).ok(200);
    session.get("/session").problem(401, "unauthenticated");
    machine.get("/session").problem(401, "unauthenticated");
    server.client().login("d1.li", STAFF_PASSWORD);

    change(&admin, "user", &wang, json!({ "status": "leaving", "last_day": "2026-03-14" })).ok(200);
    let leaver = server.client().login("d1.wang", STAFF_PASSWORD);
    server.set_clock("2026-03-14T23:59:00+08:00");
    leaver.get("/session").ok(200);
    server.set_clock("2026-03-15T00:00:00+08:00");
    eventually("access ends with the last day", PATIENCE, || (leaver.get("/session").status == 401).then_some(()));
    let now = admin.record("user", &wang);
    assert_eq!(now["data"]["status"], "left");
    let history = admin.get(&format!("/records/user/{wang}/history?limit=1")).ok(200);
    assert_eq!(history["items"][0]["why"], "the last day is over");
    let refused = server.client().post("/session", &json!({ "login": "d1.wang", "password": STAFF_PASSWORD }));
    refused.problem(401, "session.refused");
}

#[test]
fn a_team_and_its_members_always_say_the_same() {
    let server = bare();
    let admin = server.admin();
    let dealer = org(&admin, "d1", "dealer", "hq");
    let desk = org(&admin, "d1-show", "desk", &dealer);
    let (li, wang) = (person(&admin, "d1.li", &dealer), person(&admin, "d1.wang", &desk));
    let team = |code: &str, members: &[&String]| {
        let data = json!({ "name": code, "code": code, "kind": "showroom", "members": members });
        let data = if members.is_empty() { json!({ "name": code, "code": code, "kind": "showroom" }) } else { data };
        id(&admin.post("/records/team", &json!({ "data": data, "org": dealer })).ok(201))
    };
    let (a, b) = (team("a", &[&li, &wang]), team("b", &[]));
    let team_of = |user: &str| admin.record("user", user)["data"]["team"].clone();
    let members = |team: &str| admin.record("team", team)["data"]["members"].clone();
    assert_eq!((team_of(&li), team_of(&wang)), (json!(a), json!(a)));
    change(&admin, "user", &li, json!({ "team": b })).ok(200);
    assert_eq!((members(&a), members(&b)), (json!([wang]), json!([li])));
    change(&admin, "team", &b, json!({ "members": [li, wang] })).ok(200);
    assert_eq!((members(&a), team_of(&wang)), (Value::Null, json!(b)));
    change(&admin, "team", &b, json!({ "members": [wang] })).ok(200);
    assert_eq!((team_of(&li), members(&b)), (Value::Null, json!([wang])));

    let elsewhere = change(&admin, "team", &a, json!({ "members": ["admin"] }));
    assert_eq!((elsewhere.status, elsewhere.body["errors"][0]["code"].clone()), (400, json!("team.elsewhere")));
    let elsewhere = change(&admin, "user", "admin", json!({ "team": a }));
    assert_eq!((elsewhere.status, elsewhere.body["errors"][0]["code"].clone()), (400, json!("team.elsewhere")));
    admin.delete(&format!("/records/team/{b}")).problem(409, "record.in_use");
}

/// An import of a file of a kind; the job at its end.
fn import(admin: &Client, kind: &str, file: String) -> Value {
    let path = format!("/records/{kind}/import?mode=apply&filename={kind}");
    let job = admin.send("POST", &path, &[("content-type", CSV)], file.into_bytes()).ok(202);
    let path = format!("/jobs/{}", job["job"].as_str().expect("a job"));
    eventually("the import ends", PATIENCE, || {
        let job = admin.get(&path).ok(200);
        (job["state"] != "running").then_some(job)
    })
}

#[test]
fn a_whole_network_and_its_staff_come_in_one_file_each() {
    let server = bare();
    let admin = server.admin();
    let started = Instant::now();
    // Dealers before their regions: the order of the file does not matter.
    let dealers = (1..=316).map(|n| format!("d{n},经销店{n},经销商,r{},武汉\n", n % 6));
    let regions = (0..6).map(|n| format!("r{n},大区{n},大区,hq,\n"));
    let orgs: String = dealers.chain(regions).collect();
    let job = import(&admin, "org", format!("编码,名称,类型,上级,城市\n{orgs}"));
    assert_eq!((&job["counts"]["new"], &job["counts"]["invalid"]), (&json!(322), &json!(0)), "{job}");
    let teams: String = (1..=316).map(|n| format!("t{n},销售组,展厅,d{n}\n")).collect();
    let twice = admin.send(
        "POST",
        "/records/team/import?mode=preview&key=name",
        &[("content-type", CSV)],
        "name,kind,org\na,crm,d1\n".into(),
    );
    twice.problem(400, "key.invalid");
    let job = import(&admin, "team", format!("编码,名称,类型,机构\n{teams}"));
    assert_eq!((&job["counts"]["new"], &job["counts"]["invalid"]), (&json!(316), &json!(0)), "{job}");
    let people: String = (0..6_000).map(|n| format!("u{n},员工{n},销售顾问,d{0},t{0}\n", 1 + n % 316)).collect();
    let people = format!("登录名,姓名,角色,机构,班组\n{people}");
    let job = import(&admin, "user", people.clone());
    assert_eq!((&job["counts"]["new"], &job["counts"]["invalid"]), (&json!(6_000), &json!(0)), "{job}");
    println!("a network of 316 dealers with 6 000 staff took {:?}", started.elapsed());

    let tree = admin.get("/orgs/tree").ok(200);
    assert_eq!((items(&tree).len(), &items(&tree)[0]["n_below"]), (323, &json!(322)));
    let one = items(&tree).iter().find(|org| org["code"] == "d1").expect("the dealer");
    assert_eq!((&one["n_people"], &one["depth"]), (&json!(19), &json!(2)));
    let team = &admin.list("team", &json!({ "code": "t1" }))[0];
    assert_eq!(team["data"]["members"].as_array().map(Vec::len), Some(19));
    let again = import(&admin, "user", people);
    assert_eq!((&again["counts"]["known"], &again["counts"]["new"]), (&json!(6_000), &json!(0)), "{again}");
}
