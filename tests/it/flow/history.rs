//! A record as it was, and changes taken back.

use std::collections::BTreeMap;

use marque::{
    commands::{Ctx, Run, record},
    model::{Data, Id, Scope, Time},
    store::{
        Store, StoreConfig, Tx,
        tables::{self, revision},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    routes::{bare, customer, items},
    support::{Client, Server},
};

fn city(client: &Client, path: &str, city: &str) {
    client.patch(path, &json!({ "data": { "city": city } })).ok(200);
}

fn move_to(server: &Server, now: &str) -> Client {
    server.set_clock(now);
    server.admin()
}

#[test]
fn a_record_is_read_as_it_was_at_a_revision_and_at_a_moment() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({ "data": { "owner": "admin" } })).ok(200);
    let admin = move_to(&server, "2026-03-13T03:00:00Z");
    admin.patch(&path, &json!({ "data": { "city": "武汉", "owner": null } })).ok(200);
    let first = admin.get(&format!("{path}?rev=1")).ok(200);
    assert_eq!(first["data"], json!({ "name": "王磊", "phone": "+8613000012345", "type": "prospect" }), "{first}");
    assert_eq!((&first["rev"], &first["as_of"]["rev"], &first["org"]), (&json!(1), &json!(1), &json!("hq")));
    let then = admin.get(&format!("{path}?at=2026-03-13T02:30:00Z")).ok(200);
    assert_eq!((&then["rev"], &then["data"]["owner"]), (&json!(2), &json!("admin")), "{then}");
    assert_eq!(then["refs"]["admin"]["title"], "管理员", "titles are those of today");
    assert_eq!(admin.get(&format!("{path}?at=2026-03-13T03:00:00Z")).ok(200)["data"]["city"], "武汉");
    let early = admin.get(&format!("{path}?at=2026-03-12T00:00:00Z")).problem(404, "record.not_yet");
    assert!(early["detail"].as_str().is_some_and(|text| text.contains("2026-03-13T02:00")), "{early}");
    admin.get(&format!("{path}?rev=4")).problem(404, "revision.not_found");
    admin.get(&format!("{path}?rev=0")).problem(404, "revision.not_found");
    admin.get(&format!("{path}?rev=1&at=2026-03-13T03:00:00Z")).problem(400, "rev.invalid");
    admin.get("/records/customer?at=2026-03-13T03:00:00Z").problem(400, "query.unknown");
}

#[test]
fn a_removed_record_is_still_read_as_it_was_and_comes_back_with_its_id() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let admin = move_to(&server, "2026-03-13T03:00:00Z");
    admin.delete(&path).ok(204);
    assert_eq!(admin.get(&format!("{path}?rev=1")).ok(200)["data"]["name"], "王磊");
    assert_eq!(admin.get(&format!("{path}?at=2026-03-13T02:30:00Z")).ok(200)["data"]["name"], "王磊");
    admin.get(&format!("{path}?at=2026-03-13T04:00:00Z")).problem(404, "record.removed");
    let admin = move_to(&server, "2026-03-13T05:00:00Z");
    let back = admin.post(&format!("{path}/restore"), &json!({}));
    assert_eq!((back.status, back.etag.as_deref()), (200, Some("2")), "{}", back.text);
    let item = admin.record("customer", &id);
    assert_eq!(
        (&item["data"]["phone"], &item["created_at"]),
        (&json!("+8613000012345"), &json!("2026-03-13T02:00:00.000Z"))
    );
    admin.get(&format!("{path}?at=2026-03-13T04:00:00Z")).problem(404, "record.removed");
    assert_eq!(admin.get(&format!("{path}?at=2026-03-13T06:00:00Z")).ok(200)["rev"], 2);
    assert_eq!(admin.get("/search?q=王磊").ok(200)["items"][0]["id"], json!(id), "it is found again");
    let timeline = admin.get(&format!("{path}/timeline")).ok(200);
    assert_eq!(timeline["items"][0]["title"]["zh-CN"], "恢复客户", "{timeline}");
    admin.post(&format!("{path}/restore"), &json!({})).problem(409, "record.exists");
    admin.post("/records/customer/nobody/restore", &json!({})).problem(404, "record.not_found");
}

