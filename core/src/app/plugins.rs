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
    host::Guest,
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
        self.alone(ctx, move |app, ctx| async move {
            let granted = match app.admit(&ctx, &opened, leave)? {
                Admitted::With(granted) => granted,
                Admitted::Waits => return app.let_wait(ctx, how, package, opened).await,
            };
            let arriving = Arriving { plugin: opened, package, granted };
            Ok(match app.put_to_work(ctx, how, arriving).await? {
                Outcome::Done(plugin) => Outcome::Done(Installed { plugin, waits: false }),
                Outcome::Shown(preview) => Outcome::Shown(preview),
            })
        })
        .await
    }

    /// Set a plugin to work, or let it rest.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, or what keeps it from loading.
    pub async fn set_plugin_state(
        self: &Arc<App>,
        ctx: Ctx,
        how: How,
        name: &str,
        state: PluginState,
    ) -> Result<Outcome<()>> {
        let name = name.to_owned();
        self.alone(ctx, move |app, ctx| async move { app.set_state(ctx, how, &name, state).await }).await
    }

    async fn set_state(&self, ctx: Ctx, how: How, name: &str, state: PluginState) -> Result<Outcome<()>> {
        self.installed(name)?;
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
            PluginState::Disabled | PluginState::Failed => self.rest(name).await?,
        }
        Ok(outcome)
    }

    /// Set the settings of an organisation for a plugin; `ctx.org` says whose.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, `invalid` with every wrong place.
    pub async fn configure(&self, ctx: Ctx, how: How, name: &str, settings: Value) -> Result<Outcome<()>> {
        let plugin = self.installed(name)?;
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
    pub(super) async fn subscribe_all(&self) {
        for (name, plugin) in &self.catalogue().plugins {
            if plugin.state != PluginState::Disabled {
                // Marked and logged.
                let _ = self.subscribe(name).await;
            }
        }
    }

    /// Have a plugin that is to be at work hear, in its version and with its rights of now. One that cannot be loaded is marked.
    ///
    /// # Errors
    /// What keeps it from loading.
    pub(super) async fn subscribe(&self, name: &str) -> Result<()> {
        let Some(plugin) = self.catalogue().plugins.get(name).cloned() else { return self.rest(name).await };
        let outcome = match self.guest(plugin).await {
            Ok(guest) => self.feed(name, guest).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            tracing::error!(%error, plugin.name = name, "the plugin cannot be loaded");
        }
        self.mark(name, if outcome.is_ok() { PluginState::Enabled } else { PluginState::Failed });
        outcome
    }

    /// Have it hear again, if it is to be at work at all.
    pub(super) async fn resume(&self, name: &str) -> Result<()> {
        match self.catalogue().plugins.get(name) {
            Some(plugin) if plugin.state != PluginState::Disabled => self.subscribe(name).await,
            _ => Ok(()),
        }
    }

    /// Feed a plugin no more. Waits for the call that runs, off the runtime's threads.
    pub(super) async fn rest(&self, name: &str) -> Result<()> {
        let (bus, name) = (self.bus.clone(), name.to_owned());
        tokio::task::spawn_blocking(move || bus.unsubscribe(&name)).await.map_err(Error::internal)
    }

    fn mark(&self, name: &str, state: PluginState) {
        let _nobody_else = self.reading();
        self.catalogue.rcu(|now| match now.plugins.get(name) {
            Some(plugin) if plugin.state != state => {
                let mut next = (**now).clone();
                next.plugins.insert(name.to_owned(), Arc::new(Plugin { state, ..(**plugin).clone() }));
                Arc::new(next)
            }
            _ => now.clone(),
        });
    }

    /// A version without code hears nothing: whoever heard in its place before is let go.
    async fn feed(&self, name: &str, guest: Option<Arc<Guest>>) -> Result<()> {
        let Some(guest) = guest else { return self.rest(name).await };
        let since = tables::plugin::one(&self.store.view(Scope::All)?, name)?.since;
        let bus = self.bus.clone();
        let subscribe = move || bus.subscribe(Subscribe { subscriber: guest.clone(), responder: Some(guest), since });
        tokio::task::spawn_blocking(subscribe).await.map_err(Error::internal)?
    }

    /// Load a component off the runtime's threads: compiling takes a second or two.
    pub(super) async fn guest(&self, plugin: Arc<Plugin>) -> Result<Option<Arc<Guest>>> {
        let (host, catalogue, scripts) = (self.host.clone(), self.catalogue.clone(), self.scripts.clone());
        let load = move || match &plugin.component {
            Some(_) => {
                let at_work = Arc::new(Plugin { state: PluginState::Enabled, ..(*plugin).clone() });
                host.load(&at_work, Arc::new(move || catalogue.load_full()), scripts).map(Some)
            }
            None => Ok(None),
        };
        tokio::task::spawn_blocking(load).await.map_err(Error::internal)?
    }
}
