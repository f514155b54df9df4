//! A planned chunk into records, each row by itself: what the plan saw on a snapshot is looked at once more here.

use serde_json::Value;

use super::{
    Task,
    automations::{Automations, foreseen},
};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    commands::{
        Ctx, Run,
        record::{self, Created},
    },
    imports::{Outcome, Planned, Rule, plan::Target},
    model::{
        Data, Id, Kind, Time,
        job::{ImportCounts, Job, RowFault},
        survivorship::{self, Side},
    },
    store::{Tx, tables},
};

/// Faults kept with a job at most; the counts go on.
const MAX_FAULTS: usize = 10_000;
/// Notices kept at most.
const MAX_NOTICES: usize = 2_000;

/// Rows that are committed together.
pub(super) struct Chunk {
    /// Whose.
    pub job: Id,
    /// What shall become of each row.
    pub planned: Vec<Planned>,
    /// Rows of the file read with this chunk.
    pub done: u32,
    /// Rows of the file.
    pub total: u32,
}

/// What has become of a chunk.
#[derive(Default)]
pub(super) struct Progress {
    counts: ImportCounts,
    faults: Vec<RowFault>,
    notices: Vec<RowFault>,
    automations: Automations,
}

/// As planned, nothing written.
pub(super) fn count(catalogue: &Catalogue, kind: &Kind, chunk: &Chunk) -> Progress {
    let mut progress = Progress::default();
    for planned in &chunk.planned {
        foreseen(kind, planned).iter().for_each(|event| progress.automations.add(catalogue, event));
        progress.add(planned.clone());
    }
    progress
}

/// Write each row. One that is refused is taken back alone and becomes invalid.
pub(super) fn apply(tx: &mut Tx<'_>, ctx: &Ctx, task: &Task, job: &Job, chunk: &Chunk) -> Result<Progress> {
    let mut progress = Progress::default();
    let first = tx.last_seq() + 1;
    let rows = Rows { ctx, task, job };
    rows.write(tx, &chunk.planned, &mut progress)?;
    let last = tx.last_seq();
    if last >= first {
        tables::job::put_range(tx, &job.id, first, last)?;
        let events = tables::event::within(tx, first, last, u32::MAX)?;
        events.iter().for_each(|event| progress.automations.add(&ctx.catalogue, event));
    }
    Ok(progress)
}

struct Rows<'a> {
    ctx: &'a Ctx,
    task: &'a Task,
    job: &'a Job,
}

impl Rows<'_> {
    /// All of them under one savepoint, and in halves where one is refused. A savepoint copies every page that is touched under it
    /// and empties the search index's buffer: one for each row took a third of the time, and the plan has left few to be refused.
    fn write(&self, tx: &mut Tx<'_>, rows: &[Planned], progress: &mut Progress) -> Result<()> {
        let one = |tx: &mut Tx<'_>, planned: &Planned| {
            let outcome = write(tx, self.ctx, self.task, self.job, planned)?;
            Ok(Planned { outcome, ..planned.clone() })
        };
        match tx.attempt(|tx| rows.iter().map(|planned| one(tx, planned)).collect::<Result<Vec<Planned>>>()) {
            Ok(written) => {
                written.into_iter().for_each(|planned| progress.add(planned));
                Ok(())
            }
            // Only what a row itself is to blame for; the rest takes back the whole chunk.
            Err(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => Err(error),
            Err(error) => match rows {
                [only] => {
                    // What was left out of it may be why.
                    let faults = [only.faults.clone(), refused(only.row, error)].concat();
                    progress.add(Planned { faults, outcome: Outcome::Invalid, ..only.clone() });
                    Ok(())
                }
                rows => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    self.write(tx, first, progress)?;
                    self.write(tx, second, progress)
                }
            },
        }
    }
}

/// One row; answers what has become of it, which may differ from the plan when somebody was faster.
fn write(tx: &mut Tx<'_>, ctx: &Ctx, task: &Task, job: &Job, planned: &Planned) -> Result<Outcome> {
    match &planned.outcome {
        Outcome::Invalid => {}
        Outcome::Repeated { target, patch, .. } => {
            fill(tx, ctx, task, &target.id(job), patch)?;
        }
        Outcome::Known { id, patch } if planned.overwrites => {
            overwrite(tx, ctx, task, id, patch)?;
        }
        Outcome::Known { id, patch } => {
            fill(tx, ctx, task, id, patch)?;
        }
        Outcome::Review { data, .. } | Outcome::New { data } => {
            if let Some(id) = &planned.id {
                check_free(tx, task, id)?;
            }
            let create = record::Create {
                id: planned.id.clone().or_else(|| Some(Target::Row(planned.row).id(job))),
                org: planned.org.clone().or_else(|| Some(job.org.clone())),
                ..record::Create::new(&task.kind, data.clone())
            };
            let Created { record, outcome } = create.run(tx, ctx)?;
            return Ok(match outcome {
                record::Outcome::New => Outcome::New { data: Data::new() },
                record::Outcome::Known => Outcome::Known { id: record.id, patch: Data::new() },
                record::Outcome::Review => match &planned.outcome {
                    review @ Outcome::Review { .. } => review.clone(),
                    _ => Outcome::Review {
                        other: Target::Record(record.id),
                        score: Default::default(),
                        data: Data::new(),
                    },
                },
            });
        }
    }
    Ok(planned.outcome.clone())
}

