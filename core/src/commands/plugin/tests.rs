//! Commands on plugins by themselves: what each leaves in the store, without a server around it.

use std::{collections::BTreeMap, sync::Arc};

use marque_package::{Key, Package};
use serde_json::json;

use super::{Install, SetState, life};
use crate::{
    Result,
    catalogue::{Catalogue, Plugin, PluginState},
    commands::{Ctx, Run, record, timer},
    model::{Id, Scope, Time},
    store::{Store, StoreConfig, tables},
};

const NOON: Time = Time::from_millis(1_773_374_400_000);

/// A store, and what the catalogue says of it.
struct House {
    _folder: tempfile::TempDir,
    store: Store,
    catalogue: Arc<Catalogue>,
}

/// A package of some version with no code, as it travels, and what is read from it.
pub fn package(version: &str, more: &str, key: &Key) -> (Vec<u8>, Plugin) {
    let manifest = format!("name = \"quiet\"\nversion = \"{version}\"\ncontract = 1\nlabel = \"Quiet\"\n{more}\n");
    let files = BTreeMap::from([("plugin.toml".to_owned(), manifest.into_bytes())]);
    let packed = Package::from_files(files).and_then(|package| package.pack_signed(key)).expect("a package");
    let plugin = Plugin::from_package(&Package::open(&packed).expect("opens")).expect("a plugin");
    (packed, plugin)
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
        let hq: record::Create = serde_json::from_value(json!({
            "kind": "org", "id": "hq", "org": "hq", "data": { "code": "hq", "name": "总部", "type": "maker" },
        }))
        .expect("a command");
        let house = House { _folder: folder, store, catalogue: Arc::default() };
        house.run(hq).expect("an organisation");
        house
    }

    fn run<R: Run + Send + 'static>(&self, command: R) -> Result<R::Done>
    where
        R::Done: Send + 'static,
    {
        let ctx = Ctx::system(Id::hq(), NOON, self.catalogue.clone());
        self.store.commit_blocking(move |tx| command.run(tx, &ctx))
    }

    fn install(&mut self, (package, plugin): (Vec<u8>, Plugin)) -> Result<()> {
        let mut known = Plugin { state: PluginState::Enabled, ..plugin.clone() };
        self.run(Install { package, plugin, granted: None })?;
        known.standing.came_seq = self.installed().came_seq;
        let plugins = BTreeMap::from([(known.manifest.name.clone(), Arc::new(known))]);
        self.catalogue = Arc::new(Catalogue { plugins, ..Catalogue::default() });
        Ok(())
    }

    fn installed(&self) -> tables::plugin::Installed {
        tables::plugin::one(&self.store.view(Scope::All).expect("a view"), "quiet").expect("it is installed")
    }
}

fn revoke(what: String) -> life::Revoke {
    life::Revoke { what, reason: "stolen".into() }
}

#[test]
fn what_a_revocation_means_rests_with_the_same_commit() {
    let (mut house, key) = (House::new(), Key::generate());
    house.install(package("0.1.0", "", &key)).expect("installed");
    assert!(house.installed().is_enabled);
    let others = house.run(revoke(format!("key:{}", Key::generate().public()))).expect("revoked");
    assert!(others.is_empty() && house.installed().is_enabled, "another's key means nothing here");
    let names = house.run(revoke(format!("key:{}", key.public()))).expect("revoked");
    assert_eq!((names, house.installed().is_enabled), (vec!["quiet".to_owned()], false));

    let (packed, by_itself) = package("0.2.0", "", &Key::generate());
    let what = format!("package:{}", by_itself.content);
    house.install((packed, by_itself)).expect("installed");
    assert_eq!(house.run(revoke(what)).expect("revoked"), ["quiet"]);
    assert!(!house.installed().is_enabled);
}

