//! Putting a version to work: it takes over the data of the one before step by step, then hears in its place at a batch's boundary.

use std::sync::Arc;

use serde_json::json;

use super::{App, How, Outcome, Wish, plugins::opened};
use crate::{
    Error, ErrorKind, Result,
    catalogue::{Catalogue, Granted, Plugin, PluginState, Standing},
    commands::{
        Ctx, Run,
        plugin::{self, life},
        rights,
        staged::Effects,
    },
    host::Guest,
    model::{Command, Fault, Id, Scope},
    store::tables::plugin::Role,
};

/// Steps of a migration at most: two thousand commands each.
const MAX_STEPS: u32 = 100_000;
/// Fresh snapshots tried when a revision has moved on under a step.
const TRIES: u32 = 5;

/// A version on its way in.
#[derive(Clone, Debug)]
pub(super) struct Arriving {
    pub plugin: Plugin,
    pub package: Vec<u8>,
    pub granted: Option<Granted>,
}

impl App {
    /// Have a version take the place of the one at work, or only show it. For whoever is alone in changing what is installed.
    pub(super) async fn put_to_work(&self, ctx: Ctx, how: How, arriving: Arriving) -> Result<Outcome<Arc<Plugin>>> {
        self.check_scripts(&arriving.plugin).await?;
        let standing = Standing { granted: arriving.granted.clone(), ..Standing::default() };
        let standing = arriving.plugin.clone().standing(standing);
        let coming = Arc::new(Plugin { state: PluginState::Enabled, ..standing });
        // Proved to load before anything is written: a package that does not fit changes nothing.
        let guest = self.guest(coming.clone()).await?;
        self.swap(ctx, how, arriving, &coming, guest).await
    }

    async fn swap(
        &self,
        ctx: Ctx,
        how: How,
        arriving: Arriving,
        coming: &Arc<Plugin>,
        guest: Option<Arc<Guest>>,
    ) -> Result<Outcome<Arc<Plugin>>> {
        let name = coming.manifest.name.clone();
        let before = self.catalogue().plugins.get(&name).cloned();
        let is_newer = |before: &&Arc<Plugin>| before.version() < coming.version();
        let takes_over = guest.filter(|guest| guest.has_upkeep()).zip(before.filter(|before| is_newer(&before)));
        let outcome = match takes_over {
            Some((_, before)) if !matches!(how, How::Now) => return Err(migrates(&before, coming)),
            Some((guest, before)) => {
                // The version before hears nothing meanwhile; its events wait for whoever comes after it.
                self.rest(&name).await?;
                let outcome = match self.migrate(&ctx, &before.manifest.version, coming, guest).await {
                    Ok(()) => self.written(ctx, how, arriving).await,
                    Err(error) => Err(error),
                };
                match outcome {
                    Err(error) => return Err(self.gone_on(&name, error).await),
                    done => done,
                }
            }
            None => self.written(ctx, how, arriving).await,
        };
        if let Outcome::Shown(preview) = outcome? {
            return Ok(Outcome::Shown(preview));
        }
        self.reload()?;
        self.subscribe(&name).await?;
        self.installed(&name).map(Outcome::Done)
    }

    /// A version could not come in, and the one before goes on. Where that cannot either, both are told.
    async fn gone_on(&self, name: &str, error: Error) -> Error {
        match self.resume(name).await {
            Ok(()) => error,
            Err(other) => {
                let message = format!("{}; and the version before does not go on: {}", error.message, other.message);
                Error { message, ..error }
            }
        }
    }

    async fn written(&self, ctx: Ctx, how: How, arriving: Arriving) -> Result<Outcome<()>> {
        let Arriving { plugin, package, granted } = arriving;
        let (manifest, digest) = (&plugin.manifest, &plugin.digest);
        let body = json!({ "name": manifest.name, "version": manifest.version, "digest": digest });
        let wish = Wish::of(Command::new("plugin.install", body), plugin::Install { package, plugin, granted });
        self.carry_out(ctx, how, Ok(wish), |_, _, ()| Ok(())).await
    }

