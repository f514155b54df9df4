//! What happens in a plugin's life besides: a version waits, rights are granted, a version is gone back to, it is taken out.

use std::sync::Arc;

use serde_json::json;

use super::{SetState, raise};
use crate::{
    Error, ErrorKind, Result,
    catalogue::{Granted, Plugin, PluginState},
    commands::{Ctx, Run, rights},
    model::{Id, Time},
    store::{
        Tx,
        tables::{
            self, Reader,
            plugin::{Role, Version},
            revoked::Revoked,
        },
    },
};

/// Make room for a version's kinds before it takes over the data of the one before, which is still at work.
#[derive(Clone, Debug)]
pub struct Prepare {
    /// The version to come.
    pub plugin: Plugin,
}

/// Keep a version that asks for more than was granted until somebody grants it.
#[derive(Clone, Debug)]
pub struct Await {
    /// The package as it came.
    pub package: Vec<u8>,
    /// What was read from it.
    pub plugin: Plugin,
}

/// Send a waiting version away.
#[derive(Clone, Debug)]
pub struct Refuse {
    /// The plugin.
    pub name: String,
}

/// Say what a plugin may have of what it asks for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The plugin.
    pub name: String,
    /// As [`Granted`].
    pub granted: Granted,
}

/// Have an organisation, and those below, do without a plugin, or with it again.
#[derive(Clone, Debug)]
pub struct SwitchIn {
    /// The plugin.
    pub name: String,
    /// The organisation.
    pub org: Id,
    /// Without?
    pub is_off: bool,
}

/// Take a plugin out. What it has kept stays readable until then, and enabling it undoes this.
#[derive(Clone, Debug)]
pub struct Leave {
    /// The plugin.
    pub name: String,
    /// When what it has kept is deleted.
    pub until: Time,
}

/// Delete some records of a plugin that was taken out, and after the last the plugin itself. The server's own.
#[derive(Clone, Debug)]
pub struct Purge {
    /// The plugin.
    pub name: String,
    /// Its kinds.
    pub kinds: Vec<String>,
    /// Records at most.
    pub limit: u32,
}

/// Refuse a publisher's key or a package from now on, and let those rest that it means.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// `key:<hex>` or `package:<hex>`.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Refuse a key or a package no more.
#[derive(Clone, Debug)]
pub struct Readmit {
    /// As it was revoked.
    pub what: String,
}

impl Run for Prepare {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        super::kinds(tx, ctx, &self.plugin)
    }
}

impl Run for Await {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        let manifest = &self.plugin.manifest;
        let version = Version {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            rights: Some(self.plugin.declared.clone()),
            publisher: self.plugin.signer.clone(),
            came_at: ctx.now,
        };
        tables::plugin::keep_version(tx, Role::Waiting, &version, &self.package)?;
        raise(tx, ctx, "plugin.waits", json!({ "name": manifest.name, "version": manifest.version }))
    }
}

impl Run for Refuse {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        let all = tables::plugin::versions(tx, Role::Waiting)?;
        let waiting = all.into_iter().find(|version| version.name == self.name);
        let waiting = waiting.ok_or_else(|| nothing_waits(&self.name))?;
        tables::plugin::forget_version(tx, &self.name, Role::Waiting)?;
        // Where the server's binary brought it, it does not do so again with the next start.
        tables::plugin::decline(tx, &self.name, Some(&waiting.version), ctx.now)?;
        raise(tx, ctx, "plugin.refused", json!({ "name": self.name }))
    }
}

/// There is nothing to grant or refuse.
pub fn nothing_waits(name: &str) -> Error {
    Error::conflict("plugin.nothing_waits", format!("no version of {name:?} waits to be granted anything"))
}

impl Run for Grant {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        tables::plugin::set_granted(tx, &self.name, &self.granted)?;
        raise(tx, ctx, "plugin.granted", json!({ "name": self.name, "rights": self.granted }))
    }
}

