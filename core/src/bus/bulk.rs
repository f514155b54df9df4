//! Back-fills: long work on derived fields in chunks, on all cores, one commit a chunk.
//!
//! After a restart it goes on where it was.

use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::{Bus, Shared, Subscribe, Subscriber, background, side_by_side, subscriber::Derive};
use crate::{
    Error, ErrorKind, Result,
    commands::{
        Ctx, Run,
        derived::{Chunk, Failed, Progress, Task, What},
    },
    model::{Command, Id, Scope, job::Job},
    store::tables,
};

/// Records computed between two commits.
const CHUNK: u32 = 1024;
/// Looked for this often even if nobody rang.
const IDLE: Duration = Duration::from_secs(2);
/// Pause before something is tried again: a catalogue that is not read yet, a disk that refuses.
const HELD_UP: Duration = Duration::from_millis(100);

impl Bus {
    /// Take up back-fills, those that were under way when the server stopped first, and feed the subscriber from when the
    /// first field is computed on: until then every event need not be read once more. Call inside a tokio runtime.
    pub fn derive(&self, computing: Arc<impl Subscriber + Derive + 'static>) {
        let bus = self.clone();
        self.attend("derive", move |shared| {
            feed(&bus, &computing)?;
            work_off(shared, computing.as_ref())
        });
    }

    /// A thread that looks for long work whenever some is rung for. Call inside a tokio runtime.
    pub(super) fn attend(&self, name: &'static str, work_off: impl Fn(&Shared) -> Result<()> + Send + 'static) {
        let (ring, rung) = mpsc::channel();
        let mut work = self.shared.store.work();
        tokio::spawn(async move { while work.changed().await.is_ok() && ring.send(()).is_ok() {} });
        let shared = self.shared.clone();
        thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                background::step_back();
                while !shared.is_stopping.load(Ordering::SeqCst) {
                    if let Err(error) = work_off(&shared) {
                        tracing::error!(%error, name, "long work is held up");
                        thread::park_timeout(HELD_UP);
                        continue;
                    }
                    // Rung, timed out or closed for good: the flag above and the table say which.
                    let _ = rung.recv_timeout(IDLE);
                    while rung.try_recv().is_ok() {}
                }
            })
            .expect("a thread can be started while the process starts");
    }
}

fn feed(bus: &Bus, computing: &Arc<impl Subscriber + 'static>) -> Result<()> {
    if bus.shared.subscription(computing.name()).is_some() {
        return Ok(());
    }
    let view = bus.shared.store.view(Scope::All)?;
    if !tables::lane::has_begun(&view, computing.name())? {
        return Ok(());
    }
    bus.subscribe(Subscribe { subscriber: computing.clone(), responder: None, since: view.at_seq() })
}

/// Everything there is to do, in the order it was asked for.
fn work_off(shared: &Shared, derive: &dyn Derive) -> Result<()> {
    while !shared.is_stopping.load(Ordering::SeqCst) {
        let running = tables::job::running(&shared.store.view(Scope::All)?)?;
        let Some(job) = running.into_iter().find(|job| job.kind == "derive") else { return Ok(()) };
        match work(shared, derive, &job) {
            Err(error) if error.kind == ErrorKind::Unavailable => return Err(error),
            Err(error) => give_up(shared, &job.id, &error)?,
            Ok(()) => {}
        }
    }
    Ok(())
}

fn give_up(shared: &Shared, job: &Id, error: &Error) -> Result<()> {
    tracing::error!(job.id = %job, %error, "a back-fill has failed");
    let failed = Failed { job: job.clone(), code: error.code.clone(), message: error.message.clone() };
    let ctx = ctx(shared);
    shared.store.commit_blocking(move |tx| failed.run(tx, &ctx))
}

fn ctx(shared: &Shared) -> Ctx {
    Ctx::system(Id::hq(), shared.clock.now(), shared.catalogue.load_full())
}

/// One job to its end, or until the server stops.
fn work(shared: &Shared, derive: &dyn Derive, job: &Job) -> Result<()> {
    let task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
    let begun = Instant::now();
    let (mut after, mut n_done) = (task.after.clone(), 0u64);
    while !shared.is_stopping.load(Ordering::SeqCst) {
        if !derive.knows(task.at_seq) {
            thread::park_timeout(HELD_UP);
            continue;
        }
        let made = match task.what {
            What::Rollup => None,
            What::Computed => compute(shared, derive, job, &task, &after)?,
        };
        let n_made = made.as_ref().map_or(0, |(_, _, n)| u64::from(*n));
        let last = made.as_ref().map(|(_, last, _)| last.to_string());
        let millis = begun.elapsed().as_millis().max(1) as u64;
        let rate = (n_done > 0).then(|| n_done * 1000 / millis);
        let chunk = Chunk { job: job.id.clone(), made, rate };
        let ctx = ctx(shared);
        if shared.store.commit_blocking(move |tx| chunk.run(tx, &ctx))? == Progress::Ended {
            return Ok(());
        }
        n_done += n_made;
        after = last.unwrap_or(after);
    }
    Ok(())
}

/// The next records, made on all cores. `None` after the last.
fn compute(
    shared: &Shared,
    derive: &dyn Derive,
    job: &Job,
    task: &Task,
    after: &str,
) -> Result<Option<(Vec<Command>, Id, u32)>> {
    let view = shared.store.view(Scope::All)?;
    let scope = tables::record::scope(&view, &job.org)?;
    let records = tables::record::after(&view, &task.kind, &scope, after, CHUNK)?;
    let Some(last) = records.last().map(|record| record.id.clone()) else { return Ok(None) };
    let at_seq = view.at_seq();
    // A long read would keep the store from tidying up.
    drop(view);
    let now = shared.clock.now();
    let made = side_by_side(shared.n_groups, &records, |part| derive.derive(&task.kind, part, now, at_seq))?;
    Ok(Some((made, last, records.len() as u32)))
}
