//! Eight writers, and what must be true of their work whatever happens to the server: the oracles of the fault plan.
//!
//! O1 what was acknowledged is there; O2 what was not is wholly there or not at all, which a repeat with its key shows; O3 one effect an
//! event, and events without gaps; O4 a subscriber answers the events of one customer in their order; O5 the audit log's chain holds;
//! O6 SQLite finds nothing wrong; O7 starts without a wish come to a store that they do not change; O8 how soon a killed server answers again is printed:
//! a bound on it is for `bench`, where nothing else runs.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::{SystemTime, UNIX_EPOCH},
};

use marque::{
    model::Scope,
    store::{Store, StoreConfig, tables},
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, SOON, Server, eventually};

const WRITERS: u32 = 8;

/// What one writer wished for: key → the answer's id, once it was acknowledged.
type Wishes = BTreeMap<String, Option<String>>;

/// The work of eight writers over all rounds.
#[derive(Debug)]
pub struct Work {
    wishes: Vec<Arc<Mutex<Wishes>>>,
    /// Wishes that were answered with a failure of the server's.
    n_refused: Arc<AtomicU32>,
    round: u32,
    chance: u64,
}

/// What came of one wish.
enum Told {
    /// It was acknowledged; the record's id.
    Granted(String),
    /// The server said that it failed.
    Refused,
    /// It said nothing.
    CutOff,
}

/// Writers at work.
#[derive(Debug)]
pub struct Writers {
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// They stop with their next answer, or when there is none.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|writer| writer.join().expect("a writer ends with the server"));
    }
}

impl Work {
    /// None so far. The seed is printed, and taken from `MARQUE_TEST_SEED` to repeat a run.
    pub fn new() -> Work {
        let seed = seed();
        eprintln!("seed {seed}: repeat with MARQUE_TEST_SEED={seed}");
        Work {
            wishes: (0..WRITERS).map(|_| Arc::default()).collect(),
            n_refused: Arc::default(),
            round: 0,
            chance: seed,
        }
    }

    /// A number below `below`, the same ones for the same seed.
    pub fn chance(&mut self, below: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % below
    }

    /// Set the writers to work.
    pub fn begin(&mut self, officer: &Client) -> Writers {
        // As many as their telephone numbers have room for.
        self.begin_few(officer, 1000)
    }

