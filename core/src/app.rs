//! The application: the one place where the rooms are wired together.

mod boot;
mod built;
mod catalogues;
mod changing;
mod compatible;
mod drafts;
mod duplicates;
mod keys;
mod messages;
mod packages;
mod plugins;
mod preview;
pub mod privacy;
mod reactions;
mod receipts;
pub mod recipes;
mod roles;
mod rounds;
mod scripts;
mod segments;
mod shadow;
mod takeout;
mod telemetry;
mod uninstall;
mod upgrade;
mod upkeep;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;

use crate::{
    Result,
    bus::{Bus, Question, Reply, Seal},
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, rights},
    config::Config,
    exports::Exporter,
    host::Host,
    imports::Importer,
    model::{Actor, Id, Record, Scope, seal::SealKey},
    outbound::{Outbound, hooks::Hooks},
    scripts::{Computing, Scripts},
    store::{
        Store, Tx, View,
        tables::audit::{self, Entry},
    },
};

pub use crate::config::{LimitConfig, OidcConfig};
pub use crate::host::Compiling;
pub use boot::Options;
pub use built::tales;
pub use compatible::{Checked, check_plugins};
pub use drafts::{Draft, Span};
pub use messages::Judged;
pub use packages::Leave;
pub use plugins::Installed;
pub use preview::{How, Outcome, Preview, Wish};
pub use receipts::Again;
pub use scripts::{Content, Seen};
pub use takeout::{LeftOut, Takeout};

/// A running server, without its socket.
pub struct App {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Deliveries and questions to plugins.
    pub bus: Bus,
    /// Files that become records.
    pub imports: Importer,
    /// Records that become files.
    pub exports: Exporter,
    /// Messages that leave the house.
    pub outbound: Outbound,
    /// Events that other systems are told of.
    pub hooks: Hooks,
    /// How it was set up.
    pub config: Config,
    /// Seals what may not be read from the store's file alone.
    pub seal_key: Arc<SealKey>,
    catalogue: Arc<ArcSwap<Catalogue>>,
    host: Arc<Host>,
    scripts: Arc<Scripts>,
    computing: Arc<Computing>,
    listening: reactions::Listening,
    previews: preview::Previews,
    forgetting: privacy::Forgetting,
    is_stopping: AtomicBool,
    changing: changing::Changing,
    /// Held while the catalogue is read, so that nobody puts an older one in the place of a newer.
    reading: std::sync::Mutex<()>,
}

impl App {
    /// Read again what is installed, after a command that changed it.
    ///
    /// # Errors
    /// Internal.
    pub fn read_again(&self) -> Result<()> {
        self.reload()
    }

    /// Whether long work of the application's own shall end at the next chunk.
    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// What is installed just now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    /// The organisations a person works in: their dealer and what is below, for others their own and those below. What they may see of
    /// its records their rights say.
    pub fn scope(&self, actor: &Actor) -> Scope {
        match actor {
            Actor::User { org, .. } => match self.store.rights(actor).compiled() {
                Some(compiled) => compiled.scope.clone(),
                None => self.store.orgs().scope(org),
            },
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => Scope::All,
        }
    }

    /// A snapshot for a person.
    ///
    /// # Errors
    /// Internal.
    pub fn view(&self, actor: &Actor) -> Result<View> {
        Ok(self.store.view(self.scope(actor))?.asked_by(actor, self.clock.now()))
    }

    /// The context of a person's command, in `org` or in their own organisation.
    ///
    /// # Errors
    /// `denied` for an organisation out of reach.
    pub fn ctx(&self, actor: &Actor, org: Option<Id>) -> Result<Ctx> {
        let own = match actor {
            Actor::User { org, .. } => org.clone(),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => Id::hq(),
        };
        let (org, scope) = (org.unwrap_or(own), self.scope(actor));
        let ctx = Ctx::new(actor.clone(), org, scope, self.clock.now(), self.catalogue());
        rights::in_org(&ctx, &ctx.org)?;
        Ok(ctx)
    }

    /// Run a unit as `ctx`. Who brings the wish here notes what was refused.
    ///
    /// # Errors
    /// The unit's own.
    pub async fn commit<T: Send + 'static>(
        &self,
        ctx: Ctx,
        unit: impl FnOnce(&mut Tx<'_>, &Ctx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let in_unit = ctx;
        self.store.commit(move |tx| unit(tx, &in_unit)).await
    }

    /// Ask a plugin for an action, see [`Bus::ask`].
    ///
    /// # Errors
    /// As [`Bus::ask`].
    pub async fn ask(&self, ctx: Ctx, question: Question, seal: Seal) -> Result<Reply> {
        self.bus.ask(ctx, question, seal).await
    }

    /// Wait until no delivery is outstanding, `patience` at most: for sample data and tests, which move the clock by hand.
    pub async fn settle(&self, patience: Duration) {
        let end = tokio::time::Instant::now() + patience;
        while !(self.bus.is_idle() && self.outbound.is_idle()) && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Note something in the audit log; it shares a commit with whatever else waits for the disk. Where the reading itself must
    /// be on record, wait for this before answering, and answer with its failure.
    ///
    /// # Errors
    /// `unavailable` when the writer is behind or the disk refuses.
    pub async fn note(&self, entry: Entry) -> Result<()> {
        self.store.commit(move |tx| audit::append(tx, &entry)).await
    }

    /// Note what has been done already. A failure to do so is logged, not told to the person.
    pub async fn audit(&self, ctx: &Ctx, what: &str, detail: serde_json::Value) {
        let entry = Entry::new(ctx.now, &ctx.actor, ctx.org.clone(), what, detail);
        if let Err(error) = self.note(entry).await {
            tracing::error!(%error, "the audit log could not be written");
        }
    }
}

/// A person as an actor, from their record.
pub fn actor(user: &Record) -> Actor {
    Actor::of(user)
}
