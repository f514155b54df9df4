//! What a draft would change: tried on all records of its owner, or on past decisions, as a job that writes nothing else.

mod events;
mod read_ahead;

use std::{collections::BTreeMap, sync::Arc, thread, time::Instant};

use serde::Serialize;
use serde_json::{Value, json};

use self::read_ahead::read_ahead;
use super::{App, scripts::Content};
use crate::{
    Error, Result,
    bus::side_by_side,
    catalogue::{Catalogue, ScriptName},
    commands::{Ctx, rights},
    model::{
        FieldType, Id, Kind, Scope, Time, digest,
        job::{Job, JobState, RowFault},
        kind::derived::computed_by,
    },
    scripts::{
        effect::{Effect, Subject, Told},
        trial::{Made, Trial},
    },
    store::{View, tables},
};

const KIND: &str = "preview_script";
/// Records or decisions tried between two looks at the job.
const CHUNK: u32 = 4096;
const DAY_MS: i64 = 86_400_000;
/// Decisions are tried as far back as this, unless said otherwise.
const DAYS: u32 = 30;
/// And no further: two years and a month, so that a quarter can be held against that of the year before last.
const MOST_DAYS: u32 = 761;

/// A source to be tried.
#[derive(Debug)]
pub struct Draft {
    /// What it is to be.
    pub name: ScriptName,
    /// Rhai.
    pub source: String,
    /// What it reads as `PARAMETERS`.
    pub parameters: Value,
    /// Of a reaction: what it asks for.
    pub asks: Vec<String>,
    /// Of a decision or a reaction: how many days back.
    pub days: Option<u32>,
    /// Of a decision or a reaction: of which time, instead of the last days. Of a computed field: on the records of which moment.
    pub span: Span,
}

impl Draft {
    /// From when, and before when it is tried.
    fn span_at(&self, now: Time) -> (Time, Time) {
        let days = i64::from(self.days.unwrap_or(DAYS));
        (self.span.from.unwrap_or(now.plus_millis(-days * DAY_MS)), self.span.to.unwrap_or(now.plus_millis(1)))
    }
}

/// A stretch of the past; what is left out is its end that is nearest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// From this moment on.
    pub from: Option<Time>,
    /// Before this one.
    pub to: Option<Time>,
}

/// The job's `detail`.
#[derive(Clone, Debug, Serialize)]
struct Detail {
    name: String,
    /// Of the source that was tried, hex.
    digest: String,
    /// The last event in the snapshot it was tried on.
    at_seq: i64,
    /// Of a decision: from when on.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Time>,
    /// Of a decision or a reaction: until when. Of a computed field: the moment it was tried on, where it was not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Time>,
    /// Of a computed field: the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// By field of the record, or of the answer; those that change nothing but the draft's own are left out.
    effects: BTreeMap<String, Told>,
    /// Over every value that would stand there, in the order of the records: the same for the same draft and records.
    hash: String,
    rows_per_second: u64,
    /// Of a reaction: what it would have done.
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<events::Commands>,
}

/// What is tried, and on what.
struct Task {
    job: Id,
    org: Id,
    scope: Scope,
    draft: Draft,
    trial: Trial,
    /// The rules in force, for a computed field that is tried on the past: what stood there then is not kept.
    standing: Trial,
    /// Of a computed field.
    target: Option<(Arc<Kind>, String)>,
    now: Time,
}

impl Task {
    /// From when, and before when.
    fn span(&self) -> (Time, Time) {
        self.draft.span_at(self.now)
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    effects: BTreeMap<String, Effect>,
    hash: digest::Running,
    n_done: u32,
}

impl App {
    /// Begin to try a draft of `ctx.org`. The answer is the job's `detail` once it is done.
    ///
    /// # Errors
    /// `denied`, `script.unchecked` for what does not parse, `days` out of bounds, or internal.
    pub async fn preview_script(self: &Arc<App>, ctx: &Ctx, draft: Draft) -> Result<Job> {
        rights::to_script(ctx, &ctx.org)?;
        if draft.days.is_some_and(|days| days == 0 || days > MOST_DAYS) {
            return Err(Error::invalid("days", format!("days is a number from 1 to {MOST_DAYS}")));
        }
        self.check_span(&draft, ctx.now)?;
        let content = Content {
            source: draft.source.clone(),
            parameters: draft.parameters.clone(),
            examples: Value::Null,
            asks: draft.asks.clone(),
        };
        let report = self.check_script(&draft.name, &ctx.org, content).await?;
        if !report.problems.is_empty() {
            return Err(super::scripts::unchecked(&draft.name, &report));
        }
        let detail = json!({ "name": draft.name.to_string(), "digest": digest::hex(&draft.source) });
        let job = Job::begun(Id::fresh(ctx.now), KIND, ctx.org.clone(), &ctx.actor, ctx.now, detail);
        let kept = job.clone();
        self.store.commit(move |tx| tables::job::put(tx, &kept)).await?;
        let task = self.task(ctx, &job, draft)?;
        let app = self.clone();
        let work = move || app.try_draft(&task);
        thread::Builder::new().name("preview".into()).spawn(work).map_err(Error::internal)?;
        Ok(job)
    }

