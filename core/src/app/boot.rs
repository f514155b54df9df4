//! Starting: open the store, wake the engine, load what is installed, set deliveries going.

use std::sync::{
    Arc, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{App, built, catalogues, preview::Previews, privacy};
use crate::{
    Result,
    bus::Bus,
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, Run, record, script, session, user},
    config::Config,
    exports::Exporter,
    host::{CatalogueNow, Compiling, Limits, runner::Runner},
    imports::Importer,
    model::{Actor, Data, Id, Scope, seal::SealKey},
    outbound::{
        Catcher, Links, Outbound, Ways,
        hooks::{Hooks, Parts},
        outside::Inside,
    },
    scripts::{Computing, Failure, FailureSink, Scripts},
    store::{Store, tables},
};

/// Choices of one start.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the store is given the first-party plugins of this binary.
    pub with_plugins: bool,
    /// Where foreign code is compiled.
    pub compiling: Compiling,
}

impl Default for Options {
    fn default() -> Options {
        Options { with_plugins: true, compiling: Compiling::Here }
    }
}

/// Failures of dealers' scripts that wait to be written down; more than this at once are counted as one.
const FAILURES_WAITING: usize = 256;

/// Hands failures of scripts to a task, so that a decision does not wait for the disk.
struct Failures(mpsc::Sender<Failure>);

impl FailureSink for Failures {
    fn failed(&self, failure: Failure) {
        if self.0.try_send(failure).is_err() {
            tracing::warn!("too many script failures at once; one was not written down");
        }
    }
}

impl App {
    /// Start everything but the socket.
    ///
    /// # Errors
    /// What keeps the server from starting, in words for whoever starts it.
    pub async fn start(config: Config, clock: Clock, options: Options) -> Result<Arc<App>> {
        let store = Store::open(&config.data.folder, &config.store)?;
        let seal_key = Arc::new(super::keys::seal(&config.data.folder)?);
        let catalogue = Arc::new(ArcSwap::from_pointee(Catalogue::default()));
        listen(&store, &catalogue);
        let is_empty = tables::record::count(&store.view(Scope::All)?, "org")? == 0;
        if is_empty {
            found(&store, &clock).await?;
        }
        super::roles::ensure(&store, &clock).await?;
        let compiled = config.data.compiled.clone().unwrap_or_else(|| config.data.folder.join("compiled"));
        let host = options.compiling.host(Limits::default(), Some(&compiled))?;
        let current = catalogue.clone();
        let now: CatalogueNow = Arc::new(move || current.load_full());
        let (failures, failed) = mpsc::channel(FAILURES_WAITING);
        let runner = Runner::new(&host, &built::script_runner()?)?;
        let scripts = Arc::new(Scripts::new(Arc::new(runner), now, Arc::new(Failures(failures))));
        let bus = Bus::start(store.clone(), clock.clone(), catalogue.clone(), config.bus.clone());
        let imports = Importer::new(store.clone(), clock.clone(), catalogue.clone());
        let exports =
            Exporter::new(store.clone(), clock.clone(), catalogue.clone(), config.data.folder.join("exports"));
        let outbound = outbound(&store, &clock, &catalogue, &config)?;
        let hooks = hooks(&store, &clock, &catalogue, &config, (&seal_key, &outbound));
        let previews = Previews::default();
        let kinds = store.clone();
        let kind_in = move |name: &str, org: &Id| kinds.kind_tree().kind(name, org).cloned();
        let computing = Arc::new(Computing::new(scripts.clone(), Arc::new(kind_in)));
        let app = Arc::new(App {
            store,
            clock,
            bus,
            imports,
            exports,
            outbound,
            hooks,
            config,
            seal_key,
            catalogue,
            host,
            scripts,
            computing,
            listening: super::reactions::Listening::default(),
            previews,
            forgetting: privacy::Forgetting::default(),
            is_stopping: AtomicBool::new(false),
            changing: super::changing::Changing::default(),
            reading: std::sync::Mutex::default(),
        });
        app.set_going().await?;
        if options.with_plugins {
            app.bring_built(is_empty).await?;
        }
        note_failures(&app, failed);
        super::upkeep::start(&app);
        super::telemetry::start(&app);
        app.forget_again().await?;
        privacy::start(&app);
        super::rounds::start(&app)?;
        Ok(app)
    }

    /// Deliveries begin, and what was under way when the server stopped goes on or is ended.
    async fn set_going(self: &Arc<App>) -> Result<()> {
        self.reload()?;
        self.subscribe_all().await;
        self.listen()?;
        self.keep_segments()?;
        self.bus.derive(self.computing.clone());
        self.bus.rank();
        self.imports.resume()?;
        self.resume_scans()?;
        self.end_previews()?;
        self.exports.resume().await?;
        self.end_copies().await
    }

    /// Read the catalogue again; what runs goes on with the old one until its next look.
    pub(super) fn reload(&self) -> Result<()> {
        let _nobody_else = self.reading();
        let view = self.store.view(Scope::All)?;
        let loaded = Arc::new(catalogues::load(&view, &self.catalogue())?);
        // Organisations are told apart, before acknowledgement; a tree read here may be older than that.
        let loaded = Catalogue { orgs: self.store.orgs(), ..(*loaded).clone() };
        self.catalogue.store(Arc::new(loaded));
        Ok(())
    }