#[test]
fn one_change_is_taken_back_and_later_ones_stand() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({ "data": { "city": "武汉", "note": "老客户" } })).ok(200);
    admin.patch(&path, &json!({ "data": { "address": "江汉路1号" } })).ok(200);
    let undone = admin.post(&format!("{path}/undo"), &json!({ "rev": 2, "why": "记错了" })).ok(200);
    assert_eq!(
        undone["data"],
        json!({ "name": "王磊", "phone": "+8613000012345", "type": "prospect", "address": "江汉路1号" })
    );
    let history = admin.get(&format!("{path}/history")).ok(200);
    assert_eq!((&items(&history)[0]["rev"], &items(&history)[0]["undoes"]), (&json!(4), &json!(2)), "{history}");
    assert_eq!(items(&history)[0]["why"], "记错了", "{history}");
    // What stands as before already needs no further revision.
    assert_eq!(admin.post(&format!("{path}/undo"), &json!({ "rev": 2 })).ok(200)["rev"], 4);
    // The undo is a change like any other.
    assert_eq!(admin.post(&format!("{path}/undo"), &json!({ "rev": 4 })).ok(200)["data"]["city"], "武汉");
    admin.post(&format!("{path}/undo"), &json!({ "rev": 9 })).problem(404, "revision.not_found");
    let wrong = admin.post(&format!("{path}/undo"), &json!({ "rev": 2, "fields": ["city", "phone"] }));
    assert_eq!(wrong.pointers(), ["/fields/1"], "{}", wrong.text);
}

#[test]
fn fields_that_changed_since_are_conflicts_unless_they_are_left_out() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({ "data": { "city": "武汉", "note": "老客户" } })).ok(200);
    city(&admin, &path, "长沙");
    let refused = admin.post(&format!("{path}/undo"), &json!({ "rev": 2 }));
    assert_eq!(refused.pointers(), ["/data/city"], "{}", refused.text);
    refused.problem(409, "undo.conflict");
    assert_eq!(admin.record("customer", &id)["rev"], 3, "nothing was written");
    let rest = admin.post(&format!("{path}/undo"), &json!({ "rev": 2, "fields": ["note"] })).ok(200);
    assert_eq!((&rest["data"]["note"], &rest["data"]["city"]), (&Value::Null, &json!("长沙")), "{rest}");
    let made = admin.post(&format!("{path}/undo"), &json!({ "rev": 1 }));
    assert_eq!(made.pointers(), ["/data/city"], "{}", made.text);
    made.problem(409, "undo.conflict");
}

#[test]
fn a_creation_is_taken_back_by_removing_unless_something_refers_to_the_record() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    admin.post(&format!("{path}/undo"), &json!({ "rev": 1, "fields": ["city"] })).problem(400, "fields.invalid");
    admin.post(&format!("{path}/undo"), &json!({ "rev": 1 })).ok(204);
    admin.get(&path).problem(404, "record.not_found");
    let first = customer(&admin, "李静", "13000012346");
    // Perhaps the same person: the review refers to both.
    let other = admin.post("/records/customer", &json!({ "data": { "name": "李芳", "phone": "13000012346" } })).ok(201);
    for held in [json!(first), other["id"].clone()] {
        let held = held.as_str().expect("an id");
        admin.post(&format!("/records/customer/{held}/undo"), &json!({ "rev": 1 })).problem(409, "record.in_use");
    }
}

