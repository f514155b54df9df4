//! The thread of one import: plans a chunk on a snapshot, writes it in one commit with the job's progress, and goes on.

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{Mode, Shared, Task, file::StoredFile, stored::Stored, write};
use crate::{
    Error, ErrorKind, Result,
    imports::{Mapping, Planned, Planner, RowReader, Table, order},
    model::{
        Id, Scope,
        job::{Job, JobState, RowFault},
    },
    store::tables,
};

/// Rows in one commit: enough to share its cost, few enough that other writers hardly wait.
const CHUNK_ROWS: usize = 1_000;
/// Tries of a chunk that the disk refuses, a second apart; then the import waits for the next start.
const MAX_TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn run(shared: &Arc<Shared>, id: &Id) {
    // A row that brings us down must not leave a job that seems to run for ever, and is begun again at every start.
    let worked = catch_unwind(AssertUnwindSafe(|| work(shared, id)));
    let Err(error) = worked.unwrap_or_else(|_| Err(Error::internal("an import panicked"))) else { return };
    if error.kind == ErrorKind::Unavailable {
        tracing::warn!(job.id = %id, %error, "an import is held up; it goes on after the next start");
        return;
    }
    tracing::warn!(job.id = %id, %error, "an import has failed");
    if let Err(error) = fail(shared, id, &error) {
        tracing::error!(job.id = %id, %error, "a failed import could not be marked so");
    }
}

fn work(shared: &Arc<Shared>, id: &Id) -> Result<()> {
    let view = shared.store.view(Scope::All)?;
    let Some(job) = tables::job::get(&view, id, &Scope::All)?.filter(|job| job.state == JobState::Running) else {
        return Ok(());
    };
    let task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
    let kind = view.kind_tree().kind(&task.kind, &job.org).cloned();
    let kind = kind.ok_or_else(|| Error::not_found("kind", format!("there is no kind {:?} any more", task.kind)))?;
    // A long read would keep the store from tidying up; each chunk looks anew.
    drop(view);
    let table = Table::of(Arc::new(StoredFile::new(shared.store.clone(), id.clone())?))?;
    // The first pass finds what is wrong with the file as a whole, before anything is written.
    let total = table.n_rows()?;
    let mapping = Mapping::given(&kind, &table.headers, &task.mapping)?;
    let rule = task.rule(&kind);
    let zone = shared.catalogue.load().orgs.calendar(&job.org).time_zone;
    let reader = RowReader::new(kind, mapping, zone).on(job.created_at);
    let mut planner = Planner::new(reader.clone(), rule.clone()).of_job(&job);
    let mut n_read = 0;
    let mut is_over = false;
    order::chunks(&table, &reader, CHUNK_ROWS, |rows| {
        if shared.is_stopping() {
            is_over = true;
            return Ok(ControlFlow::Break(()));
        }
        let (view, orgs) = (shared.store.view(Scope::All)?, shared.store.orgs());
        let scope = task.scope(&orgs);
        let known = Stored::new(view, orgs, scope, &job.org, &task.kind, &rule);
        let mut planned = rows.iter().map(|row| planner.plan(row, &known)).collect::<Result<Vec<Planned>>>()?;
        drop(known);
        // What was done before a restart is planned again only for what is to be remembered of it.
        planned.drain(..planned.len().min(job.done.saturating_sub(n_read) as usize));
        n_read += rows.len() as u32;
        if planned.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let chunk = write::Chunk { job: id.clone(), planned, done: n_read, total };
        is_over = commit(shared, &task, chunk)?.is_break();
        Ok(if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if is_over { Ok(()) } else { finish(shared, id, total) }
}

/// Write a chunk; `Break` when somebody has ended the job meanwhile.
fn commit(shared: &Arc<Shared>, task: &Task, chunk: write::Chunk) -> Result<ControlFlow<()>> {
    let chunk = Arc::new(chunk);
    for _ in 1..MAX_TRIES {
        match try_commit(shared, task, chunk.clone()) {
            Err(error) if error.kind == ErrorKind::Unavailable && !shared.is_stopping() => shared.pause(PAUSE),
            answer => return answer,
        }
    }
    try_commit(shared, task, chunk)
}

fn try_commit(shared: &Arc<Shared>, task: &Task, chunk: Arc<write::Chunk>) -> Result<ControlFlow<()>> {
    let (mode, now, catalogue) = (task.mode, shared.clock.now(), shared.catalogue.load_full());
    let task = task.clone();
    shared.store.commit_blocking(move |tx| {
        let job = tables::job::get(tx, &chunk.job, &Scope::All)?;
        let Some(job) = job.filter(|job| job.state == JobState::Running) else { return Ok(ControlFlow::Break(())) };
        let progress = match mode {
            Mode::Preview => write::count(&catalogue, &*tx.kind_in(&task.kind, &job.org)?, &chunk),
            Mode::Apply => {
                let ctx = task.ctx(&job.org, now, catalogue);
                write::apply(tx, &ctx, &task, &job, &chunk)?
            }
        };
        tables::job::put(tx, &progress.added_to(job, &chunk, now)?)?;
        Ok(ControlFlow::Continue(()))
    })
}

fn finish(shared: &Shared, id: &Id, total: u32) -> Result<()> {
    end(shared, id, move |job| Job { state: JobState::Done, done: total, total, ..job })
}

/// What was committed stays; the job says why it goes no further.
fn fail(shared: &Shared, id: &Id, error: &Error) -> Result<()> {
    let (code, message) = (error.code.clone(), error.message.clone());
    end(shared, id, move |mut job| {
        job.faults.push(RowFault { row: 0, field: None, code, message });
        Job { state: JobState::Failed, ..job }
    })
}

fn end(shared: &Shared, id: &Id, change: impl FnOnce(Job) -> Job + Send + 'static) -> Result<()> {
    let (id, now) = (id.clone(), shared.clock.now());
    shared.store.commit_blocking(move |tx| {
        let job = tables::job::get(tx, &id, &Scope::All)?.filter(|job| job.state == JobState::Running);
        let Some(job) = job else { return Ok(()) };
        tables::job::put(tx, &Job { updated_at: now, ..change(job) })?;
        tables::job::delete_file(tx, &id)
    })
}
