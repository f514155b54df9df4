//! A host with the hostile guest loaded, a store behind it, and one way to call each.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use marque::{
    bus::{Answer, Ask, Delivery, LogLine, Responder, Staged, Subscriber},
    catalogue::{Catalogue, Plugin, PluginState},
    commands::{self, Ctx},
    host::{CatalogueNow, Decide, DecideCall, Decision, Guest, Host, Limits},
    model::{Actor, Command, Event, Fault, Id, Receipt, Scope, Time},
    store::{Store, StoreConfig, Tx},
};
use marque_package::Package;
use serde_json::{Value, json};

/// 2026-03-13 10:00 in Shanghai.
pub const NOW: Time = Time::from_millis(1_773_367_200_000);

/// A component built by `cargo xtask plugins`.
pub fn component(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins").join(name);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}\nbuild the guests first: cargo xtask plugins", path.display());
    })
}

/// A deadline that no honest call meets, however busy the machine that runs the tests.
pub fn limits() -> Limits {
    Limits { call_ms: 20_000, decide_ms: 20_000, decides_ms: 60_000, check_ms: 20_000, ..Limits::default() }
}

/// A deadline that is there to be met.
pub fn hurried() -> Limits {
    Limits { call_ms: 300, ..Limits::default() }
}

/// What the hostile plugin may do; its misdeeds are all outside of this.
const MANIFEST: &str = r#"
    name = "hostile"
    version = "1.2.3"
    contract = 1
    label = "Hostile"
    component = "hostile"
    hears = [{ event = "hostile.*" }, { event = "timer.fired" }]
    reads = { kinds = ["customer"] }
    asks = { commands = ["timer.set", "event.raise", "record.create:hostile.thing"], points = ["hostile.level"] }
    owns = { events = ["hostile.done"], settings = "settings.json" }
"#;

/// A plugin as if installed from a package with these files besides.
pub fn plugin(manifest: &str, component: Vec<u8>, files: &[(&str, &str)]) -> Arc<Plugin> {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let own = [("plugin.toml".to_owned(), manifest.as_bytes().to_vec()), ("component.wasm".to_owned(), component)];
    let package = Package::from_files(texts.chain(own).collect()).expect("a package");
    let plugin = Plugin::from_package(&package).expect("a plugin");
    Arc::new(Plugin { state: PluginState::Enabled, ..plugin })
}

pub fn hostile() -> Arc<Plugin> {
    let settings = r#"{"properties":{"greeting":{"default":"hello"}}}"#;
    plugin(MANIFEST, component("guests/hostile.wasm"), &[("settings.json", settings)])
}

/// A catalogue that does not change.
pub fn fixed(catalogue: Catalogue) -> CatalogueNow {
    let catalogue = Arc::new(catalogue);
    Arc::new(move || catalogue.clone())
}

