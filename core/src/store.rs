//! All SQL: the committer, the read pool, the View. SQLite is behind it and nobody outside may know.

mod aggregate;
pub mod audit;
mod blobs;
mod bulk;
mod check;
mod committer;
mod contents;
mod cursor;
pub mod derived;
pub mod erasure;
mod eyes;
mod filter_sql;
mod hears;
pub mod kinds;
mod known;
mod merged_refs;
mod open;
mod overlay;
mod past;
mod patience;
mod purge;
mod ranked;
mod rows;
mod schema;
mod search;
pub mod segments;
pub mod tables;
pub mod then;
pub mod tx;
pub mod view;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::{
    Result,
    model::{
        Actor, Id, Scope,
        org::OrgTree,
        rights::{Book, Rights},
    },
};

pub use blobs::{Blobs, Incoming, Received};
use committer::Committer;
use derived::Watches;
pub(crate) use eyes::Eyes;
pub use hears::Telling;
pub use kinds::{KindTree, Kinds};
pub use open::{StoreConfig, installed_packages};
pub use overlay::Overlay;
pub use search::{Found, Search};
pub use tx::Tx;
pub use view::View;

/// The segments a store keeps, by the kind they hold.
pub type Segments = BTreeMap<String, Vec<tables::segment::Segment>>;

/// The one file and everything that touches it: a writer thread, and connections for reading.
#[derive(Clone, Debug)]
pub struct Store {
    committer: Committer,
    shared: Arc<Shared>,
}

/// What the writer and the readers both see.
pub(crate) struct Shared {
    path: std::path::PathBuf,
    /// Idle read connections; one is opened when there is none, and at most `max_idle` are kept.
    idle: Mutex<Vec<Connection>>,
    max_idle: usize,
    kinds: ArcSwap<KindTree>,
    /// The roll-ups of all kinds.
    watches: ArcSwap<Watches>,
    work: watch::Sender<u64>,
    orgs: ArcSwap<OrgTree>,
    head: watch::Sender<i64>,
    /// The number of the last committed event that may have changed who somebody is or what they may do.
    people: AtomicI64,
    timers: watch::Sender<u64>,
    chores: watch::Sender<u64>,
    segments: ArcSwap<Segments>,
    on_orgs: OnceLock<OnOrgs>,
    on_roles: OnceLock<OnRoles>,
    trace: overlay::Trace,
    blobs: Blobs,
    /// Where the audit log ends; the writer thread alone reads and moves it.
    chain: Mutex<audit::Chain>,
    audit_keys: audit::Keys,
    /// Who may do what, by role and by person.
    known: known::Known,
}

