//! What headquarters keeps for its dealers is read and referred to below, and written by nobody there.

use serde_json::{Value, json};

use super::{
    NOON,
    rights::{id, person},
    store,
};
use crate::{
    ErrorKind,
    commands::{Ctx, Run, record},
    model::{Actor, Id, Kind, Query, Scope},
    store::{Store, View},
};

fn kinds(is_handed_down: bool) -> [Kind; 2] {
    let price = json!({
        "kind": "t.price", "label": "P", "title": "name", "handed_down": is_handed_down,
        "fields": { "name": { "type": "text", "label": "N", "indexed": true } },
        "rights": { "consultant": { "verbs": ["read", "change"], "scope": "own" } }
    });
    let quote = json!({
        "kind": "t.quote", "label": "Q", "title": "name",
        "fields": { "name": { "type": "text", "label": "N" }, "price": { "type": "ref", "to": "t.price", "label": "P" } }
    });
    [price, quote].map(|kind| serde_json::from_value(kind).expect("a kind"))
}

fn world(is_handed_down: bool) -> (tempfile::TempDir, Store) {
    let (folder, store) = store(&["hq", "d1", "d2"]);
    store
        .commit_blocking(move |tx| kinds(is_handed_down).iter().try_for_each(|kind| tx.install_kind(kind)))
        .expect("kinds");
    for org in ["hq", "d1", "d2"] {
        super::create(&store, "t.price", Some(&format!("of-{org}")), org, json!({ "name": org }));
    }
    (folder, store)
}

fn names(view: &View) -> Vec<String> {
    let query = Query { order: "name".into(), ..Query::default() };
    let page = view.find("t.price", &query).expect("a list");
    page.items.iter().map(|record| record.text("name").unwrap_or_default().to_owned()).collect()
}

/// As a plugin reads at an organisation.
fn at(store: &Store, org: &str) -> View {
    let org = id(org);
    store.view(store.orgs().scope(&org)).expect("a view").for_server(None, NOON).at(&org)
}

fn of(store: &Store, actor: &Actor, org: &str) -> Ctx {
    let scope = store.orgs().scope(&id(org));
    Ctx::new(actor.clone(), id(org), scope, NOON, Default::default())
}

fn run<R>(store: &Store, ctx: Ctx, body: Value) -> crate::Result<R::Done>
where
    R: Run + serde::de::DeserializeOwned + Send + 'static,
    R::Done: Send + 'static,
{
    let command: R = serde_json::from_value(body).expect("a command");
    store.commit_blocking(move |tx| command.run(tx, &ctx))
}

#[test]
fn what_is_kept_above_is_read_below_and_by_nobody_beside() {
    let (_folder, store) = world(true);
    assert_eq!(names(&at(&store, "d1")), ["d1", "hq"]);
    assert_eq!(names(&at(&store, "hq")), ["d1", "d2", "hq"]);
    assert!(at(&store, "d1").one("t.price", &id("of-hq")).is_ok());
    assert!(at(&store, "d1").one("t.price", &id("of-d2")).is_err());
    let consultant = person("c1", "d1", &["consultant"]);
    let view = store.view(store.orgs().scope(&id("d1"))).expect("a view").asked_by(&consultant, NOON);
    assert_eq!(names(&view), ["hq"], "one's own and what is handed down");
    let (_folder, store) = world(false);
    assert_eq!(names(&at(&store, "d1")), ["d1"], "only where the kind says so");
}

#[test]
fn it_is_referred_to_and_not_written() {
    let (_folder, store) = world(true);
    let system = || Ctx {
        scope: store.orgs().scope(&id("d1")),
        org: id("d1"),
        ..Ctx::system(Id::hq(), NOON, Default::default())
    };
    let quote = |price: &str| json!({ "kind": "t.quote", "org": "d1", "data": { "name": "q", "price": price } });
    run::<record::Create>(&store, system(), quote("of-hq")).expect("it is there to be named");
    let beside =
        run::<record::Create>(&store, system(), quote("of-d2")).map(drop).expect_err("another dealer's is not");
    assert_eq!(beside.errors[0].code, "ref.not_found");
    let change = json!({ "kind": "t.price", "id": "of-hq", "data": { "name": "ours" } });
    let refused = run::<record::Change>(&store, system(), change.clone()).map(drop).expect_err("not below");
    assert_eq!(refused.kind, ErrorKind::NotFound);
    let consultant = person("c1", "d1", &["consultant"]);
    let refused =
        run::<record::Change>(&store, of(&store, &consultant, "d1"), change).map(drop).expect_err("by nobody");
    assert!(matches!(refused.kind, ErrorKind::Denied | ErrorKind::NotFound), "{refused}");
    let kept = store.view(Scope::All).expect("a view").one("t.price", &id("of-hq")).expect("it is there");
    assert_eq!(kept.rev, 1);
}
