//! Jobs of plugins: armed as timers of the server's own, each armed anew in the very commit that tells of it.

use serde_json::json;

use crate::{
    Error, ErrorKind, Result,
    catalogue::{Manifest, manifest::JOB_DUE},
    commands::Ctx,
    model::{EventDraft, Id, Time},
    store::{
        Tx,
        tables::{
            self,
            timer::{self, Timer},
        },
    },
};

/// What keys of timers begin with that stand for jobs. No plugin can set one of these itself.
pub const PREFIX: &str = "job:";

/// A job of a version that the catalogue does not know yet is looked at again after this.
const LOOK_AGAIN_MS: i64 = 200;

/// Arm every job of a plugin for its next time, and forget those it has no more.
pub(super) fn arm(tx: &mut Tx<'_>, ctx: &Ctx, manifest: &Manifest) -> Result<()> {
    timer::cancel_all(tx, &manifest.name, PREFIX)?;
    manifest.owns.jobs.iter().try_for_each(|job| set(tx, ctx, manifest, &job.name, ctx.now))
}

/// Let no job be due before a moment: sample data is told in minutes, and two years of nights would take longer than all of it.
///
/// # Errors
/// Internal.
pub fn put_off(tx: &mut Tx<'_>, until: Time) -> Result<()> {
    timer::put_off(tx, PREFIX, until)
}

/// A job is due: tell its plugin, and arm it for the next time after now. What was missed while the server was down is made up for once;
/// a plugin that rests misses it.
///
/// # Errors
/// Internal.
pub fn due(tx: &mut Tx<'_>, ctx: &Ctx, timer: &Timer, job: &str) -> Result<()> {
    let installed = match tables::plugin::one(tx, &timer.owner) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
        installed => installed?,
    };
    let plugin = ctx.catalogue.plugins.get(&timer.owner);
    let Some(plugin) = plugin.filter(|plugin| plugin.standing.came_seq == installed.came_seq) else {
        // Another version has just come, and whoever fires timers does not know it yet: when this job is due is for that one to say.
        let due_at = ctx.now.plus_millis(LOOK_AGAIN_MS);
        return timer::set(tx, &Timer { due_at, ..timer.clone() });
    };
    if plugin.manifest.job(job).is_none() {
        return Ok(());
    }
    set(tx, ctx, &plugin.manifest, job, ctx.now)?;
    if !installed.is_enabled {
        return Ok(());
    }
    let draft = EventDraft {
        kind: JOB_DUE.into(),
        org: Id::hq(),
        subject: None,
        record: None,
        data: json!({ "plugin": timer.owner, "job": job, "due_at": timer.due_at }),
    };
    ctx.raise(tx, &draft).map(drop)
}

fn set(tx: &mut Tx<'_>, ctx: &Ctx, manifest: &Manifest, job: &str, after: Time) -> Result<()> {
    let usual = ctx.catalogue.orgs.calendar(&Id::hq()).time_zone;
    let next = manifest.job(job).and_then(|job| job.next(after, &usual));
    let due_at = next.ok_or_else(|| Error::internal(format!("the job {job:?} of {} never comes", manifest.name)))?;
    let (owner, key) = (manifest.name.clone(), format!("{PREFIX}{job}"));
    let data = serde_json::Value::Null;
    timer::set(tx, &Timer { owner, org: Id::hq(), key, due_at, subject: None, data, depth: 0 })
}