    fn check_span(&self, draft: &Draft, now: Time) -> Result<()> {
        let Span { from, to } = draft.span;
        let is_said = if from.is_some() { "from" } else { "to" };
        if let (Some(from), ScriptName::Computed(_)) = (from, &draft.name) {
            let message =
                format!("a computed field is tried on the records of one moment, which is `to`: leave from {from} out");
            return Err(Error::invalid("from", message));
        }
        if let Some(to) = to.filter(|to| *to > now) {
            return Err(Error::invalid("to", format!("to {to} lies ahead of now, {now}")));
        }
        let (from, to) = match draft.name {
            ScriptName::Computed(_) => (to.unwrap_or(now), to.unwrap_or(now).plus_millis(1)),
            _ => draft.span_at(now),
        };
        if now - from > i64::from(MOST_DAYS) * DAY_MS || to <= from {
            let message = format!("from {from} has to lie before to {to}, and at most {MOST_DAYS} days back");
            return Err(Error::invalid(is_said, message));
        }
        Ok(())
    }

    /// Previews do not outlive the server: what they were made for is asked again more cheaply than it is remembered.
    pub(super) fn end_previews(&self) -> Result<()> {
        let running = tables::job::running(&self.store.view(Scope::All)?)?;
        for job in running.into_iter().filter(|job| job.kind == KIND) {
            let message = "the server was stopped; preview it again".to_owned();
            self.end_job(job.id, JobState::Failed, None, Some(("preview.ended".into(), message)))?;
        }
        Ok(())
    }

    fn task(&self, ctx: &Ctx, job: &Job, draft: Draft) -> Result<Task> {
        let catalogue: Arc<Catalogue> = self.catalogue();
        let kinds = self.store.kind_tree();
        let target = computed_by(kinds.at(&ctx.org).values(), &draft.name.to_string())
            .map(|(kind, field)| (kind.clone(), field.to_owned()));
        let kind_now = Arc::new(move |name: &str, org: &Id| kinds.kind(name, org).cloned());
        let (name, parameters) = (&draft.name, &draft.parameters);
        let trial = self.scripts.trial(&catalogue, kind_now.clone(), name, &ctx.org, &draft.source, parameters);
        let scope = catalogue.orgs.scope(&ctx.org);
        let standing = self.scripts.standing(catalogue, kind_now);
        Ok(Task { job: job.id.clone(), org: ctx.org.clone(), scope, draft, trial, standing, target, now: ctx.now })
    }

    fn try_draft(&self, task: &Task) {
        let tried = match (&task.draft.name, &task.target) {
            (ScriptName::Computed(_), Some((kind, field))) => self.try_on_records(task, kind, field),
            (ScriptName::Decision(point), _) => self.try_on_decisions(task, point),
            (ScriptName::Reaction(_), _) => self.try_on_events(task),
            _ => Err(Error::invalid("script", format!("no kind has a field that {} computes", task.draft.name))),
        };
        let ended = match tried {
            // Somebody has cancelled it, or the server stops and says so at its next start.
            Ok(None) => return,
            Ok(Some(detail)) => self.end_job(task.job.clone(), JobState::Done, Some(json!(detail)), None),
            Err(error) => self.end_job(task.job.clone(), JobState::Failed, None, Some((error.code, error.message))),
        };
        if let Err(error) = ended {
            tracing::error!(job.id = %task.job, %error, "a preview could not be told of");
        }
    }

    /// On the records as they stand, or as they stood at the end of the draft's span.
    fn try_on_records(&self, task: &Task, kind: &Arc<Kind>, field: &str) -> Result<Option<Detail>> {
        // One snapshot from first to last, or the counts would be of no moment that ever was.
        let view = self.store.view(Scope::All)?;
        let total = tables::record::count_in(&view, &kind.kind, &task.scope)?;
        let (begun, mut found) = (Instant::now(), Found::default());
        let past = match task.draft.span.to {
            Some(at) => {
                let then = view.then(at)?;
                let rollups = view.rollups_then(&then, kind)?;
                Some((then, rollups))
            }
            None => None,
        };
        let (view, is_whole) = read_ahead(
            view,
            |view, after| match &past {
                Some((then, rollups)) => view.records_then(then, rollups, kind, &task.scope, after, CHUNK),
                None => tables::record::after(view, &kind.kind, &task.scope, after, CHUNK),
            },
            |records| {
                let made = side_by_side(self.n_threads(), records, |part| match &past {
                    Some((then, _)) => task.trial.compute_against(&task.standing, &kind.kind, part, then.at()),
                    None => task.trial.compute(&kind.kind, part, task.now),
                })?;
                for (record, made) in records.iter().zip(made) {
                    let (id, org) = (record.id.clone(), record.org.clone());
                    let subject = Subject { kind: Some(kind.kind.clone()), id, org };
                    made.iter().for_each(|made| found.add(Some(kind), &subject, made));
                }
                found.n_done += records.len() as u32;
                self.goes_on(task, found.n_done, total)
            },
        )?;
        if !is_whole {
            return Ok(None);
        }
        let mut detail = found.detail(task, &view, begun, field);
        detail.kind = Some(kind.kind.clone());
        detail.to = task.draft.span.to;
        Ok(Some(detail))
    }

