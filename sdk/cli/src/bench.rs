//! The real host with one plugin on it: a case is given to a store of its own, and what the plugin asks for is committed.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use marque::{
    bus::subscriber::{Ask, Delivery, LogLine, Responder, Staged, Subscriber},
    catalogue::{Catalogue, KindEntry, Manifest, Plugin, PluginState, manifest},
    commands::{self, Ctx, Run, action, staged::Effects},
    host::{CatalogueNow, Guest, Host, Limits, runner::Runner},
    model::{Actor, Data, Event, Id, Kind, Record, RecordRef, Scope, page, validate},
    scripts::{Failure, FailureSink, Scripts},
    store::{Store, StoreConfig, tables},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::{
    case::{Asked, Case, Given, HeardEvent, Visited, When},
    house::{House, kinds_of},
};

/// A plugin, loaded.
pub struct Bench {
    plugin: Arc<Plugin>,
    guest: Arc<Guest>,
    plugins: BTreeMap<String, Arc<Plugin>>,
    catalogue: Arc<RwLock<Arc<Catalogue>>>,
    folder: TempDir,
}

/// What a case came to.
pub struct Came {
    /// The commands and the reply, or why not.
    pub outcome: Result<(Vec<Value>, Value), Refused>,
    /// What the plugin logged on the way.
    pub logs: Vec<LogLine>,
}

/// What the plugin answered, before anything of it is done.
struct Called {
    ctx: Ctx,
    outcome: Result<(Staged, Value), Refused>,
    logs: Vec<LogLine>,
}

/// Why not: the plugin's fault, or what the core says to what it asks.
#[derive(Debug)]
pub struct Refused {
    /// Machine-readable.
    pub code: String,
    /// In words, and who says so.
    pub message: String,
}

/// Nobody to tell: the built-in rule of a point has no dealer.
struct Nobody;

impl FailureSink for Nobody {
    fn failed(&self, _failure: Failure) {}
}

/// The store every case begins with: making the tables of all kinds takes longer than most cases do.
const EMPTY: &str = "empty";

/// Nobody misses a case's store after a power cut.
fn throwaway() -> StoreConfig {
    StoreConfig { power_safe: false, ..StoreConfig::default() }
}

fn empty(folder: &Path, kinds: Vec<Arc<Kind>>) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(folder, &throwaway()).map_err(told)?;
    let install = move |tx: &mut marque::store::Tx<'_>| kinds.iter().try_for_each(|kind| tx.install_kind(kind));
    Ok(store.commit_blocking(install).map_err(told)?)
}

fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    // A case that is run again, under faults, begins anew.
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

impl Bench {
    /// Loads the built plugin with the limits of a server.
    pub fn new(house: &House) -> Result<Bench, Box<dyn std::error::Error>> {
        Bench::with(house, Limits::default(), |_| {})
    }

    /// The same with other limits, or with less granted than plugin.toml asks for.
    pub fn with(
        house: &House,
        limits: Limits,
        narrow: impl FnOnce(&mut Manifest),
    ) -> Result<Bench, Box<dyn std::error::Error>> {
        let mut plugin = Plugin::from_package(&house.package()?).map_err(told)?;
        narrow(&mut plugin.manifest);
        let plugin = Arc::new(Plugin { state: PluginState::Enabled, ..plugin });
        if plugin.component.is_none() {
            return Err(format!("{} has no code: it can have no cases", house.header.name).into());
        }
        let mut plugins: BTreeMap<String, Arc<Plugin>> =
            house.neighbours().into_iter().map(|plugin| (plugin.manifest.name.clone(), plugin)).collect();
        plugins.insert(plugin.manifest.name.clone(), plugin.clone());

        let catalogue: Arc<RwLock<Arc<Catalogue>>> = Arc::default();
        let shared = catalogue.clone();
        let now: CatalogueNow = Arc::new(move || shared.read().unwrap_or_else(PoisonError::into_inner).clone());
        let host = Host::new(limits, Some(&house.root.join("target/compiled"))).map_err(told)?;
        let runner = house.script_runner().ok_or("the script runner is not built: run `cargo xtask plugins`")?;
        let runner = Arc::new(Runner::new(&host, &runner).map_err(told)?);
        let scripts = Arc::new(Scripts::new(runner, now.clone(), Arc::new(Nobody)));
        let guest = host.load(&plugin, now, scripts).map_err(told)?;
        let folder = tempfile::tempdir()?;
        empty(&folder.path().join(EMPTY), kinds_of(plugins.values()))?;
        Ok(Bench { plugin, guest, plugins, catalogue, folder })
    }

