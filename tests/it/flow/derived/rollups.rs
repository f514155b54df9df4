//! Whatever is written in whatever order, each roll-up is what counting from the beginning gives.

use marque::{
    commands::{Ctx, Run, derived, record},
    model::{Data, Id, Query, Record, Scope, Time},
    store::{Store, StoreConfig, tables},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::garage;

const NOON: Time = Time::from_millis(1_773_374_400_000);
const CLIENTS: [&str; 4] = ["ann", "bob", "cid", "dan"];
/// `dan` is a client of another organisation than the jobs.
const ORG: &str = "d1";

/// Something that is done to one of a few jobs.
#[derive(Clone, Debug)]
enum Step {
    Create {
        job: usize,
        data: Data,
    },
    Change {
        job: usize,
        data: Data,
    },
    Remove {
        job: usize,
    },
    /// Remove a client that nothing refers to and bring it back.
    Renew {
        client: usize,
    },
}

fn data() -> impl Strategy<Value = Data> {
    let maybe = |values: &'static [&'static str]| prop::option::of(prop::sample::select(values));
    (
        prop::option::of(0..CLIENTS.len()),
        prop::option::of(-3i64..4),
        prop::option::of(0i64..5),
        prop::option::of(1u32..6),
        prop::option::of(any::<bool>()),
        maybe(&["small", "medium", "big"]),
        maybe(&["保养", "保修", "Paint", "PAINT"]),
    )
        .prop_map(|(client, amount, hours, day, is_paid, grade, what)| {
            let client = client.map(|client| CLIENTS[client]);
            let hours = hours.map(|hours| hours as f64 / 4.0);
            let day = day.map(|day| format!("2026-03-{day:02}"));
            let data = json!({
                "client": client, "amount": amount.map(|amount| amount * 100), "hours": hours, "day": day,
                "is_paid": is_paid, "grade": grade, "what": what,
            });
            data.as_object().expect("an object").clone()
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12usize, data()).prop_map(|(job, data)| Step::Create { job, data }),
        5 => (0..12usize, data()).prop_map(|(job, data)| Step::Change { job, data }),
        2 => (0..12usize).prop_map(|job| Step::Remove { job }),
        1 => (0..CLIENTS.len()).prop_map(|client| Step::Renew { client }),
    ]
}

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn create(kind: &str, id: &str, org: &str, data: Data) -> record::Create {
    let (id, org) = (id.parse().ok(), org.parse().ok());
    record::Create { id, org, ..record::Create::new(kind, data) }
}

fn object(value: Value) -> Data {
    value.as_object().expect("an object").clone()
}

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let begin = store.commit_blocking(|tx| {
        let ctx = Ctx::system(Id::hq(), NOON, Default::default());
        for org in [ORG, "d2"] {
            create("org", org, org, object(json!({ "code": org, "name": org, "type": "dealer" }))).run(tx, &ctx)?;
        }
        let kinds = garage::kinds();
        kinds.iter().try_for_each(|kind| tx.install_kind(kind))?;
        derived::defined(tx, &ctx, &[None, None], &kinds)?;
        for client in CLIENTS {
            let org = if client == "dan" { "d2" } else { ORG };
            create("garage.client", client, org, object(json!({ "name": client }))).run(tx, &ctx)?;
        }
        Ok(())
    });
    begin.expect("two kinds and four clients");
    (folder, store)
}

/// Do it; what the store refuses, a job that is not there or a client that is referred to, changes nothing.
fn take(store: &Store, n: usize, step: Step) {
    let done = store.commit_blocking(move |tx| {
        // Time goes on, and sometimes stands still: the latest is then told apart by id.
        let now = NOON.plus_millis(n as i64 / 2);
        let ctx = Ctx::system(Id::hq(), now, Default::default());
        let patch = |data: Data| data.into_iter().filter(|(_, value)| !value.is_null()).collect();
        match step {
            Step::Create { job, data } => {
                let name = format!("job-{job}");
                // An id is given out once: what was removed is brought back.
                let restore = record::Restore { kind: "garage.job".into(), id: id(&name), why: None };
                if tx.attempt(|tx| restore.run(tx, &ctx)).is_ok() {
                    return record::Change::new("garage.job", id(&name), data).run(tx, &ctx).map(drop);
                }
                create("garage.job", &name, ORG, patch(data)).run(tx, &ctx).map(drop)
            }
            Step::Change { job, data } => {
                let id = id(&format!("job-{job}"));
                record::Change::new("garage.job", id, data).run(tx, &ctx).map(drop)
            }
            Step::Remove { job } => {
                let id = id(&format!("job-{job}"));
                record::Remove { kind: "garage.job".into(), id, if_rev: None }.run(tx, &ctx)
            }
            Step::Renew { client } => {
                let (kind, id) = ("garage.client".to_owned(), id(CLIENTS[client]));
                record::Remove { kind: kind.clone(), id: id.clone(), if_rev: None }.run(tx, &ctx)?;
                record::Restore { kind, id, why: None }.run(tx, &ctx).map(drop)
            }
        }
    });
    if let Err(error) = done {
        let is_expected = ["record.exists", "record.not_found", "record.in_use"].contains(&error.code.as_str());
        assert!(is_expected, "{error:?}");
    }
}

