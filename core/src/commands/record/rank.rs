//! `record.rank`: a whole population in order, so that no guest ever reads a million records.
//!
//! The order is worked out once, from one snapshot, and kept with the job; then it is written piece by piece, a commit each. A crash
//! between two pieces changes nothing of who is where.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Change;
use crate::{
    Error, Result,
    catalogue::manifest::RANKED,
    commands::{Ctx, Run, rights},
    model::{
        Actor, Data, EventDraft, FieldType, Id, Kind, Scope,
        filter::{self, Filter},
        job::{Job, JobState, RowFault},
        rank::{Group, Ranking, direction},
        validate::Writer,
    },
    store::{Tx, tables},
};

/// What such a job is called.
pub const JOB: &str = "rank";
/// Records written in one commit: what other writers have to wait for.
pub const PIECE: usize = 200;

/// Rank the records of a kind and write positions, percentiles and grades into them.
///
/// Causes `<kind>.changed` for each that differs, and `record.ranked` at the end. Refuses a kind that is not the plugin's own, and fields
/// that cannot be compared or cannot take what is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// Handed back when it is done.
    pub key: String,
    /// The kind.
    pub kind: String,
    /// Which of its records; those of the calling organisation and below at most.
    #[serde(default)]
    pub filter: Value,
    /// Fields whose values part the records into populations.
    #[serde(default)]
    pub within: Vec<String>,
    /// What is written.
    pub ranks: Vec<Ranking>,
}

/// What a job was asked, and how far it is: its `detail`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The kind.
    pub kind: String,
    /// As asked.
    pub key: String,
    /// As asked.
    pub filter: Value,
    /// As asked.
    pub within: Vec<String>,
    /// As asked.
    pub ranks: Vec<Ranking>,
    /// Who asked.
    pub plugin: String,
    /// The event that was being answered.
    pub cause: Option<i64>,
    /// Present once the order is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// An order that is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Pieces in all.
    pub n_pieces: u32,
    /// Pieces that are written.
    pub n_written: u32,
    /// How each population came out.
    pub groups: Vec<Group>,
}

/// A record and what is written into it.
pub type Place = (Id, Map<String, Value>);

impl Run for Rank {
    /// The job.
    type Done = Id;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Id> {
        let Actor::Plugin { name, .. } = &ctx.actor else {
            return Err(Error::denied("only plugins rank records, those of their own kinds"));
        };
        let kind = tx.kind(&self.kind)?;
        if rights::to_write(ctx, "record.rank", &kind)? != Writer::Owner {
            return Err(Error::denied(format!("{} is another's kind: a plugin ranks its own", self.kind)));
        }
        check(&kind, &self)?;
        let kinds = |name: &str| tx.kinds().get(name).cloned();
        Filter::parse(&kind, &self.filter, &filter::Context { me: None, now: ctx.now, kinds: &kinds })?;
        let task = Task {
            kind: self.kind,
            key: self.key,
            filter: self.filter,
            within: self.within,
            ranks: self.ranks,
            plugin: name.clone(),
            cause: ctx.cause,
            kept: None,
        };
        let detail = serde_json::to_value(&task).map_err(Error::internal)?;
        let job = Job::begun(ctx.ids.next(), JOB, ctx.org.clone(), &ctx.actor, ctx.now, detail);
        tables::job::put(tx, &job)?;
        tx.touched_work();
        Ok(job.id)
    }
}

