//! Duplicates: matched, reviewed, merged, and taken apart again (domain C01).

mod brand;
mod laws;

use serde_json::{Value, json};

use super::complaint::{FRIDAY, raise};
use crate::{
    routes::{bare, items},
    support::{Client, SOON, Server, eventually},
};

fn id(item: &Value) -> &str {
    item["id"].as_str().unwrap_or_else(|| panic!("no id: {item}"))
}

fn timeline(client: &Client, customer: &str) -> Vec<String> {
    let body = client.get(&format!("/records/customer/{customer}/timeline?limit=100")).ok(200);
    items(&body).iter().filter_map(|item| item["kind"].as_str()).map(str::to_owned).collect()
}

fn kinds_after(client: &Client, seq: i64) -> Vec<String> {
    client.events_after(seq).iter().filter_map(|event| event["kind"].as_str()).map(str::to_owned).collect()
}

fn act(client: &Client, kind: &str, id: &str, action: &str, input: Value) -> Value {
    client.post(&format!("/records/{kind}/{id}/actions/{action}"), &input).ok(200)
}

#[test]
fn whoever_has_name_and_mobile_is_the_same_customer() {
    let server = bare();
    let admin = server.admin();
    for (name, first, again) in [
        ("张伟", "13800001234", "+86 138-0000-1234"),
        ("欧阳娜娜", "13912345678", "0086 139 1234 5678"),
        ("Wang Lei", "13700002222", "137-0000-2222"),
    ] {
        let known = admin.create("customer", json!({ "name": name, "phone": first }));
        let before = admin.head();
        let sent = json!({ "data": { "name": name, "phone": again, "interest": "C5" } });
        let merged = admin.post("/records/customer", &sent).ok(200);
        assert_eq!((&merged["id"], &merged["data"]["interest"]), (&known["id"], &json!("C5")), "{merged}");
        assert_eq!(kinds_after(&admin, before), ["customer.merged"], "and nothing else happened");
        assert_eq!(timeline(&admin, id(&known)), ["customer.merged", "customer.created"], "both are on one timeline");
        assert_eq!(admin.list("customer", &json!({ "name": name })).len(), 1);
        let same = admin.post("/records/customer", &json!({ "data": { "name": name, "phone": first } })).ok(200);
        assert_eq!(same["rev"], merged["rev"], "nothing new was said, but that it was said is on the timeline");
        assert_eq!(timeline(&admin, id(&known)).len(), 3);
    }
}

#[test]
fn points_between_fifty_and_eighty_are_for_a_person_to_judge_within_two_working_days() {
    let server = bare();
    let admin = server.admin();
    let born = |name: &str, born: &str| json!({ "name": name, "birth_date": born });
    for (known, sent, points, reason) in [
        (
            json!({ "name": "张伟", "email": "z@x.cn" }),
            json!({ "name": "张伟", "phone": "13800009999", "email": "Z@x.cn" }),
            55,
            "email, name",
        ),
        (born("李明", "1990-01-02"), born("李明", "1990-01-02"), 50, "name, birth_date"),
        (
            json!({ "name": "赵云", "phone": "13800000007" }),
            json!({ "name": "赵雨", "phone": "13800000007" }),
            60,
            "phone, family_name",
        ),
    ] {
        let known = admin.create("customer", known);
        let before = admin.head();
        let sent = admin.create("customer", sent);
        assert_ne!(sent["id"], known["id"]);
        assert_eq!(kinds_after(&admin, before), ["customer.created", "review.created"]);
        let reviews = admin.list("review", &json!({ "customer": sent["id"] }));
        let [review] = reviews.as_slice() else { panic!("one review: {reviews:?}") };
        let data = &review["data"];
        assert_eq!((&data["other"], &data["points"], &data["reason"]), (&known["id"], &json!(points), &json!(reason)));
        // From Friday ten o'clock over the weekend.
        assert_eq!((&data["due"], &data["state"]), (&json!("2026-03-17T02:00:00.000Z"), &json!("open")));
    }
    admin.create("customer", json!({ "name": "李明", "birth_date": "1990-01-03" }));
    assert_eq!(admin.list("review", &json!({})).len(), 3, "thirty points are nothing");
}

