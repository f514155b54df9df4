//! The write side of the store: what one unit may do inside the group's transaction.

use std::sync::{Arc, atomic::Ordering};

use rusqlite::Connection;

use super::{
    Eyes, KindTree, Kinds, Overlay, Shared,
    audit::{Chain, Keys},
    derived::{Noted, Watches},
    schema, search, tables,
};
use crate::{
    Error, Result,
    model::{
        Actor, Id, Kind, Time,
        rights::{Book, Rights},
    },
};

/// The open transaction. Only the committer makes one; a unit borrows it.
#[derive(Debug)]
pub struct Tx<'a> {
    pub(super) connection: &'a Connection,
    last_seq: i64,
    first_seq: i64,
    kinds: Arc<KindTree>,
    pub(super) watches: Arc<Watches>,
    /// Derived values that have changed and of which no event tells yet.
    pub(super) noted: Vec<Noted>,
    /// Records that the search index is told of when the transaction ends.
    pub(super) unsearched: Vec<search::Pending>,
    touched: Touched,
    /// Where the audit log ends with this transaction.
    pub(super) chain: Chain,
    shared: &'a Shared,
}

/// What to tell the rest of the server after the commit.
#[derive(Clone, Copy, Debug, Default)]
struct Touched {
    kinds: bool,
    orgs: bool,
    timers: bool,
    work: bool,
    segments: bool,
    erasure: bool,
    roles: bool,
    people: bool,
}

/// Where a unit began, to come back to.
#[derive(Debug)]
#[must_use]
pub struct Mark {
    last_seq: i64,
    touched: Touched,
    kinds: Arc<KindTree>,
    watches: Arc<Watches>,
    n_noted: usize,
    n_unsearched: usize,
    chain: Chain,
}

