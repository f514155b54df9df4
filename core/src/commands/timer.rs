//! Timers: set, cancel, fire.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ctx, Run, plugin::jobs, user};
use crate::{
    Error, Result,
    model::{Actor, EventDraft, Id, Time},
    store::{
        Tx,
        tables::timer::{self, Timer},
    },
};

/// A timer due sooner than this is a reaction and counts as one; a later one begins a new chain, or no plugin could
/// renew a timer more than eight times. Long work goes on by a timer a piece, and should not have to wait long for it.
const REACTION_MS: i64 = 50;

/// Set a plugin's timer in this organisation, or move it. When it is due it becomes `timer.fired`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Its name among the plugin's.
    pub key: String,
    /// When it fires.
    pub at: Time,
    /// Its event comes in order with this subject's others.
    #[serde(default)]
    pub subject: Option<Id>,
    /// Handed back when it fires.
    #[serde(default)]
    pub data: Value,
}

/// Take a timer away; one that is not there is no error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Its name among the plugin's.
    pub key: String,
}

/// Turn timers that are due into events, at most `limit`. The server's own, never asked for from outside.
#[derive(Clone, Copy, Debug)]
pub struct Fire {
    /// How many at most.
    pub limit: u32,
}

fn owner<'a>(ctx: &'a Ctx, command: &str) -> Result<&'a str> {
    match &ctx.actor {
        Actor::Plugin { name, .. }
            if ctx.catalogue.plugins.get(name).is_some_and(|plugin| plugin.manifest.may_ask(command, None)) =>
        {
            Ok(name)
        }
        other => Err(Error::denied(format!("{} has no grant \"{command}\"; timers belong to plugins", other.label()))),
    }
}

fn key(key: String) -> Result<String> {
    if key.is_empty() || key.len() > 200 {
        return Err(Error::invalid("timer", format!("the key {key:?} must have 1 to 200 characters")));
    }
    if key.starts_with(jobs::PREFIX) {
        let message = format!("the key {key:?} begins with {:?}, which is for jobs of plugin.toml", jobs::PREFIX);
        return Err(Error::invalid("timer", message));
    }
    Ok(key)
}

impl Run for Set {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let owner = owner(ctx, "timer.set")?.to_owned();
        let depth = if self.at - ctx.now < REACTION_MS { ctx.depth.saturating_add(1) } else { 0 };
        timer::set(
            tx,
            &Timer {
                owner,
                org: ctx.org.clone(),
                key: key(self.key)?,
                due_at: self.at,
                subject: self.subject,
                data: self.data,
                depth,
            },
        )
    }
}

impl Run for Cancel {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let owner = owner(ctx, "timer.cancel")?;
        timer::cancel(tx, owner, &ctx.org, &self.key).map(drop)
    }
}

impl Run for Fire {
    type Done = u32;

    /// Answers how many fired. Deleting the timer and telling of it are one commit, so each fires exactly once.
    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        let due = timer::due(tx, ctx.now, self.limit)?;
        let n_fired = due.len() as u32;
        for timer in due {
            timer::cancel(tx, &timer.owner, &timer.org, &timer.key)?;
            if let Some(job) = timer.key.strip_prefix(jobs::PREFIX) {
                if let Err(error) = tx.attempt(|tx| jobs::due(tx, ctx, &timer, job)) {
                    tracing::error!(%error, plugin.name = timer.owner, job, "a job was dropped until its plugin is set to work again");
                }
                continue;
            }
            if timer.owner == user::LAST_DAY {
                last_day_over(tx, ctx, &timer.key);
                continue;
            }
            let draft = EventDraft {
                kind: "timer.fired".into(),
                org: timer.org,
                subject: timer.subject,
                record: None,
                data: json!({ "plugin": timer.owner, "key": timer.key, "due_at": timer.due_at, "data": timer.data }),
            };
            let ctx = Ctx { depth: timer.depth, ..ctx.clone() };
            if let Err(error) = ctx.raise(tx, &draft) {
                tracing::warn!(%error, key = timer.key, "a timer was dropped");
            }
        }
        Ok(n_fired)
    }
}

/// One person whose record cannot be changed must not keep other timers waiting.
fn last_day_over(tx: &mut Tx<'_>, ctx: &Ctx, user: &str) {
    let left = user.parse().and_then(|user: Id| tx.attempt(|tx| user::Leave { user }.run(tx, ctx)));
    if let Err(error) = left {
        tracing::error!(%error, user.id = user, "the last day of a person is over, and their access could not be ended");
    }
}