#[test]
fn closed_kinds_are_not_undone_and_what_a_plugin_did_for_somebody_names_both() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let officer = server.staff("wang");
    let who = customer(&officer, "王磊", "13000012345");
    let case = officer.create("complaints.case", json!({ "customer": who, "facts": "空调不制冷。" }));
    let path = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    officer.post(&format!("{path}/undo"), &json!({ "rev": 1 })).problem(403, "denied");
    officer.post(&format!("{path}/restore"), &json!({})).problem(403, "denied");
    officer.post(&format!("{path}/actions/accept"), &json!({})).ok(200);
    let timeline = officer.get(&format!("{path}/timeline")).ok(200);
    let accepted = items(&timeline).iter().find(|entry| entry["kind"] == "complaints.case.accepted").expect("the step");
    let (actor, person) = (&accepted["actor"], &accepted["actor"]["for"]);
    assert_eq!((&actor["label"], actor["name"].is_string()), (&json!("plugin:complaints"), true), "{accepted}");
    assert!(person["label"].as_str().is_some_and(|label| label.starts_with("user:")), "{accepted}");
    assert!(person["name"].is_string(), "{accepted}");
}

/// A store with a kind that has a guarded state and a list of references, and one record of it.
fn with_steps(check: impl FnOnce(&mut Tx<'_>, &Ctx) -> marque::Result<()> + Send + 'static) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let kind = serde_json::from_value(json!({
        "kind": "probe.visit", "label": "Visit", "title": "note",
        "fields": {
            "note": { "type": "text", "label": "Note" },
            "guests": { "type": "ref_list", "to": "customer", "label": "Guests" },
            "state": { "type": "enum", "label": "State", "values": [
                { "value": "open", "label": "Open" }, { "value": "done", "label": "Done" }
            ] },
        },
        "states": { "field": "state", "initial": "open", "transitions": { "finish": {
            "label": "Finish", "from": ["open"], "to": "done", "event": "finished",
            "guard": { "note": { "empty": false } }, "guard_text": { "zh-CN": "请先写备注", "en": "write a note first" },
        } } },
    }));
    let kind: marque::model::Kind = kind.expect("a kind");
    let outcome = store.commit_blocking(move |tx| {
        let ctx = Ctx::system(Id::hq(), Time::from_millis(1_773_374_400_000), Default::default());
        tx.install_kind(&kind)?;
        create("org", Id::hq(), json!({ "code": "hq", "name": "hq", "type": "maker" })).run(tx, &ctx)?;
        create("customer", id("c1"), json!({ "name": "王磊" })).run(tx, &ctx)?;
        create("probe.visit", id("v1"), json!({ "guests": ["c1"] })).run(tx, &ctx)?;
        check(tx, &ctx)
    });
    outcome.expect("checks");
}

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn step(tx: &mut Tx<'_>, ctx: &Ctx) -> marque::Result<marque::model::Record> {
    tx.attempt(|tx| record::Move::new("probe.visit", id("v1"), "finish", Data::new()).run(tx, ctx))
}

#[test]
fn a_step_that_is_not_open_says_so_in_the_readers_language() {
    with_steps(|tx, ctx| {
        for (locale, text) in [("zh-CN", "请先写备注"), ("en", "write a note first")] {
            let refused = step(tx, &Ctx { locale, ..ctx.clone() }).expect_err("the guard");
            assert_eq!((refused.code.as_str(), refused.message.as_str()), ("state.refused", text));
        }
        Ok(())
    });
}

#[test]
fn a_state_is_not_undone_but_what_changed_along_with_it_is() {
    with_steps(|tx, ctx| {
        let data = Data::from_iter([("note".to_owned(), json!("到店"))]);
        record::Move::new("probe.visit", id("v1"), "finish", data).run(tx, ctx)?;
        let undo = |fields: Option<Vec<String>>| record::Undo {
            kind: "probe.visit".into(),
            id: id("v1"),
            rev: 2,
            fields,
            if_rev: None,
            why: None,
        };
        let refused = tx.attempt(|tx| undo(None).run(tx, ctx)).expect_err("a state");
        assert_eq!((refused.code.as_str(), refused.errors[0].pointer.as_str()), ("undo.state", "/data/state"));
        let undone = undo(Some(vec!["note".into()])).run(tx, ctx)?;
        assert_eq!((undone.record.text("state"), undone.record.text("note")), (Some("done"), None));
        Ok(())
    });
}