pub struct Desk {
    pub guest: Arc<Guest>,
    store: Store,
    at_seq: i64,
    folder: PathBuf,
    _temp: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        Desk::with(limits(), Arc::new(Answering(Duration::ZERO)))
    }

    pub fn hurried() -> Desk {
        Desk::with(hurried(), Arc::new(Answering(Duration::ZERO)))
    }

    pub fn with(limits: Limits, decide: Arc<dyn Decide>) -> Desk {
        let host = Host::new(limits, Some(&cache())).expect("a host");
        Desk::of(&host, &hostile(), decide)
    }

    /// One guest of a host that may have others.
    pub fn of(host: &Arc<Host>, plugin: &Arc<Plugin>, decide: Arc<dyn Decide>) -> Desk {
        let temp = tempfile::tempdir().expect("a folder");
        let folder = temp.path().to_owned();
        let guest = host.load(plugin, fixed(Catalogue::default()), decide).expect("the guest loads");
        let store = Store::open(&folder.join("data"), &StoreConfig::default()).expect("a store");
        Desk { guest, store, at_seq: 0, folder, _temp: temp }
    }

    /// The same with a customer c1 in the store whose note is as long as notes may be.
    pub fn with_customer() -> Desk {
        let mut desk = Desk::new();
        let data = json!({ "type": "prospect", "name": "王磊", "note": "字".repeat(20_000) });
        let body = json!({ "kind": "customer", "id": "c1", "data": data });
        let create = move |tx: &mut Tx<'_>| {
            let ctx = Ctx::system(id("d1"), NOW, Arc::default());
            commands::apply(tx, &ctx, &Command::new("record.create", body)).map(drop)
        };
        desk.store.commit_blocking(create).expect("a customer");
        desk.at_seq = *desk.store.head().borrow();
        desk
    }

    /// Ask the guest to do something.
    pub fn ask(&self, action: &str, input: Value) -> Answer<(Staged, Value)> {
        self.guest.run(Ask {
            org: id("d1"),
            actor: Actor::User {
                id: id("u1"),
                name: "李娜".into(),
                org: id("d1"),
                roles: vec!["crm_officer".into()],
                scopes: Vec::new(),
            },
            locale: "zh-CN".into(),
            kind: "hostile.thing".into(),
            action: action.into(),
            target: None,
            input,
            view: self.store.view(Scope::one(id("d1"))).expect("a view"),
            now: NOW,
            nonce: id("nonce"),
        })
    }

    /// Let the guest hear of events with these data, numbered from 7.
    pub fn tell(&self, data: &[Value]) -> Answer<Staged> {
        self.hear(data.iter().zip(7..).map(|(data, seq)| event(seq, data.clone())).collect())
    }

    pub fn hear(&self, events: Vec<Event>) -> Answer<Staged> {
        self.guest.handle(Delivery {
            org: id("d1"),
            events,
            view: self.store.view(Scope::one(id("d1"))).expect("a view"),
            now: NOW,
            attempt: 1,
        })
    }

    /// The guest does what it should not; answers the fault and what was logged.
    pub fn misdeed(&self, action: &str) -> (Fault, Vec<LogLine>) {
        let answer = self.ask(action, json!({}));
        let fault = answer.result.map(drop).expect_err(action);
        self.lives();
        (fault, answer.logs)
    }

    /// After any misdeed the next honest call is served, by an instance that knows nothing of the last, and the store is untouched.
    pub fn lives(&self) {
        let (staged, reply) = self.ask("count_calls", json!({})).result.expect("an honest call");
        assert_eq!((staged.commands.len(), reply), (1, json!(0)));
        let view = self.store.view(Scope::All).expect("a view");
        assert_eq!(
            view.at_seq(),
            self.at_seq,
            "a guest without a commit has changed the store in {}",
            self.folder.display()
        );
    }
}

/// Answers every point after a while.
pub struct Answering(pub Duration);

impl Decide for Answering {
    #[expect(clippy::disallowed_methods, reason = "a slow decision is what is tested")]
    fn decide(&self, call: &DecideCall<'_>) -> Result<Decision, Fault> {
        std::thread::sleep(self.0);
        if call.input.get("fail").is_some() {
            return Err(Fault::host("the rules are being moved"));
        }
        let output = json!({ "level": "general" });
        let receipt = Receipt {
            id: call.receipt.clone(),
            at: call.now,
            org: call.org.clone(),
            point: call.point.into(),
            plugin: call.plugin.into(),
            plugin_version: call.plugin_version.into(),
            script: "decision/hostile.level".into(),
            script_owner: "hostile".into(),
            script_version: 0,
            script_digest: String::new(),
            input: call.input.clone(),
            output: output.clone(),
            reasons: Vec::new(),
            fallback: None,
            combined: Vec::new(),
        };
        Ok(Decision { output, receipt })
    }
}

/// Answers a point by calling the guest again while it waits.
#[derive(Default)]
pub struct Within(Mutex<Weak<Desk>>);

impl Within {
    pub fn set(&self, desk: &Arc<Desk>) {
        *self.0.lock().expect("no test panics here") = Arc::downgrade(desk);
    }
}

impl Decide for Within {
    fn decide(&self, call: &DecideCall<'_>) -> Result<Decision, Fault> {
        let desk = self.0.lock().expect("no test panics here").upgrade().expect("the desk is asking");
        desk.ask("nothing", json!({})).result?;
        Answering(Duration::ZERO).decide(call)
    }
}

pub fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

pub fn event(seq: i64, data: Value) -> Event {
    Event {
        seq,
        kind: "hostile.done".into(),
        at: NOW.plus_millis(seq),
        org: id("d1"),
        subject: None,
        actor: "user:u1".into(),
        cause: None,
        depth: 0,
        record: None,
        data,
    }
}

/// One compile cache for all tests of a machine's build, so that each component is compiled once and the cache is used hard.
pub fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cwasm")
}