    /// Runs the `n`-th case. An error is a mistake in the case itself.
    pub fn run(&self, n: usize, case: &Case) -> Result<Came, String> {
        let store = self.store(n, case)?;
        let called = self.call(&store, case)?;
        Ok(called.commit(&store))
    }

    /// The same delivery twice, as after a crash between the plugin's answer and the commit: the commands of both, before anything is done.
    pub fn twice(&self, n: usize, case: &Case) -> Result<[Result<Vec<Value>, Refused>; 2], String> {
        let store = self.store(n, case)?;
        let commands = |called: Called| called.outcome.map(|(staged, _)| commands(&staged));
        Ok([commands(self.call(&store, case)?), commands(self.call(&store, case)?)])
    }

    /// Somebody else has written everything given between the plugin's answer and the commit: it is asked once more, on what is there now.
    pub fn after_a_conflict(&self, n: usize, case: &Case) -> Result<Came, String> {
        let store = self.store(n, case)?;
        drop(self.call(&store, case)?);
        let given: Vec<(String, Id)> = case.given.iter().map(|given| (given.kind.clone(), given.id.clone())).collect();
        let touch = move |tx: &mut marque::store::Tx<'_>| {
            given.iter().try_for_each(|(name, id)| {
                let Some(record) = tables::record::get(tx, name, id, &Scope::All)? else { return Ok(()) };
                let kind = tx.kind(name)?;
                tables::record::update(tx, &kind, &Record { rev: record.rev + 1, ..record })
            })
        };
        store.commit_blocking(touch).map_err(told)?;
        Ok(self.call(&store, case)?.commit(&store))
    }

    /// A store of its own with what the case gives.
    fn store(&self, n: usize, case: &Case) -> Result<Store, String> {
        let folder = self.folder.path().join(n.to_string());
        copied(&self.folder.path().join(EMPTY), &folder)
            .map_err(|error| format!("a store cannot be made in {}: {error}", folder.display()))?;
        let store = Store::open(&folder, &throwaway()).map_err(told)?;
        self.give(&store, case)?;
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.catalogue_of(&store, case)?);
        Ok(store)
    }

    fn call(&self, store: &Store, case: &Case) -> Result<Called, String> {
        match &case.when {
            When::Action(asked) => self.ask(store, case, asked),
            When::Page(visited) => self.visit(store, case, visited),
            When::Event(heard) => self.tell(store, case, &heard.event),
        }
    }

    /// Puts the given records into the store, as if they had always been there.
    fn give(&self, store: &Store, case: &Case) -> Result<(), String> {
        let known = store.kinds();
        let mut records = vec![];
        if !case.given.iter().any(|given| given.kind == "org" && given.id == case.org) {
            let data = json!({ "code": case.org, "name": case.org, "type": "dealer" });
            let data = data.as_object().cloned().unwrap_or_default();
            records.push(record(
                case,
                &known,
                &Given { kind: "org".into(), id: case.org.clone(), org: None, rev: None, data },
            )?);
        }
        for given in &case.given {
            records.push(record(case, &known, given)?);
        }
        let insert = move |tx: &mut marque::store::Tx<'_>| {
            records.iter().try_for_each(|record| {
                let kind = tx.kind(&record.kind)?;
                tables::record::insert(tx, &kind, record)
            })
        };
        store.commit_blocking(insert).map_err(|error| format!("given: {}", told(error)))
    }

    fn catalogue_of(&self, store: &Store, case: &Case) -> Result<Catalogue, String> {
        let settings = Value::Object(case.settings.clone());
        action::check_input(&self.plugin.settings_schema, &settings)
            .map_err(|error| format!("settings: {}", told(error)))?;
        let mut merged = (*self.plugin.default_settings).clone();
        overlay(&mut merged, settings);
        let owner = |kind: &str| self.plugins.keys().find(|name| kind.starts_with(&format!("{name}."))).cloned();
        let kinds = store.kinds();
        let entries =
            kinds.iter().map(|(name, kind)| (name.clone(), KindEntry { kind: kind.clone(), plugin: owner(name) }));
        Ok(Catalogue {
            kinds: entries.collect(),
            plugins: self.plugins.clone(),
            settings: [((self.plugin.manifest.name.clone(), case.org.clone()), Arc::new(merged))].into(),
            orgs: store.orgs(),
            ..Catalogue::default()
        })
    }

    fn ask(&self, store: &Store, case: &Case, asked: &Asked) -> Result<Called, String> {
        let Asked { action, kind, target, input, actor } = asked;
        let person = Actor::User {
            id: actor.id.clone(),
            name: actor.name.clone(),
            org: actor.org.clone().unwrap_or_else(|| case.org.clone()),
            roles: actor.roles.clone(),
            scopes: Vec::new(),
        };
        let ctx = self.ctx(store, case, person.clone());
        let me = person.person().cloned();
        let view = || {
            Ok::<_, String>(store.view(ctx.scope.clone()).map_err(told)?.for_server(me.clone(), case.now).at(&case.org))
        };
        let asked_by_them = view()?.asked_by(&person, case.now);
        if let Err(error) = action::check(&ctx, &asked_by_them, kind, action, target.as_ref(), input) {
            return Ok(Called { ctx, outcome: Err(Refused::by_core(error)), logs: Vec::new() });
        }
        let answer = self.guest.run(Ask {
            org: case.org.clone(),
            actor: person.clone(),
            locale: "zh-CN".into(),
            kind: kind.clone(),
            action: action.clone(),
            target: target.clone(),
            input: input.clone(),
            view: view()?,
            now: case.now,
            nonce: id("case"),
        });
        let manifest = &self.plugin.manifest;
        let (name, version) = (manifest.name.clone(), manifest.version.clone());
        let actor = Actor::Plugin { name, version, on_behalf: Some(Box::new(person)) };
        let outcome = answer.result.map_err(Refused::by_plugin);
        Ok(Called { ctx: Ctx { actor, ..ctx }, outcome, logs: answer.logs })
    }

    /// As the server asks about a page: it is drawn first, and what is filled in is held to that.
    fn visit(&self, store: &Store, case: &Case, visited: &Visited) -> Result<Called, String> {
        let Visited { page: name, target, carry, query, values, button } = visited;
        let declared = self.plugin.manifest.page(name).ok_or_else(|| format!("when: it has no page {name:?}"))?;
        let (action, actor) = (format!("{}{name}", manifest::PAGE), self.guest.actor());
        let ctx = self.ctx(store, case, actor.clone());
        let view =
            || Ok::<_, String>(store.view(ctx.scope.clone()).map_err(told)?.for_server(None, case.now).at(&case.org));
        if let Err(error) = commands::page::check(&ctx, &view()?, &declared.kind, &action, target.as_ref()) {
            return Ok(Called { ctx, outcome: Err(Refused::by_core(error)), logs: Vec::new() });
        }
        let ask = |input: Map<String, Value>| {
            Ok::<_, String>(self.guest.run(Ask {
                org: case.org.clone(),
                actor: actor.clone(),
                locale: "zh-CN".into(),
                kind: declared.kind.clone(),
                action: action.clone(),
                target: target.clone(),
                input: Value::Object(input),
                view: view()?,
                now: case.now,
                nonce: id("case"),
            }))
        };
        let opened = ask(page::asked("open", carry, query))?;
        let (staged, drawn) = match opened.result.map_err(Refused::by_plugin) {
            Ok(opened) => opened,
            Err(refused) => return Ok(Called { ctx, outcome: Err(refused), logs: opened.logs }),
        };
        if !staged.commands.is_empty() {
            return Err("when: the page asks for commands when it is opened, which is refused".into());
        }
        let shown = page::Page::of(&drawn).map_err(told)?;
        let Some(values) = values else {
            return Ok(Called { ctx, outcome: Ok((staged, drawn)), logs: opened.logs });
        };
        let is_skipping = shown.buttons.iter().any(|known| known.skip && Some(&known.name) == button.as_ref());
        let (values, wrongs) = page::read(&shown, &pairs(values));
        if let Some((field, wrong)) = wrongs.first().filter(|_| !is_skipping) {
            return Err(format!("when: values: {field}: {wrong:?}"));
        }
        let mut input = page::asked("fill", carry, query);
        input.insert("values".into(), Value::Object(values));
        input.insert("button".into(), json!(button));
        let answer = ask(input)?;
        let drawable = |(staged, reply): (Staged, Value)| match page::Page::of(&reply) {
            Ok(_) => Ok((staged, reply)),
            Err(error) => Err(Refused::by_core(error)),
        };
        let outcome = answer.result.map_err(Refused::by_plugin).and_then(drawable);
        Ok(Called { ctx, outcome, logs: answer.logs })
    }

    fn tell(&self, store: &Store, case: &Case, heard: &HeardEvent) -> Result<Called, String> {
        let event = self.event(case, heard)?;
        if !self.guest.wants(&event) {
            return Err(format!("plugin.toml does not hear {} with these data", event.kind));
        }
        let ctx = Ctx { depth: 1, ..self.ctx(store, case, self.guest.actor()) };
        let answer = self.guest.handle(Delivery {
            org: case.org.clone(),
            events: vec![event],
            view: store.view(ctx.scope.clone()).map_err(told)?.for_server(None, case.now).at(&case.org),
            now: case.now,
            attempt: 1,
        });
        let outcome = answer.result.map_err(Refused::by_plugin).map(|staged| (staged, Value::Null));
        Ok(Called { ctx, outcome, logs: answer.logs })
    }

    fn event(&self, case: &Case, heard: &HeardEvent) -> Result<Event, String> {
        let mut data = heard.data.clone();
        let Some(fields) = data.as_object_mut() else { return Err("when: the event's data must be an object".into()) };
        let record = fields.remove("record").map(RecordRef::deserialize).transpose();
        let record = record.map_err(|error| format!("when: data.record: {error}"))?;
        if heard.kind == "timer.fired" || heard.kind == "job.due" {
            // What every fired timer and due job has, so that cases need not repeat it.
            fields.entry("plugin").or_insert_with(|| self.plugin.manifest.name.clone().into());
            fields.entry("due_at").or_insert_with(|| json!(case.now));
        }
        Ok(Event {
            seq: 1,
            kind: heard.kind.clone(),
            at: heard.at.unwrap_or(case.now),
            org: case.org.clone(),
            subject: heard.subject.clone(),
            actor: heard.actor.clone().unwrap_or_else(|| "system".into()),
            cause: None,
            depth: 0,
            record,
            data,
        })
    }

    fn ctx(&self, store: &Store, case: &Case, actor: Actor) -> Ctx {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let scope = store.orgs().scope(&case.org);
        Ctx::new(actor, case.org.clone(), scope, case.now, catalogue)
    }
}

