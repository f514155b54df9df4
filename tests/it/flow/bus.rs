//! Deliveries: in order per subject, effects once, failures parked without stopping others, timers through a restart.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use marque::{
    bus::{Answer, Bus, BusConfig, Delivery, Staged, Subscribe, Subscriber},
    catalogue::{Catalogue, Manifest, Plugin, PluginState},
    clock::Clock,
    commands::{Ctx, Run, record, timer},
    model::{Actor, Command, Event, Fault, Id, Kind, Record, Scope, Time},
    store::{Store, StoreConfig, tables},
};
use serde_json::{Value, json};

const NOON: Time = Time::from_millis(1_773_374_400_000);

/// What a test's subscriber does with one event.
type Rule = dyn Fn(&Event) -> Result<Vec<Command>, Fault> + Send + Sync;

/// A subscriber made of a closure, in the place of a plugin called `probe`.
struct Probe {
    rule: Box<Rule>,
    heard: Mutex<Vec<i64>>,
}

impl Subscriber for Probe {
    fn name(&self) -> &str {
        "probe"
    }

    fn actor(&self) -> Actor {
        Actor::Plugin { name: "probe".into(), version: "1.0.0".into(), on_behalf: None }
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind == "customer.created" || event.kind == "timer.fired"
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        let mut staged = Staged::default();
        for event in &delivery.events {
            match (self.rule)(event) {
                Ok(commands) => staged.commands.extend(commands),
                Err(fault) => return Answer { result: Err(fault), logs: Vec::new(), usage: Default::default() },
            }
        }
        self.heard.lock().expect("not poisoned").extend(delivery.events.iter().map(|event| event.seq));
        Answer { result: Ok(staged), logs: Vec::new(), usage: Default::default() }
    }
}

/// A store with the kind `probe.mark` and a catalogue in which `probe` may write it.
struct House {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
}

fn open(folder: &Path) -> House {
    let store = Store::open(folder, &StoreConfig::default()).expect("a store");
    House { store, clock: Clock::standing(NOON), catalogue: Arc::new(ArcSwap::from_pointee(catalogue())) }
}

async fn house(folder: &Path) -> House {
    let house = open(folder);
    let ctx = Ctx::system(Id::hq(), NOON, house.catalogue.load_full());
    house
        .store
        .commit(move |tx| {
            tx.install_kind(&mark())?;
            let data = json!({ "code": "hq", "name": "HQ", "type": "maker" });
            create("org", Some("hq"), data).run(tx, &ctx)
        })
        .await
        .expect("an organisation");
    house
}

fn mark() -> Kind {
    serde_json::from_value(json!({
        "kind": "probe.mark", "label": "Mark", "title": "of", "subject": "customer",
        "fields": {
            "of": { "type": "text", "label": "Of", "indexed": true, "unique": "org" },
            "customer": { "type": "ref", "to": "customer", "label": "Customer" }
        }
    }))
    .expect("a kind")
}

fn catalogue() -> Catalogue {
    let manifest = Manifest::parse(
        "name = 'probe'\nversion = '1.0.0'\ncontract = 1\nlabel = 'Probe'\n[asks]\ncommands = ['record.create:probe.mark', 'timer.set']\n[owns]\nkinds = ['probe.mark']\n",
    )
    .expect("a manifest");
    let plugin = Plugin {
        declared: manifest.rights(),
        standing: marque::catalogue::Standing::default(),
        signer: None,
        content: String::new(),
        manifest,
        digest: String::new(),
        component: None,
        state: PluginState::Enabled,
        kinds: Vec::new(),
        points: BTreeMap::new(),
        computed: BTreeMap::new(),
        screens: Value::Null,
        texts: BTreeMap::new(),
        settings_schema: Value::Null,
        default_settings: Arc::new(Value::Null),
        readme: String::new(),
    };
    Catalogue { plugins: BTreeMap::from([("probe".into(), Arc::new(plugin))]), ..Catalogue::default() }
}

fn create(kind: &str, id: Option<&str>, data: Value) -> record::Create {
    let data = data.as_object().expect("an object").clone();
    record::Create {
        id: id.map(|id| id.parse().expect("an id")),
        org: Some(Id::hq()),
        ..record::Create::new(kind, data)
    }
}

impl House {
    fn ctx(&self) -> Ctx {
        Ctx::system(Id::hq(), self.clock.now(), self.catalogue.load_full())
    }

