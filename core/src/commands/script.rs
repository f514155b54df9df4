//! Scripts: draft, publish to all or to a share, promote, roll back, and counting how they fail and what they send.

use serde_json::{Value, json};

use super::{Ctx, Run, derived, rights};
use crate::{
    Error, Result,
    catalogue::{ScriptName, subscription},
    model::{Actor, EventDraft, Id, digest},
    store::{
        Tx,
        tables::{
            audit::{self, Entry},
            lane,
            script::{self, Canary, Current, Draft, Version},
        },
    },
};

/// Failures within an hour after which a script is taken out of force (domain C32).
pub const MAX_FAILURES: u32 = 3;
/// Messages a script may send in an hour. One that has more to say is taken for a wrong one: a campaign is not a reaction.
pub const MAX_MESSAGES: u32 = 1_000;
/// The longest source in bytes; parsing time grows with it.
pub const MAX_SOURCE_BYTES: usize = 32 * 1024;

/// Save an organisation's draft.
#[derive(Clone, Debug)]
pub struct SaveDraft {
    /// The script.
    pub name: ScriptName,
    /// Whose.
    pub org: Id,
    /// Rhai.
    pub source: String,
    /// Read as `PARAMETERS`, an object.
    pub parameters: Value,
    /// `[{"name","input","output"}]`.
    pub examples: Value,
    /// Of a reaction: what it asks for, `record.create:worklist.task`.
    pub asks: Vec<String>,
}

/// Publish the draft: it is in force from the next decision on, or for a share of subjects first. The caller has checked it. Where it
/// can send messages, who wrote the draft does not publish it. Answers the version.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The script.
    pub name: ScriptName,
    /// Whose.
    pub org: Id,
    /// Digest of the source that was checked; a draft saved meanwhile is refused.
    pub digest: String,
    /// The parameters it was checked with.
    pub parameters: Value,
    /// The examples it was checked by.
    pub examples: Value,
    /// Of a reaction: what it was checked to ask for.
    pub asks: Vec<String>,
    /// Of a reaction: the functions it was found to hear with.
    pub hears: Vec<String>,
    /// For how many subjects in a hundred; `None` for all.
    pub share: Option<u8>,
}

/// Let the version that is on trial hold for all. Answers the version.
#[derive(Clone, Debug)]
pub struct Promote {
    /// The script.
    pub name: ScriptName,
    /// Whose.
    pub org: Id,
}

/// Put an earlier version in force, or none: then the rule above holds. A version on trial is given up first.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The script.
    pub name: ScriptName,
    /// Whose.
    pub org: Id,
    /// Which; `None`: the one before the one in force.
    pub version: Option<u32>,
}

/// Count a failure; the third in an hour takes the script out of force. The server's own.
#[derive(Clone, Debug)]
pub struct Fail {
    /// The script.
    pub name: String,
    /// Whose.
    pub org: Id,
    /// The version that failed.
    pub version: u32,
    /// Why.
    pub fault: String,
}

fn raise(tx: &mut Tx<'_>, ctx: &Ctx, kind: &str, org: &Id, data: Value) -> Result<()> {
    let told = json!({ "name": data["name"], "version": data["version"] });
    audit::append(tx, &Entry::new(ctx.now, &ctx.actor, org.clone(), kind, told))?;
    let draft = EventDraft { kind: kind.into(), org: org.clone(), subject: None, record: None, data };
    ctx.raise(tx, &draft).map(drop)
}

impl Run for SaveDraft {
    type Done = Draft;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Draft> {
        rights::to_script(ctx, &self.org)?;
        if self.source.len() > MAX_SOURCE_BYTES {
            let message = format!("the source has {} bytes; {MAX_SOURCE_BYTES} are allowed", self.source.len());
            return Err(Error::invalid("source", message));
        }
        if !self.parameters.is_object() {
            return Err(Error::invalid("parameters", format!("parameters are an object, not {}", self.parameters)));
        }
        let draft = Draft {
            name: self.name.to_string(),
            org: self.org,
            source: self.source,
            parameters: self.parameters,
            examples: self.examples,
            asks: self.asks,
            updated_at: ctx.now,
            updated_by: ctx.actor.label(),
        };
        script::put_draft(tx, &draft)?;
        Ok(draft)
    }
}

impl Publish {
    /// The draft that was checked, if this person may put it in force.
    fn draft(&self, tx: &Tx<'_>, ctx: &Ctx) -> Result<Draft> {
        let name = self.name.to_string();
        let draft = script::draft(tx, &name, &self.org)?
            .ok_or_else(|| Error::not_found("draft", format!("{name} has no draft in {}; PUT one first", self.org)))?;
        let is_checked = digest::hex(&draft.source) == self.digest
            && draft.asks == self.asks
            && draft.parameters == self.parameters
            && draft.examples == self.examples;
        if !is_checked {
            return Err(changed(&self.name));
        }
        let is_author = draft.updated_by == ctx.actor.label() && ctx.actor != Actor::System;
        if sends(&draft.asks) && is_author {
            let message = format!("{name} can send messages to customers: somebody else who may publish has to do it");
            return Err(Error::conflict("script.second_person", message));
        }
        Ok(draft)
    }
}

/// Somebody has saved another draft meanwhile.
pub fn changed(name: &ScriptName) -> Error {
    Error::conflict(
        "draft.changed",
        format!("the draft of {name} was changed meanwhile; look at it and check it again"),
    )
}

/// Whether what is asked for lets messages go out.
pub fn sends(asks: &[String]) -> bool {
    asks.iter().any(|ask| ask == "message.send")
}