#[test]
fn a_family_that_shares_a_phone_is_never_merged_by_itself() {
    let server = bare();
    let admin = server.admin();
    let of = |name: &str| json!({ "name": name, "phone": "13800001234", "email": "home@x.cn", "birth_date": "1990-01-02", "address": "中山大道1号" });
    admin.create("customer", of("张伟"));
    let wife = admin.create("customer", of("李娜"));
    let reviews = admin.list("review", &json!({ "customer": wife["id"] }));
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert_eq!((&reviews[0]["data"]["points"], &reviews[0]["data"]["conflict"]), (&json!(110), &json!("family_name")));
}

#[test]
fn a_document_decides_and_two_documents_are_two_people() {
    let server = bare();
    let admin = server.admin();
    let known =
        admin.create("customer", json!({ "name": "张伟", "phone": "13800001234", "id_no": "11010519491231002X" }));
    let sent = json!({ "data": { "name": "Zhang Wei", "id_no": "11010519491231002x" } });
    assert_eq!(admin.post("/records/customer", &sent).ok(200)["id"], known["id"], "whatever the points");
    let twin =
        admin.create("customer", json!({ "name": "张伟", "phone": "13800001234", "id_no": "110101199003070038" }));
    assert_ne!(twin["id"], known["id"], "eighty points, but another document");
    let review = &admin.list("review", &json!({ "customer": twin["id"] }))[0];
    assert_eq!(review["data"]["conflict"], "id_no", "{review}");
}

#[test]
fn the_values_that_survive_are_the_newest_of_the_best_founded_and_none_is_lost() {
    let server = bare();
    let admin = server.admin();
    let this = admin.create(
        "customer",
        json!({ "name": "张伟", "phone": "13800001234", "city": "武汉", "source": "到店", "type": "owner" }),
    );
    server.set_clock("2026-03-13T11:00:00+08:00");
    let other = admin.create(
        "customer",
        json!({ "name": "张玮", "phone": "13900001234", "city": "长沙", "source": "车展", "email": "z@x.cn" }),
    );
    server.set_clock("2026-03-13T12:00:00+08:00");
    admin.patch(&format!("/records/customer/{}", id(&this)), &json!({ "data": { "city": "广州" } })).ok(200);
    let before = admin.head();
    let done = act(
        &admin,
        "customer",
        id(&this),
        "merge",
        json!({ "other": other["id"], "choose": { "name": "this" }, "why": "同一人" }),
    );
    let expected = json!({ "name": "张伟", "phone": "+8613900001234", "city": "广州", "source": "到店", "type": "owner", "email": "z@x.cn" });
    assert_eq!(done["record"]["data"], expected, "{done}");
    let lost =
        json!({ "name": "张玮", "phone": "+8613800001234", "city": "长沙", "source": "车展", "type": "prospect" });
    assert_eq!(done["reply"]["lost"], lost, "{done}");
    assert_eq!(done["reply"]["kept"], expected, "{done}");
    assert_eq!(kinds_after(&admin, before), ["customer.merged"]);

    let history = admin.get(&format!("/records/customer/{}/history", id(&this))).ok(200);
    let changes = &items(&history)[0]["changes"];
    let phone = changes.as_array().into_iter().flatten().find(|change| change["field"] == "phone");
    assert_eq!(phone.map(|change| &change["old"]), Some(&json!("+8613800001234")), "{history}");
    let merges = admin.get(&format!("/records/customer/{}/merges", id(&this))).ok(200);
    let merge = &items(&merges)[0];
    assert_eq!((&merge["merge"], &merge["other"], &merge["lost"]), (&done["reply"]["merge"], &other["id"], &lost));
    assert_eq!(
        (&merge["why"], &merge["undo_until"], &merge["undone_at"]),
        (&json!("同一人"), &json!("2026-06-11T04:00:00.000Z"), &Value::Null)
    );
}