    async fn customers(&self, n: usize) -> Vec<Id> {
        let mut ids = Vec::new();
        for n in 0..n {
            let ctx = self.ctx();
            let made = self
                .store
                .commit(move |tx| create("customer", None, json!({ "name": format!("客户{n}") })).run(tx, &ctx))
                .await;
            ids.push(made.expect("a customer").record.id);
        }
        ids
    }

    fn start(&self, rule: impl Fn(&Event) -> Result<Vec<Command>, Fault> + Send + Sync + 'static) -> (Bus, Arc<Probe>) {
        let config = BusConfig { backoff_ms: 1, max_backoff_ms: 4, ..BusConfig::default() };
        let bus = Bus::start(self.store.clone(), self.clock.clone(), self.catalogue.clone(), config);
        let probe = Arc::new(Probe { rule: Box::new(rule), heard: Mutex::default() });
        bus.subscribe(Subscribe { subscriber: probe.clone(), responder: None, since: 0 }).expect("subscribed");
        (bus, probe)
    }

    fn marks(&self) -> Vec<Record> {
        let view = self.store.view(Scope::All).expect("a view");
        let query = marque::model::Query { limit: Some(500), ..Default::default() };
        view.find("probe.mark", &query).expect("marks").items
    }
}

async fn settled(bus: &Bus) {
    let end = Instant::now() + Duration::from_secs(30);
    while !bus.is_idle() {
        assert!(Instant::now() < end, "deliveries are still outstanding");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// One mark a customer: `of` is unique, so a second effect of the same event would be refused and seen.
fn marking(event: &Event) -> Vec<Command> {
    let customer = event.subject.clone();
    vec![Command::new(
        "record.create",
        json!({ "kind": "probe.mark", "data": { "of": event.seq.to_string(), "customer": customer } }),
    )]
}

fn parked(store: &Store) -> Vec<tables::parked::Parked> {
    tables::parked::list(&store.view(Scope::All).expect("a view"), "probe", 0, 100).expect("parked deliveries")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_has_its_effect_once_and_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    let customers = house.customers(200).await;
    let (bus, probe) = house.start(|event| Ok(marking(event)));
    settled(&bus).await;
    let marked: BTreeSet<String> =
        house.marks().iter().filter_map(|mark| mark.text("customer").map(str::to_owned)).collect();
    assert_eq!(marked, customers.iter().map(Id::to_string).collect());
    assert_eq!(house.marks().len(), 200);
    assert_eq!(probe.heard.lock().expect("not poisoned").len(), 200);
    bus.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_bus_goes_on_where_the_old_one_stood() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    house.customers(20).await;
    let (bus, _) = house.start(|event| Ok(marking(event)));
    settled(&bus).await;
    bus.stop();
    bus.unsubscribe("probe");
    house.customers(20).await;
    let (bus, probe) = house.start(|event| Ok(marking(event)));
    settled(&bus).await;
    assert_eq!(house.marks().len(), 40);
    assert_eq!(probe.heard.lock().expect("not poisoned").len(), 20, "nothing is delivered again");
    bus.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_is_found_among_others_and_parked() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    let customers = house.customers(60).await;
    let bad = customers[17].clone();
    let (bus, _) = house.start(move |event| {
        if event.subject.as_ref() == Some(&bad) {
            Err(Fault::guest("trap", "half way", true))
        } else {
            Ok(marking(event))
        }
    });
    settled(&bus).await;
    assert_eq!(house.marks().len(), 59, "all the others had their effect");
    let [parked] = parked(&house.store).try_into().expect("one is parked");
    assert_eq!(parked.subject, Some(customers[17].clone()));
    assert_eq!((parked.fault.code.as_str(), parked.attempts), ("trap", BusConfig::default().tries));
    bus.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_core_refuses_is_the_guests_fault_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    house.customers(1).await;
    let (bus, _) = house.start(|event| {
        let mut commands = marking(event);
        commands.push(Command::new("record.create", json!({ "kind": "customer", "data": { "name": "x" } })));
        Ok(commands)
    });
    settled(&bus).await;
    assert!(house.marks().is_empty(), "the first command was taken back with the second");
    let [parked] = parked(&house.store).try_into().expect("one is parked");
    assert_eq!(parked.fault.code, "denied");
    assert!(parked.fault.message.contains("record.create:customer"), "{}", parked.fault.message);
    bus.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn later_events_wait_behind_a_parked_one_and_go_on_after_retry() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    let customer = house.customers(1).await.remove(0);
    let is_mended = Arc::new(AtomicU32::new(0));
    let mended = is_mended.clone();
    let (bus, probe) = house.start(move |event| {
        if event.kind == "customer.created" && mended.load(Ordering::SeqCst) == 0 {
            return Err(Fault::guest("trap", "half way", false));
        }
        Ok(marking(event))
    });
    settled(&bus).await;
    let ctx = Ctx { actor: probe.actor(), ..house.ctx() };
    let set = timer::Set { key: "later".into(), at: NOON, subject: Some(customer.clone()), data: Value::Null };
    house.store.commit(move |tx| set.run(tx, &ctx)).await.expect("a timer");
    settled(&bus).await;
    assert_eq!(house.marks().len(), 1, "the timer of the same customer did not wait");
    let seq = parked(&house.store)[0].seq;
    assert!(bus.retry("probe", seq).await.is_err(), "it fails again while nothing is mended");
    assert_eq!(parked(&house.store).len(), 1);
    is_mended.store(1, Ordering::SeqCst);
    bus.retry("probe", seq).await.expect("handled at last");
    assert!(parked(&house.store).is_empty());
    assert_eq!(house.marks().len(), 2);
    bus.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_once_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let due = NOON.plus_millis(3_600_000);
    {
        let house = house(folder.path()).await;
        let (bus, probe) = house.start(|event| Ok(marking(event)));
        let ctx = Ctx { actor: probe.actor(), ..house.ctx() };
        let set = timer::Set { key: "clock".into(), at: due, subject: None, data: json!({ "step": "response" }) };
        house.store.commit(move |tx| set.run(tx, &ctx)).await.expect("a timer");
        settled(&bus).await;
        assert!(house.marks().is_empty(), "not due yet");
        bus.stop();
        bus.unsubscribe("probe");
    }
    // The lock on the folder is let go when the last handle of the store is gone.
    let end = Instant::now() + Duration::from_secs(30);
    let store = loop {
        match Store::open(folder.path(), &StoreConfig::default()) {
            Ok(store) => break store,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let house = House { store, clock: Clock::standing(due), catalogue: Arc::new(ArcSwap::from_pointee(catalogue())) };
    let (bus, _) = house.start(|event| Ok(marking(event)));
    settled(&bus).await;
    assert_eq!(house.marks().len(), 1);
    house.clock.set(due.plus_millis(1));
    settled(&bus).await;
    assert_eq!(house.marks().len(), 1, "it does not fire again");
    bus.stop();
}

/// A version that writes down what it saw, and meanwhile somebody else writes.
struct Looking {
    seen: Mutex<Vec<i64>>,
    meanwhile: Box<dyn Fn() + Send + Sync>,
}

impl Subscriber for Looking {
    fn name(&self) -> &str {
        "probe"
    }

    fn actor(&self) -> Actor {
        Actor::Plugin { name: "probe".into(), version: "1.0.0".into(), on_behalf: None }
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind == "customer.created"
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        self.seen.lock().expect("not poisoned").push(delivery.view.at_seq());
        (self.meanwhile)();
        Answer { result: Ok(Staged::default()), logs: Vec::new(), usage: Default::default() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_are_held_against_each_other_on_the_same_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house(folder.path()).await;
    house.customers(3).await;
    let bus = Bus::start(house.store.clone(), house.clock.clone(), house.catalogue.clone(), BusConfig::default());
    let (store, catalogue) = (house.store.clone(), house.catalogue.clone());
    let write = move || {
        let ctx = Ctx::system(Id::hq(), NOON, catalogue.load_full());
        let made =
            move |tx: &mut marque::store::Tx<'_>| create("customer", None, json!({ "name": "后来" })).run(tx, &ctx);
        store.commit_blocking(made).expect("a customer");
    };
    let old = Arc::new(Looking { seen: Mutex::default(), meanwhile: Box::new(write) });
    let new = Arc::new(Looking { seen: Mutex::default(), meanwhile: Box::new(|| ()) });
    let past = marque::bus::Past { after: Some(0), limit: 3, ..Default::default() };
    let (before, after) = bus.compare(old.clone(), new.clone(), past).await.expect("compared");
    assert_eq!((before.len(), after.len()), (3, 3));
    assert_eq!(*old.seen.lock().expect("not poisoned"), *new.seen.lock().expect("not poisoned"));
    bus.stop();
}
