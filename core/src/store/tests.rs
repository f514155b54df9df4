//! The store from inside: what is asked of it in SQL and what comes back.

mod brand;
mod filters;
mod handed_down;
mod model;
mod pages;
mod patience;
mod plans;
mod rights;
mod search;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Store, StoreConfig};
use crate::{
    commands::{Ctx, Run, record},
    model::{Id, Record, Time},
};

pub(super) const NOON: Time = Time::from_millis(1_773_374_400_000);

/// A store in a folder of its own, with some organisations.
pub(super) fn store(orgs: &[&str]) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    for org in orgs {
        let parent = (*org != "hq").then_some("hq");
        let r#type = if *org == "hq" { "maker" } else { "dealer" };
        let data = json!({ "code": org, "name": format!("店{org}"), "type": r#type, "parent": parent });
        create(&store, "org", Some(org), org, data);
    }
    (folder, store)
}

/// Make a record as the server itself.
pub(super) fn create(store: &Store, kind: &str, id: Option<&str>, org: &str, data: Value) -> Record {
    let body = json!({ "kind": kind, "id": id, "org": org, "data": data });
    let command: record::Create = serde_json::from_value(body).expect("a command");
    let run = move |tx: &mut super::Tx<'_>| command.run(tx, &Ctx::system(Id::hq(), NOON, Default::default()));
    store.commit_blocking(run).expect("a record").record
}