#[test]
fn a_merged_customer_is_found_under_both_ids_with_all_that_belongs_to_it() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let this = officer.create("customer", json!({ "name": "王建国", "phone": "13000012345", "city": "武汉" }));
    let other = officer.create("customer", json!({ "name": "王建国", "email": "wang@x.cn" }));
    let (this, other) = (id(&this).to_owned(), id(&other).to_owned());
    let mine = raise(&officer, &this, "空调不制冷。");
    let theirs = raise(&officer, &other, "异响。");

    let path = format!("/records/customer/{this}/actions/merge");
    let head = officer.head();
    let shown = officer.post(&format!("{path}?dry_run=true"), &json!({ "other": other })).ok(200);
    assert_eq!(shown["faults"], json!([]), "{shown}");
    assert_eq!(officer.head(), head, "a dry run writes nothing");
    assert_eq!(officer.record("customer", &other)["id"], json!(other), "nor does it hide anybody");
    let done = act(&officer, "customer", &this, "merge", json!({ "other": other }));
    assert_eq!(shown["reply"], done["reply"], "what was shown was done");
    let along = &done["reply"]["comes_along"];
    assert_eq!((&along["complaints.case"], &along["worklist.task"]), (&json!(1), &json!(1)), "{done}");

    let read = officer.get(&format!("/records/customer/{other}")).ok(200);
    assert_eq!((&read["id"], &read["data"]["email"]), (&json!(this), &json!("wang@x.cn")), "{read}");
    for asked in [&this, &other] {
        for filter in
            [json!({ "customer": asked }), json!({ "customer": { "in": [asked] } }), json!({ "customer.city": "武汉" })]
        {
            let cases = officer.list("complaints.case", &filter);
            let mut found: Vec<&str> = cases.iter().map(id).collect();
            found.sort_unstable();
            let mut both = [id(&mine), id(&theirs)];
            both.sort_unstable();
            assert!(both.iter().all(|case| found.contains(case)), "{filter}: {cases:?}");
        }
        assert_eq!(
            officer.list("complaints.case", &json!({ "customer": { "ne": asked }, "facts": "异响。" })),
            Vec::<Value>::new()
        );
        assert_eq!(officer.list("customer", &json!({ "id": asked })).len(), 1);
        let kinds = timeline(&officer, asked);
        assert_eq!(kinds.iter().filter(|kind| *kind == "customer.created").count(), 2, "{kinds:?}");
        assert_eq!(kinds.iter().filter(|kind| *kind == "complaints.case.created").count(), 2, "{kinds:?}");
    }
    let measures = r#"{"n":{"count":true}}"#;
    let groups = officer
        .get(&format!(
            "/records/complaints.case/aggregate?group=customer&measures={measures}&filter={{\"customer\":\"{this}\"}}"
        ))
        .ok(200);
    assert_eq!(groups["items"], json!([{ "customer": this, "n": 2 }]), "{groups}");
    let later = raise(&officer, &other, "漏油。");
    assert_eq!(later["data"]["customer"], json!(this), "what is written under the former id belongs to who is there");
    let title = officer.get(&format!("/records/complaints.case/{}", id(&theirs))).ok(200);
    assert_eq!(title["refs"][&other]["title"], "王建国", "{title}");

    let merge = done["reply"]["merge"].clone();
    let undone = act(&officer, "customer", &other, "unmerge", json!({ "merge": merge }));
    assert_eq!((&undone["reply"]["restored"], &undone["reply"]["conflicts"]), (&json!(other), &json!([])), "{undone}");
    let made = items(&json!({ "items": undone["reply"]["made"] })).clone();
    assert!(made.iter().any(|made| made["id"] == later["id"] && made["kind"] == "complaints.case"), "{undone}");
    assert!(!made.iter().any(|made| made["id"] == theirs["id"]), "{undone}");
    let mut kept = officer.record("customer", &this)["data"].clone();
    // A plugin works it out, sooner or later.
    kept.as_object_mut().expect("fields").remove("lifecycle_stage");
    assert_eq!(kept, json!({ "name": "王建国", "phone": "+8613000012345", "city": "武汉", "type": "prospect" }));
    assert_eq!(
        officer.record("customer", &other)["data"],
        json!({ "name": "王建国", "email": "wang@x.cn", "type": "prospect" })
    );
    let cases = |customer: &str| officer.list("complaints.case", &json!({ "customer": customer })).len();
    assert_eq!((cases(&this), cases(&other)), (2, 1), "what was made since stays");
    let kinds = timeline(&officer, &other);
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "complaints.case.created").count(),
        1,
        "its own timeline is back: {kinds:?}"
    );
}

