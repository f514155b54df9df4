//! Whether a package may come in: whose it is, whether it is older, and whether it asks for more than was granted.

use std::sync::Arc;

use serde_json::json;

use super::{
    App, How, Outcome, Wish,
    plugins::{Installed, opened},
    upgrade::Arriving,
};
use crate::{
    Error, Result,
    catalogue::{Granted, Plugin},
    commands::{Ctx, Run, plugin::life, rights},
    model::{Actor, Command, Scope},
    store::tables::{self, plugin::Role},
};

/// What whoever brings a package has said beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leave {
    /// Take it although it is older or another's; the new key is the pinned one then.
    pub force: bool,
    /// Grant it what it asks for in addition.
    pub grant: bool,
}

/// What becomes of a package.
pub(super) enum Admitted {
    /// It is put to work with these rights; `None`: all it asks for.
    With(Option<Granted>),
    /// It asks for more, and waits.
    Waits,
}

impl App {
    pub(super) fn admit(&self, ctx: &Ctx, opened: &Plugin, leave: Leave) -> Result<Admitted> {
        self.refuse_unwelcome(ctx, opened)?;
        let catalogue = self.catalogue();
        let name = &opened.manifest.name;
        let Some(installed) = catalogue.plugins.get(name) else { return Ok(Admitted::With(None)) };
        if !leave.force {
            same_publisher(installed, opened)?;
            not_older(installed, opened)?;
        }
        let more = installed.more_in(opened);
        if !more.is_empty() && !leave.grant {
            return Ok(Admitted::Waits);
        }
        Ok(Admitted::With(installed.carried_over(opened, more)))
    }

    /// Whoever a package is from, and by whichever way it would go to work: it is not revoked, and its publisher is taken here.
    pub(super) fn refuse_unwelcome(&self, ctx: &Ctx, opened: &Plugin) -> Result<()> {
        life::refuse_revoked(&self.store.view(Scope::All)?, opened)?;
        self.refuse_strangers(ctx, opened)
    }

    /// Where the configuration names publishers, nobody else's package comes in but those this binary carries.
    fn refuse_strangers(&self, ctx: &Ctx, opened: &Plugin) -> Result<()> {
        let known = &self.config.plugins.publishers;
        let is_known = opened.signer.as_ref().is_some_and(|signer| known.contains(signer));
        if known.is_empty() || is_known || ctx.actor == Actor::System {
            return Ok(());
        }
        let whose = opened.signer.as_ref().map_or_else(|| "nobody".to_owned(), |signer| format!("the key {signer}"));
        let message = format!("the package is signed by {whose}; only those of plugins.publishers are taken here");
        Err(Error::conflict("plugin.publisher", message))
    }

    /// Keep a package until somebody grants it what it asks for; what is at work goes on.
    pub(super) async fn let_wait(
        &self,
        ctx: Ctx,
        how: How,
        package: Vec<u8>,
        opened: Plugin,
    ) -> Result<Outcome<Installed>> {
        // It must fit all the same, so that nobody grants anything to what cannot run.
        self.check_scripts(&opened).await?;
        self.guest(Arc::new(opened.clone())).await?;
        let (name, version) = (opened.manifest.name.clone(), opened.manifest.version.clone());
        let shown = Command::new("plugin.install", json!({ "name": name, "version": version, "waits": true }));
        let wish = Wish::of(shown, life::Await { package, plugin: opened });
        if let Outcome::Shown(preview) = self.carry_out(ctx, how, Ok(wish), |_, _, ()| Ok(())).await? {
            return Ok(Outcome::Shown(preview));
        }
        self.reload()?;
        Ok(Outcome::Done(Installed { plugin: self.installed(&name)?, waits: true }))
    }

    /// Grant a waiting version what it asks for, all or `rights` of it, and put it to work.
    ///
    /// # Errors
    /// `plugin.nothing_waits`, `plugin.moved_on` when another version waits by now, `denied`, and those of an installation.
    pub async fn grant_waiting(
        self: &Arc<App>,
        ctx: Ctx,
        name: &str,
        version: &str,
        rights: Option<Granted>,
    ) -> Result<Installed> {
        rights::to_keep_plugins(&ctx)?;
        let (name, version) = (name.to_owned(), version.to_owned());
        self.alone(ctx, move |app, ctx| async move { app.put_waiting_to_work(ctx, &name, &version, rights).await })
            .await
    }

