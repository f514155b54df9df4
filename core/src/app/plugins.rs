//! Plugins in the running server: install, set to work, let rest, configure.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{App, How, Outcome, Wish, catalogues};
use crate::{
    Error, Result,
    bus::Subscribe,
    catalogue::{Plugin, PluginState},
    commands::{Ctx, action, plugin, rights},
    model::{Command, Scope},
    store::tables,
};

impl App {
    /// Install a package and set it to work at once. A plugin of that name is replaced at a batch's boundary; its cursors stand.
    ///
    /// # Errors
    /// `plugin.invalid`, naming what is wrong with the package or its component; `denied`.
    pub async fn install(&self, ctx: &Ctx, package: Vec<u8>) -> Result<Arc<Plugin>> {
        match self.install_as(ctx.clone(), How::Now, package).await? {
            Outcome::Done(plugin) => Ok(plugin),
            Outcome::Shown(_) => Err(Error::internal("an installation was shown that was to be done")),
        }
    }

    /// As [`App::install`], or only shown; a package that is not sound is refused either way.
    ///
    /// # Errors
    /// As [`App::install`] and [`App::carry_out`].
    pub async fn install_as(&self, ctx: Ctx, how: How, package: Vec<u8>) -> Result<Outcome<Arc<Plugin>>> {
        rights::to_keep_plugins(&ctx)?;
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
        let body = json!({ "name": name, "version": opened.manifest.version, "digest": opened.digest });
        let wish = Wish::of(Command::new("plugin.install", body), plugin::Install { package, plugin: opened });
        if let Outcome::Shown(preview) = self.carry_out(ctx, how, Ok(wish), |_, _, ()| Ok(())).await? {
            return Ok(Outcome::Shown(preview));
        }
        self.reload()?;
        self.subscribe(&name).await?;
        let installed = self.catalogue().plugins.get(&name).cloned();
        let gone = || Error::internal("the plugin is gone right after it was installed");
        installed.map(Outcome::Done).ok_or_else(gone)
    }

    /// Set a plugin to work, or let it rest.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, or what keeps it from loading.
    pub async fn set_plugin_state(&self, ctx: Ctx, how: How, name: &str, state: PluginState) -> Result<Outcome<()>> {
        let verb = if state == PluginState::Enabled { "plugin.enable" } else { "plugin.disable" };
        let shown = Command::new(verb, json!({ "name": name }));
        let wish = Wish::of(shown, plugin::SetState { name: name.into(), state });
        let outcome = self.carry_out(ctx, how, Ok(wish), |_, _, ()| Ok(())).await?;
        if let Outcome::Shown(_) = outcome {
            return Ok(outcome);
        }
        self.reload()?;
        match state {
            PluginState::Enabled => self.subscribe(name).await?,
            PluginState::Disabled | PluginState::Failed => self.bus.unsubscribe(name),
        }
        Ok(outcome)
    }

    /// Set the settings of an organisation for a plugin; `ctx.org` says whose.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, `invalid` with every wrong place.
    pub async fn configure(&self, ctx: Ctx, how: How, name: &str, settings: Value) -> Result<Outcome<()>> {
        let catalogue = self.catalogue();
        let plugin = catalogue
            .plugins
            .get(name)
            .ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is installed")))?;
        if plugin.settings_schema.is_null() {
            return Err(Error::conflict("plugin.no_settings", format!("the plugin {name:?} has nothing to set")));
        }
        action::check_input(&plugin.settings_schema, &settings)?;
        let shown = Command::new("plugin.configure", json!({ "name": name, "org": ctx.org, "settings": settings }));
        let wish = Wish::of(shown, plugin::Configure { name: name.into(), org: ctx.org.clone(), settings });
        let outcome = self.carry_out(ctx, how, Ok(wish), |_, _, ()| Ok(())).await?;
        if let Outcome::Done(()) = outcome {
            self.reload()?;
        }
        Ok(outcome)
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
