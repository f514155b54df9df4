//! Plugins in the running server: install, set to work, let rest, configure.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    App, How, Outcome, Wish, catalogues,
    packages::{Admitted, Leave},
    upgrade::Arriving,
};
use crate::{
    Error, Result,
    bus::Subscribe,
    catalogue::{Plugin, PluginState},
    commands::{Ctx, action, plugin, rights},
    model::{Command, Scope},
    store::tables,
};

/// What came of a package.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The plugin as it is at work now.
    pub plugin: Arc<Plugin>,
    /// Whether the package waits to be granted what it asks for.
    pub waits: bool,
}

/// Read a package off the runtime's threads; it is handed back.
pub(super) async fn opened(package: Vec<u8>) -> Result<(Plugin, Vec<u8>)> {
    let open = move || catalogues::open(&package).map(|plugin| (plugin, package));
    tokio::task::spawn_blocking(open).await.map_err(Error::internal)?
}

impl App {
    /// Install a package and set it to work at once. A plugin of that name is replaced at a batch's boundary; its cursors stand.
    ///
    /// # Errors
    /// `plugin.invalid`, naming what is wrong with the package or its component; `denied`.
    pub async fn install(self: &Arc<App>, ctx: &Ctx, package: Vec<u8>) -> Result<Arc<Plugin>> {
        match self.install_as(ctx.clone(), How::Now, package, Leave::default()).await? {
            Outcome::Done(installed) => Ok(installed.plugin),
            Outcome::Shown(_) => Err(Error::internal("an installation was shown that was to be done")),
        }
    }

    /// As [`App::install`], or only shown; a package that is not sound is refused either way. One that asks for more than the version
    /// at work waits until it is granted that.
    ///
    /// # Errors
    /// As [`App::install`] and [`App::carry_out`]; `plugin.revoked`, `plugin.publisher`, `plugin.downgrade`, `plugin.migration`.
    pub async fn install_as(
        self: &Arc<App>,
        ctx: Ctx,
        how: How,
        package: Vec<u8>,
        leave: Leave,
    ) -> Result<Outcome<Installed>> {
        rights::to_keep_plugins(&ctx)?;
        let (opened, package) = opened(package).await?;
        let granted = match self.admit(&ctx, &opened, leave)? {
            Admitted::With(granted) => granted,
            Admitted::Waits => return self.let_wait(ctx, how, package, opened).await,
        };
        let arriving = Arriving { plugin: opened, package, granted };
        Ok(match self.put_to_work(ctx, how, arriving).await? {
            Outcome::Done(plugin) => Outcome::Done(Installed { plugin, waits: false }),
            Outcome::Shown(preview) => Outcome::Shown(preview),
        })
    }

    /// Set a plugin to work, or let it rest.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, or what keeps it from loading.
    pub async fn set_plugin_state(&self, ctx: Ctx, how: How, name: &str, state: PluginState) -> Result<Outcome<()>> {
        if state == PluginState::Enabled {
            self.refuse_revoked(&*self.installed(name)?)?;
        }
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

    pub(super) async fn subscribe(&self, name: &str) -> Result<()> {
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
    pub(super) async fn guest(&self, plugin: Arc<Plugin>) -> Result<Option<Arc<crate::host::Guest>>> {
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
