//! Upgrade preview: another version runs in the shadow over past events, and what it asks for is held against what the one at work does.

use std::sync::Arc;

use super::{App, plugins::opened};
use crate::{
    Error, Result,
    bus::{Past, Replayed},
    catalogue::{Granted, Plugin, PluginState},
    commands::{Ctx, plugin::life, rights},
    host::Guest,
    store::tables::plugin::Role,
};

/// What two versions make of the same events.
#[derive(Debug)]
pub struct Shadow {
    /// The version at work.
    pub from: String,
    /// The other.
    pub to: String,
    /// What the one at work asks for, event by event.
    pub before: Vec<Replayed>,
    /// What the other does.
    pub after: Vec<Replayed>,
    /// What the other asks for in addition.
    pub more: Granted,
    /// What it asks for no more.
    pub less: Granted,
}

impl App {
    /// Run a package, or the version that waits, over past events beside the version at work. Nothing is installed or written.
    ///
    /// # Errors
    /// `plugin.not_found`, `plugin.nothing_waits`, `plugin.invalid`, `denied`.
    pub async fn shadow(&self, ctx: &Ctx, name: &str, package: Vec<u8>, past: Past) -> Result<Shadow> {
        rights::to_keep_plugins(ctx)?;
        let installed = self.installed(name)?;
        let package = match package.is_empty() {
            true => self.version(name, Role::Waiting)?.ok_or_else(|| life::nothing_waits(name))?.package,
            false => package,
        };
        let (other, _) = opened(package).await?;
        if other.manifest.name != name {
            let message = format!("the package is of {:?}, not of {name:?}", other.manifest.name);
            return Err(Error::invalid("plugin", message));
        }
        self.refuse_revoked(&other)?;
        self.check_scripts(&other).await?;
        let (more, less) = (
            other.declared.difference(&installed.declared).cloned().collect(),
            installed.declared.difference(&other.declared).cloned().collect(),
        );
        let to = other.manifest.version.clone();
        let (before, after) = tokio::try_join!(self.loaded(installed.clone()), self.loaded(Arc::new(other)))?;
        let (before, after) = self.bus.compare(before, after, past).await?;
        Ok(Shadow { from: installed.manifest.version.clone(), to, before, after, more, less })
    }

    async fn loaded(&self, plugin: Arc<Plugin>) -> Result<Arc<Guest>> {
        let enabled = Arc::new(Plugin { state: PluginState::Enabled, ..(*plugin).clone() });
        let (host, catalogue, scripts) = (self.host.clone(), self.catalogue.clone(), self.scripts.clone());
        let load = move || host.load(&enabled, Arc::new(move || catalogue.load_full()), scripts);
        tokio::task::spawn_blocking(load).await.map_err(Error::internal)?
    }
}