impl Called {
    /// The core has the last word: what it would refuse on a server it refuses here.
    fn commit(self, store: &Store) -> Came {
        let ctx = self.ctx;
        let outcome = self.outcome.and_then(|(staged, reply)| {
            let commands = commands(&staged);
            let effects = Effects { commands: staged.commands, receipts: staged.receipts };
            store.commit_blocking(move |tx| effects.run(tx, &ctx)).map_err(Refused::by_core)?;
            Ok((commands, reply))
        });
        Came { outcome, logs: self.logs }
    }
}

fn commands(staged: &Staged) -> Vec<Value> {
    staged.commands.iter().map(|command| json!(command)).collect()
}

/// Values as a browser would send them.
fn pairs(values: &Map<String, Value>) -> Vec<(String, String)> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut pairs = Vec::new();
    for (name, value) in values {
        match value {
            Value::Array(all) => pairs.extend(all.iter().map(|one| (name.clone(), plain(one)))),
            Value::Object(rows) => {
                pairs.extend(rows.iter().map(|(row, value)| (format!("{name}.{row}"), plain(value))));
            }
            Value::Bool(false) | Value::Null => {}
            one => pairs.push((name.clone(), plain(one))),
        }
    }
    pairs
}

fn record(case: &Case, known: &BTreeMap<String, Arc<Kind>>, given: &Given) -> Result<Record, String> {
    let Given { kind: name, id, org, rev, data } = given;
    let kind = known.get(name).ok_or_else(|| {
        format!("given: there is no kind {name:?}; the plugin that owns it must stand beside this one")
    })?;
    // In normal form, as it would be stored; what a record must have is not asked, so that a case gives only what matters.
    let data: Data = validate::change(kind, &Data::new(), data, validate::Writer::Owner)
        .map_err(|error| format!("given: {name} {id}: {}", told(error)))?;
    let org = if name == "org" { id } else { org.as_ref().unwrap_or(&case.org) };
    Ok(Record {
        id: id.clone(),
        kind: name.clone(),
        rev: rev.unwrap_or(1),
        org: org.clone(),
        created_at: case.now,
        updated_at: case.now,
        data,
        stale: Vec::new(),
        seen: Default::default(),
    })
}

fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                overlay(under.entry(name).or_insert(Value::Object(Map::new())), value);
            }
        }
        (under, over) => *under = over,
    }
}

impl Refused {
    fn by_core(error: marque::Error) -> Refused {
        Refused { code: error.code.clone(), message: format!("the core refuses: {}", told(error)) }
    }

    fn by_plugin(fault: marque::model::Fault) -> Refused {
        let details = fault.details.map(|details| format!(" ({details})")).unwrap_or_default();
        Refused { message: format!("the plugin says: {}{details}", fault.message), code: fault.code }
    }
}

/// An error with every wrong place, for a person.
pub fn told(error: marque::Error) -> String {
    let places: Vec<String> =
        error.errors.iter().map(|wrong| format!("{}: {}", wrong.pointer, wrong.message)).collect();
    let cause = error.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
    if places.is_empty() {
        format!("{}{cause} [{}]", error.message, error.code)
    } else {
        format!("{}{cause}", places.join("; "))
    }
}

fn id(text: &str) -> Id {
    text.parse().expect("the text is an id")
}