/// Every field it names is there and can hold what is asked of it.
fn check(kind: &Kind, rank: &Rank) -> Result<()> {
    let wrong = |message: String| Err(Error::invalid("rank", message));
    if rank.key.is_empty() || rank.key.len() > 200 {
        return wrong(format!("key {:?} must have 1 to 200 characters", rank.key));
    }
    if rank.ranks.is_empty() || rank.ranks.len() > 40 {
        return wrong(format!("ranks has {} entries: give 1 to 40", rank.ranks.len()));
    }
    for name in &rank.within {
        comparable(kind, name)?;
    }
    for ranking in &rank.ranks {
        if ranking.by.is_empty() {
            return wrong("by is empty: name the fields that decide, the most important first".into());
        }
        ranking.by.iter().try_for_each(|by| comparable(kind, direction(by).0))?;
        for name in ranking.position.iter().chain(&ranking.percentile) {
            takes(kind, name, |field| matches!(field, FieldType::Int | FieldType::Decimal), "an int or a decimal")?;
        }
        let Some(grade) = &ranking.grade else { continue };
        takes(kind, &grade.field, |field| matches!(field, FieldType::Enum | FieldType::Text), "a choice or a text")?;
        let is_rising = grade.cuts.windows(2).all(|cuts| cuts[0].upto < cuts[1].upto);
        let ends = grade.cuts.last().map(|cut| cut.upto);
        if !is_rising || ends != Some(100.0) || grade.cuts.iter().any(|cut| cut.upto < 0.0) {
            return wrong(format!("the cuts of {} must rise from 0 and end at 100", grade.field));
        }
    }
    Ok(())
}

fn comparable(kind: &Kind, name: &str) -> Result<()> {
    use FieldType::{Bool, Date, Datetime, Decimal, Enum, Int, Money, Ref, Text};
    let is_comparable = filter::SYSTEM.contains(&name)
        || kind.fields.get(name).is_some_and(|field| {
            matches!(field.r#type, Bool | Date | Datetime | Decimal | Enum | Int | Money | Ref | Text)
                || field.derived.is_some()
        });
    if is_comparable {
        return Ok(());
    }
    Err(Error::invalid("rank", format!("{} has no field {name:?} that records can be put in order by", kind.kind)))
}

fn takes(kind: &Kind, name: &str, fits: impl Fn(FieldType) -> bool, what: &str) -> Result<()> {
    let fits = kind.fields.get(name).is_some_and(|field| field.derived.is_none() && fits(field.r#type));
    if fits {
        Ok(())
    } else {
        Err(Error::invalid("rank", format!("{} has no field {name:?} that is {what}", kind.kind)))
    }
}

/// Keep some pieces of an order. The server's own.
#[derive(Debug)]
pub struct Keep {
    /// The job.
    pub job: Id,
    /// The number of the first piece; 0 forgets what was kept before.
    pub first: u32,
    /// The pieces, lists of at most [`PIECE`] places.
    pub pieces: Vec<Vec<u8>>,
}

impl Run for Keep {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        by_the_server(ctx)?;
        if self.first == 0 {
            tables::job::delete_file(tx, &self.job)?;
        }
        for (n, piece) in (self.first..).zip(&self.pieces) {
            tables::job::put_piece(tx, &self.job, n, piece)?;
        }
        Ok(())
    }
}

/// The order is kept as a whole: from now on it stays as it is. The server's own.
#[derive(Debug)]
pub struct Settle {
    /// The job.
    pub job: Id,
    /// How many records.
    pub n: usize,
    /// How each population came out.
    pub groups: Vec<Group>,
}

impl Run for Settle {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        by_the_server(ctx)?;
        let Some((job, mut task)) = running(tx, &self.job)? else { return Ok(()) };
        let n_pieces = self.n.div_ceil(PIECE) as u32;
        task.kept = Some(Kept { n_pieces, n_written: 0, groups: self.groups });
        put(tx, ctx, Job { total: self.n as u32, ..job }, &task, JobState::Running)
    }
}

/// Write the next piece, or tell that all are written. The server's own.
#[derive(Clone, Debug)]
pub struct Write {
    /// The job.
    pub job: Id,
}

impl Run for Write {
    /// Whether it has ended.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        by_the_server(ctx)?;
        let Some((job, mut task)) = running(tx, &self.job)? else { return Ok(true) };
        let Some(kept) = &mut task.kept else { return Ok(true) };
        let as_plugin = as_plugin(tx, ctx, &job.org, &task.plugin, task.cause)?;
        if kept.n_written == kept.n_pieces {
            let said = json!({ "n": job.total, "groups": kept.groups });
            tell(tx, &as_plugin, &task, said)?;
            tables::job::delete_file(tx, &job.id)?;
            put(tx, ctx, job, &task, JobState::Done)?;
            return Ok(true);
        }
        let piece = tables::job::file_piece(tx, &job.id, kept.n_written)?.unwrap_or_default();
        let places: Vec<Place> = serde_json::from_slice(&piece).map_err(Error::internal)?;
        let n_places = places.len() as u32;
        for (id, fields) in places {
            // Gone since the order was made: its place stays empty.
            if tables::record::get(tx, &task.kind, &id, &as_plugin.scope)?.is_some() {
                Change::new(&task.kind, id, fields.into_iter().collect::<Data>()).run(tx, &as_plugin)?;
            }
        }
        kept.n_written += 1;
        put(tx, ctx, Job { done: job.done + n_places, ..job }, &task, JobState::Running)?;
        Ok(false)
    }
}

