//! What a newer binary brings into a store that is at work already: new plugins, newer versions, and nothing that nobody wants.

use std::{path::Path, sync::Arc, time::Duration};

use marque::{
    catalogue::Plugin,
    commands::{Ctx, plugin::Install},
    model::{Id, Time},
    store::{Store, StoreConfig},
};
use marque_package::Package;
use serde_json::{Value, json};

use crate::{
    faults::package::first_party,
    support::{Client, Server, Setup, eventually},
};

const PATIENCE: Duration = Duration::from_secs(60);
const CLOCK: &str = "2026-03-13T10:00:00+08:00";

fn server(data: &Path, arguments: Vec<&'static str>) -> Server {
    Server::with(Setup { clock: Some(CLOCK), data: Some(data.to_owned()), arguments, ..Setup::default() })
}

fn versions(admin: &Client) -> Vec<(String, String, String)> {
    let listed = admin.get("/plugins").ok(200);
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = listed["items"].as_array().expect("items");
    items.iter().map(|item| (text(item, "name"), text(item, "version"), text(item, "state"))).collect()
}

fn one<'a>(all: &'a [(String, String, String)], name: &str) -> Option<(&'a str, &'a str)> {
    all.iter().find(|(known, ..)| known == name).map(|(_, version, state)| (version.as_str(), state.as_str()))
}

/// As a binary before this one would have brought it.
fn bring(data: &Path, package: Vec<u8>) {
    let store = Store::open(data, &StoreConfig::default()).expect("the store of a stopped server");
    let plugin = Plugin::from_package(&Package::open(&package).expect("it opens")).expect("a plugin");
    let now: Time = CLOCK.parse().expect("a time");
    let install = Install { package, plugin, granted: None };
    let ctx = Ctx::system(Id::hq(), now, Arc::default());
    store.commit_blocking(move |tx| marque::commands::Run::run(install, tx, &ctx)).expect("installed");
}

fn older(manifest: String) -> String {
    manifest.replace("version = \"0.1.0\"", "version = \"0.0.9\"")
}

#[test]
fn a_store_is_brought_what_is_new_and_kept_from_what_nobody_wants() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    drop(server(&data, vec!["--plugins", "none"]));
    bring(&data, first_party("contacts-0.1.0.mpk", older));
    bring(&data, first_party("parties-0.1.0.mpk", older));
    bring(&data, first_party("vehicles-0.1.0.mpk", older));

    let first = server(&data, vec!["--plugins", "none"]);
    let admin = first.admin();
    admin.post("/plugins/parties/disable", &json!({})).ok(200);
    admin.delete("/plugins/vehicles").ok(202);
    first.set_clock("2026-05-13T10:00:00+08:00");
    eventually("it is gone", PATIENCE, || (admin.get("/plugins/vehicles").status == 404).then_some(()));
    drop(first);

    let second = server(&data, Vec::new());
    let all = versions(&second.admin());
    assert_eq!(one(&all, "contacts"), Some(("0.1.0", "enabled")), "an older one is replaced: {all:?}");
    assert_eq!(one(&all, "worklist"), Some(("0.1.0", "enabled")), "a new one comes: {all:?}");
    assert_eq!(one(&all, "parties"), Some(("0.0.9", "disabled")), "one that rests is let rest: {all:?}");
    assert_eq!(one(&all, "vehicles"), None, "one that was taken out stays out: {all:?}");
}

#[test]
fn a_newer_version_that_asks_for_more_waits_and_one_sent_away_does_not_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    drop(server(&data, vec!["--plugins", "none"]));
    let narrower = |manifest: String| {
        let mut lines: Vec<String> = older(manifest).lines().map(str::to_owned).collect();
        let reads = lines.iter().position(|line| line.starts_with("[reads]")).expect("it reads something");
        lines[reads + 1] = "kinds = []".into();
        lines.join("\n")
    };
    bring(&data, first_party("contacts-0.1.0.mpk", narrower));

    let first = server(&data, Vec::new());
    let admin = first.admin();
    let told = admin.get("/plugins/contacts").ok(200);
    assert_eq!((&told["version"], &told["waiting"]["version"]), (&json!("0.0.9"), &json!("0.1.0")), "{told}");
    assert_eq!(admin.post("/plugins/contacts/refuse", &json!({})).status, 204);
    drop(first);
    let second = server(&data, Vec::new());
    let told = second.admin().get("/plugins/contacts").ok(200);
    assert_eq!((&told["version"], &told["waiting"]), (&json!("0.0.9"), &json!(null)), "{told}");
}

#[test]
fn what_a_dealer_has_put_in_the_place_of_a_first_party_plugin_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let first = server(&data, vec!["--plugins", "none"]);
    let admin = first.admin();
    let media_type = [("content-type", "application/octet-stream")];
    admin.send("POST", "/plugins", &media_type, first_party("contacts-0.1.0.mpk", older)).ok(201);
    drop(first);
    let second = server(&data, Vec::new());
    assert_eq!(second.admin().get("/plugins/contacts").ok(200)["version"], "0.0.9");
}