    /// Set the writers to work until each has asked so many times.
    pub fn begin_few(&mut self, officer: &Client, most: u32) -> Writers {
        let (round, stop) = (self.round, Arc::new(AtomicBool::new(false)));
        self.round += 1;
        let start = |(wishes, writer): (&Arc<Mutex<Wishes>>, u32)| {
            let (officer, wishes, stop) = (officer.clone(), wishes.clone(), stop.clone());
            let n_refused = self.n_refused.clone();
            thread::spawn(move || {
                if write(&officer, &wishes, &stop, (writer, round), most) {
                    n_refused.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let threads = self.wishes.iter().zip(0..).map(start).collect();
        Writers { threads, stop }
    }

    /// How many were told that the server failed.
    pub fn n_refused(&self) -> u32 {
        self.n_refused.load(Ordering::Relaxed)
    }

    /// How many wishes were acknowledged.
    pub fn n_acknowledged(&self) -> usize {
        let granted = |wishes: &Arc<Mutex<Wishes>>| {
            wishes.lock().expect("no writer panicked").values().filter(|id| id.is_some()).count()
        };
        self.wishes.iter().map(granted).sum()
    }

    /// Of those, how many the server does not know any more; what was lost is not asked for again.
    pub fn n_lost(&self, officer: &Client) -> usize {
        let known: HashSet<String> = ["customer", "complaints.case"]
            .into_iter()
            .flat_map(|kind| all(officer, kind, &json!({})))
            .filter_map(|record| record["id"].as_str().map(str::to_owned))
            .collect();
        let lost = |wishes: &Arc<Mutex<Wishes>>| {
            let wishes = wishes.lock().expect("no writer panicked");
            wishes.values().flatten().filter(|id| !known.contains(*id)).count()
        };
        self.wishes.iter().map(lost).sum()
    }

    /// Hold everything against the oracles, on a server that lives. It is stopped at the end. Answers how many requests had been cut off.
    pub fn judge(&self, server: &mut Server) -> usize {
        let officer = server.staff("wang");
        // What was not acknowledged is asked once more with its key, as a careful client does.
        let mut n_cut_off = 0;
        for wishes in &self.wishes {
            let open: Vec<String> = {
                let wishes = wishes.lock().expect("no writer panicked");
                wishes.iter().filter(|(_, id)| id.is_none()).map(|(key, _)| key.clone()).collect()
            };
            n_cut_off += open.len();
            for key in open {
                let Told::Granted(id) = ask(&officer, &key) else {
                    panic!("{key} is not granted by a server that lives");
                };
                wishes.lock().expect("no writer panicked").insert(key, Some(id));
            }
        }
        eprintln!("{n_cut_off} requests were cut off");
        judge(server, &officer, &self.wishes);
        server.stop();
        comes_to_rest(server);
        sound(server);
        // At the end: a store that was opened here lets go of its folder only a little later.
        let store = Store::open(&server.data(), &StoreConfig::default()).expect("the store of a stopped server");
        audited(&store, &self.wishes);
        ordered(&store);
        n_cut_off
    }
}

/// O4. What plugins did because of one subject's events they did in the order of those.
fn ordered(store: &Store) {
    let view = store.view(Scope::All).expect("a view");
    let mut last: HashMap<(String, String), i64> = HashMap::new();
    let (mut after, mut n_answers) = (0, 0);
    loop {
        let page = tables::event::after(&view, after, 500).expect("events");
        let Some(end) = page.last() else { break };
        after = end.seq;
        for event in &page {
            let (Some(cause), Some(subject)) = (event.cause, &event.subject) else { continue };
            let before = last.insert((event.actor.clone(), subject.to_string()), cause).unwrap_or_default();
            assert!(before <= cause, "{} answers {cause} after {before}: {event:?}", event.actor);
            n_answers += 1;
        }
    }
    assert!(n_answers > 0, "nobody answered anything: this proved nothing");
}

/// O7. Starts without a wish come to a store that they do not change any more: what was still to be delivered when the server was stopped
/// is done by the first of them.
fn comes_to_rest(server: &mut Server) {
    let mut last = lasting(server);
    for _ in 0..3 {
        server.launch();
        let admin = server.admin();
        eventually("every delivery has been made", SOON * 6, || {
            let plugins = admin.get("/plugins").ok(200);
            plugins["items"].as_array()?.iter().all(|plugin| plugin["lag"] == 0).then_some(())
        });
        server.stop();
        let now = lasting(server);
        if now == last {
            return;
        }
        last = now;
    }
    panic!("every start changes what the store holds");
}

/// Everything but sessions, where quiet lanes stand, and who has looked.
fn lasting(server: &Server) -> BTreeMap<String, String> {
    Store::contents_of(&server.data(), &["session", "lane", "audit", "audit_root"]).expect("the tables")
}

/// O6. Every page is looked at.
fn sound(server: &Server) {
    assert_eq!(Store::check_of(&server.data()).expect("the file can be looked through"), [""; 0]);
}

/// Whatever was acknowledged is in the audit log, once, and its chain holds over all the deaths.
fn audited(store: &Store, wishes: &[Arc<Mutex<Wishes>>]) {
    let entries = tables::audit::verified(&store.view(Scope::All).expect("a view")).expect("an unbroken chain");
    let mut n_created: HashMap<String, u32> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.what == "record.created") {
        let id = entry.record.as_ref().map(ToString::to_string).unwrap_or_default();
        *n_created.entry(id).or_default() += 1;
    }
    for wishes in wishes {
        for (key, id) in wishes.lock().expect("no writer panicked").iter() {
            let id = id.as_deref().expect("every wish was granted in the end");
            assert_eq!(n_created.get(id), Some(&1), "{key}: {id} is not in the audit log once");
        }
    }
}

/// Until the server is gone, and at most so many: a customer or, every fourth time, a complaint of the last customer. Answers whether it was refused.
fn write(officer: &Client, wishes: &Mutex<Wishes>, stop: &AtomicBool, (writer, round): (u32, u32), most: u32) -> bool {
    let mut customer: Option<String> = None;
    for n in 0..most {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        let key = match &customer {
            Some(id) if n % 4 == 3 => format!("case-{writer}-{round}-{n}-{id}"),
            _ => format!("customer-{writer}-{round}-{n}"),
        };
        wishes.lock().expect("no writer panicked").insert(key.clone(), None);
        let id = match ask(officer, &key) {
            Told::Granted(id) => id,
            Told::Refused => return true,
            Told::CutOff => return false,
        };
        if key.starts_with("customer") {
            customer = Some(id.clone());
        }
        wishes.lock().expect("no writer panicked").insert(key, Some(id));
    }
    false
}

/// One wish: its body is a function of its key.
fn ask(officer: &Client, key: &str) -> Told {
    let parts: Vec<&str> = key.splitn(5, '-').collect();
    let (path, body) = match parts[..] {
        ["customer", writer, round, n] => {
            let number = format!("{writer}{round:0>4}{n:0>3}");
            ("/records/customer", json!({ "name": format!("客户{number}"), "phone": format!("186{number}") }))
        }
        ["case", _, _, _, customer] => ("/records/complaints.case", json!({ "customer": customer, "facts": key })),
        _ => panic!("{key} is no wish"),
    };
    let told: Option<Answer> = officer.try_json("POST", path, &[("idempotency-key", key)], &json!({ "data": body }));
    match told {
        Some(answer) if answer.status >= 500 => Told::Refused,
        // An answer cut off by the kill is no acknowledgement.
        Some(answer) if answer.body["id"].is_null() => Told::CutOff,
        Some(answer) => {
            assert_eq!(answer.status, 201, "{key}: {}", answer.text);
            Told::Granted(answer.body["id"].as_str().expect("an id is text").to_owned())
        }
        None => Told::CutOff,
    }
}

fn judge(server: &Server, officer: &Client, wishes: &[Arc<Mutex<Wishes>>]) {
    let admin = server.admin();
    let wished: Vec<(String, String)> = wishes
        .iter()
        .flat_map(|wishes| wishes.lock().expect("no writer panicked").clone())
        .map(|(key, id)| (key, id.expect("every wish was granted in the end")))
        .collect();
    let n_cases = wished.iter().filter(|(key, _)| key.starts_with("case")).count();
    eprintln!("{} wishes, {n_cases} of them complaints", wished.len());
    assert!(!wished.is_empty(), "the writers wrote nothing");

    let ids: HashSet<&str> = wished.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids.len(), wished.len(), "two wishes were granted by one record");
    let customers = all(officer, "customer", &json!({ "phone": { "starts": "+86186" } }));
    assert_eq!(customers.len(), wished.len() - n_cases, "customers were lost or made twice");
    let cases = all(officer, "complaints.case", &json!({}));
    let of_test: Vec<&Value> = cases
        .iter()
        .filter(|case| case["data"]["facts"].as_str().is_some_and(|facts| facts.starts_with("case-")))
        .collect();
    assert_eq!(of_test.len(), n_cases, "complaints were lost or made twice");

    let tasks = all(officer, "worklist.task", &json!({ "state": "open" }));
    // Where the clock has jumped, time runs out while we look: managers have tasks beside.
    let is_own = |task: &&Value| task["data"]["step"] != "complaint.escalation";
    for case in of_test {
        let own: Vec<&Value> = tasks.iter().filter(|task| task["data"]["about"] == case["id"]).filter(is_own).collect();
        assert_eq!(own.len(), 1, "an open case has one open task: {case}: {own:?}");
    }
    eventually("every delivery has been made", SOON * 6, || {
        (admin.get("/plugins/wayward").ok(200)["lag"] == 0).then_some(())
    });
    let mut marks: HashMap<String, u32> = HashMap::new();
    for mark in all(officer, "wayward.mark", &json!({})) {
        *marks.entry(mark["data"]["customer"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    for customer in &customers {
        let id = customer["id"].as_str().unwrap_or_default();
        assert_eq!(marks.get(id), Some(&1), "one effect a customer: {id}");
    }
    events_are_gap_free(&admin);
}

fn events_are_gap_free(admin: &Client) {
    for (event, expected) in admin.events_after(0).iter().zip(1..) {
        assert_eq!(event["seq"].as_i64(), Some(expected), "a gap before {event}");
    }
}

fn all(client: &Client, kind: &str, filter: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = client.get(&format!("/records/{kind}?limit=500&filter={filter}{cursor}")).ok(200);
        found.extend(body["items"].as_array().cloned().unwrap_or_default());
        match body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn seed() -> u64 {
    let chosen = std::env::var("MARQUE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    chosen.unwrap_or_else(by_the_clock)
}

#[expect(clippy::disallowed_methods, reason = "a fresh seed each time, printed so that a failure can be repeated")]
fn by_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos().into())
}
