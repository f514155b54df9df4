//! Scripts: draft, publish, roll back, and counting how they fail.

use serde_json::{Value, json};

use super::{Ctx, Run, derived, rights};
use crate::{
    Error, Result,
    catalogue::ScriptName,
    model::{EventDraft, Id, digest},
    store::{
        Tx,
        tables::{
            audit::{self, Entry},
            script::{self, Draft, Version},
        },
    },
};

/// Failures within an hour after which a script is taken out of force (domain C32).
pub const MAX_FAILURES: u32 = 3;
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
}

/// Publish the draft: it is in force from the next decision on. The caller has checked it. Answers the version.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The script.
    pub name: ScriptName,
    /// Whose.
    pub org: Id,
    /// Digest of the source that was checked; a draft saved meanwhile is refused.
    pub digest: String,
}

/// Put an earlier version in force, or none: then the rule above holds.
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
            updated_at: ctx.now,
            updated_by: ctx.actor.label(),
        };
        script::put_draft(tx, &draft)?;
        Ok(draft)
    }
}

impl Run for Publish {
    type Done = u32;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        rights::to_script(ctx, &self.org)?;
        let name = self.name.to_string();
        let draft = script::draft(tx, &name, &self.org)?
            .ok_or_else(|| Error::not_found("draft", format!("{name} has no draft in {}; PUT one first", self.org)))?;
        if digest::hex(&draft.source) != self.digest {
            return Err(Error::conflict(
                "draft.changed",
                format!("the draft of {name} was changed while it was checked; check it again"),
            ));
        }
        let version = 1 + script::versions(tx, &name, &self.org)?.first().map_or(0, |last| last.version);
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
                published_at: ctx.now,
                published_by: ctx.actor.label(),
            },
        )?;
        derived::ruled(tx, ctx, &name, &self.org)?;
        raise(tx, ctx, "script.published", &self.org, json!({ "name": name, "version": version }))?;
        Ok(version)
    }
}

impl Run for Rollback {
    type Done = u32;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<u32> {
        rights::to_script(ctx, &self.org)?;
        let name = self.name.to_string();
        let versions = script::versions(tx, &name, &self.org)?;
        let in_force = in_force(tx, &name, &self.org)?;
        let version = match self.version {
            Some(version) => version,
            None => versions.iter().map(|known| known.version).find(|version| *version < in_force).unwrap_or(0),
        };
        if version != 0 && !versions.iter().any(|known| known.version == version) {
            return Err(Error::not_found("version", format!("{name} has no version {version} in {}", self.org)));
        }
        script::set_current(tx, &name, &self.org, version)?;
        derived::ruled(tx, ctx, &name, &self.org)?;
        raise(tx, ctx, "script.rolled_back", &self.org, json!({ "name": name, "version": version }))?;
        Ok(version)
    }
}

fn in_force(tx: &Tx<'_>, name: &str, org: &Id) -> Result<u32> {
    let all = script::current(tx)?;
    Ok(all.iter().find(|current| current.name == name && current.org == *org).map_or(0, |current| current.version))
}

impl Run for Fail {
    /// Whether the script was taken out of force.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        if in_force(tx, &self.name, &self.org)? != self.version {
            return Ok(false);
        }
        let n_failures = script::count_failure(tx, &self.name, &self.org, &self.fault, ctx.now)?;
        let is_disabled = n_failures >= MAX_FAILURES;
        if is_disabled {
            script::set_current(tx, &self.name, &self.org, 0)?;
            script::keep_fault(tx, &self.name, &self.org, &self.fault, ctx.now)?;
            derived::ruled(tx, ctx, &self.name, &self.org)?;
        }
        let data = json!({ "name": self.name, "version": self.version, "fault": self.fault, "disabled": is_disabled });
        raise(tx, ctx, "script.failed", &self.org, data)?;
        Ok(is_disabled)
    }
}