    /// Alone in putting another catalogue in the place of the one that is.
    pub(super) fn reading(&self) -> MutexGuard<'_, ()> {
        // A panic leaves nothing half-done here: the catalogue is stored in one go.
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stop deliveries and imports; what is committed stays, what runs is done again after the next start.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.imports.stop();
        self.outbound.stop();
        self.hooks.stop();
        self.bus.stop();
    }
}

fn outbound(store: &Store, clock: &Clock, catalogue: &Arc<ArcSwap<Catalogue>>, config: &Config) -> Result<Outbound> {
    let listen = format!("http://{}", config.http.listen);
    let base = config.outbound.public_url.as_deref().unwrap_or(&listen);
    let links = Links::new(&store.view(Scope::All)?, base)?;
    let transport = Arc::new(Ways::new(&config.outbound, Catcher::new(store.clone()))?);
    Ok(Outbound::start(store.clone(), clock.clone(), catalogue.clone(), transport, links, config.outbound.pause_ms))
}

fn hooks(
    store: &Store,
    clock: &Clock,
    catalogue: &Arc<ArcSwap<Catalogue>>,
    config: &Config,
    (seal, outbound): (&Arc<SealKey>, &Outbound),
) -> Hooks {
    Hooks::start(Parts {
        store: store.clone(),
        clock: clock.clone(),
        catalogue: catalogue.clone(),
        seal: seal.clone(),
        outbound: outbound.clone(),
        inside: Inside::new(&config.outbound.inside),
    })
}

/// Organisations and roles hold from the moment they are committed.
fn listen(store: &Store, catalogue: &Arc<ArcSwap<Catalogue>>) {
    let told = catalogue.clone();
    store.on_orgs(move |orgs| {
        told.rcu(|now| Catalogue { orgs: orgs.clone(), ..(**now).clone() });
    });
    let told = catalogue.clone();
    store.on_roles(move |roles| {
        told.rcu(|now| Catalogue { roles: roles.clone(), ..(**now).clone() });
    });
}

/// An empty store is given the maker and an administrator, whose password is printed once unless it was chosen.
async fn found(store: &Store, clock: &Clock) -> Result<()> {
    let chosen = std::env::var("MARQUE_ADMIN_PASSWORD").ok();
    let is_made_up = chosen.is_none();
    let (password, initial_until) = first_password(chosen, clock.now());
    let hash = session::hash(&password)?;
    let ctx = Ctx::system(Id::hq(), clock.now(), Arc::default());
    store
        .commit(move |tx| {
            let hq = json!({ "code": "hq", "name": "总部", "type": "maker" });
            create("org", "hq", hq).run(tx, &ctx)?;
            let admin = json!({ "login": "admin", "name": "管理员", "roles": ["admin"] });
            create("user", "admin", admin).run(tx, &ctx)?;
            user::SetPassword { user: Id::admin(), hash, initial_until }.run(tx, &ctx)
        })
        .await?;
    if is_made_up {
        announce(&password);
    }
    Ok(())
}

/// How long the password that was made up lets in; after that `marque user password admin` sets one.
const MADE_UP_MS: i64 = 72 * 3_600_000;

/// The administrator's password, and until when it is to be changed: one that nobody has chosen is random and shown on a screen.
fn first_password(chosen: Option<String>, now: crate::model::Time) -> (String, Option<crate::model::Time>) {
    match chosen {
        Some(password) => (password, None),
        None => (session::secret().0[..20].to_owned(), Some(now.plus_millis(MADE_UP_MS))),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the generated password is told once, to whoever starts the server, and never logged"
)]
fn announce(password: &str) {
    println!("made the user \"admin\" with the password {password}");
}

fn create(kind: &str, id: &str, data: Value) -> record::Create {
    let data: Data = data.as_object().cloned().unwrap_or_default();
    record::Create { id: id.parse().ok(), org: Some(Id::hq()), ..record::Create::new(kind, data) }
}

/// Count failures of scripts, tell of them, and read the catalogue again when one was taken out of force.
fn note_failures(app: &Arc<App>, mut failed: mpsc::Receiver<Failure>) {
    let weak = Arc::downgrade(app);
    tokio::spawn(async move {
        while let Some(failure) = failed.recv().await {
            let Some(app) = weak.upgrade() else { return };
            let ctx =
                Ctx { actor: Actor::System, ..Ctx::system(failure.org.clone(), app.clock.now(), app.catalogue()) };
            let fail = script::Fail {
                name: failure.script.to_string(),
                org: failure.owner,
                version: failure.version,
                fault: failure.fault.message,
            };
            let outcome = app.store.commit(move |tx| fail.run(tx, &ctx)).await;
            let is_known = match outcome {
                Ok(true) => app.reload().and_then(|()| app.listen()),
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = is_known {
                tracing::error!(%error, "a failing script could not be written down");
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_servers_begin_with_the_same_password_and_it_is_changed_first() {
        let now = crate::model::Time::from_millis(1_773_367_200_000);
        let (one, other) = (first_password(None, now), first_password(None, now));
        assert_ne!(one.0, other.0);
        assert_eq!(one.0.len(), 20);
        assert!(one.1.is_some_and(|until| until > now));
        assert_eq!(first_password(Some("chosen".into()), now), ("chosen".into(), None));
    }
}
