//! Plugins in the running server: install, set to work, let rest, configure.

use std::sync::Arc;

use serde_json::Value;

use super::{App, catalogues};
use crate::{
    Error, Result,
    bus::Subscribe,
    catalogue::{Plugin, PluginState},
    commands::{Ctx, Run, action, plugin, rights},
    model::Scope,
    store::tables,
};

impl App {
    /// Install a package and set it to work at once. A plugin of that name is replaced at a batch's boundary; its cursors stand.
    ///
    /// # Errors
    /// `plugin.invalid`, naming what is wrong with the package or its component; `denied`.
    pub async fn install(&self, ctx: &Ctx, package: Vec<u8>) -> Result<Arc<Plugin>> {
        rights::to_keep_plugins(ctx)?;
        let (opened, package) = {
            let bytes = package;
            tokio::task::spawn_blocking(move || catalogues::open(&bytes).map(|plugin| (plugin, bytes)))
                .await
                .map_err(Error::internal)??
        };
        self.check_scripts(&opened).await?;
        // Proved to load before anything is written: a package that does not fit changes nothing.
        self.guest(Arc::new(Plugin { state: PluginState::Enabled, ..opened.clone() })).await?;
        let name = opened.manifest.name.clone();
        let install = plugin::Install { package, plugin: opened };
        self.commit(ctx.clone(), move |tx, ctx| install.run(tx, ctx)).await?;
        self.reload()?;
        self.subscribe(&name).await?;
        self.catalogue()
            .plugins
            .get(&name)
            .cloned()
            .ok_or_else(|| Error::internal("the plugin is gone right after it was installed"))
    }

    /// Set a plugin to work, or let it rest.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, or what keeps it from loading.
    pub async fn set_plugin_state(&self, ctx: Ctx, name: &str, state: PluginState) -> Result<()> {
        let command = plugin::SetState { name: name.into(), state };
        self.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
        self.reload()?;
        match state {
            PluginState::Enabled => self.subscribe(name).await,
            PluginState::Disabled | PluginState::Failed => {
                self.bus.unsubscribe(name);
                Ok(())
            }
        }
    }

    /// Set the settings of an organisation for a plugin; `ctx.org` says whose.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, `invalid` with every wrong place.
    pub async fn configure(&self, ctx: Ctx, name: &str, settings: Value) -> Result<()> {
        let catalogue = self.catalogue();
        let plugin = catalogue
            .plugins
            .get(name)
            .ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is installed")))?;
        if plugin.settings_schema.is_null() {
            return Err(Error::conflict("plugin.no_settings", format!("the plugin {name:?} has nothing to set")));
        }
        action::check_input(&plugin.settings_schema, &settings)?;
        let command = plugin::Configure { name: name.into(), org: ctx.org.clone(), settings };
        self.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await?;
        self.reload()
    }

    /// At the start: every enabled plugin; one that cannot be loaded is marked and the others go on.
    pub(super) fn subscribe_all(self: &Arc<App>) {
        for (name, plugin) in &self.catalogue().plugins {
            if plugin.state != PluginState::Enabled {
                continue;
            }
            let outcome = self.load(plugin.clone()).and_then(|guest| self.feed(name, guest));
            if let Err(error) = outcome {
                tracing::error!(%error, plugin.name = name, "the plugin cannot be loaded");
                self.mark_failed(name);
            }
        }
    }

    fn mark_failed(&self, name: &str) {
        self.catalogue.rcu(|now| {
            let mut next = (**now).clone();
            if let Some(plugin) = next.plugins.get_mut(name) {
                *plugin = Arc::new(Plugin { state: PluginState::Failed, ..(**plugin).clone() });
            }
            next
        });
    }

    async fn subscribe(&self, name: &str) -> Result<()> {
        let Some(plugin) = self.catalogue().plugins.get(name).cloned() else { return Ok(()) };
        let guest = self.guest(plugin).await?;
        self.feed(name, guest)
    }

    fn feed(&self, name: &str, guest: Option<Arc<crate::host::Guest>>) -> Result<()> {
        let Some(guest) = guest else { return Ok(()) };
        let view = self.store.view(Scope::All)?;
        let installed = tables::plugin::all(&view)?.into_iter().find(|installed| installed.name == name);
        let since = installed.map_or(0, |installed| installed.since);
        drop(view);
        self.bus.subscribe(Subscribe { subscriber: guest.clone(), responder: Some(guest), since })
    }

    /// Load a component off the runtime's threads: compiling takes a second or two.
    async fn guest(&self, plugin: Arc<Plugin>) -> Result<Option<Arc<crate::host::Guest>>> {
        let (host, catalogue, scripts) = (self.host.clone(), self.catalogue.clone(), self.scripts.clone());
        let load = move || match &plugin.component {
            Some(_) => host.load(&plugin, Arc::new(move || catalogue.load_full()), scripts).map(Some),
            None => Ok(None),
        };
        tokio::task::spawn_blocking(load).await.map_err(Error::internal)?
    }

    fn load(&self, plugin: Arc<Plugin>) -> Result<Option<Arc<crate::host::Guest>>> {
        let catalogue = self.catalogue.clone();
        match &plugin.component {
            Some(_) => self.host.load(&plugin, Arc::new(move || catalogue.load_full()), self.scripts.clone()).map(Some),
            None => Ok(None),
        }
    }
}