impl Run for Publish {
    type Done = u32;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        rights::to_script(ctx, &self.org)?;
        let name = self.name.to_string();
        if self.share.is_some_and(|share| share == 0 || share > 99) {
            return Err(Error::invalid("share", "share is a number of percent from 1 to 99; leave it out for all"));
        }
        let draft = self.draft(tx, ctx)?;
        let before = standing(tx, &name, &self.org)?;
        let version = 1 + script::newest(tx, &name, &self.org)?;
        script::publish(
            tx,
            &Version {
                name: name.clone(),
                org: self.org.clone(),
                version,
                source: draft.source,
                digest: self.digest,
                parameters: draft.parameters,
                examples: draft.examples,
                asks: draft.asks,
                hears: self.hears,
                written_by: Some(draft.updated_by),
                published_at: ctx.now,
                published_by: ctx.actor.label(),
            },
        )?;
        match self.share {
            Some(share) => script::set_canary(tx, &name, &self.org, Some(Canary { version, share }))?,
            None => script::set_current(tx, &name, &self.org, version)?,
        }
        derived::ruled(tx, ctx, &name, &self.org)?;
        let data = json!({ "name": name, "version": version, "share": self.share });
        raise(tx, ctx, "script.published", &self.org, data)?;
        listen(tx, &self.name, &self.org, before.as_ref())?;
        Ok(version)
    }
}

impl Run for Promote {
    type Done = u32;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        rights::to_script(ctx, &self.org)?;
        let name = self.name.to_string();
        let Some(canary) = standing(tx, &name, &self.org)?.and_then(|current| current.canary) else {
            let message = format!("{name} has no version on trial in {}; publish one with a share first", self.org);
            return Err(Error::conflict("script.no_canary", message));
        };
        script::set_current(tx, &name, &self.org, canary.version)?;
        derived::ruled(tx, ctx, &name, &self.org)?;
        let data = json!({ "name": name, "version": canary.version });
        raise(tx, ctx, "script.promoted", &self.org, data)?;
        Ok(canary.version)
    }
}

impl Run for Rollback {
    type Done = u32;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        rights::to_script(ctx, &self.org)?;
        let name = self.name.to_string();
        let before = standing(tx, &name, &self.org)?;
        let in_force = before.as_ref().map_or(0, |current| current.version);
        let is_on_trial = before.as_ref().is_some_and(|current| current.canary.is_some());
        let version = match self.version {
            Some(version) => version,
            // What was put to trial last goes first.
            None if is_on_trial => in_force,
            // What was given up on trial was never in force.
            None => script::held_before(tx, &name, &self.org, in_force)?,
        };
        if version != 0 && script::version(tx, &name, &self.org, version)?.is_none() {
            return Err(Error::not_found("version", format!("{name} has no version {version} in {}", self.org)));
        }
        script::set_current(tx, &name, &self.org, version)?;
        derived::ruled(tx, ctx, &name, &self.org)?;
        raise(tx, ctx, "script.rolled_back", &self.org, json!({ "name": name, "version": version }))?;
        if version != 0 {
            listen(tx, &self.name, &self.org, before.as_ref())?;
        }
        Ok(version)
    }
}

fn standing(tx: &Tx<'_>, name: &str, org: &Id) -> Result<Option<Current>> {
    Ok(script::current(tx)?.into_iter().find(|current| current.name == name && current.org == *org))
}

/// A reaction that has been at rest begins with what happens from now on; one at work stays where it stands, so that nothing is lost
/// between two versions.
fn listen(tx: &mut Tx<'_>, name: &ScriptName, org: &Id, before: Option<&Current>) -> Result<()> {
    let was_at_work = before.is_some_and(|current| current.version != 0 || current.canary.is_some());
    match name {
        ScriptName::Reaction(_) if !was_at_work => lane::begin_anew(tx, &subscription(&name.to_string(), org)),
        _ => Ok(()),
    }
}

/// Count a message that a script sends.
///
/// # Errors
/// `script.quota` when it has sent too many within an hour.
pub fn count_message(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
    let Actor::Script { name, owner, .. } = &ctx.actor else { return Ok(()) };
    if script::count_message(tx, name, owner, ctx.now)? <= MAX_MESSAGES {
        return Ok(());
    }
    let message = format!("{name} has sent {MAX_MESSAGES} messages within the hour, the most a script may");
    Err(Error::conflict("script.quota", message))
}

impl Run for Fail {
    /// Whether the script was taken out of force.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        let Some(standing) = standing(tx, &self.name, &self.org)? else { return Ok(false) };
        let is_on_trial = standing.canary.is_some_and(|canary| canary.version == self.version);
        if standing.version != self.version && !is_on_trial {
            return Ok(false);
        }
        let n_failures = if is_on_trial {
            script::count_trial_failure(tx, &self.name, &self.org, ctx.now)?
        } else {
            script::count_failure(tx, &self.name, &self.org, &self.fault, ctx.now)?
        };
        let is_disabled = n_failures >= MAX_FAILURES;
        if is_disabled {
            // A version on trial goes alone: the one in force has done nothing wrong.
            if is_on_trial {
                script::set_canary(tx, &self.name, &self.org, None)?;
            } else {
                script::set_current(tx, &self.name, &self.org, 0)?;
            }
            // Beside a version that works the fault is told by its event alone: nobody is passed over.
            if !is_on_trial || standing.version == 0 {
                script::keep_fault(tx, &self.name, &self.org, &self.fault, ctx.now)?;
            }
            derived::ruled(tx, ctx, &self.name, &self.org)?;
        }
        let data = json!({ "name": self.name, "version": self.version, "fault": self.fault, "disabled": is_disabled });
        raise(tx, ctx, "script.failed", &self.org, data)?;
        Ok(is_disabled)
    }
}