#[test]
fn a_record_in_a_list_of_another_cannot_be_removed() {
    with_steps(|tx, ctx| {
        let remove = || record::Remove { kind: "customer".into(), id: id("c1"), if_rev: None };
        let refused = tx.attempt(|tx| remove().run(tx, ctx)).expect_err("it is referred to");
        assert_eq!(refused.code, "record.in_use");
        assert!(refused.message.contains("probe.visit refers to it in guests"), "{refused}");
        record::Remove { kind: "probe.visit".into(), id: id("v1"), if_rev: None }.run(tx, ctx)?;
        remove().run(tx, ctx)
    });
}

/// What a random history is made of.
#[derive(Clone, Debug)]
enum Step {
    Change(u8, Option<u8>),
    Undo(u32),
    Remove,
    Restore,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3u8, proptest::option::of(0..4u8)).prop_map(|(field, value)| Step::Change(field, value)),
        3 => (2..8u32).prop_map(Step::Undo),
        1 => Just(Step::Remove),
        1 => Just(Step::Restore),
    ];
    proptest::collection::vec(step, 1..24)
}

fn patch(field: u8, value: Option<u8>) -> Data {
    let name = ["city", "note", "address"][usize::from(field)];
    let value = value.map_or(Value::Null, |n| json!(format!("值{n}")));
    Data::from_iter([(name.to_owned(), value)])
}

/// Runs the steps; after each the record is what its revisions say, and every past revision still reads as it did.
fn replay(steps: &[Step]) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let now = Time::from_millis(1_773_374_400_000);
    let ctx = Ctx::system(Id::hq(), now, Default::default());
    let id: Id = "c1".parse().expect("an id");
    let made = id.clone();
    let steps = steps.to_vec();
    let check = store.commit_blocking(move |tx| {
        let data = json!({ "code": "hq", "name": "hq", "type": "maker" });
        create("org", Id::hq(), data).run(tx, &ctx)?;
        create("customer", made, json!({ "name": "王磊" })).run(tx, &ctx)?;
        let mut seen: BTreeMap<u32, Data> = BTreeMap::new();
        for step in steps {
            let wanted = id.clone();
            // A refusal is an answer too; it must leave everything as it was.
            let _ = tx.attempt(|tx| run(tx, &ctx, wanted, step.clone()));
            let there = tables::record::get(tx, "customer", &id, &Scope::All)?;
            if let Some(record) = there {
                let past = revision::past(tx, "customer", &record.id, record.rev)?.expect("revisions");
                assert_eq!((past.rev, &past.data), (record.rev, &record.data), "after {step:?}");
                seen.insert(record.rev, record.data);
            }
            for (rev, data) in &seen {
                let past = revision::past(tx, "customer", &id, *rev)?.expect("revisions");
                assert_eq!(past.data, *data, "revision {rev} after {step:?}");
            }
        }
        Ok(())
    });
    check.expect("steps");
}

fn run(tx: &mut Tx<'_>, ctx: &Ctx, id: Id, step: Step) -> marque::Result<()> {
    let kind = "customer".to_owned();
    match step {
        Step::Change(field, value) => record::Change::new(kind, id, patch(field, value)).run(tx, ctx).map(drop),
        Step::Undo(rev) => record::Undo { kind, id, rev, fields: None, if_rev: None, why: None }.run(tx, ctx).map(drop),
        Step::Remove => record::Remove { kind, id, if_rev: None }.run(tx, ctx),
        Step::Restore => record::Restore { kind, id, why: None }.run(tx, ctx).map(drop),
    }
}

fn create(kind: &str, id: Id, data: Value) -> record::Create {
    let data = data.as_object().expect("an object").clone();
    record::Create { id: Some(id), org: Some(Id::hq()), ..record::Create::new(kind, data) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_revision_reads_as_the_record_was(steps in steps()) {
        replay(&steps);
    }
}