    /// Call the new version again and again, each time on what the last step has committed, until it asks for nothing more. A stop in
    /// the middle is no harm: the version before goes on, and the next attempt begins where this one has come to.
    async fn migrate(&self, ctx: &Ctx, old: &str, coming: &Arc<Plugin>, guest: Arc<Guest>) -> Result<()> {
        let prepare = life::Prepare { plugin: (**coming).clone() };
        self.commit(ctx.clone(), move |tx, ctx| prepare.run(tx, ctx)).await?;
        let mut catalogue = (*self.catalogue()).clone();
        catalogue.plugins.insert(coming.manifest.name.clone(), coming.clone());
        let catalogue = Arc::new(catalogue);
        let (mut n_tries, mut n_steps) = (0, 0);
        while n_steps < MAX_STEPS {
            match self.step(old, guest.clone(), catalogue.clone()).await {
                Ok(true) => (n_tries, n_steps) = (0, n_steps + 1),
                Ok(false) => {
                    tracing::info!(plugin.name = coming.manifest.name, n_steps, "a version has taken over the data");
                    return Ok(());
                }
                Err(error) if error.kind == ErrorKind::Stale && n_tries < TRIES => n_tries += 1,
                Err(error) => return Err(stuck(coming, n_steps, &error)),
            }
        }
        let endless = format!("it did not end within {MAX_STEPS} steps");
        Err(stuck(coming, n_steps, &Error::new(ErrorKind::Conflict, "endless", endless)))
    }

    /// One step; `false` when there was nothing to do.
    async fn step(&self, old: &str, guest: Arc<Guest>, catalogue: Arc<Catalogue>) -> Result<bool> {
        let (store, bus, now, old) = (self.store.clone(), self.bus.clone(), self.clock.now(), old.to_owned());
        let run = move || {
            let view = store.view(store.orgs().scope(&Id::hq()))?.for_server(None, now).at(&Id::hq());
            let answer = guest.migrate(&old, &Id::hq(), view, now);
            bus.keep_logs(&guest.plugin().manifest.name, answer.logs);
            let staged = answer.result.map_err(told)?;
            if staged.commands.is_empty() {
                return Ok(false);
            }
            let actor = crate::bus::Subscriber::actor(guest.as_ref());
            let ctx = Ctx::new(actor, Id::hq(), Scope::All, now, catalogue);
            let effects = Effects { commands: staged.commands, receipts: staged.receipts };
            store.commit_blocking(move |tx| effects.run(tx, &ctx)).map(|_| true)
        };
        tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
    }

    /// Go back to the version before; the one at work is then the one to go back to. Nothing migrates back: what a version writes the
    /// one before must be able to read.
    ///
    /// # Errors
    /// `plugin.not_found`, `plugin.no_previous`, `denied`, `plugin.revoked`.
    pub async fn roll_back(self: &Arc<App>, ctx: Ctx, name: &str) -> Result<Arc<Plugin>> {
        rights::to_keep_plugins(&ctx)?;
        let name = name.to_owned();
        self.alone(ctx, move |app, ctx| async move { app.back_to_previous(ctx, &name).await }).await
    }

    async fn back_to_previous(&self, ctx: Ctx, name: &str) -> Result<Arc<Plugin>> {
        let installed = self.installed(name)?;
        let (previous, package) = self.version(name, Role::Previous)?.ok_or_else(|| {
            Error::conflict("plugin.no_previous", format!("there is no version of {name:?} to go back to"))
        })?;
        let (plugin, package) = opened(package).await?;
        self.refuse_unwelcome(&ctx, &plugin)?;
        let granted = installed.given_back(&plugin, previous.rights);
        match self.put_to_work(ctx, How::Now, Arriving { plugin, package, granted }).await? {
            Outcome::Done(plugin) => Ok(plugin),
            Outcome::Shown(_) => Err(Error::internal("a version was shown that was to be gone back to")),
        }
    }
}

fn migrates(before: &Plugin, coming: &Plugin) -> Error {
    let (name, new, old) = (&coming.manifest.name, &coming.manifest.version, &before.manifest.version);
    let message = format!(
        "{name} {new} takes over the data of {old} in steps, each written before the next, which cannot be shown beforehand: \
         install it without dry_run, or see with POST /plugins/{name}/preview what it would do with past events"
    );
    Error::conflict("plugin.migrates", message)
}

fn told(fault: Fault) -> Error {
    let kind = if fault.blame == crate::model::Blame::Host { ErrorKind::Unavailable } else { ErrorKind::Conflict };
    Error::new(kind, fault.code, fault.message)
}

fn stuck(coming: &Plugin, n_steps: u32, error: &Error) -> Error {
    let (name, version) = (&coming.manifest.name, &coming.manifest.version);
    let message = format!(
        "{name} {version} could not take over the data after {n_steps} steps: {} [{}]; the version before goes on",
        error.message, error.code
    );
    Error::conflict("plugin.migration", message)
}
