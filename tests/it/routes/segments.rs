//! Segments: a filter with a name, who is in it, and what is told of those who come and go.

use serde_json::{Value, json};

use super::{bare, customer, items};
use crate::support::{Client, SOON, eventually};

fn make(client: &Client, body: Value) -> Value {
    client.post("/segments", &body).ok(201)
}

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_else(|| panic!("no id: {item}")).to_owned()
}

fn n(client: &Client, segment: &str) -> i64 {
    client.get(&format!("/segments/{segment}")).ok(200)["n"].as_i64().expect("a number")
}

/// Wait for the first fill, after which whoever comes is told of.
fn filled(client: &Client, segment: &str) {
    let is_filled = || client.get(&format!("/segments/{segment}")).ok(200)["is_filling"] == false;
    eventually("the segment is filled", SOON, || is_filled().then_some(()));
}

fn names(client: &Client, path: &str) -> Vec<String> {
    let body = client.get(path).ok(200);
    items(&body).iter().map(|item| item["data"]["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What was told of a segment, oldest first.
fn told(client: &Client, kind: &str) -> Vec<Value> {
    let body = client.get(&format!("/events?kind={kind}&limit=500")).ok(200);
    items(&body).clone()
}

#[test]
fn whoever_meets_the_filter_is_in_it_comes_and_goes() {
    let server = bare();
    let admin = server.admin();
    let zhang = customer(&admin, "张伟", "13000012347");
    admin.patch(&format!("/records/customer/{zhang}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    let segment = id(&make(&admin, json!({ "name": "武汉客户", "kind": "customer", "filter": { "city": "武汉" } })));
    assert_eq!(n(&admin, &segment), 1, "counted at once, filled or not");
    filled(&admin, &segment);
    let li = customer(&admin, "李娜", "13000012348");
    admin.patch(&format!("/records/customer/{li}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    eventually("the segment has followed", SOON, || (n(&admin, &segment) == 2).then_some(()));
    assert_eq!(names(&admin, &format!("/segments/{segment}/records?order=name")), ["张伟", "李娜"]);
    admin.patch(&format!("/records/customer/{li}"), &json!({ "data": { "city": "长沙" } })).ok(200);
    eventually("the segment has followed", SOON, || (n(&admin, &segment) == 1).then_some(()));
    let entered = told(&admin, "segment.entered");
    let left = told(&admin, "segment.left");
    assert_eq!((entered.len(), left.len()), (1, 1), "the first fill tells of nobody: {entered:?}");
    assert_eq!((&entered[0]["subject"], &entered[0]["data"]["segment"]), (&json!(li), &json!(segment)));
    admin.delete(&format!("/records/customer/{zhang}")).ok(204);
    eventually("the segment has followed", SOON, || (n(&admin, &segment) == 0).then_some(()));
}

#[test]
fn a_segment_stands_in_filters_everywhere() {
    let server = bare();
    let admin = server.admin();
    for (name, phone, city) in
        [("张伟", "13000012347", "武汉"), ("李娜", "13000012348", "长沙"), ("王芳", "13000012349", "武汉")]
    {
        let id = customer(&admin, name, phone);
        admin.patch(&format!("/records/customer/{id}"), &json!({ "data": { "city": city } })).ok(200);
    }
    let wuhan = id(&make(&admin, json!({ "name": "武汉", "kind": "customer", "filter": { "city": "武汉" } })));
    let list = |filter: Value| names(&admin, &format!("/records/customer?order=name&filter={filter}"));
    assert_eq!(list(json!({ "$segment": wuhan })), ["张伟", "王芳"]);
    assert_eq!(list(json!({ "not": { "$segment": wuhan } })), ["李娜"]);
    assert_eq!(list(json!({ "$segment": wuhan, "name": "王芳" })), ["王芳"]);
    let nested =
        json!({ "name": "武汉王", "kind": "customer", "filter": { "$segment": wuhan, "name": { "starts": "王" } } });
    let nested = id(&make(&admin, nested));
    assert_eq!(list(json!({ "$segment": nested })), ["王芳"]);
    let filter = json!({ "$segment": wuhan });
    let groups =
        admin.get(&format!(r#"/records/customer/aggregate?filter={filter}&measures={{"n":{{"count":true}}}}"#)).ok(200);
    assert_eq!(groups["items"], json!([{ "n": 2 }]));
    admin.delete(&format!("/segments/{wuhan}")).problem(409, "segment.in_use");
    admin.patch(&format!("/segments/{wuhan}"), &json!({ "filter": { "$segment": nested } })).problem(400, "invalid");
    admin.get(r#"/records/customer?filter={"$segment":"nobody"}"#).problem(400, "filter.invalid");
    admin.get(&format!(r#"/records/user?filter={{"$segment":"{wuhan}"}}"#)).problem(400, "filter.invalid");
}

#[test]
fn a_static_segment_is_changed_by_people_alone() {
    let server = bare();
    let admin = server.admin();
    let (zhang, li) = (customer(&admin, "张伟", "13000012347"), customer(&admin, "李娜", "13000012348"));
    let list = id(&make(&admin, json!({ "name": "名单", "kind": "customer", "is_static": true, "records": [zhang] })));
    assert_eq!(n(&admin, &list), 1);
    admin.post(&format!("/segments/{list}/records"), &json!({ "add": [li, zhang] })).ok(200);
    assert_eq!(names(&admin, &format!("/segments/{list}/records?order=name")), ["张伟", "李娜"]);
    admin.post(&format!("/segments/{list}/records"), &json!({ "remove": [zhang] })).ok(200);
    assert_eq!((n(&admin, &list), told(&admin, "segment.left").len()), (1, 1));
    admin.post(&format!("/segments/{list}/records"), &json!({ "add": ["nobody"] })).problem(404, "record.not_found");
    let dynamic = id(&make(&admin, json!({ "name": "所有", "kind": "customer" })));
    admin.post(&format!("/segments/{dynamic}/records"), &json!({ "add": [zhang] })).problem(409, "segment.dynamic");
    admin.delete(&format!("/records/customer/{li}")).ok(204);
    eventually("the segment has followed", SOON, || (n(&admin, &list) == 0).then_some(()));
}

#[test]
fn what_is_wrong_with_a_segment_is_told_where() {
    let server = bare();
    let admin = server.admin();
    for (body, pointer) in [
        (json!({ "name": " ", "kind": "customer" }), "/name"),
        (json!({ "name": "x", "kind": "unicorn" }), "/kind"),
        (json!({ "name": "x", "kind": "customer", "filter": { "colour": 1 } }), "/filter"),
        (json!({ "name": "x", "kind": "customer", "filter": { "owner": { "$me": true } } }), "/filter"),
    ] {
        let problem = admin.post("/segments", &body).problem(400, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    admin.get("/segments/nobody").problem(404, "segment.not_found");
    let segment = make(&admin, json!({ "name": "x", "kind": "customer" }));
    let changed = admin.patch(&format!("/segments/{}", id(&segment)), &json!({ "name": "y" })).ok(200);
    assert_eq!((&changed["name"], &changed["rev"]), (&json!("y"), &json!(2)));
}

#[test]
fn a_new_day_takes_people_in_and_lets_others_go() {
    let server = bare();
    let admin = server.admin();
    customer(&admin, "张伟", "13000012347");
    let new = json!({ "name": "新客户", "kind": "customer", "filter": { "created_at": { "gte": { "$now": "-2d" } } } });
    let segment = id(&make(&admin, new));
    filled(&admin, &segment);
    server.set_clock("2026-03-14T23:00:00+08:00");
    assert_eq!(n(&admin, &segment), 1);
    server.set_clock("2026-03-16T00:00:01+08:00");
    eventually("the segment has followed", SOON, || (n(&admin, &segment) == 0).then_some(()));
    assert_eq!(told(&admin, "segment.left").len(), 1);
}

/// A small generator of our own, so that a failure can be had again.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn after_whatever_has_happened_the_count_is_what_a_recount_says() {
    let server = bare();
    let admin = server.admin();
    for seed in [1_u64, 2, 3] {
        let mut state = seed;
        let filters = [
            json!({ "city": "武汉" }),
            json!({ "or": [{ "city": { "empty": true } }, { "type": { "in": ["owner", "user"] } }] }),
            json!({ "not": { "source": { "starts": "车" } }, "city": { "ne": "长沙" } }),
        ];
        let segments: Vec<String> = filters
            .iter()
            .map(|filter| id(&make(&admin, json!({ "name": "s", "kind": "customer", "filter": filter }))))
            .collect();
        let mut known: Vec<String> = Vec::new();
        for n in 0..60 {
            let dice = next(&mut state);
            let at = next(&mut state) as usize;
            let mut one_of = |values: &[Value]| values[next(&mut state) as usize % values.len()].clone();
            let data = json!({
                "city": one_of(&[json!("武汉"), json!("长沙"), json!("成都"), Value::Null]),
                "type": one_of(&[json!("owner"), json!("prospect"), json!("user")]),
                "source": one_of(&[json!("车展"), json!("到店"), Value::Null]),
            });
            if known.is_empty() || dice % 5 < 2 {
                known.push(customer(&admin, &format!("客户{seed}{n}"), &format!("13{seed}0000{n:04}")));
            } else if dice % 5 == 2 {
                let gone = known.swap_remove(at % known.len());
                assert_eq!(admin.delete(&format!("/records/customer/{gone}")).status, 204);
            } else {
                let path = format!("/records/customer/{}", known[at % known.len()]);
                admin.patch(&path, &json!({ "data": data })).ok(200);
            }
        }
        for (segment, filter) in segments.iter().zip(&filters) {
            let recount = admin.get(&format!("/records/customer?limit=1&count=exact&filter={filter}")).ok(200);
            let recount = recount["count"].as_i64().expect("a count");
            eventually("the count is right", SOON, || (n(&admin, segment) == recount).then_some(()));
            let listed = admin.get(&format!("/segments/{segment}/records?limit=1&count=exact")).ok(200);
            assert_eq!(listed["count"], recount);
        }
    }
}
