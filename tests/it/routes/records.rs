//! Records: pages, single reads, writes, matching, dry runs, groups, search.

use serde_json::{Value, json};

use super::{bare, customer, items, kinds::codes};
use crate::support::Client;

fn names(body: &Value) -> Vec<&str> {
    items(body).iter().filter_map(|item| item["data"]["name"].as_str()).collect()
}

fn four(admin: &Client) {
    for (name, phone, city) in [
        ("王磊", "13000012345", "武汉"),
        ("李静", "13000012346", "武汉"),
        ("张伟", "13000012347", "长沙"),
        ("赵敏", "13000012348", "广州"),
    ] {
        admin.create("customer", json!({ "name": name, "phone": phone, "city": city, "owner": "admin" }));
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let server = bare();
    let admin = server.admin();
    four(&admin);
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = admin.get(&format!("/records/customer?order=phone&limit=3&count=exact&cursor={cursor}")).ok(200);
        assert_eq!(body["count"], 4, "{body}");
        seen.extend(names(&body).into_iter().map(str::to_owned));
        match body["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["王磊", "李静", "张伟", "赵敏"]);
}

#[test]
fn a_list_can_be_filtered_searched_and_cut_to_fields_with_titles_of_refs() {
    let server = bare();
    let admin = server.admin();
    four(&admin);
    let body = admin.get(r#"/records/customer?filter={"city":"武汉"}&order=phone&fields=name,owner"#).ok(200);
    assert_eq!(names(&body), ["王磊", "李静"], "{body}");
    assert_eq!(body["items"][0]["data"], json!({ "name": "王磊", "owner": "admin" }));
    assert_eq!(body["refs"], json!({ "admin": { "kind": "user", "title": "管理员" } }));
    assert_eq!(names(&admin.get("/records/customer?q=张伟").ok(200)), ["张伟"]);
    admin.get("/records/customer?fields=colour").problem(400, "fields.invalid");
    admin.get("/records/customer?count=about").problem(400, "count.invalid");
}

#[test]
fn a_change_is_a_merge_patch_of_the_revision_that_was_read() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let read = admin.get(&path);
    assert_eq!(read.etag.as_deref(), Some("1"));
    let changed =
        admin.json("PATCH", &path, &[("if-match", "\"1\"")], &json!({ "data": { "city": "武汉", "phone": null } }));
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("2")), "{}", changed.text);
    assert_eq!(changed.body["data"], json!({ "name": "王磊", "type": "prospect", "city": "武汉" }));
    admin.json("PATCH", &path, &[("if-match", "\"1\"")], &json!({ "data": {} })).problem(412, "record.stale");
    admin.json("PATCH", &path, &[("if-match", "abc")], &json!({ "data": {} })).problem(400, "if_match.invalid");
    let wrong = admin.patch(&path, &json!({ "fields": {} }));
    assert_eq!(wrong.pointers(), ["/fields"], "{}", wrong.text);
    admin.send("DELETE", &path, &[("if-match", "\"1\"")], Vec::new()).problem(412, "record.stale");
    admin.delete(&path).ok(204);
    admin.get(&path).problem(404, "record.not_found");
}

#[test]
fn a_customer_who_is_known_is_filled_in_and_one_who_may_be_is_put_up_for_review() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let body = json!({ "data": { "name": "王磊", "phone": "130 0001 2345", "city": "武汉" } });
    let known = admin.post("/records/customer", &body).ok(200);
    assert_eq!((&known["id"], &known["data"]["city"]), (&json!(id), &json!("武汉")), "{known}");
    let other = admin.post("/records/customer", &json!({ "data": { "name": "王芳", "phone": "13000012345" } })).ok(201);
    assert_ne!(other["id"], json!(id));
    assert_eq!(admin.list("review", &json!({ "customer": other["id"] })).len(), 1);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let before = admin.get("/events?limit=500").ok(200);
    let told = admin.patch(&format!("{path}?dry_run=true"), &json!({ "data": { "city": "武汉" } })).ok(200);
    assert_eq!(told["events"][0]["kind"], "customer.changed", "{told}");
    assert_eq!((&told["faults"], &told["commands"][0]["name"]), (&json!([]), &json!("record.change")), "{told}");
    let refused =
        admin.post("/records/customer?dry_run=true", &json!({ "data": { "name": "李静", "phone": "12" } })).ok(200);
    assert_eq!(
        (&refused["events"], &refused["faults"][0]["errors"][0]["pointer"]),
        (&json!([]), &json!("/data/phone")),
        "{refused}"
    );
    let gone = admin.send("DELETE", &format!("{path}?dry_run=true"), &[], Vec::new()).ok(200);
    assert_eq!(gone["events"][0]["kind"], "customer.removed", "{gone}");
    assert_eq!(admin.get("/events?limit=500").ok(200), before);
    assert_eq!(admin.record("customer", &id)["rev"], 1);
    let again = admin.patch(&format!("{path}?dry_run=true"), &json!({ "data": { "city": "武汉" } })).ok(200);
    assert_eq!(told["digest"], again["digest"], "the same wish has the same digest");
}

