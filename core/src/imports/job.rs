//! Imports as jobs: started with a file, carried on after a restart, cancelled by a person.

mod after;
mod automations;
mod file;
mod run;
mod stored;
mod task;
mod undo;
mod write;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use arc_swap::ArcSwap;
use serde::Serialize;
use serde_json::{Map, Value};

use self::{automations::Automations, task::Task};
use super::{
    Mapping, Rule, Table,
    read::Format,
    saved::{self, SavedMapping},
};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, rights},
    model::{
        Id, Kind, Scope,
        job::{ImportCounts, Job, JobState},
    },
    store::{Store, Tx, tables},
};

pub use self::{automations::Delivery, task::Mode};

/// Imports under way at once; each holds its file in memory.
const MAX_RUNNING: usize = 4;
/// Rows shown of a file before it is imported.
const N_SHOWN: usize = 20;

/// Starts imports and sees them through. Clones share the same work.
#[derive(Clone)]
pub struct Importer {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
    is_stopping: Mutex<bool>,
    stopping: Condvar,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The kind the rows become records of.
    pub kind: String,
    /// Whether to write.
    pub mode: Mode,
    /// The file.
    pub bytes: Vec<u8>,
    /// What it was called.
    pub filename: Option<String>,
    /// Header → field or `null`; what is not named is guessed.
    pub mapping: Map<String, Value>,
    /// The name of a saved mapping, in place of `mapping`.
    pub saved: Option<String>,
    /// The field by which rows are known and updated; customers are matched by points without it.
    pub key: Option<String>,
    /// When its events are delivered.
    pub delivery: Delivery,
}

/// What is in a file, before anything is kept of it.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Its make.
    pub format: Format,
    /// Of text files.
    pub encoding: Option<&'static str>,
    /// The columns' names.
    pub headers: Vec<String>,
    /// The field guessed for each.
    pub mapping: Mapping,
    /// Saved mappings whose headers are all there.
    pub mappings: Vec<SavedMapping>,
    /// The first rows as text.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are.
    pub total: u32,
}

/// Look into a file. Slow for a large one: call it where blocking is allowed.
///
/// # Errors
/// `import.unreadable`, `import.too_large`.
pub fn inspect(kind: &Kind, bytes: Vec<u8>, saved: Vec<SavedMapping>) -> Result<Inspection> {
    let table = Table::open(bytes)?;
    let mapping = Mapping::of(kind, &table, &Map::new())?;
    let mappings = saved.into_iter().filter(|saved| saved.fits(&table.headers)).collect();
    let rows = table.first_rows(N_SHOWN)?.into_iter().map(|row| row.cells).collect();
    let total = table.n_rows()?;
    let Table { format, encoding, headers, .. } = table;
    Ok(Inspection { format, encoding, headers, mapping, mappings, rows, total })
}

impl Importer {
    /// For one server.
    pub fn new(store: Store, clock: Clock, catalogue: Arc<ArcSwap<Catalogue>>) -> Importer {
        let (is_stopping, stopping, threads) = (Mutex::default(), Condvar::new(), Mutex::default());
        Importer { shared: Arc::new(Shared { store, clock, catalogue, is_stopping, stopping, threads }) }
    }

