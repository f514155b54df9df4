//! What can be done with an import that has written: take it back, let its held events go, or drop them.

use std::thread;

use serde_json::json;

use super::{Importer, Mode, Task, locked, undo};
use crate::{
    Error, Result,
    commands::{Ctx, rights},
    model::{
        Id, Scope,
        job::{Job, JobState, Undo},
    },
    store::{
        Tx,
        tables::{self, hold::State},
    },
};

impl Importer {
    /// Take an import back, updates included. One that was interrupted goes on; one that is taken back already is left.
    ///
    /// # Errors
    /// `job.not_found`, `denied`, `job.running`, `job.nothing` for a job that has written nothing to take back.
    pub async fn undo(&self, ctx: &Ctx, id: &Id) -> Result<Job> {
        let job = self.written(ctx, id, "record.remove")?;
        match job.state {
            JobState::Undone => return Ok(job),
            JobState::Running => {
                return Err(Error::conflict(
                    "job.running",
                    format!("the job {id} is running: wait for its end or cancel it"),
                ));
            }
            JobState::Done | JobState::Failed | JobState::Cancelled => {}
        }
        let (asker, now) = (ctx.actor.clone(), self.shared.clock.now());
        let asked = job.id.clone();
        let begin = move |tx: &mut Tx<'_>| {
            let job = tables::job::get(tx, &asked, &Scope::All)?;
            let mut job = job.ok_or_else(|| no_job(&asked))?;
            if job.state == JobState::Running || job.state == JobState::Undone {
                return Ok(job);
            }
            // What has not been let go by now tells of records that are about to go.
            if tables::hold::state(tx, &job.id)?.is_some() {
                tables::hold::put(tx, &job.id, State::Discarded)?;
            }
            let ranges = tables::job::ranges(tx, &job.id)?;
            let total = ranges.iter().map(|(first, last)| (last - first + 1) as u32).sum();
            job.undo.get_or_insert(Undo { total, before: i64::MAX, ..Undo::default() });
            job.conflicts.get_or_insert_default();
            job.detail["undone_by"] = json!(asker);
            let job = Job { state: JobState::Running, updated_at: now, ..job };
            tables::job::put(tx, &job)?;
            Ok(job)
        };
        let job = self.shared.store.commit(begin).await?;
        if job.state == JobState::Running {
            self.spawn_undo(job.id.clone())?;
        }
        Ok(job)
    }

    /// Let the held events of an import go. Twice is once.
    ///
    /// # Errors
    /// `job.not_found`, `denied`, `job.not_held`.
    pub async fn release(&self, ctx: &Ctx, id: &Id) -> Result<Job> {
        self.decide(ctx, id, State::Going).await
    }

    /// Drop what of an import's held events has not gone yet. Twice is once.
    ///
    /// # Errors
    /// As [`Importer::release`].
    pub async fn discard(&self, ctx: &Ctx, id: &Id) -> Result<Job> {
        self.decide(ctx, id, State::Discarded).await
    }

    async fn decide(&self, ctx: &Ctx, id: &Id, wanted: State) -> Result<Job> {
        let job = self.written(ctx, id, "record.create")?;
        let id = job.id.clone();
        let decide = move |tx: &mut Tx<'_>| match tables::hold::state(tx, &id)? {
            None => Err(Error::conflict("job.not_held", format!("the events of the job {id} were not held"))),
            Some(State::Discarded) if wanted == State::Going => {
                Err(Error::conflict("job.not_held", format!("the events of the job {id} were discarded already")))
            }
            Some(_) => tables::hold::put(tx, &id, wanted),
        };
        self.shared.store.commit(decide).await?;
        Ok(job)
    }

    /// An import that writes, of which this person may write the records.
    fn written(&self, ctx: &Ctx, id: &Id, command: &str) -> Result<Job> {
        let view = self.shared.store.view(ctx.scope.clone())?;
        let job = tables::job::get(&view, id, &ctx.scope)?.ok_or_else(|| no_job(id))?;
        let task: Task = serde_json::from_value(job.detail.clone()).map_err(|_| nothing(id))?;
        if job.kind != "import" || task.mode != Mode::Apply {
            return Err(nothing(id));
        }
        rights::to_write(ctx, command, &*view.kind(&task.kind)?)?;
        rights::in_org(ctx, &job.org)?;
        Ok(job)
    }

    pub(super) fn spawn_undo(&self, id: Id) -> Result<()> {
        let shared = self.shared.clone();
        let thread = thread::Builder::new().name("undo".into()).spawn(move || undo::run(&shared, &id));
        locked(&self.shared.threads).push(thread.map_err(Error::internal)?);
        Ok(())
    }
}

fn no_job(id: &Id) -> Error {
    Error::not_found("job", format!("there is no job {id} in your organisations"))
}

fn nothing(id: &Id) -> Error {
    Error::conflict(
        "job.nothing",
        format!("the job {id} has written nothing: only an applied import can be asked that"),
    )
}