    async fn put_waiting_to_work(
        &self,
        ctx: Ctx,
        name: &str,
        version: &str,
        rights: Option<Granted>,
    ) -> Result<Installed> {
        let installed = self.installed(name)?;
        let (waiting, package) = self.version(name, Role::Waiting)?.ok_or_else(|| life::nothing_waits(name))?;
        if waiting.version != version {
            let message = format!("{name} {} waits by now, not {version}; look at what it asks for", waiting.version);
            return Err(Error::conflict("plugin.moved_on", message));
        }
        let (plugin, package) = opened(package).await?;
        self.refuse_unwelcome(&ctx, &plugin)?;
        let more = installed.more_in(&plugin);
        let more = match &rights {
            Some(rights) => more.intersection(rights).cloned().collect(),
            None => more,
        };
        let all = installed.carried_over(&plugin, more.clone());
        // Something was held back: from now on it is said what it may have.
        let granted =
            match rights {
                Some(_) => Some(all.unwrap_or_else(|| {
                    installed.declared.intersection(&plugin.declared).chain(&more).cloned().collect()
                })),
                None => all,
            };
        match self.put_to_work(ctx, How::Now, Arriving { plugin, package, granted }).await? {
            Outcome::Done(plugin) => Ok(Installed { plugin, waits: false }),
            Outcome::Shown(_) => Err(Error::internal("an installation was shown that was to be done")),
        }
    }

    /// Say what a plugin may have of what it asks for. It is set to work anew with that, at a batch's boundary.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`, `rights.invalid` for what it does not ask for.
    pub async fn grant(self: &Arc<App>, ctx: Ctx, name: &str, granted: Granted) -> Result<()> {
        rights::to_keep_plugins(&ctx)?;
        let name = name.to_owned();
        self.alone(ctx, move |app, ctx| async move { app.put_rights_in_force(ctx, &name, granted).await }).await
    }

    async fn put_rights_in_force(&self, ctx: Ctx, name: &str, granted: Granted) -> Result<()> {
        let installed = self.installed(name)?;
        if let Some(unknown) = granted.iter().find(|right| !installed.declared.contains(*right)) {
            let message = format!("{name} does not ask for {unknown:?}; its rights are listed under `declared`");
            return Err(Error::invalid("rights", message));
        }
        // It rests until the new rights hold: what it was called for with the old ones is over before they are written.
        self.rest(name).await?;
        let command = life::Grant { name: name.to_owned(), granted };
        let outcome = self.commit(ctx, move |tx, ctx| command.run(tx, ctx)).await.and_then(|()| self.reload());
        let resumed = self.resume(name).await;
        outcome.and(resumed)
    }

    /// Another version of a plugin, with its package.
    pub(super) fn version(&self, name: &str, role: Role) -> Result<Option<(tables::plugin::Version, Vec<u8>)>> {
        let view = self.store.view(Scope::All)?;
        let found = tables::plugin::versions(&view, role)?.into_iter().find(|version| version.name == name);
        found.map(|version| Ok((version, tables::plugin::package_of_version(&view, name, role)?))).transpose()
    }

    /// An installed plugin by name.
    ///
    /// # Errors
    /// `plugin.not_found`.
    pub fn installed(&self, name: &str) -> Result<Arc<Plugin>> {
        let found = self.catalogue().plugins.get(name).cloned();
        found.ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is installed")))
    }
}

fn same_publisher(installed: &Plugin, opened: &Plugin) -> Result<()> {
    let name = &opened.manifest.name;
    match (&installed.standing.publisher, &opened.signer) {
        (Some(pinned), Some(signer)) if pinned == signer => Ok(()),
        (None, _) => Ok(()),
        (Some(pinned), signer) => {
            let whose = signer.as_deref().unwrap_or("nobody");
            let message = format!(
                "{name} comes from the key {pinned}, this package is signed by {whose}; if that is meant, say force=true"
            );
            Err(Error::conflict("plugin.publisher", message))
        }
    }
}

fn not_older(installed: &Plugin, opened: &Plugin) -> Result<()> {
    if opened.version() >= installed.version() {
        return Ok(());
    }
    let (name, new, old) = (&opened.manifest.name, &opened.manifest.version, &installed.manifest.version);
    let message = format!("{name} {old} is at work and {new} is older; go back with rollback, or say force=true");
    Err(Error::conflict("plugin.downgrade", message))
}
