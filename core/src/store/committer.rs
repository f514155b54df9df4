//! The one writer: a thread that drains waiting units into one transaction, a savepoint each, so that an fsync is shared.

use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Shared, StoreConfig, Tx};
use crate::{Error, ErrorKind, Result};

/// A unit with its reply, its type forgotten: it runs in its savepoint and says whether to keep what it did.
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> (Verdict, Reply) + Send>;
/// Upkeep of the file that no transaction may surround.
type Alone = Box<dyn FnOnce(&Connection) + Send>;
/// Called once the transaction is on the disk, or could not be brought there.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    TakeBack,
}

/// What waits for the writer.
enum Work {
    Unit(Job),
    Alone(Alone),
}

/// The door to the writer thread. The thread ends when the last door is dropped.
#[derive(Clone)]
pub(super) struct Committer {
    queue: SyncSender<Work>,
}

impl std::fmt::Debug for Committer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Committer")
    }
}

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Unavailable, "store.stopped", "the server is stopping; try again in a moment")
}

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "store.busy", "too many writes are waiting; try again in a moment")
}

fn refused<T>(error: TrySendError<T>) -> Error {
    match error {
        TrySendError::Full(_) => busy(),
        TrySendError::Disconnected(_) => stopped(),
    }
}

impl Committer {
    /// Start the thread. It holds the lock on the folder as long as it lives.
    pub(super) fn start(connection: Connection, lock: File, shared: Arc<Shared>, config: &StoreConfig) -> Committer {
        let (queue, jobs) = sync_channel(config.queue);
        let group = config.group.max(1);
        thread::Builder::new()
            .name("committer".into())
            .spawn(move || {
                let _lock = lock;
                work(&connection, &shared, &jobs, group);
            })
            .expect("a thread can be started while the process starts");
        Committer { queue }
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.try_send(unit, Verdict::Keep)
    }

    pub(super) fn submit_rehearsal<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.try_send(unit, Verdict::TakeBack)
    }

    pub(super) fn submit_blocking<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (job, answer) = job(unit, Verdict::Keep);
        self.queue.send(Work::Unit(job)).map_err(|_| stopped())?;
        Ok(answer)
    }

    /// Run something on the writer's connection between two transactions.
    pub(super) fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<rusqlite::Result<T>>> {
        let (sender, answer) = oneshot::channel();
        let alone: Alone = Box::new(move |connection| {
            // A caller that has gone away does not want the answer.
            let _ = sender.send(work(connection));
        });
        self.queue.try_send(Work::Alone(alone)).map_err(refused)?;
        Ok(answer)
    }

    fn try_send<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        on_success: Verdict,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (job, answer) = job(unit, on_success);
        self.queue.try_send(Work::Unit(job)).map_err(refused)?;
        Ok(answer)
    }
}

fn job<T: Send + 'static>(
    unit: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    on_success: Verdict,
) -> (Job, oneshot::Receiver<Result<T>>) {
    let (sender, answer) = oneshot::channel();
    let job: Job = Box::new(move |tx| {
        let outcome = unit(tx);
        let verdict = if outcome.is_ok() { on_success } else { Verdict::TakeBack };
        let reply: Reply = Box::new(move |committed: Result<()>| {
            // A caller that has gone away does not want the answer.
            let _ = sender.send(outcome.and_then(|done| committed.map(|()| done)));
        });
        (verdict, reply)
    });
    (job, answer)
}

fn work(connection: &Connection, shared: &Shared, jobs: &Receiver<Work>, group: usize) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| jobs.recv().ok()) {
        let first = match first {
            Work::Unit(job) => job,
            Work::Alone(work) => {
                work(connection);
                continue;
            }
        };
        // What wants to be alone ends the batch and comes after it.
        let waiting = std::iter::from_fn(|| match jobs.try_recv().ok()? {
            Work::Unit(job) => Some(job),
            alone => {
                next = Some(alone);
                None
            }
        });
        let batch = std::iter::once(first).chain(waiting).take(group);
        if let Err(error) = transaction(connection, shared, batch) {
            tracing::error!(%error, "the transaction could not be committed");
            // Whatever it broke off at, the next batch begins afresh; without an open transaction this does nothing.
            drop(connection.execute_batch("rollback"));
        }
    }
}

/// One transaction for the whole batch. Replies are sent after the commit, so acknowledged means durable.
fn transaction(connection: &Connection, shared: &Shared, batch: impl Iterator<Item = Job>) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let mut tx = Tx::begin(connection, shared)?;
    let mut replies = Vec::new();
    for job in batch {
        replies.extend(run_in_savepoint(&mut tx, job)?);
    }
    let outcome = tx.search().and_then(|()| connection.execute_batch("commit"));
    match &outcome {
        Ok(()) => tx.publish(shared),
        // The failed commit leaves the transaction open; nothing of it may stay.
        Err(_) => drop(connection.execute_batch("rollback")),
    }
    for reply in replies {
        reply(outcome.as_ref().copied().map_err(|error| {
            Error::new(ErrorKind::Unavailable, "store.refused", "the disk refused the write; nothing was changed")
                .caused_by(error.to_string())
        }));
    }
    outcome
}

/// `None` when the unit panicked: its caller sees a closed channel.
fn run_in_savepoint(tx: &mut Tx<'_>, job: Job) -> rusqlite::Result<Option<Reply>> {
    let mark = tx.mark()?;
    match catch_unwind(AssertUnwindSafe(|| job(tx))) {
        Ok((Verdict::Keep, reply)) => {
            tx.keep(mark)?;
            Ok(Some(reply))
        }
        Ok((Verdict::TakeBack, reply)) => {
            tx.take_back(mark)?;
            Ok(Some(reply))
        }
        Err(_) => {
            tx.take_back(mark)?;
            tracing::error!("a unit panicked; it was taken back");
            Ok(None)
        }
    }
}