impl Run for SwitchIn {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_script(ctx, &self.org)?;
        tables::plugin::one(tx, &self.name)?;
        tables::plugin::set_off(tx, &self.name, &self.org, self.is_off)?;
        let kind = if self.is_off { "plugin.left_out" } else { "plugin.taken_in" };
        let ctx = Ctx { org: self.org.clone(), ..ctx.clone() };
        raise(tx, &ctx, kind, json!({ "name": self.name, "org": self.org }))
    }
}

impl Run for Leave {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        tables::plugin::set_leaving(tx, &self.name, self.until)?;
        raise(tx, ctx, "plugin.left", json!({ "name": self.name, "until": self.until }))
    }
}

impl Run for Purge {
    /// Whether it is all gone.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        let installed = match tables::plugin::one(tx, &self.name) {
            Err(error) if error.kind == ErrorKind::NotFound => {
                tracing::info!(plugin.name = self.name, "a plugin to be deleted was gone already");
                return Ok(true);
            }
            installed => installed?,
        };
        // Somebody may have changed their mind since.
        if installed.leaving_at.is_none_or(|at| at > ctx.now) {
            return Ok(true);
        }
        for kind in &self.kinds {
            if tx.kinds().contains_key(kind) && tx.purge_records(kind, self.limit)? > 0 {
                return Ok(false);
            }
            if tx.purge_events(kind, self.limit)? > 0 {
                return Ok(false);
            }
        }
        for kind in &self.kinds {
            if tx.kinds().contains_key(kind) {
                tx.remove_kind(kind)?;
            } else {
                tracing::info!(plugin.name = self.name, kind, "a kind of a plugin to be deleted was gone already");
            }
        }
        tables::plugin::forget(tx, &self.name)?;
        tables::plugin::decline(tx, &self.name, None, ctx.now)?;
        raise(tx, ctx, "plugin.removed", json!({ "name": self.name, "version": installed.version }))?;
        Ok(true)
    }
}

/// Whoever's key is revoked, or what is itself, comes in and goes to work no more.
///
/// # Errors
/// `plugin.revoked`, with the reason given.
pub fn refuse_revoked(reader: &impl Reader, plugin: &Plugin) -> Result<()> {
    for what in plugin.revoked_as() {
        if let Some(reason) = tables::revoked::reason(reader, &what)? {
            let message = format!("{} is revoked: {reason}; nobody can install it", what.replacen(':', " ", 1));
            return Err(Error::conflict("plugin.revoked", message));
        }
    }
    Ok(())
}

impl Run for Revoke {
    /// The plugins that rest from now on.
    type Done = Vec<String>;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Vec<String>> {
        rights::to_keep_plugins(ctx)?;
        let is_hex = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_known = ["key:", "package:"].iter().any(|kind| self.what.strip_prefix(kind).is_some_and(is_hex));
        if !is_known {
            let message = format!("{:?} is neither key:<64 hex digits> nor package:<64 hex digits>", self.what);
            return Err(Error::invalid("what", message));
        }
        let is_meant = |plugin: &&Arc<Plugin>| plugin.revoked_as().any(|what| what == self.what);
        let at_work = |plugin: &&Arc<Plugin>| plugin.state != PluginState::Disabled;
        let meant = ctx.catalogue.plugins.values().filter(is_meant).filter(at_work);
        let names: Vec<String> = meant.map(|plugin| plugin.manifest.name.clone()).collect();
        let data = json!({ "what": self.what, "reason": self.reason });
        tables::revoked::put(tx, &Revoked { what: self.what, reason: self.reason, at: ctx.now })?;
        raise(tx, ctx, "plugin.revoked", data)?;
        // In the same commit: a server that dies after it does not come back with them at work.
        for name in &names {
            SetState { name: name.clone(), state: PluginState::Disabled }.run(tx, ctx)?;
        }
        Ok(names)
    }
}

impl Run for Readmit {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        if !tables::revoked::remove(tx, &self.what)? {
            return Err(Error::not_found("revocation", format!("{:?} is not revoked", self.what)));
        }
        raise(tx, ctx, "plugin.readmitted", json!({ "what": self.what }))
    }
}
