//! The bus: events to subscribers, in order per subject, effects and cursor in one commit.

mod ahead;
mod ask;
mod background;
mod breaker;
mod bulk;
mod config;
mod dispatch;
mod holding;
mod lanes;
mod parking;
mod ranking;
mod rehearse;
mod replay;
mod side_by_side;
mod status;
pub mod subscriber;
mod timers;
mod turns;

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;

use crate::{
    Result,
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, Ids},
    model::{Actor, Event, Id, Scope},
    store::{Store, tables},
};

pub use ask::{Answered, Question, Reply, Seal};
pub use config::BusConfig;
use lanes::Lanes;
pub use rehearse::{Rehearsal, Wished, Work};
pub use replay::{Past, Replayed};
pub use side_by_side::side_by_side;
pub use status::Status;
pub use subscriber::{Answer, Ask, Delivery, Level, LogLine, Outcome, Responder, Staged, Subscriber, Usage, Verdict};

/// Feeds subscribers. Cheap to clone; the workers stop with [`Bus::stop`].
#[derive(Clone)]
pub struct Bus {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
    config: BusConfig,
    n_groups: usize,
    subscriptions: RwLock<BTreeMap<String, Arc<Subscription>>>,
    logs: status::Logs,
    ahead: ahead::Ahead,
    turns: turns::Turns,
    /// Rises with everything a worker may have to look at.
    bell: Mutex<u64>,
    rung: Condvar,
    is_stopping: AtomicBool,
}

/// One subscriber with its lanes, in as many groups as there are workers: a group is served by one worker at a time.
struct Subscription {
    subscriber: Arc<dyn Subscriber>,
    responder: Option<Arc<dyn Responder>>,
    groups: Vec<Mutex<Lanes>>,
    /// Subjects with a parked delivery, whose later events wait behind it.
    parked: RwLock<HashSet<Id>>,
    /// Held while parked deliveries are taken up again.
    draining: Mutex<()>,
    watch: status::Watch,
    breaker: Mutex<breaker::Breaker>,
    is_active: AtomicBool,
}

/// What a subscription is made of.
pub struct Subscribe {
    /// Hears events.
    pub subscriber: Arc<dyn Subscriber>,
    /// Answers actions, if it does.
    pub responder: Option<Arc<dyn Responder>>,
    /// The last event before it began to listen.
    pub since: i64,
}

impl Bus {
    /// Start the workers and the timer task. Call inside a tokio runtime.
    pub fn start(store: Store, clock: Clock, catalogue: Arc<ArcSwap<Catalogue>>, config: BusConfig) -> Bus {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let n_workers = if config.workers == 0 { cores.max(2) } else { config.workers };
        let shared = Arc::new(Shared {
            store,
            clock,
            catalogue,
            config,
            n_groups: n_workers,
            subscriptions: RwLock::default(),
            logs: status::Logs::default(),
            ahead: ahead::Ahead::default(),
            turns: turns::Turns::new(2 * n_workers),
            bell: Mutex::new(0),
            rung: Condvar::new(),
            is_stopping: AtomicBool::new(false),
        });
        dispatch::start(&shared, n_workers);
        timers::start(&shared);
        holding::start(&shared);
        Bus { shared }
    }

    /// Feed a subscriber from where its cursors stand. One of the same name is replaced at a batch's boundary.
    ///
    /// # Errors
    /// Internal.
    pub fn subscribe(&self, subscribe: Subscribe) -> Result<()> {
        let name = subscribe.subscriber.name().to_owned();
        self.unsubscribe(&name);
        let view = self.shared.store.view(Scope::All)?;
        let cursors = tables::lane::cursors(&view, &name, subscribe.since)?;
        let parked = tables::parked::subjects(&view, &name)?;
        let n_groups = self.shared.n_groups;
        let group = |n: usize| {
            let own = cursors.iter().filter(|(lane, _)| usize::from(**lane) % n_groups == n);
            Mutex::new(Lanes::new(own.map(|(lane, seq)| (*lane, *seq)).collect()))
        };
        let subscription = Subscription {
            subscriber: subscribe.subscriber,
            responder: subscribe.responder,
            groups: (0..n_groups).map(group).collect(),
            parked: RwLock::new(parked.into_iter().collect()),
            draining: Mutex::new(()),
            watch: status::Watch::default(),
            breaker: Mutex::default(),
            is_active: AtomicBool::new(true),
        };
        self.shared.subscriptions_mut().insert(name, Arc::new(subscription));
        self.shared.ring();
        Ok(())
    }

