//! A ranking from the wish to the last record, with the server stopping in between.

use std::{collections::BTreeMap, sync::Arc};

use marque_package::{Key, Package};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    catalogue::{Catalogue, Plugin, PluginState, manifest::RANKED},
    commands::{plugin::Install, record},
    model::{Actor, Query, Record, Time},
    store::{StoreConfig, View},
};

const NOON: Time = Time::from_millis(1_773_374_400_000);
const N: usize = 450;

/// A store with one plugin that has cards to rank.
struct House {
    folder: TempDir,
    store: Store,
    catalogue: Arc<Catalogue>,
}

fn plugin() -> (Vec<u8>, Plugin) {
    let manifest = "name = \"quiet\"\nversion = \"0.1.0\"\ncontract = 1\nlabel = \"Quiet\"\n[asks]\n\
        commands = [\"record.create:quiet.card\", \"record.change:quiet.card\", \"record.rank:quiet.card\", \"record.rank:quiet.other\"]\n\
        [owns]\nkinds = [\"quiet.card\"]\n";
    let kind = json!({
        "kind": "quiet.card", "label": "C", "title": "name", "written_by": "plugin",
        "fields": {
            "name": { "type": "text", "label": "N" },
            "total": { "type": "int", "label": "T" },
            "peers": { "type": "text", "label": "P" },
            "rank": { "type": "int", "label": "R" },
            "share": { "type": "int", "label": "S" },
            "grade": { "type": "text", "label": "G" }
        }
    });
    let files = BTreeMap::from([
        ("plugin.toml".to_owned(), manifest.as_bytes().to_vec()),
        ("records/quiet.card.json".to_owned(), kind.to_string().into_bytes()),
    ]);
    let packed = Package::from_files(files).and_then(|package| package.pack_signed(&Key::generate())).expect("packs");
    let plugin = Plugin::from_package(&Package::open(&packed).expect("opens")).expect("a plugin");
    (packed, plugin)
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
        let mut house = House { folder, store, catalogue: Arc::default() };
        for (org, parent) in [("hq", None), ("d1", Some("hq")), ("d2", Some("hq"))] {
            let data = json!({ "code": org, "name": org, "type": if org == "hq" { "maker" } else { "dealer" }, "parent": parent });
            house.make("org", org, org, data);
        }
        let (package, plugin) = plugin();
        let enabled = Plugin { state: PluginState::Enabled, ..plugin.clone() };
        house.run(&house.system(), Install { package, plugin, granted: None }).expect("installed");
        let plugins = BTreeMap::from([("quiet".to_owned(), Arc::new(enabled))]);
        house.catalogue = Arc::new(Catalogue { plugins, ..Catalogue::default() });
        house
    }

    fn system(&self) -> Ctx {
        Ctx::system(Id::hq(), NOON, self.catalogue.clone())
    }

    fn quiet(&self, org: &str) -> Ctx {
        let org: Id = org.parse().expect("an id");
        let actor = Actor::Plugin { name: "quiet".into(), version: "0.1.0".into(), on_behalf: None };
        let scope = self.store.orgs().scope(&org);
        Ctx { cause: Some(3), ..Ctx::new(actor, org, scope, NOON, self.catalogue.clone()) }
    }

    fn run<R: Run + Send + 'static>(&self, ctx: &Ctx, command: R) -> Result<R::Done>
    where
        R::Done: Send + 'static,
    {
        let ctx = ctx.clone();
        self.store.commit_blocking(move |tx| command.run(tx, &ctx))
    }

    fn make(&self, kind: &str, id: &str, org: &str, data: Value) {
        let create: record::Create =
            serde_json::from_value(json!({ "kind": kind, "id": id, "org": org, "data": data })).expect("a command");
        self.run(&self.system(), create).expect("a record");
    }

    fn ask(&self, org: &str, body: Value) -> Result<Id> {
        self.run(&self.quiet(org), serde_json::from_value::<record::Rank>(body).expect("a command"))
    }

    /// The server stops and starts again.
    fn reopen(&mut self) {
        let empty = tempfile::tempdir().expect("a folder");
        self.store = Store::open(empty.path(), &StoreConfig::default()).expect("a store");
        // The old one lets go of its folder a moment after it is dropped.
        self.store = (0..1_000_000)
            .find_map(|_| match Store::open(self.folder.path(), &StoreConfig::default()) {
                Err(error) if error.code == "store.locked" => {
                    std::thread::yield_now();
                    None
                }
                opened => Some(opened.expect("the store of before")),
            })
            .expect("it is let go of");
    }

    fn step(&self) -> bool {
        step(&self.store, self.system()).expect("a step")
    }

    fn view(&self) -> View {
        self.store.view(Scope::All).expect("a view")
    }

    fn card(&self, id: &str) -> Record {
        self.view().one("quiet.card", &id.parse().expect("an id")).expect("a card")
    }

    fn cards(&self, filter: Value) -> Vec<Record> {
        let query = Query { filter, limit: Some(500), ..Query::default() };
        self.view().find("quiet.card", &query).expect("cards").items
    }

    /// What the plugin was told.
    fn told(&self) -> Vec<Value> {
        let events = tables::event::after(&self.view(), 0, 5_000).expect("events");
        events.into_iter().filter(|event| event.kind == RANKED).map(|event| event.data).collect()
    }
}

fn wish() -> Value {
    let cuts = [("A", 5), ("B", 25), ("C", 75), ("D", 95), ("E", 100)];
    let cuts: Vec<Value> = cuts.map(|(value, upto)| json!({ "value": value, "upto": upto })).into();
    json!({ "key": "2026Q1", "kind": "quiet.card", "filter": { "total": { "gte": 0 } },
            "ranks": [{ "by": ["-total", "id"], "position": "rank", "percentile": "share", "grade": { "field": "grade", "cuts": cuts } }] })
}

