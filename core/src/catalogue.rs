//! What is installed: plugins with their kinds, actions, points, screens and texts, and the scripts in force. Plain data.

pub mod manifest;
pub mod plugin;
pub mod script;
pub mod standing;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use crate::model::{Id, Kind, org::OrgTree, rights::Book};

pub use manifest::Manifest;
pub use plugin::{Plugin, PluginState, Point};
pub use script::{Canary, Script, ScriptName, ear, subscription};
pub use standing::{Granted, Standing, Waiting};

/// Everything installed at one moment. Replaced as a whole, never changed in place.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Kinds of the core and of every installed plugin, enabled or not: their records stay readable.
    pub kinds: BTreeMap<String, KindEntry>,
    /// Installed plugins by name.
    pub plugins: BTreeMap<String, Arc<Plugin>>,
    /// Published scripts by name and owning organisation.
    pub scripts: HashMap<(String, Id), Arc<Script>>,
    /// Versions that hold for a share of subjects, by name and owning organisation.
    pub canaries: HashMap<(String, Id), Canary>,
    /// Scripts taken out of force because they kept failing, by name and owning organisation.
    pub failed: HashSet<(String, Id)>,
    /// Settings that an organisation has set, by plugin and organisation; merged over the schema's defaults already.
    pub settings: HashMap<(String, Id), Arc<Value>>,
    /// The organisation tree with calendars.
    pub orgs: Arc<OrgTree>,
    /// The roles there are.
    pub roles: Arc<Book>,
    /// The last event in the snapshot it was read from.
    pub at_seq: i64,
}

/// A kind and who brought it.
#[derive(Clone, Debug)]
pub struct KindEntry {
    /// The kind.
    pub kind: Arc<Kind>,
    /// The plugin that owns it; `None` for the core's.
    pub plugin: Option<String>,
}

impl Catalogue {
    /// A kind by name.
    pub fn kind(&self, name: &str) -> Option<&Arc<Kind>> {
        self.kinds.get(name).map(|entry| &entry.kind)
    }

    /// A point by name, with the enabled plugin that owns it.
    pub fn point(&self, name: &str) -> Option<(&Arc<Plugin>, &Point)> {
        self.plugins
            .values()
            .filter(|plugin| plugin.state == PluginState::Enabled)
            .find_map(|plugin| plugin.points.get(name).map(|point| (plugin, point)))
    }

    /// The script in force for an organisation: its own, else the nearest organisation's above.
    pub fn script(&self, name: &str, org: &Id) -> Option<&Arc<Script>> {
        self.orgs.upwards(org).find_map(|owner| self.scripts.get(&(name.to_owned(), owner.clone())))
    }

    /// Whether an organisation does without a plugin: because it says so, or one above.
    pub fn is_off(&self, plugin: &str, org: &Id) -> bool {
        self.plugins.get(plugin).is_some_and(|plugin| {
            let off = &plugin.standing.off;
            !off.is_empty() && self.orgs.upwards(org).any(|above| off.contains(above))
        })
    }

    /// As [`Catalogue::script`] for one subject: a version on trial comes before the one in force of its owner.
    pub fn script_for(&self, name: &str, org: &Id, subject: &str) -> Option<&Arc<Script>> {
        self.orgs.upwards(org).find_map(|owner| self.own_script(name, owner, subject))
    }

    /// An organisation's own script for a subject.
    pub fn own_script(&self, name: &str, owner: &Id, subject: &str) -> Option<&Arc<Script>> {
        let key = (name.to_owned(), owner.clone());
        let canary = self.canaries.get(&key).filter(|canary| canary.holds(subject));
        canary.map(|canary| &canary.script).or_else(|| self.scripts.get(&key))
    }

    /// Whether a script of this name was taken out of force for an organisation because it kept failing.
    pub fn has_failed(&self, name: &str, org: &Id) -> bool {
        self.orgs.upwards(org).any(|owner| self.failed.contains(&(name.to_owned(), owner.clone())))
    }

    /// The settings of a plugin in an organisation: its own, else the nearest organisation's above, else the defaults.
    pub fn settings(&self, plugin: &Plugin, org: &Id) -> Arc<Value> {
        self.orgs
            .upwards(org)
            .find_map(|owner| self.settings.get(&(plugin.manifest.name.clone(), owner.clone())).cloned())
            .unwrap_or_else(|| plugin.default_settings.clone())
    }
}
