//! A loaded plugin: hears events and answers actions, each call in a fresh instance.

use std::sync::Arc;

use serde_json::Value;
use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use super::{
    Decide, Host,
    call::{Call, Context, Service},
    meter::{self, Metered},
    stop, v1,
};
use crate::{
    Error, Result,
    bus::subscriber::{Answer, Ask, Delivery, Responder, Staged, Subscriber, Usage, Verdict},
    catalogue::{
        Catalogue, Plugin,
        manifest::{JOB_DUE, RANKED},
    },
    model::{Actor, Event, Fault, Id, Time},
    store::View,
};

/// What `info.call` says where no person is waiting.
const DEFAULT_LOCALE: &str = "zh-CN";

/// Where a guest looks up what is installed at the moment of a call.
pub type CatalogueNow = Arc<dyn Fn() -> Arc<Catalogue> + Send + Sync>;

/// A plugin's component, compiled and proved to fit its manifest.
pub struct Guest {
    host: Arc<Host>,
    plugin: Arc<Plugin>,
    catalogue: CatalogueNow,
    decide: Arc<dyn Decide>,
    component: InstancePre<Call>,
    exports: v1::Exports,
}

impl Guest {
    pub(super) fn load(
        host: &Arc<Host>,
        plugin: &Arc<Plugin>,
        catalogue: CatalogueNow,
        decide: Arc<dyn Decide>,
    ) -> Result<Guest> {
        let manifest = &plugin.manifest;
        let wrong =
            |message: String| Error::invalid("plugin", format!("{} {}: {message}", manifest.name, manifest.version));
        let bytes = plugin.component.as_ref().ok_or_else(|| wrong("there is no component to load".into()))?;
        let compiled = host.compile(bytes).map_err(wrong)?;
        let component = host.v1.instantiate_pre(&compiled).map_err(|error| {
            wrong(format!("the component asks for what this server does not offer: {}", super::chain(&error)))
        })?;
        let exports = v1::Exports::probe(&component);
        for (declared, is_there, export) in [
            (!manifest.hears.is_empty() || !manifest.owns.jobs.is_empty(), exports.has_react(), "react"),
            (!manifest.owns.actions.is_empty(), exports.has_act(), "act"),
        ] {
            if declared && !is_there {
                return Err(wrong(format!("plugin.toml needs the export {export}, which the component lacks")));
            }
        }
        let guest = Guest { host: host.clone(), plugin: plugin.clone(), catalogue, decide, component, exports };
        guest.prove().map_err(|fault| wrong(fault.message))?;
        Ok(guest)
    }

    /// The plugin it is.
    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Whether it takes over data of older versions.
    pub fn has_upkeep(&self) -> bool {
        self.exports.has_upkeep()
    }

    /// Take over data of an older version.
    pub fn migrate(&self, old: &str, org: &Id, view: View, now: Time) -> Answer<Staged> {
        // Each step sees what the one before has done, and makes other ids.
        let seed = (now, format!("migrate {old} {}", view.at_seq()));
        let context = Context { org: org.clone(), actor: self.actor(), locale: DEFAULT_LOCALE.into(), now, seed };
        let new = &self.plugin.manifest.version;
        let answer = self.call(context, view, |exports, store, instance| exports.migrate(store, instance, old, new));
        Answer { result: answer.result.map(|(staged, ())| staged), logs: answer.logs, usage: answer.usage }
    }

    /// One instance, to see that it starts and that its exports have the right types. Nothing is read or staged with it.
    fn prove(&self) -> Result<(), Fault> {
        let now = Time::from_millis(0);
        let nowhere = Id::derived(now, &["load"], 0);
        let seed = (now, "load".into());
        let context = Context { org: nowhere, actor: Actor::System, locale: DEFAULT_LOCALE.into(), now, seed };
        self.enter(context, None, |exports, store, instance| exports.prove(store, instance).map(Ok)).result.map(drop)
    }