#[test]
fn edits_made_after_a_merge_stay_and_are_told_as_conflicts() {
    let server = bare();
    let admin = server.admin();
    let this = admin.create("customer", json!({ "name": "张伟", "city": "武汉", "phone": "13800001234" }));
    server.set_clock("2026-03-13T11:00:00+08:00");
    let other = admin.create("customer", json!({ "name": "张伟明", "city": "长沙", "phone": "13900001234" }));
    let path = format!("/records/customer/{}", id(&this));
    let merge = act(&admin, "customer", id(&this), "merge", json!({ "other": other["id"] }))["reply"]["merge"].clone();
    admin.patch(&path, &json!({ "data": { "city": "广州", "note": "喜欢喝茶" } })).ok(200);

    let undone = act(&admin, "customer", id(&this), "unmerge", json!({ "merge": merge }));
    let conflicts = json!([{ "field": "city", "now": "广州", "before": "武汉" }]);
    assert_eq!(undone["reply"]["conflicts"], conflicts, "{undone}");
    let now =
        json!({ "name": "张伟", "city": "广州", "phone": "+8613800001234", "note": "喜欢喝茶", "type": "prospect" });
    assert_eq!(undone["record"]["data"], now, "{undone}");
    assert_eq!(admin.record("customer", id(&other))["data"], other["data"]);
    let again = admin.post(&format!("{path}/actions/unmerge"), &json!({ "merge": merge }));
    again.problem(409, "merge.undone");
    let merges = admin.get(&format!("{path}/merges")).ok(200);
    assert_eq!(items(&merges)[0]["conflicts"], conflicts, "they can be read later: {merges}");
    admin.post(&format!("{path}/actions/unmerge"), &json!({ "merge": "none" })).problem(404, "merge.not_found");

    let merge = act(&admin, "customer", id(&this), "merge", json!({ "other": other["id"] }))["reply"]["merge"].clone();
    server.set_clock("2026-06-11T11:00:01+08:00");
    admin.post(&format!("{path}/actions/unmerge"), &json!({ "merge": merge })).problem(409, "merge.too_late");
}

#[test]
fn chains_are_followed_and_taken_apart_from_the_end() {
    let server = bare();
    let admin = server.admin();
    let make = |name: &str| id(&admin.create("customer", json!({ "name": name }))).to_owned();
    let (a, b, c) = (make("甲一"), make("乙二"), make("丙三"));
    let merge = |this: &str, other: &str| {
        let done = act(&admin, "customer", this, "merge", json!({ "other": other }));
        done["reply"]["merge"].as_str().expect("a merge").to_owned()
    };
    let undo = |this: &str, merge: &str| {
        admin.post(&format!("/records/customer/{this}/actions/unmerge"), &json!({ "merge": merge }))
    };
    let first = merge(&a, &b);
    let second = merge(&c, &a);
    for former in [&a, &b, &c] {
        assert_eq!(admin.record("customer", former)["id"], json!(c));
        let circle = admin.post(&format!("/records/customer/{former}/actions/merge"), &json!({ "other": c }));
        circle.problem(409, "merge.same");
    }
    let early = undo(&b, &first).problem(409, "merge.order");
    assert!(
        early["detail"].as_str().is_some_and(|detail| detail.contains(&second)),
        "it names what comes first: {early}"
    );
    undo(&c, &second).ok(200);
    assert_eq!(admin.record("customer", &b)["id"], json!(a), "the inner merge stands");
    undo(&a, &first).ok(200);
    for (former, name) in [(&a, "甲一"), (&b, "乙二"), (&c, "丙三")] {
        let now = admin.record("customer", former);
        assert_eq!((&now["id"], &now["data"]["name"]), (&json!(former), &json!(name)));
    }
    let (third, fourth) = (merge(&a, &b), merge(&a, &c));
    undo(&a, &third).problem(409, "merge.order");
    undo(&a, &fourth).ok(200);
    undo(&a, &third).ok(200);
}