    /// Keep the file and begin. The job is durable when this answers.
    ///
    /// # Errors
    /// `denied`, `kind.not_found`, `import.unreadable`, `invalid` for a wrong mapping, `key.invalid`, `import.busy`.
    pub async fn start(&self, ctx: &Ctx, request: Request) -> Result<Job> {
        if self.n_running() >= MAX_RUNNING {
            let message = format!("{MAX_RUNNING} imports are under way: start this one when one of them has ended");
            return Err(Error::new(ErrorKind::Unavailable, "import.busy", message));
        }
        let kind = self.kind(&request.kind, &ctx.org)?;
        rights::to_write(ctx, "record.create", &kind)?;
        rights::in_org(ctx, &ctx.org)?;
        rights::to_import(&self.shared.store.rights(&ctx.actor), &kind)?;
        let now = self.shared.clock.now();
        // Decoding a large file takes its time; the request's thread is not for that.
        let (asked, store) = (ctx.clone(), self.shared.store.clone());
        let work = move || {
            let named = |name: &String| saved::named(&store.view(asked.scope.clone())?, &kind.kind, name);
            let saved = request.saved.as_ref().map(named).transpose()?;
            Task::new(&kind, &asked, request, saved)
        };
        let (task, bytes) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
        let detail = serde_json::to_value(&task).map_err(Error::internal)?;
        let begun = Job::begun(Id::fresh(now), "import", ctx.org.clone(), &ctx.actor, now, detail);
        let job = Job { counts: Some(ImportCounts::default()), ..begun };
        let kept = job.clone();
        let put = move |tx: &mut Tx<'_>| {
            tables::job::put(tx, &kept)?;
            match (task.mode, task.delivery) {
                (Mode::Preview, _) | (_, Delivery::Run) => {}
                (Mode::Apply, Delivery::Hold) => tables::hold::put(tx, &kept.id, tables::hold::State::Held)?,
                (Mode::Apply, Delivery::Batch) => tables::hold::put(tx, &kept.id, tables::hold::State::Going)?,
            }
            tables::job::put_file(tx, &kept.id, &bytes)
        };
        self.shared.store.commit(put).await?;
        self.spawn(job.id.clone())?;
        Ok(job)
    }

    /// Stop a job; what is done stays done. One that has ended already is left as it is.
    ///
    /// # Errors
    /// `job.not_found`, `job.kept` for one that is no import, `denied`.
    pub async fn cancel(&self, ctx: &Ctx, id: &Id) -> Result<Job> {
        let (ctx, id, now) = (ctx.clone(), id.clone(), self.shared.clock.now());
        let cancel = move |tx: &mut Tx<'_>| {
            let job = tables::job::get(tx, &id, &ctx.scope)?
                .ok_or_else(|| Error::not_found("job", format!("there is no job {id} in your organisations")))?;
            if job.state != JobState::Running {
                return Ok(job);
            }
            if job.kind != "import" {
                let message = format!("the job {id} keeps fields right that others rely on; it ends by itself");
                return Err(Error::conflict("job.kept", message));
            }
            let job = Job { state: JobState::Cancelled, updated_at: now, ..job };
            tables::job::put(tx, &job)?;
            tables::job::delete_file(tx, &job.id)?;
            Ok(job)
        };
        self.shared.store.commit(cancel).await
    }

    /// Go on with the imports that were under way when the server stopped. Called once, after the start.
    ///
    /// # Errors
    /// Internal.
    pub fn resume(&self) -> Result<()> {
        let running = tables::job::running(&self.shared.store.view(Scope::All)?)?;
        let imports = running.into_iter().filter(|job| job.kind == "import");
        imports.into_iter().try_for_each(|job| match job.undo {
            Some(_) => self.spawn_undo(job.id),
            None => self.spawn(job.id),
        })
    }

    /// Let the chunks under way end, and no more begin.
    pub fn stop(&self) {
        *locked(&self.shared.is_stopping) = true;
        self.shared.stopping.notify_all();
        let threads = std::mem::take(&mut *locked(&self.shared.threads));
        for thread in threads {
            // A panic has been logged by the thread's own hook.
            let _ = thread.join();
        }
    }

    fn kind(&self, name: &str, org: &Id) -> Result<Arc<Kind>> {
        let kinds = self.shared.store.kinds_in(org);
        kinds.get(name).cloned().ok_or_else(|| Error::not_found("kind", format!("there is no kind {name:?}")))
    }

    fn n_running(&self) -> usize {
        let mut threads = locked(&self.shared.threads);
        threads.retain(|thread| !thread.is_finished());
        threads.len()
    }

    fn spawn(&self, id: Id) -> Result<()> {
        let shared = self.shared.clone();
        let thread = thread::Builder::new().name("import".into()).spawn(move || run::run(&shared, &id));
        locked(&self.shared.threads).push(thread.map_err(Error::internal)?);
        Ok(())
    }
}

impl Shared {
    fn is_stopping(&self) -> bool {
        *locked(&self.is_stopping)
    }

    /// Wait, but not when the server stops.
    fn pause(&self, length: Duration) {
        let is_stopping = locked(&self.is_stopping);
        // Which of the two it was is asked again by the caller.
        drop(self.stopping.wait_timeout_while(is_stopping, length, |is_stopping| !*is_stopping));
    }
}

/// A panic cannot leave a flag or a list of threads half-changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
