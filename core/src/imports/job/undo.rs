//! Taking an import back: its events from the last to the first, each record once, and never over somebody's later edit.

mod record;

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use serde_json::json;

use super::{Shared, Task};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    commands::Ctx,
    model::{
        Actor, Id, Scope, Time,
        job::{Job, JobState, RowFault, Undo},
    },
    store::{Tx, tables},
};
use record::TakeBack;

/// Events looked at in one commit.
const CHUNK: u32 = 200;
const MAX_TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);
/// Conflicts kept at most; the counts go on.
const MAX_CONFLICTS: usize = 10_000;

pub(super) fn run(shared: &Arc<Shared>, id: &Id) {
    let worked = catch_unwind(AssertUnwindSafe(|| work(shared, id)));
    let Err(error) = worked.unwrap_or_else(|_| Err(Error::internal("an undo panicked"))) else { return };
    if error.kind == ErrorKind::Unavailable {
        tracing::warn!(job.id = %id, %error, "taking an import back is held up; it goes on after the next start");
        return;
    }
    tracing::warn!(job.id = %id, %error, "an import could not be taken back");
    if let Err(error) = fail(shared, id, &error) {
        tracing::error!(job.id = %id, %error, "a failed undo could not be marked so");
    }
}

fn work(shared: &Arc<Shared>, id: &Id) -> Result<()> {
    let mut n_tries = 0;
    while !shared.is_stopping() {
        let (job, now, catalogue) = (id.clone(), shared.clock.now(), shared.catalogue.load_full());
        match shared.store.commit_blocking(move |tx| step(tx, &job, now, catalogue)) {
            Ok(ControlFlow::Continue(())) => n_tries = 0,
            Ok(ControlFlow::Break(())) => return Ok(()),
            Err(error) if error.kind == ErrorKind::Unavailable && n_tries < MAX_TRIES => {
                n_tries += 1;
                shared.pause(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Some events and how far it is, in one commit: whenever it is cut off, nothing is done twice or left out.
fn step(tx: &mut Tx<'_>, id: &Id, now: Time, catalogue: Arc<Catalogue>) -> Result<ControlFlow<()>> {
    let job = tables::job::get(tx, id, &Scope::All)?.filter(|job| job.state == JobState::Running);
    let Some((mut job, mut undo)) = job.and_then(|mut job| job.undo.take().map(|undo| (job, undo))) else {
        return Ok(ControlFlow::Break(()));
    };
    let ranges = tables::job::ranges(tx, id)?;
    let next = ranges.iter().rev().find(|(first, _)| *first < undo.before).copied();
    if let Some((first, last)) = next {
        let ctx = ctx(&job, now, catalogue)?;
        let task: Task = serde_json::from_value(job.detail.clone()).map_err(Error::internal)?;
        let events = tables::event::within(tx, first, last.min(undo.before - 1), CHUNK)?;
        let mut conflicts = job.conflicts.take().unwrap_or_default();
        for event in &events {
            undo.before = event.seq;
            undo.done += 1;
            let take_back = TakeBack { ctx: &ctx, kind: &task.kind, ranges: &ranges };
            let found = take_back.run(tx, event, &mut undo)?;
            let room = MAX_CONFLICTS.saturating_sub(conflicts.len());
            conflicts.extend(found.into_iter().take(room));
        }
        if events.is_empty() {
            undo.before = first;
        }
        job.conflicts = Some(conflicts);
    } else {
        job.state = JobState::Undone;
    }
    let is_over = job.state == JobState::Undone;
    tables::job::put(tx, &Job { undo: Some(undo), updated_at: now, ..job })?;
    Ok(if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
}

/// As whoever asked for it.
fn ctx(job: &Job, now: Time, catalogue: Arc<Catalogue>) -> Result<Ctx> {
    let actor: Actor = serde_json::from_value(job.detail["undone_by"].clone()).map_err(Error::internal)?;
    let scope = match &actor {
        Actor::User { org, .. } => catalogue.orgs.scope(org),
        Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => Scope::All,
    };
    Ok(Ctx::new(actor, job.org.clone(), scope, now, catalogue))
}

/// What has been taken back stays so; it can be asked for again.
fn fail(shared: &Shared, id: &Id, error: &Error) -> Result<()> {
    let (id, now) = (id.clone(), shared.clock.now());
    let (code, message) = (error.code.clone(), error.message.clone());
    shared.store.commit_blocking(move |tx| {
        let job = tables::job::get(tx, &id, &Scope::All)?.filter(|job| job.state == JobState::Running);
        let Some(mut job) = job else { return Ok(()) };
        job.faults.push(RowFault { row: 0, field: None, code, message });
        tables::job::put(tx, &Job { state: JobState::Failed, updated_at: now, ..job })
    })
}

impl Undo {
    fn count(&mut self, outcome: record::Outcome) {
        match outcome {
            record::Outcome::Removed => self.removed += 1,
            record::Outcome::Restored => self.restored += 1,
            record::Outcome::Kept => self.kept += 1,
            record::Outcome::Nothing => {}
        }
    }
}

/// `{"label","name"}` of who an actor's label stands for.
fn named(tx: &Tx<'_>, label: &str) -> Result<serde_json::Value> {
    let user = label.strip_prefix("user:").and_then(|id| id.parse::<Id>().ok());
    let user = user.map(|id| tables::record::get(tx, "user", &id, &Scope::All)).transpose()?.flatten();
    let name = user.and_then(|user| user.text("name").map(str::to_owned));
    Ok(json!({ "label": label, "name": name }))
}