#[test]
fn an_automatic_merge_can_be_undone_into_the_customer_that_was_sent() {
    let server = bare();
    let admin = server.admin();
    let known =
        admin.create("customer", json!({ "name": "张伟", "phone": "13800001234", "city": "武汉", "type": "owner" }));
    server.set_clock("2026-03-14T10:00:00+08:00");
    let sent = json!({ "name": "张伟", "phone": "13800001234", "city": "长沙", "email": "z@x.cn" });
    let merged = admin.post("/records/customer", &json!({ "data": sent })).ok(200);
    assert_eq!(
        (&merged["data"]["city"], &merged["data"]["type"]),
        (&json!("长沙"), &json!("owner")),
        "the newer word, but no default: {merged}"
    );
    let merges = admin.get(&format!("/records/customer/{}/merges", id(&known))).ok(200);
    let merge = &items(&merges)[0];
    assert_eq!(
        (&merge["is_automatic"], &merge["lost"]),
        (&json!(true), &json!({ "city": "武汉", "type": "prospect" }))
    );
    let before = admin.head();
    let undone = act(&admin, "customer", id(&known), "unmerge", json!({ "merge": merge["merge"] }));
    assert_eq!(kinds_after(&admin, before), ["customer.unmerged", "customer.created"]);
    assert_eq!(undone["record"]["data"], known["data"]);
    let second = admin.record("customer", undone["reply"]["restored"].as_str().expect("an id"));
    assert_eq!(second["data"]["email"], "z@x.cn");
    assert_eq!((&second["data"]["city"], &second["rev"]), (&json!("长沙"), &json!(1)));
    let job = scan(&admin);
    assert_eq!(job["counts"]["review"], 0, "who took a merge back is not asked about it again: {job}");
}