/// A ranking that cannot go on: what was written stays, the job and the plugin are told why. The server's own.
#[derive(Clone, Debug)]
pub struct Fail {
    /// The job.
    pub job: Id,
    /// Machine-readable.
    pub code: String,
    /// For a person.
    pub message: String,
}

impl Run for Fail {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        by_the_server(ctx)?;
        let Some((mut job, task)) = running(tx, &self.job)? else { return Ok(()) };
        let as_plugin = as_plugin(tx, ctx, &job.org, &task.plugin, task.cause)?;
        tell(tx, &as_plugin, &task, json!({ "fault": { "code": self.code, "message": self.message } }))?;
        job.faults.push(RowFault { row: 0, field: None, code: self.code, message: self.message });
        tables::job::delete_file(tx, &job.id)?;
        put(tx, ctx, job, &task, JobState::Failed)
    }
}

fn running(tx: &Tx<'_>, job: &Id) -> Result<Option<(Job, Task)>> {
    let job = tables::job::get(tx, job, &Scope::All)?.filter(|job| job.state == JobState::Running);
    let with_task = |job: Job| Ok((Task::deserialize(&job.detail).map_err(Error::internal)?, job));
    Ok(job.map(with_task).transpose()?.map(|(task, job)| (job, task)))
}

fn put(tx: &mut Tx<'_>, ctx: &Ctx, job: Job, task: &Task, state: JobState) -> Result<()> {
    let detail = serde_json::to_value(task).map_err(Error::internal)?;
    tables::job::put(tx, &Job { state, detail, updated_at: ctx.now, ..job })
}

fn tell(tx: &mut Tx<'_>, ctx: &Ctx, task: &Task, said: Value) -> Result<()> {
    let mut data = json!({ "plugin": task.plugin, "key": task.key, "kind": task.kind });
    if let (Some(data), Value::Object(said)) = (data.as_object_mut(), said) {
        data.extend(said);
    }
    let draft = EventDraft { kind: RANKED.into(), org: ctx.org.clone(), subject: None, record: None, data };
    ctx.raise(tx, &draft).map(drop)
}

/// What it writes the plugin writes. Long work begins a chain of reactions of its own, or it would end at the eighth piece of a chain of such.
fn as_plugin(tx: &Tx<'_>, ctx: &Ctx, org: &Id, plugin: &str, cause: Option<i64>) -> Result<Ctx> {
    let version = ctx.catalogue.plugins.get(plugin).map(|plugin| plugin.manifest.version.clone()).unwrap_or_default();
    let actor = Actor::Plugin { name: plugin.to_owned(), version, on_behalf: None };
    let scope = tables::record::scope(tx, org)?;
    Ok(Ctx { actor, org: org.clone(), scope, cause, depth: 1, ..ctx.clone() })
}

fn by_the_server(ctx: &Ctx) -> Result<()> {
    match ctx.actor {
        Actor::System => Ok(()),
        _ => Err(Error::denied("writing a ranking is the server's own; ask for record.rank")),
    }
}