fn filled() -> House {
    let house = House::new();
    for n in 0..N {
        house.make(
            "quiet.card",
            &format!("k{n:03}"),
            "d1",
            json!({ "name": format!("n{n}"), "total": n * 7 % N, "peers": format!("p{}", n % 3) }),
        );
    }
    house.make("quiet.card", "below", "d1", json!({ "name": "not asked for", "total": -1 }));
    house.make("quiet.card", "elsewhere", "d2", json!({ "name": "another dealer's", "total": 9 }));
    house
}

#[test]
fn a_ranking_is_written_whole_and_told_of_once() {
    let house = filled();
    house.ask("d1", wish()).expect("asked for");
    while house.step() {}
    for n in 0..N {
        let card = house.card(&format!("k{n:03}"));
        let total = n * 7 % N;
        // 7 and 450 share no factor: every total is there once.
        assert_eq!(card.data["rank"], json!(N - total));
        assert_eq!(card.data["share"], json!((200 * total + N - 1) / (2 * (N - 1))));
    }
    let grades: Vec<usize> = ["A", "B", "C", "D", "E"].map(|grade| house.cards(json!({ "grade": grade })).len()).into();
    // 22.5, 112.5, 337.5, 427.5, each rounded up.
    assert_eq!(grades, [23, 90, 225, 90, 22]);
    for id in ["below", "elsewhere"] {
        assert!(house.card(id).data.get("rank").is_none(), "{id} was not ranked");
    }
    let told = house.told();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["plugin"], &told[0]["key"], &told[0]["n"]), (&json!("quiet"), &json!("2026Q1"), &json!(N)));
    assert_eq!(told[0]["groups"][0]["counts"]["grade"], json!({ "A": 23, "B": 90, "C": 225, "D": 90, "E": 22 }));
}

#[test]
fn the_order_stays_as_it_was_made_through_changes_and_a_restart() {
    let mut house = filled();
    house.ask("d1", wish()).expect("asked for");
    assert!(house.step() && house.step(), "the order is kept, and one piece of it is written");
    let written = house.cards(json!({ "rank": { "empty": false } })).len();
    assert_eq!(written, PIECE, "no more than a piece a commit");
    let last: record::Change =
        serde_json::from_value(json!({ "kind": "quiet.card", "id": "k000", "data": { "total": 100_000 } }))
            .expect("a command");
    house.run(&house.quiet("d1"), last).expect("changed");
    house
        .run(
            &house.system(),
            serde_json::from_value::<record::Remove>(json!({ "kind": "quiet.card", "id": "k001" })).expect("a command"),
        )
        .expect("gone");
    house.reopen();
    while house.step() {}
    assert_eq!(house.card("k000").data["rank"], json!(N), "as when it was asked for");
    assert_eq!(house.told()[0]["n"], json!(N));
}

#[test]
fn each_population_is_ranked_by_itself() {
    let house = filled();
    let mut wish = wish();
    wish["within"] = json!(["peers"]);
    house.ask("d1", wish).expect("asked for");
    while house.step() {}
    for peers in ["p0", "p1", "p2"] {
        let mut ranks: Vec<u64> =
            house.cards(json!({ "peers": peers })).iter().filter_map(|card| card.data["rank"].as_u64()).collect();
        ranks.sort_unstable();
        assert_eq!(ranks, (1..=150).collect::<Vec<_>>(), "{peers}");
    }
    assert_eq!(house.told()[0]["groups"].as_array().map(Vec::len), Some(3));
}

#[test]
fn what_cannot_be_ranked_is_refused_with_the_reason() {
    let house = House::new();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut wish = wish();
        change(&mut wish);
        house.ask("hq", wish).expect_err("refused").message
    };
    for (word, place, value) in [
        ("\"nothing\"", "/ranks/0/by", json!(["nothing"])),
        ("by is empty", "/ranks/0/by", json!([])),
        ("an int or a decimal", "/ranks/0/position", json!("name")),
        ("end at 100", "/ranks/0/grade/cuts", json!([{ "value": "A", "upto": 50 }])),
        ("1 to 40", "/ranks", json!([])),
        ("no kind", "/kind", json!("quiet.other")),
        ("no grant", "/kind", json!("org")),
        ("nothing", "/filter", json!({ "nothing": 1 })),
    ] {
        let message = refused(&|wish: &mut Value| *wish.pointer_mut(place).expect("a place") = value.clone());
        assert!(message.contains(word), "{place}: {message}");
    }
    let person = Ctx { actor: Actor::System, ..house.quiet("hq") };
    let denied = house.run(&person, serde_json::from_value::<record::Rank>(wish()).expect("a command"));
    assert_eq!(denied.expect_err("refused").kind, ErrorKind::Denied);
}

#[test]
fn a_ranking_asked_for_by_the_last_of_many_reactions_is_written_all_the_same() {
    let house = filled();
    let deep = Ctx { depth: 8, ..house.quiet("d1") };
    house.run(&deep, serde_json::from_value::<record::Rank>(wish()).expect("a command")).expect("asked for");
    while house.step() {}
    assert_eq!(house.told()[0]["n"], json!(N));
}

#[test]
fn a_ranking_that_cannot_go_on_ends_and_says_why() {
    let mut house = filled();
    house.ask("d1", wish()).expect("asked for");
    assert!(house.step());
    house.catalogue = Arc::default();
    assert!(house.step(), "the plugin is gone, and its wish with it");
    assert!(!house.step());
    let told = house.told();
    assert_eq!(told[0]["fault"]["code"], json!("denied"), "{}", told[0]);
    assert!(house.cards(json!({ "rank": { "empty": false } })).is_empty());
}
