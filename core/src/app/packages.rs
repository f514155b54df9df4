//! Whether a package may come in: whose it is, whether it is older, and whether it asks for more than was granted.

use serde_json::json;

use super::{
    App, How, Outcome, Wish,
    plugins::{Installed, opened},
    upgrade::Arriving,
};
use crate::{
    Error, Result,
    catalogue::{Granted, Plugin},
    commands::{Ctx, plugin::life, rights},
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
        self.refuse_revoked(opened)?;
        self.refuse_strangers(ctx, opened)?;
        let catalogue = self.catalogue();
        let name = &opened.manifest.name;
        let Some(installed) = catalogue.plugins.get(name) else { return Ok(Admitted::With(None)) };
        if !leave.force {
            same_publisher(installed, opened)?;
            not_older(installed, opened)?;
        }
        let more: Granted = opened.declared.difference(&installed.declared).cloned().collect();
        if !more.is_empty() && !leave.grant {
            return Ok(Admitted::Waits);
        }
        Ok(Admitted::With(carried_over(installed, opened, more)))
    }

    pub(super) fn refuse_revoked(&self, opened: &Plugin) -> Result<()> {
        let view = self.store.view(Scope::All)?;
        let key = opened.signer.as_ref().map(|signer| format!("key:{signer}"));
        for what in key.into_iter().chain([format!("package:{}", opened.content)]) {
            if let Some(reason) = tables::revoked::reason(&view, &what)? {
                let message = format!("{} is revoked: {reason}; nobody can install it", what.replacen(':', " ", 1));
                return Err(Error::conflict("plugin.revoked", message));
            }
        }
        Ok(())
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
        self.guest(std::sync::Arc::new(opened.clone())).await?;
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
        self: &std::sync::Arc<App>,
        ctx: Ctx,
        name: &str,
        version: &str,
        rights: Option<Granted>,
    ) -> Result<Installed> {
        rights::to_keep_plugins(&ctx)?;
        let installed = self.installed(name)?;
        let waiting = self.version(name, Role::Waiting)?.ok_or_else(|| life::nothing_waits(name))?;
        if waiting.version != version {
            let message = format!("{name} {} waits by now, not {version}; look at what it asks for", waiting.version);
            return Err(Error::conflict("plugin.moved_on", message));
        }
        let (plugin, package) = opened(waiting.package).await?;
        self.refuse_revoked(&plugin)?;
        let more: Granted = plugin.declared.difference(&installed.declared).cloned().collect();
        let more = match &rights {
            Some(rights) => more.intersection(rights).cloned().collect(),
            None => more,
        };
        let all = carried_over(&installed, &plugin, more.clone());
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
    pub async fn grant(self: &std::sync::Arc<App>, ctx: Ctx, name: &str, granted: Granted) -> Result<()> {
        let installed = self.installed(name)?;
        if let Some(unknown) = granted.iter().find(|right| !installed.declared.contains(*right)) {
            let message = format!("{name} does not ask for {unknown:?}; its rights are listed under `declared`");
            return Err(Error::invalid("rights", message));
        }
        self.commit(ctx, {
            let command = life::Grant { name: name.to_owned(), granted };
            move |tx, ctx| crate::commands::Run::run(command, tx, ctx)
        })
        .await?;
        self.reload()?;
        self.resume(name).await
    }

    /// Another version of a plugin.
    pub(super) fn version(&self, name: &str, role: Role) -> Result<Option<tables::plugin::Version>> {
        let versions = tables::plugin::versions(&self.store.view(Scope::All)?, role)?;
        Ok(versions.into_iter().find(|version| version.name == name))
    }

    /// An installed plugin by name.
    ///
    /// # Errors
    /// `plugin.not_found`.
    pub fn installed(&self, name: &str) -> Result<std::sync::Arc<Plugin>> {
        let found = self.catalogue().plugins.get(name).cloned();
        found.ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is installed")))
    }
}

/// What was granted stays granted and what was held back stays held back; `more` comes to it. `None` where nothing was ever held back.
fn carried_over(installed: &Plugin, opened: &Plugin, more: Granted) -> Option<Granted> {
    let granted = installed.standing.granted.as_ref()?;
    Some(granted.intersection(&opened.declared).cloned().chain(more).collect())
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