    fn call<T>(
        &self,
        context: Context,
        view: View,
        run: impl FnOnce(&v1::Exports, &mut Store<Call>, &Instance) -> Service<T>,
    ) -> Answer<(Staged, T)> {
        self.enter(context, Some(view), run)
    }

    /// A fresh instance, one call, and its end. Whatever goes wrong, the store goes, and with it everything staged.
    fn enter<T>(
        &self,
        context: Context,
        view: Option<View>,
        run: impl FnOnce(&v1::Exports, &mut Store<Call>, &Instance) -> Service<T>,
    ) -> Answer<(Staged, T)> {
        let limits = &self.host.limits;
        let data = Call::new(context, self.plugin.clone(), (self.catalogue)(), self.decide.clone(), limits, view);
        let mut store = meter::store(&self.host.engine, data, limits);
        let ended =
            self.component.instantiate(&mut store).and_then(|instance| run(&self.exports, &mut store, &instance));
        let result = match ended {
            Ok(answer) => answer,
            Err(error) => Err(stop::fault(&error, store.data_mut().meter())),
        };
        let (staged, logs, usage) = store.into_data().finish();
        Answer { result: result.map(|value| (staged, value)), logs, usage }
    }
}

impl Subscriber for Guest {
    fn name(&self) -> &str {
        &self.plugin.manifest.name
    }

    fn actor(&self) -> Actor {
        let manifest = &self.plugin.manifest;
        Actor::Plugin { name: manifest.name.clone(), version: manifest.version.clone(), on_behalf: None }
    }

    /// What the manifest hears; of fired timers, jobs and rankings only its own.
    fn wants(&self, event: &Event) -> bool {
        let is_foreign = matches!(event.kind.as_str(), "timer.fired" | RANKED)
            && event.data.get("plugin").and_then(Value::as_str) != Some(self.plugin.manifest.name.as_str());
        if event.kind == JOB_DUE {
            let of = |name: &str| event.data.get(name).and_then(Value::as_str).unwrap_or_default();
            return of("plugin") == self.plugin.manifest.name && self.plugin.manifest.job(of("job")).is_some();
        }
        // Looked up at the moment, for an organisation may do without it from one event to the next.
        !is_foreign
            && self.plugin.manifest.hears(event)
            && !(self.catalogue)().is_off(&self.plugin.manifest.name, &event.org)
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        let Delivery { org, events, view, now, attempt: _ } = delivery;
        let Some(first) = events.first() else {
            return Answer { result: Ok(Staged::default()), logs: Vec::new(), usage: Usage::default() };
        };
        // Ids derive from the events and not from the time of the call, so a repeat makes them again.
        let seed = (first.at, first.seq.to_string());
        let context = Context { org, actor: self.actor(), locale: DEFAULT_LOCALE.into(), now, seed };
        let answer = self.call(context, view, |exports, store, instance| exports.handle(store, instance, &events));
        let with_verdicts = |(staged, verdicts): (Staged, Vec<Verdict>)| Staged { verdicts, ..staged };
        Answer { result: answer.result.map(with_verdicts), logs: answer.logs, usage: answer.usage }
    }
}

impl Responder for Guest {
    fn run(&self, ask: Ask) -> Answer<(Staged, Value)> {
        let Ask { org, actor, locale, kind: _, action, target, input, view, now, nonce } = ask;
        let input = input.to_string();
        let context = Context { org, actor, locale, now, seed: (now, nonce.into()) };
        let answer = self.call(context, view, |exports, store, instance| {
            exports.run(store, instance, &action, target.as_ref(), input)
        });
        let parsed = answer.result.and_then(|(staged, reply)| match serde_json::from_str(&reply) {
            Ok(reply) => Ok((staged, reply)),
            Err(error) => Err(Fault::guest("invalid", format!("the reply to {action:?} is not JSON: {error}"), false)),
        });
        Answer { result: parsed, logs: answer.logs, usage: answer.usage }
    }
}