#[test]
fn groups_are_counted() {
    let server = bare();
    let admin = server.admin();
    four(&admin);
    let body = admin.get(r#"/records/customer/aggregate?group=city&measures={"n":{"count":true}}"#).ok(200);
    let count = |city: &str| items(&body).iter().find(|item| item["city"] == city).map(|item| item["n"].clone());
    assert_eq!((count("武汉"), count("长沙")), (Some(json!(2)), Some(json!(1))), "{body}");
    let cities =
        admin.get(r#"/records/customer/aggregate?measures={"n":{"count":true},"cities":{"distinct":"city"}}"#).ok(200);
    let counted: std::collections::BTreeSet<String> = body["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|group| group["city"].to_string())
        .filter(|city| city != "null")
        .collect();
    assert_eq!(
        cities["items"][0]["cities"],
        json!(counted.len()),
        "each city once, and none for who has none: {cities}"
    );
    admin.get(r#"/records/customer/aggregate?measures={"n":{"distinct":"colour"}}"#).problem(400, "aggregate.invalid");
    admin.get("/records/customer/aggregate?group=colour").problem(400, "aggregate.invalid");
    admin.get("/records/customer/aggregate?measures=[]").problem(400, "measures.invalid");
}

#[test]
fn the_search_box_finds_a_customer_by_any_part() {
    let server = bare();
    let admin = server.admin();
    four(&admin);
    for words in ["张伟", "2347", "1300001234 7"] {
        let body = admin.get(&format!("/search?q={words}")).ok(200);
        assert_eq!(body["items"][0]["title"], "张伟", "{words}: {body}");
    }
    let hit = &admin.get("/search?q=张伟").ok(200)["items"][0];
    assert_eq!(
        (&hit["kind"], &hit["subtitle"], &hit["org"]),
        (&json!("customer"), &json!("13000012347 · 长沙"), &json!("hq"))
    );
    assert_eq!(admin.get("/search?q=").ok(200)["items"], json!([]));
}

#[test]
fn kinds_tell_their_fields() {
    let server = bare();
    let admin = server.admin();
    let all = admin.get("/kinds").ok(200);
    let known: Vec<&str> = items(&all).iter().filter_map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(
        known,
        [
            "consent",
            "customer",
            "data_request",
            "identity",
            "import_mapping",
            "message",
            "org",
            "review",
            "role",
            "saved_view",
            "team",
            "template",
            "user",
        ]
    );
    let one = admin.get("/kinds/customer").ok(200);
    assert_eq!(one["fields"]["phone"]["type"], "phone");
    let actions: Vec<&str> =
        one["actions"].as_array().into_iter().flatten().filter_map(|action| action["name"].as_str()).collect();
    assert_eq!(
        (&one["plugin"], actions),
        (&Value::Null, vec!["merge", "unmerge", "find_duplicates", "consent", "export", "erase"])
    );
    admin.get("/kinds/unicorn").problem(404, "kind.not_found");
}

#[test]
fn a_doubtful_value_is_taken_when_somebody_says_why() {
    let server = bare();
    let admin = server.admin();
    let company = json!({ "name": "福州某某有限公司", "phone": "13000012345", "uscc": "91350100m000100y44" });
    let refused = admin.post("/records/customer", &json!({ "data": company })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/uscc", "uscc.doubtful")], "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("overrides")), "{refused}");
    let empty = json!({ "data": company, "overrides": { "uscc": " " } });
    let refused = admin.post("/records/customer", &empty).problem(400, "invalid");
    assert!(codes(&refused).contains(&("/overrides/uscc", "override.empty")), "{refused}");
    let wrong = json!({ "data": company, "overrides": { "uscc": "x", "colour": "x" } });
    let refused = admin.post("/records/customer", &wrong).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/overrides/colour", "unknown_field")], "{refused}");

    let reason = json!({ "uscc": "按营业执照核对过", "phone": "没有必要" });
    let body = json!({ "data": company, "why": "展厅登记", "overrides": reason });
    let made = admin.post("/records/customer", &body).ok(201);
    assert_eq!(made["data"]["uscc"], "91350100M000100Y44");
    let path = format!("/records/customer/{}", made["id"].as_str().expect("an id"));
    admin.patch(&path, &json!({ "data": { "uscc": "91350100M000100Y44", "city": "福州" } })).ok(200);
    let long =
        admin.patch(&path, &json!({ "data": { "city": "厦门" }, "why": "因".repeat(501) })).problem(400, "invalid");
    assert_eq!(codes(&long), [("/why", "too_long")]);
    let history = admin.get(&format!("{path}/history")).ok(200);
    let told: Vec<_> = items(&history).iter().map(|item| (&item["why"], &item["overrides"])).collect();
    assert_eq!(told[0], (&Value::Null, &json!({})), "what was stored already needs no reason again");
    assert_eq!(told[1], (&json!("展厅登记"), &json!({ "uscc": "按营业执照核对过" })), "only what was needed is kept");
}

#[test]
fn a_birth_date_is_held_to_what_a_life_can_be() {
    let server = bare();
    let admin = server.admin();
    // Under fourteen one is no customer of one's own.
    for (day, code) in
        [("2026-03-14", "date.future"), ("1900-01-01", "date.too_old"), ("2012-03-14", "birth_date.child")]
    {
        let data = json!({ "name": "王磊", "phone": "13000012345", "birth_date": day });
        let refused = admin.post("/records/customer", &json!({ "data": data })).problem(400, "invalid");
        assert_eq!(codes(&refused), [("/data/birth_date", code)]);
    }
    let data = json!({ "name": "王磊", "phone": "13000012345", "birth_date": "2012-03-13" });
    admin.post("/records/customer", &json!({ "data": data })).ok(201);
}
