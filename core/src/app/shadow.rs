//! Upgrade preview: another version runs in the shadow over past events, and what it asks for is held against what the one at work does.

use std::sync::Arc;

use super::{App, plugins::opened};
use crate::{
    Error, Result,
    bus::{Answer, Delivery, Past, Replayed, Staged, Subscriber, Usage},
    catalogue::{Granted, Plugin, Standing},
    commands::{Ctx, plugin::life, rights},
    model::{Actor, Event},
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
            true => self.version(name, Role::Waiting)?.ok_or_else(|| life::nothing_waits(name))?.1,
            false => package,
        };
        let (other, _) = opened(package).await?;
        if other.manifest.name != name {
            let message = format!("the package is of {:?}, not of {name:?}", other.manifest.name);
            return Err(Error::invalid("plugin", message));
        }
        self.refuse_unwelcome(ctx, &other)?;
        self.check_scripts(&other).await?;
        let (more, less) = (installed.more_in(&other), other.more_in(&installed));
        // With the rights it would have: what is held back stays so, and what it asks in addition it is taken to have been granted.
        let granted = installed.carried_over(&other, more.clone());
        let other = other.standing(Standing { granted, ..Standing::default() });
        let (from, to) = (installed.manifest.version.clone(), other.manifest.version.clone());
        let (old, new) = tokio::try_join!(self.hearing(installed), self.hearing(Arc::new(other)))?;
        let (before, after) = match old.hears_nothing && new.hears_nothing {
            true => (Vec::new(), Vec::new()),
            false => self.bus.compare(old.subscriber, new.subscriber, past).await?,
        };
        Ok(Shadow { from, to, before, after, more, less })
    }

    async fn hearing(&self, plugin: Arc<Plugin>) -> Result<Hearing> {
        Ok(match self.guest(plugin.clone()).await? {
            Some(guest) => Hearing { subscriber: guest, hears_nothing: false },
            None => Hearing { subscriber: Arc::new(Mute(plugin)), hears_nothing: true },
        })
    }
}

/// A version as it is compared.
struct Hearing {
    subscriber: Arc<dyn Subscriber>,
    hears_nothing: bool,
}

/// A version without code: it hears nothing and asks for nothing.
struct Mute(Arc<Plugin>);

impl Subscriber for Mute {
    fn name(&self) -> &str {
        &self.0.manifest.name
    }

    fn actor(&self) -> Actor {
        let manifest = &self.0.manifest;
        Actor::Plugin { name: manifest.name.clone(), version: manifest.version.clone(), on_behalf: None }
    }

    fn wants(&self, _event: &Event) -> bool {
        false
    }

    fn handle(&self, _delivery: Delivery) -> Answer<Staged> {
        Answer { result: Ok(Staged::default()), logs: Vec::new(), usage: Usage::default() }
    }
}
