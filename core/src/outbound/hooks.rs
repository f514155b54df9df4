//! Webhooks: events told to other systems in order, again and again until they are taken, signed, with the eyes of whoever asked for it.

mod gather;
mod tell;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use ureq::Agent;

use super::{Outbound, outside::Inside};
use crate::{
    Result,
    catalogue::Catalogue,
    clock::Clock,
    model::{Actor, Id, Scope, Time, seal::SealKey},
    store::{
        Store, View, tables,
        tables::webhook::{State, Webhook},
    },
};

pub use tell::place;

/// What was told is kept in the log for so long.
const KEPT_MS: i64 = 30 * 86_400_000;

/// Tells events to other systems. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
    seal: Arc<SealKey>,
    outbound: Outbound,
    inside: Inside,
    agent: Agent,
    /// Wakes the round.
    wake: watch::Sender<u64>,
    now: Mutex<Now>,
    /// Whether there is anybody to be told, so that a house without webhooks is not asked at every commit.
    has_any: AtomicBool,
    is_stopping: AtomicBool,
}

/// What is known of the moment, and lost with the server without harm.
#[derive(Debug, Default)]
struct Now {
    /// Subscriptions that are being told something.
    busy: BTreeSet<Id>,
    /// Those that did not take anything lately: until when they are left alone, and how often that was.
    resting: BTreeMap<Id, (Time, u32)>,
    /// When the log was last cleared.
    cleared_at: Option<Time>,
}

/// What the rounds need of the house.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What is installed.
    pub catalogue: Arc<ArcSwap<Catalogue>>,
    /// Opens the secrets.
    pub seal: Arc<SealKey>,
    /// Tells owners.
    pub outbound: Outbound,
    /// Where it may call besides the open internet.
    pub inside: Inside,
}

impl Hooks {
    /// Start telling. Call inside a tokio runtime.
    pub fn start(parts: Parts) -> Hooks {
        let Parts { store, clock, catalogue, seal, outbound, inside } = parts;
        let (wake, woken) = watch::channel(0);
        let agent = inside.agent();
        let shared = Arc::new(Shared {
            store,
            clock,
            catalogue,
            seal,
            outbound,
            inside,
            agent,
            wake,
            now: Mutex::default(),
            has_any: AtomicBool::new(true),
            is_stopping: AtomicBool::new(false),
        });
        listen(&shared);
        let is_over = |shared: &Shared| shared.is_stopping.load(Ordering::SeqCst);
        shared.clock.attend(&shared, woken, "webhooks", is_over, round);
        Hooks { shared }
    }

    /// Whether the server may call there.
    ///
    /// # Errors
    /// `egress.refused`, with why.
    pub fn check(&self, url: &str) -> Result<()> {
        self.shared.inside.check(url)
    }

    /// Stop after what is under way.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        // A panic leaves nothing half-done here.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poke(&self) {
        self.wake.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// The owner of a subscription as they are today; none when they have left.
    fn owner(&self, all: &View, webhook: &Webhook) -> Result<Option<Actor>> {
        let user = tables::record::get(all, "user", &webhook.owner, &Scope::All)?;
        Ok(user.filter(|user| user.text("status").is_none_or(|status| status == "active")).map(|user| Actor::of(&user)))
    }

    /// A view with the eyes of an owner, in the organisation the subscription is for.
    fn eyes(&self, owner: &Actor, webhook: &Webhook) -> Result<View> {
        let orgs = self.store.orgs();
        let own = match self.store.rights(owner).compiled() {
            Some(compiled) => compiled.scope.clone(),
            None => match owner {
                Actor::User { org, .. } => orgs.scope(org),
                _ => Scope::All,
            },
        };
        Ok(self.store.view(own.within(&orgs.scope(&webhook.org)))?.asked_by(owner, self.clock.now()))
    }
}

/// Wake the round for whatever may be news: events, where somebody is told of them, and subscriptions that have changed.
fn listen(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    let (mut head, mut timers) = (shared.store.head(), shared.store.timers());
    tokio::spawn(async move {
        loop {
            let is_event = tokio::select! {
                changed = head.changed() => if changed.is_err() { return } else { true },
                changed = timers.changed() => if changed.is_err() { return } else { false },
            };
            let Some(shared) = weak.upgrade() else { return };
            if !is_event || shared.has_any.load(Ordering::SeqCst) {
                shared.poke();
            }
        }
    });
}

/// Look at new events, begin to tell what is due, and answer when something is due next.
async fn round(shared: Arc<Shared>) -> Result<Option<Time>> {
    let work = shared.clone();
    let active = tokio::task::spawn_blocking(move || -> Result<Vec<Webhook>> {
        let all = tables::webhook::list(&work.store.view(Scope::All)?, &Scope::All)?;
        Ok(all.into_iter().filter(|webhook| webhook.state == State::Active).collect())
    });
    let active = active.await.map_err(crate::Error::internal)??;
    shared.has_any.store(!active.is_empty(), Ordering::SeqCst);
    if active.is_empty() {
        return Ok(None);
    }
    gather::events(&shared, &active).await?;
    clear(&shared).await?;
    let mut next: Option<Time> = None;
    for webhook in active {
        let due = tell::begin(&shared, webhook).await?;
        next = match (next, due) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(next)
}

/// Let go of old lines of the log, once a day.
async fn clear(shared: &Arc<Shared>) -> Result<()> {
    let now = shared.clock.now();
    if shared.now().cleared_at.is_some_and(|at| now - at < 86_400_000) {
        return Ok(());
    }
    shared.store.commit(move |tx| tables::webhook::forget_before(tx, now.plus_millis(-KEPT_MS))).await?;
    shared.now().cleared_at = Some(now);
    Ok(())
}
