//! Plugins: install, enable, disable, configure; what else happens in their lives is beside.

pub mod jobs;
pub mod life;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::{Ctx, Run, derived, rights};
use crate::{
    Error, ErrorKind, Result,
    catalogue::{Granted, Plugin, PluginState},
    model::{Actor, EventDraft, Id},
    store::{
        Tx,
        tables::{
            self,
            audit::Entry,
            plugin::{Installed, Role, Version},
        },
    },
};

/// Install a package and set it to work. The caller has opened and loaded it already, so it is known to be sound.
#[derive(Clone, Debug)]
pub struct Install {
    /// The package as it came.
    pub package: Vec<u8>,
    /// What was read from it.
    pub plugin: Plugin,
    /// What it may have of what it asks for; `None`: all of it.
    pub granted: Option<Granted>,
}

/// Set a plugin to work, or to rest.
#[derive(Clone, Debug)]
pub struct SetState {
    /// Its name.
    pub name: String,
    /// To which state.
    pub state: PluginState,
}

/// Set an organisation's settings for a plugin. The caller has checked them against the schema.
#[derive(Clone, Debug)]
pub struct Configure {
    /// The plugin.
    pub name: String,
    /// The organisation.
    pub org: Id,
    /// All settings.
    pub settings: Value,
}

pub(super) fn raise(tx: &mut Tx<'_>, ctx: &Ctx, kind: &str, data: Value) -> Result<()> {
    tables::audit::append(tx, &Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), kind, data.clone()))?;
    let draft = EventDraft { kind: kind.into(), org: ctx.org.clone(), subject: None, record: None, data };
    ctx.raise(tx, &draft).map(drop)
}

impl Run for Install {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        life::refuse_revoked(tx, &self.plugin)?;
        let manifest = &self.plugin.manifest;
        kinds(tx, ctx, &self.plugin)?;
        keep_the_one_before(tx, &manifest.name, &self.package)?;
        tables::plugin::forget_version(tx, &manifest.name, Role::Waiting)?;
        tables::plugin::want(tx, &manifest.name)?;
        let installed = Installed {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            is_enabled: true,
            installed_at: ctx.now,
            since: tx.last_seq(),
            granted: self.granted,
            publisher: self.plugin.signer.clone(),
            leaving_at: None,
            came_seq: tx.last_seq() + 1,
            is_brought: ctx.actor == Actor::System,
        };
        tables::plugin::put(tx, &installed, &self.package)?;
        jobs::arm(tx, ctx, manifest)?;
        raise(
            tx,
            ctx,
            "plugin.installed",
            json!({ "name": manifest.name, "version": manifest.version, "digest": self.plugin.digest }),
        )
    }
}

/// Have the store keep records of the kinds as this version declares them. What it adds does not trouble the version before.
fn kinds(tx: &mut Tx<'_>, ctx: &Ctx, plugin: &Plugin) -> Result<()> {
    let before: Vec<_> = plugin.kinds.iter().map(|kind| tx.kinds().get(&kind.kind).cloned()).collect();
    for kind in &plugin.kinds {
        tx.install_kind(kind)?;
    }
    derived::defined(tx, ctx, &before, &plugin.kinds)
}

/// The version that is replaced stays at hand, unless it is the very same package.
fn keep_the_one_before(tx: &mut Tx<'_>, name: &str, package: &[u8]) -> Result<()> {
    let before = match tables::plugin::one(tx, name) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
        before => before?,
    };
    let its_package = tables::plugin::package_of(tx, name)?;
    if its_package == package {
        return Ok(());
    }
    let version = Version {
        name: before.name,
        version: before.version,
        rights: before.granted,
        publisher: before.publisher,
        came_at: before.installed_at,
    };
    tables::plugin::keep_version(tx, Role::Previous, &version, &its_package)
}

impl Run for SetState {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_keep_plugins(ctx)?;
        let is_enabled = self.state == PluginState::Enabled;
        let plugin = ctx.catalogue.plugins.get(&self.name).filter(|_| is_enabled);
        if let Some(plugin) = plugin {
            life::refuse_revoked(tx, plugin)?;
        }
        tables::plugin::set_enabled(tx, &self.name, is_enabled)?;
        if let Some(plugin) = plugin {
            jobs::arm(tx, ctx, &plugin.manifest)?;
        }
        let kind = if is_enabled { "plugin.enabled" } else { "plugin.disabled" };
        raise(tx, ctx, kind, json!({ "name": self.name }))
    }
}

impl Run for Configure {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        rights::to_script(ctx, &self.org)?;
        if !ctx.catalogue.plugins.contains_key(&self.name) {
            return Err(Error::not_found("plugin", format!("no plugin {:?} is installed", self.name)));
        }
        tables::setting::put(tx, &self.name, &self.org, &self.settings)?;
        raise(
            tx,
            &Ctx { org: self.org.clone(), ..ctx.clone() },
            "plugin.configured",
            json!({ "name": self.name, "org": self.org }),
        )
    }
}
