//! The post in a house of its own: gateways that are out of reach, and how much goes out in a minute.

use std::{
    sync::{Mutex, atomic::AtomicU32},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    commands::{self, Ctx},
    model::{Command, Record},
    store::StoreConfig,
};

const NOON: &str = "2026-03-13T12:00:00+08:00";

fn noon() -> Time {
    NOON.parse().expect("a moment")
}

struct House {
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

/// A maker with one dealer, at noon of a Friday.
async fn house() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let house = House { store, clock: Clock::standing(noon()), _folder: folder };
    for (id, r#type, parent) in [("hq", "maker", Value::Null), ("d1", "dealer", json!("hq"))] {
        let data = json!({ "code": id, "name": format!("店{id}"), "type": r#type, "parent": parent });
        house.run(vec![("record.create", json!({ "kind": "org", "id": id, "org": id, "data": data }))]).await;
    }
    house
}

impl House {
    fn catalogue(&self) -> Catalogue {
        Catalogue { orgs: self.store.orgs(), ..Catalogue::default() }
    }

    async fn run(&self, wanted: Vec<(&'static str, Value)>) {
        let ctx = Ctx::system("d1".parse().expect("an id"), self.clock.now(), Arc::new(self.catalogue()));
        let unit = move |tx: &mut crate::store::Tx<'_>| {
            for (name, body) in wanted {
                commands::apply(tx, &ctx, &Command::new(name, body))?;
            }
            Ok(())
        };
        self.store.commit(unit).await.expect("it is done");
    }

    fn post(&self, transport: Arc<dyn Transport>) -> Outbound {
        let catalogue = Arc::new(ArcSwap::from_pointee(self.catalogue()));
        let links = Links::new(&self.store.view(Scope::All).expect("a view"), "https://crm.example.cn").expect("a key");
        Outbound::start(self.store.clone(), self.clock.clone(), catalogue, transport, links, 0)
    }

    fn message(&self, id: &str) -> Record {
        let view = self.store.view(Scope::All).expect("a view");
        view.one("message", &id.parse().expect("an id")).expect("a message")
    }

    fn next_due(&self) -> Option<Time> {
        tables::outbox::next_due(&self.store.view(Scope::All).expect("a view")).expect("a moment")
    }
}

fn customer(n: u32) -> (&'static str, Value) {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("139{n:08}") });
    ("record.create", json!({ "kind": "customer", "id": format!("c{n}"), "org": "d1", "data": data }))
}

fn agreed(n: u32) -> (&'static str, Value) {
    let body = json!({ "customer": format!("c{n}"), "purpose": "marketing", "channel": "sms", "how": "paper", "text_version": "1" });
    ("consent.give", body)
}

fn message(n: u32, purpose: &str) -> (&'static str, Value) {
    let body = json!({ "id": format!("m{n}"), "customer": format!("c{n}"), "purpose": purpose, "channel": "sms", "body": "您好" });
    ("message.send", body)
}

async fn settled(outbound: &Outbound, limit: Duration) {
    let start = Instant::now();
    while !outbound.is_idle() {
        assert!(start.elapsed() < limit, "messages are still due after {limit:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

const SOON: Duration = Duration::from_secs(30);

/// Out of reach as often as it says.
#[derive(Default)]
struct Unsteady {
    n_failures: AtomicU32,
    taken: Mutex<Vec<Parcel>>,
}

impl Transport for Unsteady {
    fn send(&self, parcels: &[Parcel]) -> Vec<Result<(), Undelivered>> {
        if self.n_failures.fetch_sub(1, Ordering::SeqCst) > 0 {
            return parcels.iter().map(|_| Err(Undelivered::Unreachable)).collect();
        }
        self.n_failures.store(0, Ordering::SeqCst);
        self.taken.lock().expect("no test panicked in it").extend_from_slice(parcels);
        parcels.iter().map(|_| Ok(())).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_out_of_reach_is_tried_again_and_asked_for_leave_again() {
    let house = house().await;
    let gateway = Arc::new(Unsteady { n_failures: AtomicU32::new(2), ..Unsteady::default() });
    let outbound = house.post(gateway.clone());
    house.run(vec![customer(1), agreed(1), message(1, "marketing")]).await;
    settled(&outbound, SOON).await;
    assert_eq!(house.next_due(), Some(noon().plus_millis(60_000)));
    house.clock.set(noon().plus_millis(60_000));
    settled(&outbound, SOON).await;
    assert_eq!(house.next_due(), Some(noon().plus_millis(6 * 60_000)));
    // What was allowed at the first try is not at the third.
    let no = json!({ "customer": "c1", "purpose": "marketing", "channel": "sms", "how": "sms_reply" });
    house.run(vec![("consent.withdraw", no)]).await;
    house.clock.set(noon().plus_millis(6 * 60_000));
    settled(&outbound, SOON).await;
    let told = house.message("m1");
    assert_eq!((told.text("state"), told.text("reason")), (Some("suppressed"), Some("opted_out")));
    assert!(gateway.taken.lock().expect("no test panicked in it").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_six_tries_a_message_has_failed() {
    let house = house().await;
    let gateway = Arc::new(Unsteady { n_failures: AtomicU32::new(u32::MAX), ..Unsteady::default() });
    // The last try is eight and a half hours later, and must not fall into the night.
    house.clock.set(noon().plus_millis(-3 * 3_600_000));
    let outbound = house.post(gateway);
    house.run(vec![customer(1), message(1, "serve")]).await;
    for _ in 0..6 {
        settled(&outbound, SOON).await;
        if let Some(due) = house.next_due() {
            house.clock.set(due);
        }
    }
    settled(&outbound, SOON).await;
    let told = house.message("m1");
    assert_eq!(
        (told.text("state"), told.text("reason"), house.next_due()),
        (Some("failed"), Some("unreachable"), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_sent_in_its_time_is_not_sent_later() {
    let house = house().await;
    let gateway = Arc::new(Unsteady { n_failures: AtomicU32::new(1), ..Unsteady::default() });
    let outbound = house.post(gateway.clone());
    let (name, mut body) = message(1, "serve");
    body["until"] = json!(noon().plus_millis(30_000));
    house.run(vec![customer(1), (name, body)]).await;
    settled(&outbound, SOON).await;
    house.clock.set(noon().plus_millis(60_000));
    settled(&outbound, SOON).await;
    let told = house.message("m1");
    assert_eq!((told.text("state"), told.text("reason")), (Some("failed"), Some("too_late")));
    assert!(gateway.taken.lock().expect("no test panicked in it").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_due_at_once_go_out_in_rounds_each_once() {
    const MESSAGES: u32 = 1_000;
    let house = house().await;
    for first in (0..MESSAGES).step_by(100) {
        let some = first..first + 100;
        house.run(some.flat_map(|n| [customer(n), agreed(n), message(n, "marketing")]).collect()).await;
    }
    let outbound = house.post(Arc::new(Catcher::new(house.store.clone())));
    settled(&outbound, Duration::from_secs(300)).await;
    let view = house.store.view(Scope::All).expect("a view");
    let n_sent = (0..MESSAGES).filter(|n| house.message(&format!("m{n}")).text("state") == Some("sent")).count();
    let key = "m999".parse().expect("an id");
    let caught = tables::caught::get(&view, &key).expect("the catcher's table").expect("the last one");
    assert_eq!((n_sent, caught.n_handed), (MESSAGES as usize, 1));
}
