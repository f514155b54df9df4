//! Back-fills: a chunk of records with the job's progress, in one commit.

use serde::{Deserialize, Serialize};

use super::{own, tell};
use crate::{
    Error, Result,
    commands::{Ctx, Run, apply},
    model::{
        Command, Id, Scope,
        job::{Job, JobState, RowFault},
    },
    store::{Tx, derived, tables},
};

/// What such a job is called.
pub(super) const JOB: &str = "derive";
/// Records of a roll-up that are counted in one commit: a few milliseconds for other writers to wait.
const CHUNK: u32 = 250;

/// What a job was asked, and how far it is: its `detail`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The kind.
    pub kind: String,
    /// See [`What`].
    pub what: What,
    /// The fields it fills.
    pub fields: Vec<String>,
    /// The last record that is done.
    pub after: String,
    /// The event that tells of what made it necessary: scripts are looked up in a catalogue that knows it.
    pub at_seq: i64,
    /// Records a second so far, since the start of the server.
    #[serde(rename = "rows_per_second", default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u64>,
}

/// What is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Roll-ups, counted inside the commit.
    Rollup,
    /// Computed fields, made outside by scripts.
    Computed,
}

/// Take a job one chunk on. The server's own.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The job.
    pub job: Id,
    /// Of a computed field: what was made, and the last record of the chunk. `None`: the records are all done.
    pub made: Option<(Vec<Command>, Id, u32)>,
    /// Records a second so far.
    pub rate: Option<u64>,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There are more.
    More,
    /// The job has ended.
    Ended,
}

impl Run for Chunk {
    type Done = Progress;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Progress> {
        own(ctx, "a back-fill")?;
        let job = tables::job::get(tx, &self.job, &Scope::All)?.filter(|job| job.state == JobState::Running);
        let Some(job) = job else { return Ok(Progress::Ended) };
        let mut task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
        let step = match (task.what, self.made) {
            (What::Rollup, _) => count(tx, ctx, &job, &task)?,
            (What::Computed, None) => None,
            (What::Computed, Some((commands, last, n))) => {
                commands.iter().try_for_each(|command| apply(tx, ctx, command).map(drop))?;
                Some((last, n))
            }
        };
        task.rate = self.rate.or(task.rate);
        let Some((last, n)) = step else {
            tables::backfill::end(tx, &job.id)?;
            end(tx, ctx, job, &task, JobState::Done, None)?;
            return Ok(Progress::Ended);
        };
        tables::backfill::advance(tx, &job.id, last.as_str())?;
        task.after = last.to_string();
        let detail = serde_json::to_value(&task).map_err(Error::internal)?;
        tables::job::put(tx, &Job { done: job.done + n, detail, updated_at: ctx.now, ..job })?;
        Ok(Progress::More)
    }
}

/// Count the next records inside the commit, so that nothing lies between the count and the records that are counted.
fn count(tx: &mut Tx<'_>, ctx: &Ctx, job: &Job, task: &Task) -> Result<Option<(Id, u32)>> {
    let scope = tables::record::scope(tx, &job.org)?;
    let ids = tables::record::ids_after(tx, &task.kind, &scope, &task.after, CHUNK)?;
    for id in &ids {
        derived::recount(tx, &task.kind, id, Some(&task.fields))?;
    }
    tell(tx, ctx, None)?;
    Ok(ids.last().map(|last| (last.clone(), ids.len() as u32)))
}

/// A job that cannot go on: its fields stay behind, and the job says why.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The job.
    pub job: Id,
    /// Machine-readable.
    pub code: String,
    /// For a person.
    pub message: String,
}

impl Run for Failed {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        own(ctx, "a back-fill")?;
        let job = tables::job::get(tx, &self.job, &Scope::All)?.filter(|job| job.state == JobState::Running);
        let Some(job) = job else { return Ok(()) };
        let task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
        let fault = RowFault { row: 0, field: None, code: self.code, message: self.message };
        end(tx, ctx, job, &task, JobState::Failed, Some(fault))
    }
}

fn end(tx: &mut Tx<'_>, ctx: &Ctx, mut job: Job, task: &Task, state: JobState, fault: Option<RowFault>) -> Result<()> {
    job.faults.extend(fault);
    let detail = serde_json::to_value(task).map_err(Error::internal)?;
    // Records come and go while it works: what it has done is what there was.
    let total = if state == JobState::Done { job.done } else { job.total };
    tables::job::put(tx, &Job { state, detail, total, updated_at: ctx.now, ..job })
}