/// What the roll-ups of a client must be, counted in the plainest way there is.
fn counted(client: &Record, jobs: &[Record]) -> Value {
    let mut own: Vec<&Record> =
        jobs.iter().filter(|job| job.text("client") == Some(client.id.as_str()) && job.org == client.org).collect();
    own.sort_by_key(|job| (job.created_at, job.id.clone()));
    let paid = own.iter().filter(|job| job.data.get("is_paid") == Some(&json!(true)));
    let whole = |job: &&&Record| job.field("amount").as_i64();
    let days = || own.iter().filter_map(|job| job.text("day"));
    let rank = |job: &&Record| ["small", "medium", "big"].iter().position(|grade| job.text("grade") == Some(grade));
    let is_warranty = |job: &&&Record| job.text("what").is_some_and(|what| what.contains("保修"));
    json!({
        "n_jobs": own.len(),
        "n_paid": paid.clone().filter(|job| whole(job).is_some_and(|amount| amount > 0)).count(),
        "spent": paid.clone().filter_map(|job| whole(&job)).sum::<i64>(),
        "hours": own.iter().filter_map(|job| job.field("hours").as_f64()).sum::<f64>(),
        "first_day": days().min(),
        "last_day": days().max(),
        "dearest": own.iter().filter(|job| !is_warranty(job)).filter_map(|job| whole(&job)).max(),
        "worst": own.iter().filter_map(rank).max().map(|rank| ["small", "medium", "big"][rank]),
        "last_what": own.iter().rev().find_map(|job| job.text("what")),
    })
}

fn assert_current(store: &Store) {
    let view = store.view(Scope::All).expect("a view");
    let all = |kind: &str| view.find(kind, &Query { limit: Some(500), ..Query::default() }).expect("a page").items;
    let jobs = all("garage.job");
    for client in all("garage.client") {
        let expected = counted(&client, &jobs);
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(client.field(name), value, "{name} of {}: {:?}", client.id, client.data);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn roll_ups_equal_a_recount_after_any_writes(steps in prop::collection::vec(step(), 1..60)) {
        let (_folder, store) = store();
        for (n, step) in steps.into_iter().enumerate() {
            take(&store, n, step);
            assert_current(&store);
        }
        recount_changes_nothing(&store);
    }
}

fn recount_changes_nothing(store: &Store) {
    store
        .commit_blocking(|tx| {
            for client in CLIENTS {
                marque::store::derived::recount(tx, "garage.client", &id(client), None)?;
            }
            assert!(tx.take_noted().is_empty(), "counting anew has found another value");
            Ok(())
        })
        .expect("a recount");
}

#[test]
fn a_roll_up_is_no_revision_and_is_told_once() {
    let (_folder, store) = store();
    let head = store.view(Scope::All).expect("a view").at_seq();
    take(&store, 0, Step::Create { job: 1, data: object(json!({ "client": "ann", "amount": 500, "is_paid": true })) });
    take(&store, 1, Step::Change { job: 1, data: object(json!({ "what": null })) });
    let view = store.view(Scope::All).expect("a view");
    let ann = view.one("garage.client", &id("ann")).expect("ann");
    assert_eq!((ann.rev, ann.field("spent")), (1, &json!(500)));
    let events = tables::event::after(&view, head, 100).expect("events");
    let told: Vec<(&str, &Value)> = events.iter().map(|event| (event.kind.as_str(), &event.data["quoted"])).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((events[1].kind.as_str(), events[1].cause), ("garage.client.derived", Some(events[0].seq)));
    assert_eq!(events[1].data["quoted"]["spent"], 500);
    assert_eq!(events[1].data["old"]["n_jobs"], 0, "{}", events[1].data);
    assert_eq!(tables::revision::list(&view, "garage.client", &id("ann"), u32::MAX, 9).expect("revisions").len(), 1);
}

#[test]
fn a_roll_up_that_makes_no_sense_is_refused_with_the_reason() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let (_folder, store) = store();
        let mut kinds: Vec<Value> = garage::kinds().iter().map(|kind| json!(**kind)).collect();
        change(&mut kinds[1]["fields"]);
        let kind: marque::model::Kind = serde_json::from_value(kinds[1].take()).expect("it reads");
        let checked = marque::model::validate::kind(&kind);
        let beside = store
            .commit_blocking(move |tx| marque::model::validate::rollups(&kind, &|name| tx.kinds().get(name).cloned()));
        checked.and(beside).expect_err("refused").message
    };
    let rollup =
        |key: &'static str, value: Value| move |fields: &mut Value| fields["spent"]["rollup"][key] = value.clone();
    type Spoil<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Spoil<'_>); 8] = [
        ("goes by $now", &rollup("filter", json!({ "day": { "gt": { "$now": "-30d" } } }))),
        ("depends on who asks", &rollup("filter", json!({ "client": { "$me": true } }))),
        ("which is not installed", &rollup("kind", json!("garage.bill"))),
        ("has no ref of that name", &rollup("via", json!("what"))),
        ("has no field \"price\"", &rollup("field", json!("price"))),
        ("which is derived itself", &|fields| {
            let friend = json!({ "type": "ref", "to": "garage.client", "label": "Friend" });
            fields["friend"] = friend;
            let rollup = json!({ "kind": "garage.client", "via": "friend", "fn": "sum", "field": "spent" });
            fields["spent"]["rollup"] = rollup;
        }),
        ("needs `field`", &|fields| {
            fields["spent"]["rollup"].as_object_mut().expect("an object").remove("field");
        }),
        ("cannot be required", &|fields| fields["spent"]["required"] = json!(true)),
    ];
    for (word, change) in cases {
        let message = refused(change);
        assert!(message.contains(word), "{word}: {message}");
    }
}