/// Told of a changed organisation tree, before the change is acknowledged.
type OnOrgs = Box<dyn Fn(&Arc<OrgTree>) + Send + Sync>;
type OnRoles = Box<dyn Fn(&Arc<Book>) + Send + Sync>;

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// A snapshot for reading. It sees every commit acknowledged before the call.
    ///
    /// # Errors
    /// Internal, when the file cannot be read.
    pub fn view(&self, scope: Scope) -> Result<View> {
        let connection = match self.shared.idle().pop() {
            Some(connection) => connection,
            None => open::reader(&self.shared.path)?,
        };
        View::begin(connection, scope, self.shared.clone())
    }

    /// A snapshot that sees what a rehearsal has changed as if it had been committed.
    ///
    /// # Errors
    /// As [`Store::view`].
    pub fn view_over(&self, scope: Scope, overlay: &Overlay) -> Result<View> {
        let connection = open::reader(&self.shared.path)?;
        overlay.lay_over(&connection)?;
        Ok(View::begin(connection, scope, self.shared.clone())?.overlaid())
    }

    /// Run a unit in the next group commit: all of it is durable when this answers `Ok`, or none of it is there.
    ///
    /// # Errors
    /// The unit's own; `unavailable` when the queue is full or the disk refuses.
    pub async fn commit<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.committer.submit(unit)?.await.unwrap_or_else(|_| Err(committer::stopped()))
    }

    /// As [`Store::commit`], from a thread that may block. Waits for room in the queue.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn commit_blocking<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.committer.submit_blocking(unit)?.blocking_recv().unwrap_or_else(|_| Err(committer::stopped()))
    }

    /// Run a unit and take everything back: what it would have answered.
    ///
    /// # Errors
    /// The unit's own.
    pub async fn rehearse<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.committer.submit_rehearsal(unit)?.await.unwrap_or_else(|_| Err(committer::stopped()))
    }

    /// As [`Store::rehearse`], from a thread that may block.
    ///
    /// # Errors
    /// As [`Store::rehearse`].
    pub fn rehearse_blocking<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.committer.submit_rehearsal(unit)?.blocking_recv().unwrap_or_else(|_| Err(committer::stopped()))
    }

    /// Index some more of the records that wait for the search box; `None` when none does.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn index_more(&self, limit: u32) -> Result<Option<search::Step>> {
        self.commit(move |tx| search::step(tx, limit)).await
    }

    /// The number of the last committed event; wakes its receivers after each commit that has events.
    pub fn head(&self) -> watch::Receiver<i64> {
        self.shared.head.subscribe()
    }

    /// The number of the last committed event that may bear on who somebody is: whatever was learned of a person at or after it still holds.
    pub fn people(&self) -> i64 {
        self.shared.people.load(Ordering::SeqCst)
    }

    /// Wakes its receivers when a timer has been set.
    pub fn timers(&self) -> watch::Receiver<u64> {
        self.shared.timers.subscribe()
    }

    /// Wakes its receivers when there is work on derived fields, in bulk.
    pub fn work(&self) -> watch::Receiver<u64> {
        self.shared.work.subscribe()
    }

    /// The files that hang on records.
    pub fn blobs(&self) -> &Blobs {
        &self.shared.blobs
    }

    /// What the audit log is sealed with.
    pub fn audit_keys(&self) -> &audit::Keys {
        &self.shared.audit_keys
    }

    /// Wakes its receivers when there may be something to do in the background: a kind or a segment has changed.
    pub fn chores(&self) -> watch::Receiver<u64> {
        self.shared.chores.subscribe()
    }

    /// The segments as last changed, by the kind they hold.
    pub fn segments(&self) -> Arc<Segments> {
        self.shared.segments.load_full()
    }

    /// The organisation tree as last committed.
    pub fn orgs(&self) -> Arc<OrgTree> {
        self.shared.orgs.load_full()
    }

    /// What an actor may do, as roles were last committed.
    pub fn rights(&self, actor: &Actor) -> Rights {
        self.shared.rights(actor)
    }

    /// The roles as last committed.
    pub fn roles(&self) -> Arc<Book> {
        self.shared.known.book()
    }

    /// Be told of every changed organisation tree before the change is acknowledged. The first who asks is told.
    pub fn on_orgs(&self, told: impl Fn(&Arc<OrgTree>) + Send + Sync + 'static) {
        // A second listener would be a mistake in the wiring; the first one keeps working.
        drop(self.shared.on_orgs.set(Box::new(told)));
    }

    /// Be told of the roles now, and of every change before it is acknowledged. The first who asks is told.
    pub fn on_roles(&self, told: impl Fn(&Arc<Book>) + Send + Sync + 'static) {
        told(&self.roles());
        drop(self.shared.on_roles.set(Box::new(told)));
    }

    /// The kinds as last installed.
    pub fn kinds(&self) -> Arc<Kinds> {
        self.shared.kinds.load().base().clone()
    }

    /// The kinds as they hold in an organisation.
    pub fn kinds_in(&self, org: &Id) -> Arc<Kinds> {
        self.shared.kinds.load().at(org).clone()
    }

    /// The kinds as they hold in each organisation.
    pub fn kind_tree(&self) -> Arc<KindTree> {
        self.shared.kinds.load_full()
    }
}

impl Shared {
    fn chain(&self) -> std::sync::MutexGuard<'_, audit::Chain> {
        // It is replaced as a whole, so a panic cannot leave it half-changed.
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rights(&self, actor: &Actor) -> Rights {
        self.known.rights(&self.kinds.load_full(), actor)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // A panic cannot leave a list of idle connections half-changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < self.max_idle {
            idle.push(connection);
        }
    }
}