/// An id of the file must be nobody's yet, out of sight and merged ones included.
fn check_free(tx: &Tx<'_>, task: &Task, id: &Id) -> Result<()> {
    if tables::record::exists(tx, &task.kind, id)? {
        let message = format!("the id {id} belongs to a {} that you cannot see, or that was merged", task.kind);
        return Err(Error::conflict("record.exists", message));
    }
    Ok(())
}

/// Put what the file says in place of what is there. A record that has been removed meanwhile is left alone.
fn overwrite(tx: &mut Tx<'_>, ctx: &Ctx, task: &Task, id: &Id, data: &Data) -> Result<()> {
    if data.is_empty() || tables::record::get(tx, &task.kind, id, &ctx.scope)?.is_none() {
        return Ok(());
    }
    record::Change::new(&task.kind, id.clone(), data.clone()).run(tx, ctx).map(drop)
}

/// Give a record what the plan found it to lack, unless somebody has written that meanwhile; where rows are known by points alone an
/// earlier file counts as nobody. A record that has been removed meanwhile is left alone.
fn fill(tx: &mut Tx<'_>, ctx: &Ctx, task: &Task, id: &Id, patch: &Data) -> Result<()> {
    if patch.is_empty() {
        return Ok(());
    }
    let Some(current) = tables::record::get(tx, &task.kind, id, &ctx.scope)? else { return Ok(()) };
    let is_gap = |name: &String| current.data.get(name).is_none_or(Value::is_null);
    let kind = tx.kind_in(&task.kind, &current.org)?;
    let data = if task.rule(&kind) == Rule::Score && !patch.keys().all(is_gap) {
        let standings = tables::standing::of(tx, &kind, &current)?;
        survivorship::of_import(Side { data: &current.data, standings: &standings }, patch)
    } else {
        let gaps = patch.iter().filter(|(name, _)| is_gap(name));
        gaps.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    if data.is_empty() {
        return Ok(());
    }
    record::Change::new(&task.kind, current.id, data).run(tx, ctx).map(drop)
}

/// Why a command refused a row, by field where it says so.
fn refused(row: u32, error: Error) -> Vec<RowFault> {
    if error.errors.is_empty() {
        return vec![RowFault { row, field: None, code: error.code, message: error.message }];
    }
    let to_fault = |error: crate::error::FieldError| {
        let field = error.pointer.strip_prefix("/data/").map(str::to_owned);
        RowFault { row, field, code: error.code, message: error.message }
    };
    error.errors.into_iter().map(to_fault).collect()
}

impl Progress {
    fn add(&mut self, planned: Planned) {
        planned.add_to(&mut self.counts);
        match planned.outcome {
            Outcome::Invalid => self.faults.extend(planned.faults),
            _ => self.notices.extend(planned.faults),
        }
    }

    /// The job after this chunk.
    pub(super) fn added_to(self, job: Job, chunk: &Chunk, now: Time) -> Result<Job> {
        let mut task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
        task.automations.extend(self.automations);
        task.n_notices += self.notices.len() as u32;
        let room = MAX_NOTICES.saturating_sub(task.notices.len());
        task.notices.extend(self.notices.into_iter().take(room));
        let mut job = Job {
            done: chunk.done,
            total: chunk.total,
            detail: serde_json::to_value(&task).map_err(Error::internal)?,
            updated_at: now,
            ..job
        };
        let room = MAX_FAULTS.saturating_sub(job.faults.len());
        job.faults.extend(self.faults.into_iter().take(room));
        let before = job.counts.unwrap_or_default();
        job.counts = Some(ImportCounts {
            invalid: before.invalid + self.counts.invalid,
            repeated: before.repeated + self.counts.repeated,
            known: before.known + self.counts.known,
            review: before.review + self.counts.review,
            new: before.new + self.counts.new,
        });
        Ok(job)
    }
}