    fn try_on_decisions(&self, task: &Task, point: &str) -> Result<Option<Detail>> {
        let view = self.store.view(Scope::All)?;
        let (from, to) = task.span();
        let (begun, mut found, mut after) = (Instant::now(), Found::default(), (from, String::new()));
        loop {
            let mut past = tables::receipt::of_point(&view, point, &task.scope, (after.0, &after.1), CHUNK / 16)?;
            past.retain(|past| past.receipt.at < to);
            let Some(last) = past.last() else { break };
            after = (last.receipt.at, last.receipt.id.to_string());
            let made = side_by_side(self.n_threads(), &past, |part| {
                part.iter().map(|past| task.trial.decide(&past.receipt)).collect()
            })?;
            for (past, made) in past.iter().zip(made) {
                let (kind, id) = past.record.clone().unzip();
                let id = id.unwrap_or_else(|| past.receipt.id.clone());
                let subject = Subject { kind, id, org: past.receipt.org.clone() };
                made.iter().for_each(|made| found.add(None, &subject, made));
            }
            found.n_done += past.len() as u32;
            if !self.goes_on(task, found.n_done, 0)? {
                return Ok(None);
            }
        }
        let mut detail = found.detail(task, &view, begun, "");
        (detail.from, detail.to) = (Some(from), task.draft.span.to);
        Ok(Some(detail))
    }

    /// As many as the bus has workers.
    fn n_threads(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        if self.config.bus.workers == 0 { cores() } else { self.config.bus.workers }
    }

    /// Tell how far it is; `false` when it shall end.
    fn goes_on(&self, task: &Task, done: u32, total: u64) -> Result<bool> {
        let (id, now) = (task.job.clone(), self.clock.now());
        let goes_on = self.store.commit_blocking(move |tx| {
            let job = tables::job::get(tx, &id, &Scope::All)?.filter(|job| job.state == JobState::Running);
            let Some(job) = job else { return Ok(false) };
            let total = total.min(u32::MAX.into()) as u32;
            tables::job::put(tx, &Job { done, total: total.max(done), updated_at: now, ..job })?;
            Ok(true)
        })?;
        Ok(goes_on && !self.is_stopping())
    }

    fn end_job(&self, id: Id, state: JobState, detail: Option<Value>, fault: Option<(String, String)>) -> Result<()> {
        let now = self.clock.now();
        self.store.commit_blocking(move |tx| {
            let Some(job) = tables::job::get(tx, &id, &Scope::All)?.filter(|job| job.state == JobState::Running) else {
                return Ok(());
            };
            let faults = fault.map(|(code, message)| RowFault { row: 0, field: None, code, message });
            let (detail, total) = (detail.unwrap_or_else(|| job.detail.clone()), job.done.max(job.total));
            let faults = faults.into_iter().collect();
            tables::job::put(tx, &Job { state, total, detail, faults, updated_at: now, ..job })
        })
    }
}

impl Found {
    fn add(&mut self, kind: Option<&Arc<Kind>>, subject: &Subject, made: &Made) {
        let value = made.new.as_ref().map_or_else(|wrong| format!("!{wrong}"), Value::to_string);
        [subject.id.as_str(), &made.field, &value].into_iter().for_each(|piece| self.hash.add(piece));
        let effect = self.effects.entry(made.field.clone()).or_insert_with(|| {
            let field = kind.and_then(|kind| kind.fields.get(&made.field));
            let ranked = field.filter(|field| field.r#type == FieldType::Enum);
            let values = ranked.into_iter().flat_map(|field| &field.values);
            Effect::new(values.map(|value| value.value.clone()).collect())
        });
        effect.add(subject, made);
    }

    /// `own` is the field of a draft that computes one: it is told even where nothing changes.
    fn detail(self, task: &Task, view: &View, begun: Instant, own: &str) -> Detail {
        let millis = begun.elapsed().as_millis().max(1) as u64;
        let effects = self.effects.into_iter().map(|(name, effect)| (name, effect.told()));
        Detail {
            name: task.draft.name.to_string(),
            digest: digest::hex(&task.draft.source),
            at_seq: view.at_seq(),
            from: None,
            to: None,
            kind: None,
            effects: effects.filter(|(name, told)| own.is_empty() || name == own || told.changed > 0).collect(),
            hash: self.hash.hex(),
            rows_per_second: u64::from(self.n_done) * 1000 / millis,
            commands: None,
        }
    }
}
