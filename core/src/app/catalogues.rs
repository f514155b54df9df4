//! Building the catalogue from what the store keeps.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use marque_package::Package;
use serde_json::Value;

use crate::{
    Error, Result,
    catalogue::{Canary, Catalogue, Granted, KindEntry, Plugin, PluginState, Script, Standing, Waiting},
    model::Id,
    store::{
        View,
        tables::{
            self,
            plugin::{self, Installed, Role},
            script::Version,
        },
    },
};

/// Everything the store says is installed. `known` plugins whose component and state have not changed are taken over.
pub(super) fn load(view: &View, known: &Catalogue) -> Result<Catalogue> {
    let beside = Beside::read(view)?;
    let plugins = tables::plugin::all(view)?
        .into_iter()
        .map(|installed| Ok((installed.name.clone(), plugin(view, installed, &beside, known)?)))
        .collect::<Result<BTreeMap<_, _>>>()?;
    let (scripts, canaries) = scripts(view)?;
    Ok(Catalogue {
        kinds: kinds(view, &plugins),
        scripts,
        canaries,
        failed: failed(view)?,
        settings: settings(view, &plugins)?,
        orgs: view.orgs(),
        roles: view.roles(),
        at_seq: view.at_seq(),
        plugins,
    })
}

/// Read a package as it came.
pub(super) fn open(bytes: &[u8]) -> Result<Plugin> {
    let package = Package::open(bytes).map_err(|error| Error::invalid("plugin", error.to_string()))?;
    Plugin::from_package(&package)
}

/// What stands beside the installed versions.
struct Beside {
    previous: Vec<plugin::Version>,
    waiting: Vec<plugin::Version>,
    off: Vec<(String, Id)>,
}

impl Beside {
    fn read(view: &View) -> Result<Beside> {
        Ok(Beside {
            previous: tables::plugin::versions(view, Role::Previous)?,
            waiting: tables::plugin::versions(view, Role::Waiting)?,
            off: tables::plugin::off(view)?,
        })
    }

    /// `declared` is what the installed version asks for.
    fn standing(&self, installed: &Installed, declared: &Granted) -> Standing {
        let of = |versions: &[plugin::Version]| versions.iter().find(|version| version.name == installed.name).cloned();
        let waiting = of(&self.waiting).map(|version| {
            let asked = version.rights.unwrap_or_default();
            Waiting {
                version: version.version,
                publisher: version.publisher,
                came_at: version.came_at,
                more: asked.difference(declared).cloned().collect(),
                less: declared.difference(&asked).cloned().collect(),
            }
        });
        Standing {
            granted: installed.granted.clone(),
            publisher: installed.publisher.clone(),
            leaving_at: installed.leaving_at,
            waiting,
            previous: of(&self.previous).map(|version| version.version),
            off: self.off.iter().filter(|(name, _)| *name == installed.name).map(|(_, org)| org.clone()).collect(),
            came_seq: installed.came_seq,
            is_brought: installed.is_brought,
        }
    }
}

/// The package is read only where another has come, or other rights hold: what was narrowed once cannot be widened again.
fn plugin(view: &View, installed: Installed, beside: &Beside, known: &Catalogue) -> Result<Arc<Plugin>> {
    let is_same = |plugin: &&Arc<Plugin>| {
        let standing = &plugin.standing;
        standing.came_seq == installed.came_seq && standing.granted == installed.granted
    };
    let known = known.plugins.get(&installed.name).filter(is_same);
    let state = match known {
        _ if !installed.is_enabled => PluginState::Disabled,
        // It stays marked until it has been loaded.
        Some(plugin) if plugin.state == PluginState::Failed => PluginState::Failed,
        _ => PluginState::Enabled,
    };
    if let Some(plugin) = known {
        let standing = beside.standing(&installed, &plugin.declared);
        if plugin.state == state && plugin.standing == standing {
            return Ok(plugin.clone());
        }
        return Ok(Arc::new(Plugin { state, standing, ..(**plugin).clone() }));
    }
    let opened = open(&tables::plugin::package_of(view, &installed.name)?)?;
    let standing = beside.standing(&installed, &opened.declared);
    Ok(Arc::new(Plugin { state, ..opened.standing(standing) }))
}

fn kinds(view: &View, plugins: &BTreeMap<String, Arc<Plugin>>) -> BTreeMap<String, KindEntry> {
    let owner = |kind: &str| {
        plugins.keys().find(|name| kind.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    let entry = |(name, kind): (&String, &Arc<crate::model::Kind>)| {
        (name.clone(), KindEntry { kind: kind.clone(), plugin: owner(name).cloned() })
    };
    view.kinds().iter().map(entry).collect()
}

fn settings(view: &View, plugins: &BTreeMap<String, Arc<Plugin>>) -> Result<HashMap<(String, Id), Arc<Value>>> {
    let stored = tables::setting::all(view)?.into_iter();
    let merged = stored.filter_map(|(name, org, set)| {
        let mut settings = (*plugins.get(&name)?.default_settings).clone();
        overlay(&mut settings, set);
        Some(((name, org), Arc::new(settings)))
    });
    Ok(merged.collect())
}

/// What was set lies over the defaults, objects inside included.
fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                overlay(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

fn failed(view: &View) -> Result<HashSet<(String, Id)>> {
    let current = tables::script::current(view)?.into_iter();
    Ok(current
        .filter(|it| it.version == 0 && it.canary.is_none() && it.fault.is_some())
        .map(|it| (it.name, it.org))
        .collect())
}

type Scripts = HashMap<(String, Id), Arc<Script>>;
type Canaries = HashMap<(String, Id), Canary>;

fn scripts(view: &View) -> Result<(Scripts, Canaries)> {
    let (mut scripts, mut canaries) = (Scripts::new(), Canaries::new());
    for current in tables::script::current(view)?.into_iter().filter(|it| it.version > 0 || it.canary.is_some()) {
        let take = |version: u32| -> Result<Option<Arc<Script>>> {
            let found = tables::script::version(view, &current.name, &current.org, version)?;
            found.map(|version| script(version).map(Arc::new)).transpose()
        };
        let key = (current.name.clone(), current.org.clone());
        if let Some(trial) = current.canary
            && let Some(script) = take(trial.version)?
        {
            canaries.insert(key.clone(), Canary { share: trial.share, script });
        }
        if let Some(script) = take(current.version)? {
            scripts.insert(key, script);
        }
    }
    Ok((scripts, canaries))
}

fn script(version: Version) -> Result<Script> {
    Ok(Script {
        name: version.name.parse()?,
        org: version.org,
        version: version.version,
        source: version.source.into(),
        digest: version.digest,
        parameters: version.parameters,
        asks: version.asks,
        hears: version.hears,
    })
}