    /// Stop feeding a subscriber. A call that runs is let finish; its cursors stand.
    pub fn unsubscribe(&self, name: &str) {
        let removed = self.shared.subscriptions_mut().remove(name);
        if let Some(subscription) = removed {
            subscription.is_active.store(false, Ordering::SeqCst);
            // Whoever holds a group is in the middle of a call; after this nobody is.
            subscription.groups.iter().for_each(|group| drop(lock(group)));
        }
    }

    /// How a subscription fares; `None` when there is none of that name.
    pub fn status(&self, name: &str) -> Option<Status> {
        let subscription = self.shared.subscription(name)?;
        let head = *self.shared.store.head().borrow();
        let behind = |lanes: &Mutex<Lanes>| {
            let lanes = lock(lanes);
            if lanes.is_empty() {
                head - lanes.scanned
            } else {
                head - lanes.cursors.values().copied().min().unwrap_or(head)
            }
        };
        let lag = subscription.groups.iter().map(behind).max().unwrap_or_default();
        let parked =
            self.shared.store.view(Scope::All).and_then(|view| tables::parked::count(&view, name)).unwrap_or_default();
        let rests = lock(&subscription.breaker).rests(std::time::Instant::now());
        let rests_s = rests.map(|until| until.saturating_duration_since(std::time::Instant::now()).as_secs() + 1);
        Some(Status { lag, parked, rests_s, ..subscription.watch.status() })
    }

    /// Whether every subscription has handled everything committed so far, and no timer is due. A call under way counts as work.
    pub fn is_idle(&self) -> bool {
        let Ok(view) = self.shared.store.view(Scope::All) else { return false };
        let now = self.shared.clock.now();
        let has_timer = tables::timer::next_due(&view).is_ok_and(|due| due.is_some_and(|due| due <= now));
        // Deliveries that wait for a person are nobody's work, those that are let go are.
        let is_paced = tables::hold::work(&view).is_ok_and(|work| !work.is_empty());
        let head = view.at_seq();
        let is_done =
            |lanes: &Mutex<Lanes>| lanes.try_lock().is_ok_and(|lanes| lanes.is_empty() && lanes.scanned >= head);
        !has_timer && !is_paced && self.shared.all().iter().all(|subscription| subscription.groups.iter().all(is_done))
    }

    /// What the guest has logged, the newest first.
    pub fn logs(&self, name: &str) -> Vec<LogLine> {
        self.shared.logs.of(name)
    }

    /// Keep what a guest has logged in a call that was no delivery.
    pub fn keep_logs(&self, name: &str, lines: Vec<LogLine>) {
        self.shared.logs.keep(name, lines);
    }

    /// Stop the workers after the calls that run.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        self.shared.ring();
    }
}

impl Shared {
    fn subscriptions_mut(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<String, Arc<Subscription>>> {
        self.subscriptions.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscription(&self, name: &str) -> Option<Arc<Subscription>> {
        self.subscriptions.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn all(&self) -> Vec<Arc<Subscription>> {
        self.subscriptions.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn ring(&self) {
        *lock(&self.bell) += 1;
        self.rung.notify_all();
    }

    /// The context in which a subscriber's commands for these events are run.
    fn ctx(&self, actor: Actor, org: &Id, events: &[Event]) -> Ctx {
        let depth = events.iter().map(|event| event.depth).max().unwrap_or_default();
        let now = self.clock.now();
        // As those a guest asks for, ids made for it are a function of the delivery.
        let ids = match events.first() {
            Some(first) => {
                let parts = ["delivery", &actor.label(), &first.seq.to_string(), org.as_str()];
                Ids::seeded(Id::derived(first.at, &parts, 0), first.at)
            }
            None => Ids::fresh(now),
        };
        Ctx {
            ids,
            // Of several events it cannot be said which one a command answers.
            cause: match events {
                [only] => Some(only.seq),
                _ => None,
            },
            depth: depth.saturating_add(1),
            ..Ctx::new(actor, org.clone(), self.scope(org), now, self.catalogue.load_full())
        }
    }

    /// A plugin sees the organisation it is called for and those below.
    fn scope(&self, org: &Id) -> Scope {
        self.store.orgs().scope(org)
    }
}

/// A lock whose data stays usable after a panic: lanes are checked against the store at every commit.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