/// A finished look for duplicates.
fn scan(client: &Client) -> Value {
    let started = client.post("/records/customer/actions/find_duplicates", &json!({})).ok(200);
    let job = started["reply"]["job"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned();
    eventually("the look for duplicates ends", SOON, || {
        let job = client.get(&format!("/jobs/{job}")).ok(200);
        (job["state"] != "running").then_some(job)
    })
}

#[test]
fn the_queue_is_worked_off_from_the_oldest_and_what_is_dismissed_never_comes_back() {
    let server = bare();
    let admin = server.admin();
    let make = |name: &str, phone: &str| admin.create("customer", json!({ "name": name, "phone": phone }));
    let first = make("张伟", "13800001234");
    server.set_clock("2026-03-13T11:00:00+08:00");
    let second = make("张敏", "13800001234");
    server.set_clock("2026-03-13T12:00:00+08:00");
    let third = make("张强", "13800001234");
    let job = scan(&admin);
    assert_eq!(
        (&job["state"], &job["done"], &job["total"], &job["counts"]["review"]),
        (&json!("done"), &json!(3), &json!(3), &json!(1)),
        "{job}"
    );
    assert_eq!(scan(&admin)["counts"]["review"], 0, "a second look finds nothing new");
    let queue = admin.get("/records/review").ok(200);
    let due: Vec<&str> = items(&queue).iter().filter_map(|item| item["data"]["due"].as_str()).collect();
    assert_eq!(due.len(), 3);
    assert!(due.is_sorted(), "the oldest first: {due:?}");
    let pair = |item: &Value| (item["data"]["customer"].clone(), item["data"]["other"].clone());
    assert_eq!(pair(&items(&queue)[0]), (second["id"].clone(), first["id"].clone()));

    let review = items(&queue)[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/records/review/{review}/actions/dismiss");
    admin.post(&path, &json!({})).problem(400, "invalid");
    let dismissed = act(&admin, "review", &review, "dismiss", json!({ "why": "父女" }));
    assert_eq!(
        (&dismissed["record"]["data"]["state"], &dismissed["record"]["data"]["why"]),
        (&json!("different"), &json!("父女"))
    );
    admin.post(&path, &json!({ "why": "父女" })).problem(409, "state.refused");
    admin.patch(&format!("/records/customer/{}", id(&second)), &json!({ "data": { "email": "z@x.cn" } })).ok(200);
    assert_eq!(scan(&admin)["counts"]["review"], 0);
    assert_eq!(admin.list("review", &json!({})).len(), 3);

    let between = admin.list("review", &json!({ "customer": third["id"], "other": first["id"] }));
    let before = admin.head();
    let merged = act(&admin, "review", id(&between[0]), "merge", json!({ "keep": "customer" }));
    assert_eq!(
        (&merged["reply"]["id"], &merged["record"]["data"]["state"]),
        (&third["id"], &json!("same")),
        "{merged}"
    );
    assert_eq!(kinds_after(&admin, before), ["customer.merged", "review.merged"]);
    admin.post(&format!("/records/review/{}/moves/merge", id(&between[0])), &json!({})).problem(403, "denied");
    act(&admin, "customer", id(&third), "unmerge", json!({ "merge": merged["reply"]["merge"] }));
    assert_eq!(admin.record("review", id(&between[0]))["data"]["state"], "different", "who takes it back says so");
}

#[test]
fn customers_who_come_to_look_alike_are_put_up_but_never_merged_without_a_person() {
    let server = bare();
    let admin = server.admin();
    let one = admin.create("customer", json!({ "name": "张伟", "phone": "13800001234" }));
    server.set_clock("2026-03-13T11:00:00+08:00");
    let two = admin.create("customer", json!({ "name": "张伟", "phone": "13900001234" }));
    assert_eq!(admin.list("review", &json!({})), Vec::<Value>::new());
    admin.patch(&format!("/records/customer/{}", id(&two)), &json!({ "data": { "phone": "13800001234" } })).ok(200);
    let reviews = admin.list("review", &json!({ "customer": two["id"], "other": one["id"] }));
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert_eq!(reviews[0]["data"]["points"], 80);
    assert_eq!(admin.list("customer", &json!({})).len(), 2);
}

#[test]
fn segments_have_the_survivor_in_place_of_who_was_given_up_and_both_after_undo() {
    let server = bare();
    let admin = server.admin();
    let this = admin.create("customer", json!({ "name": "甲一", "city": "武汉" }));
    let other = admin.create("customer", json!({ "name": "乙二", "city": "武汉" }));
    let make = |body: Value| id(&admin.post("/segments", &body).ok(201)).to_owned();
    let list =
        |records: Value| make(json!({ "name": "名单", "kind": "customer", "is_static": true, "records": records }));
    let city = make(json!({ "name": "武汉客户", "kind": "customer", "filter": { "city": "武汉" } }));
    let (one, both) = (list(json!([other["id"]])), list(json!([this["id"], other["id"]])));
    let cleared = list(json!([other["id"]]));
    let members = |segment: &str| {
        let body = admin.get(&format!("/segments/{segment}/records?order=name")).ok(200);
        items(&body).iter().map(|item| item["id"].clone()).collect::<Vec<Value>>()
    };
    eventually("the segment is filled", SOON, || (members(&city).len() == 2).then_some(()));
    let merged = act(&admin, "customer", id(&this), "merge", json!({ "other": other["id"] }));
    for segment in [&one, &both, &cleared] {
        assert_eq!(members(segment), [this["id"].clone()], "a list follows in the same commit");
    }
    eventually("the survivor is in it alone", SOON, || (members(&city) == [this["id"].clone()]).then_some(()));
    admin.post(&format!("/segments/{cleared}/records"), &json!({ "remove": [this["id"]] })).ok(200);
    act(&admin, "customer", id(&this), "unmerge", json!({ "merge": merged["reply"]["merge"] }));
    assert_eq!(members(&one), [other["id"].clone()]);
    assert_eq!(members(&both).len(), 2);
    assert_eq!(members(&cleared), Vec::<Value>::new(), "what somebody has changed since stays");
    eventually("both meet the filter again", SOON, || (members(&city).len() == 2).then_some(()));
}

#[test]
fn a_merge_that_cannot_be_is_refused_with_its_reason() {
    let server = bare();
    let admin = server.admin();
    let one = admin.create("customer", json!({ "name": "张伟", "city": "武汉" }));
    admin.create("org", json!({ "code": "d1", "name": "一店", "type": "dealer", "parent": "hq" }));
    let dealer = id(&admin.list("org", &json!({ "code": "d1" }))[0]).to_owned();
    let elsewhere = admin.post("/records/customer", &json!({ "data": { "name": "李娜" }, "org": dealer })).ok(201);
    let path = format!("/records/customer/{}/actions/merge", id(&one));
    admin.post(&path, &json!({ "other": one["id"] })).problem(409, "merge.same");
    admin.post(&path, &json!({ "other": elsewhere["id"] })).problem(409, "merge.org");
    let gone = admin.post(&path, &json!({ "other": "nobody" }));
    assert_eq!(gone.pointers(), ["/other"], "{}", gone.text);
    let two = admin.create("customer", json!({ "name": "张伟" }));
    let wrong = admin.post(&path, &json!({ "other": two["id"], "choose": { "colour": "this", "city": "other" } }));
    assert_eq!((wrong.status, wrong.pointers()), (400, vec!["/choose/city", "/choose/colour"]), "{}", wrong.text);
    let wrong = admin.post(&path, &json!({ "other": two["id"], "choose": { "city": "mine" } }));
    assert_eq!((wrong.status, wrong.pointers()), (400, vec!["/choose/city"]), "{}", wrong.text);
    assert_eq!(admin.list("customer", &json!({})).len(), 3);
}
