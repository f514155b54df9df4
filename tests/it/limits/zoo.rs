//! Guests that were built with older versions of the SDK go on loading and answering: `tests/zoo`, each with what it must ask for.

use std::{fs, path::Path, sync::Arc, time::Duration};

use marque::{
    app::{self, Compiling},
    bus::{Delivery, Subscriber},
    catalogue::{Catalogue, Plugin, PluginState},
    commands::{self, Ctx},
    config::Config,
    host::Host,
    model::{Command, Event, RecordRef, Scope},
    store::{Store, StoreConfig, Tx},
};
use marque_package::Package;
use serde_json::{Value, json};

use super::desk::{Answering, NOW, cache, fixed, id, limits};

fn zoo() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo");
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("the zoo")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "mpk"))
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a package")))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "an empty zoo proves nothing");
    found
}

#[test]
fn every_guest_of_the_zoo_would_run() {
    let checked =
        app::check_plugins(&Config::default(), zoo(), Arc::default(), Compiling::Here).expect("they can be looked at");
    let wrong: Vec<_> = checked.iter().filter(|checked| checked.wrong.is_some()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_package_that_would_not_run_is_named() {
    let given = vec![("torn.mpk".to_owned(), b"no package".to_vec())];
    let checked =
        app::check_plugins(&Config::default(), given, Arc::default(), Compiling::Here).expect("it can be looked at");
    assert!(checked[0].wrong.as_ref().is_some_and(|why| why.contains("not a plugin package")), "{checked:?}");
}

#[test]
fn every_guest_of_the_zoo_answers_as_it_always_did() {
    for (path, package) in zoo() {
        let golden = Path::new(&path).with_extension("json");
        // A guest without one would prove nothing.
        let golden = fs::read_to_string(&golden).unwrap_or_else(|error| panic!("{}: {error}", golden.display()));
        let golden: Value = serde_json::from_str(&golden).expect("JSON");
        let opened = Package::open(&package).expect("a package");
        let plugin =
            Arc::new(Plugin { state: PluginState::Enabled, ..Plugin::from_package(&opened).expect("a plugin") });
        assert_eq!(commands_of(&plugin), golden["commands"], "{path}");
    }
}

/// What it asks for when a customer has been created.
fn commands_of(plugin: &Arc<Plugin>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Host::new(limits(), Some(&cache())).expect("a host");
    let decide = Arc::new(Answering(Duration::ZERO));
    let guest = host.load(plugin, fixed(Catalogue::default()), decide).expect("it loads");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let create = |tx: &mut Tx<'_>| {
        let ctx = Ctx::system(id("d1"), NOW, Arc::default());
        let body = json!({ "kind": "customer", "id": "c1", "data": { "type": "prospect", "name": "王磊" } });
        commands::apply(tx, &ctx, &Command::new("record.create", body)).map(drop)
    };
    store.commit_blocking(create).expect("a customer");
    let event = Event {
        seq: 1,
        kind: "customer.created".into(),
        at: NOW,
        org: id("d1"),
        subject: Some(id("c1")),
        actor: "user:u1".into(),
        cause: None,
        depth: 0,
        record: Some(RecordRef { kind: "customer".into(), id: id("c1"), rev: 1 }),
        data: json!({ "changed": ["name"], "quoted": {} }),
    };
    let view = store.view(Scope::one(id("d1"))).expect("a view");
    let delivery = Delivery { org: id("d1"), events: vec![event], view, now: NOW, attempt: 1 };
    json!(guest.handle(delivery).result.expect("an answer").commands)
}