#[test]
fn what_is_revoked_is_neither_installed_nor_set_to_work_by_its_command() {
    let (mut house, key) = (House::new(), Key::generate());
    house.install(package("0.1.0", "", &key)).expect("installed");
    house.run(revoke(format!("key:{}", key.public()))).expect("revoked");
    let enable = SetState { name: "quiet".into(), state: PluginState::Enabled };
    assert_eq!(house.run(enable.clone()).expect_err("refused").code, "plugin.revoked");
    assert!(!house.installed().is_enabled);
    assert_eq!(house.install(package("0.2.0", "", &key)).expect_err("refused").code, "plugin.revoked");
    assert_eq!(house.installed().version, "0.1.0");
    house.run(life::Readmit { what: format!("key:{}", key.public()) }).expect("readmitted");
    house.run(enable).expect("set to work");
}

#[test]
fn letting_a_plugin_rest_does_not_keep_it_from_leaving() {
    let (mut house, key) = (House::new(), Key::generate());
    house.install(package("0.1.0", "", &key)).expect("installed");
    let until = NOON.plus_millis(1);
    house.run(life::Leave { name: "quiet".into(), until }).expect("it leaves");
    house.run(SetState { name: "quiet".into(), state: PluginState::Disabled }).expect("it rests");
    house.run(revoke(format!("key:{}", key.public()))).expect("revoked");
    assert_eq!(house.installed().leaving_at, Some(until));
    house.run(life::Readmit { what: format!("key:{}", key.public()) }).expect("readmitted");
    house.run(SetState { name: "quiet".into(), state: PluginState::Enabled }).expect("it works again");
    assert_eq!(house.installed().leaving_at, None);
}

#[test]
fn jobs_that_are_put_off_are_due_then_and_none_is_brought_forward() {
    let (mut house, key) = (House::new(), Key::generate());
    house
        .install(package("0.1.0", "[[owns.jobs]]\nname = \"nightly\"\ncron = \"0 * * * *\"", &key))
        .expect("installed");
    let later = NOON.plus_millis(10 * 86_400_000);
    house.store.commit_blocking(move |tx| super::jobs::put_off(tx, later)).expect("put off");
    let due = |house: &House| tables::timer::next_due(&house.store.view(Scope::All).expect("a view")).expect("timers");
    assert_eq!(due(&house), Some(later));
    house.store.commit_blocking(move |tx| super::jobs::put_off(tx, NOON)).expect("put off");
    assert_eq!(due(&house), Some(later), "nothing is brought forward");
}

#[test]
fn a_job_of_a_version_that_is_not_known_yet_waits_for_it() {
    let (mut house, key) = (House::new(), Key::generate());
    let job = |cron: &str| format!("[[owns.jobs]]\nname = \"nightly\"\ncron = \"{cron}\"");
    house.install(package("0.1.0", &job("0 * * * *"), &key)).expect("installed");
    let before = house.catalogue.clone();
    house.install(package("0.2.0", &job("30 * * * *"), &key)).expect("installed");
    let after = std::mem::replace(&mut house.catalogue, before);
    let due = |house: &House| tables::timer::next_due(&house.store.view(Scope::All).expect("a view")).expect("timers");
    let first = due(&house).expect("it is armed");
    assert_eq!(first, NOON.plus_millis(30 * 60_000), "the newer version's time");
    let fire = |house: &House, now: Time| {
        let ctx = Ctx::system(Id::hq(), now, house.catalogue.clone());
        house.store.commit_blocking(move |tx| timer::Fire { limit: 10 }.run(tx, &ctx)).expect("fired");
        let events = tables::event::after(&house.store.view(Scope::All).expect("a view"), 0, 500).expect("events");
        events.iter().filter(|event| event.kind == "job.due").count()
    };
    assert_eq!(fire(&house, first), 0, "whoever does not know the version does not tell of its job");
    let again = due(&house).expect("it is not forgotten");
    assert!(again > first && again < first.plus_millis(60_000), "{again}");
    house.catalogue = after;
    assert_eq!(fire(&house, again), 1);
    assert_eq!(due(&house), Some(first.plus_millis(60 * 60_000)), "and armed for the next time");
}