impl<'a> Tx<'a> {
    pub(super) fn begin(connection: &'a Connection, shared: &'a Shared) -> rusqlite::Result<Tx<'a>> {
        let last_seq = *shared.head.borrow();
        Ok(Tx {
            connection,
            last_seq,
            first_seq: last_seq,
            kinds: shared.kinds.load_full(),
            watches: shared.watches.load_full(),
            noted: Vec::new(),
            unsearched: Vec::new(),
            touched: Touched::default(),
            chain: shared.chain().clone(),
            shared,
        })
    }

    /// Begin something that can be taken back alone: a unit, or one call's commands inside a delivery.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn mark(&mut self) -> rusqlite::Result<Mark> {
        self.connection.prepare_cached("savepoint unit")?.execute([])?;
        Ok(Mark {
            last_seq: self.last_seq,
            touched: self.touched,
            kinds: self.kinds.clone(),
            watches: self.watches.clone(),
            n_noted: self.noted.len(),
            n_unsearched: self.unsearched.len(),
            chain: self.chain.clone(),
        })
    }

    /// Keep what was done since the mark.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&mut self, mark: Mark) -> rusqlite::Result<()> {
        drop(mark);
        self.connection.prepare_cached("release unit")?.execute([]).map(drop)
    }

    /// Take back everything done since the mark, event numbers included.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take_back(&mut self, mark: Mark) -> rusqlite::Result<()> {
        self.connection.execute_batch("rollback to unit; release unit")?;
        (self.last_seq, self.touched, self.kinds) = (mark.last_seq, mark.touched, mark.kinds);
        self.watches = mark.watches;
        self.chain = mark.chain;
        self.noted.truncate(mark.n_noted);
        self.unsearched.truncate(mark.n_unsearched);
        Ok(())
    }

    /// Run `work` so that a failure takes back its part alone.
    ///
    /// # Errors
    /// The work's own, or internal.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let mark = self.mark().map_err(Error::internal)?;
        let outcome = work(self);
        match outcome {
            Ok(_) => self.keep(mark),
            Err(_) => self.take_back(mark),
        }
        .map_err(Error::internal)?;
        outcome
    }

    /// Run `work` and answer with it what it did to records, to lay over a snapshot while the work is taken back.
    ///
    /// # Errors
    /// The work's own, or internal.
    pub fn traced<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Overlay)> {
        let shared = self.shared;
        let heard = shared.trace.listen();
        let done = work(self)?;
        let overlay = heard.overlay(self.connection)?;
        Ok((done, overlay))
    }

    /// The number of the last event, this transaction's included.
    pub fn last_seq(&self) -> i64 {
        self.last_seq
    }

    pub(super) fn audit_keys(&self) -> &'a Keys {
        &self.shared.audit_keys
    }

    pub(super) fn next_seq(&mut self) -> i64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// A kind by name, as its plugin wrote it. Records are checked against [`Tx::kind_in`].
    ///
    /// # Errors
    /// `kind.not_found`.
    pub fn kind(&self, name: &str) -> Result<Arc<Kind>> {
        self.kinds.base().get(name).cloned().ok_or_else(|| super::view::no_kind(name))
    }

    /// A kind by name, as it holds in an organisation: for records that belong there.
    ///
    /// # Errors
    /// `kind.not_found`.
    pub fn kind_in(&self, name: &str, org: &Id) -> Result<Arc<Kind>> {
        self.kinds.kind(name, org).cloned().ok_or_else(|| super::view::no_kind(name))
    }

    /// All kinds, as their plugins wrote them.
    pub fn kinds(&self) -> &Kinds {
        self.kinds.base()
    }

    /// The kinds as they hold in each organisation.
    pub fn kind_tree(&self) -> &KindTree {
        &self.kinds
    }

    /// Keep records of a kind from now on: its table and indexes are made or grown.
    ///
    /// # Errors
    /// Internal.
    pub fn install_kind(&mut self, kind: &Kind) -> Result<()> {
        schema::install(self.connection, kind)?;
        self.kinds_changed()
    }

    /// What is known of kinds is read again.
    pub(super) fn kinds_changed(&mut self) -> Result<()> {
        self.kinds = Arc::new(self.kinds.with_base(schema::load(self.connection)?));
        self.rewatch()?;
        self.touched.kinds = true;
        Ok(())
    }

    /// Put the records of a kind into the search box anew, in the background: another field of theirs is searchable now, or one no more.
    ///
    /// # Errors
    /// Internal.
    pub fn search_again(&mut self, kind: &str) -> Result<()> {
        self.touched.kinds = true;
        search::again(self.connection, kind).map_err(Error::internal)
    }

    /// Derived values that have changed since this was last asked, to be told in events.
    pub fn take_noted(&mut self) -> Vec<Noted> {
        std::mem::take(&mut self.noted)
    }

    /// Tell the search index of all records that were written. The last thing before the commit.
    pub(super) fn search(&mut self) -> rusqlite::Result<()> {
        self.unsearched.drain(..).try_for_each(|pending| pending.write(self.connection))
    }

    /// There is long work to be done: whoever does such is rung for.
    pub(crate) fn touched_work(&mut self) {
        self.touched.work = true;
    }

    /// What organisations make of a kind has been written: it holds from now on, with the indexes it asks for.
    pub(super) fn customs_changed(&mut self, kind: &str) -> Result<()> {
        self.kinds = Arc::new(self.kinds.with_customs(tables::kind_custom::load(self.connection)?));
        self.touched.kinds = true;
        schema::index_customs(self.connection, kind, &self.kinds)?;
        self.rewatch()
    }

    /// Who counts what has changed with the kinds.
    fn rewatch(&mut self) -> Result<()> {
        self.watches = Arc::new(Watches::of(&self.kinds));
        self.watches.index(self.connection)
    }

    pub(super) fn touched_org(&mut self) {
        self.touched.orgs = true;
    }

    /// What people's `roles` may hold has changed, from the next commit on.
    pub(super) fn touched_role(&mut self) {
        self.touched.roles = true;
    }

    /// What an actor may do, as of the last commit.
    pub fn rights(&self, actor: &Actor) -> Rights {
        self.shared.rights(actor)
    }

    /// The eyes of whoever has these rights, on what the transaction sees.
    pub(crate) fn eyes<'e>(&'e self, rights: &'e Rights, now: Time) -> Eyes<'e, Tx<'a>> {
        Eyes::new(self, rights, now)
    }

    /// The roles as of the last commit.
    pub fn roles(&self) -> Arc<Book> {
        self.shared.known.book()
    }

    /// Something has happened that may bear on who somebody is.
    pub(super) fn touched_people(&mut self) {
        self.touched.people = true;
    }

    pub(super) fn touched_segment(&mut self) {
        self.touched.segments = true;
    }

    pub(super) fn touched_erasure(&mut self) {
        self.touched.erasure = true;
    }

    /// Whether records of a kind are kept.
    pub(super) fn known(&self, kind: &str) -> bool {
        self.kinds.base().contains_key(kind)
    }

    pub(super) fn touched_timer(&mut self) {
        self.touched.timers = true;
    }

    /// Tell the rest of the server what has been committed.
    pub(super) fn publish(self, shared: &Shared) {
        let mut kinds = self.kinds.clone();
        *shared.chain() = self.chain.clone();
        // Before the head moves: whoever hears of a later event must know the segments it may change.
        if self.touched.segments {
            match tables::segment::load(self.connection) {
                Ok(segments) => shared.segments.store(Arc::new(segments)),
                Err(error) => tracing::error!(%error, "the segments could not be read again"),
            }
        }
        if self.touched.orgs {
            match tables::org::load(self.connection) {
                Ok(orgs) => {
                    let orgs = Arc::new(orgs);
                    kinds = Arc::new(kinds.with_orgs(orgs.clone()));
                    shared.orgs.store(orgs.clone());
                    if let Some(told) = shared.on_orgs.get() {
                        told(&orgs);
                    }
                }
                Err(error) => tracing::error!(%error, "the organisation tree could not be read again"),
            }
        }
        if self.touched.roles {
            let read = schema::load(self.connection).and_then(|base| Ok((base, tables::role::load(self.connection)?)));
            match read {
                Ok((base, book)) => {
                    kinds = Arc::new(kinds.with_base(base));
                    shared.known.replace(book);
                    if let Some(told) = shared.on_roles.get() {
                        told(&shared.known.book());
                    }
                }
                Err(error) => tracing::error!(%error, "the roles could not be read again"),
            }
        }
        if self.touched.kinds || self.touched.orgs || self.touched.roles {
            shared.watches.store(Arc::new(Watches::of(&kinds)));
            shared.kinds.store(kinds);
        }
        if self.touched.kinds || self.touched.segments || self.touched.erasure {
            shared.chores.send_modify(|generation| *generation += 1);
        }
        if self.touched.timers {
            shared.timers.send_modify(|generation| *generation += 1);
        }
        if self.touched.work {
            shared.work.send_modify(|generation| *generation += 1);
        }
        // Before the head moves and before anybody is answered: whoever has left is not let in on what was known of them before.
        if self.touched.people {
            shared.people.store(self.last_seq, Ordering::SeqCst);
        }
        if self.last_seq > self.first_seq {
            shared.head.send_replace(self.last_seq);
        }
    }
}
