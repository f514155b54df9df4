//! `plugin.toml`: what a plugin hears, reads, asks and owns. Described in docs/PLUGINS.md.

mod order;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error, Result,
    model::{Event, Text, Time, cron::Cron},
};

/// A plugin's declaration, readable without running it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `a-z 0-9 -`; the first part of every kind and event it owns.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Major version of the contract it was built for.
    pub contract: u32,
    /// What people call it.
    pub label: Text,
    /// One sentence for the plugin list.
    #[serde(default)]
    pub description: Text,
    /// The crate that is its component; none for a plugin of data and scripts.
    #[serde(default)]
    pub component: Option<String>,
    /// Events delivered to it.
    #[serde(default)]
    pub hears: Vec<Hears>,
    /// Kinds it may read.
    #[serde(default)]
    pub reads: Reads,
    /// Commands it may stage and points it may ask.
    #[serde(default)]
    pub asks: Asks,
    /// What it brings.
    #[serde(default)]
    pub owns: Owns,
}

/// One subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hears {
    /// An event's name, or a prefix ending in `.*`.
    pub event: String,
    /// Equality on quoted fields; all must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<serde_json::Map<String, Value>>,
}

/// Kinds that may be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// Names; `*` for all.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// Commands and points that may be asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asks {
    /// `timer.set`, `record.create:worklist.task`.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Decision points.
    #[serde(default)]
    pub points: Vec<String>,
}

/// What a plugin brings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owns {
    /// Kinds, each in `records/<kind>.json`.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Events it may raise.
    #[serde(default)]
    pub events: Vec<String>,
    /// File with the JSON Schema of its settings.
    #[serde(default)]
    pub settings: Option<String>,
    /// What people may ask it to do.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Decisions that dealers may change.
    #[serde(default)]
    pub points: Vec<PointName>,
    /// What it does by the clock.
    #[serde(default)]
    pub jobs: Vec<Job>,
    /// What it shows to people who are not signed in, under `/p/<plugin>/<page>`.
    #[serde(default)]
    pub pages: Vec<Page>,
}

/// A public page. The plugin is asked what to draw and told what was filled in; see [`model::page`](crate::model::page).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// `complain`.
    pub name: String,
    /// The kind it stands on.
    pub kind: String,
    /// Whether it is about one record of the kind: such a page is opened by a signed link alone.
    #[serde(default)]
    pub target: bool,
    /// What people call it.
    pub label: Text,
}

/// What a plugin's call for a page begins with: `page:complain`. No action is called so.
pub const PAGE: &str = "page:";

/// Work by the clock: when it is due the plugin hears `job.due`, whose data name the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// `nightly`.
    pub name: String,
    /// See [`Cron`].
    pub cron: String,
    /// By which clock, `Asia/Shanghai`; the maker's unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub label: Text,
}

/// The event of a job that is due.
pub const JOB_DUE: &str = "job.due";

/// A ranking that a plugin asked for is written, or cannot be; heard by that plugin alone.
pub const RANKED: &str = "record.ranked";

/// A point, described in `points/<name>.json` and ruled by `scripts/<name>.rhai`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointName {
    /// `complaint.level`.
    pub name: String,
}

/// An action: a delivery with one hearer and a caller who waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// `raise`.
    pub name: String,
    /// The kind it stands on.
    pub kind: String,
    /// Whether it is done to one record of the kind.
    #[serde(default)]
    pub target: bool,
    /// What the button says.
    pub label: Text,
    /// JSON Schema of its input, drawn as a form.
    #[serde(default)]
    pub input: Value,
    /// Offered in these states only; empty: always.
    #[serde(default)]
    pub states: Vec<String>,
    /// Roles that may; empty: whoever may see the record.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `primary` or `danger`, for the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
}

impl Manifest {
    /// The contract this server speaks.
    pub const CONTRACT: u32 = 1;

    /// Read and check the text of a `plugin.toml`.
    ///
    /// # Errors
    /// `plugin.invalid`, naming what is wrong: syntax, an unknown key, a bad name, a foreign kind or event.
    pub fn parse(text: &str) -> Result<Manifest> {
        let mut manifest: Manifest =
            toml::from_str(text).map_err(|error| Error::invalid("plugin", format!("plugin.toml: {error}")))?;
        manifest.check()?;
        order::keep(&mut manifest.owns.actions, text);
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let wrong = |message: String| Err(Error::invalid("plugin", format!("plugin.toml: {message}")));
        if !is_name(&self.name) || self.name.len() > 40 {
            return wrong(format!("name {:?}: use at most 40 of a-z 0-9 - and begin with a letter", self.name));
        }
        if self.contract != Self::CONTRACT {
            return wrong(format!("contract {} is not spoken by this server, only {}", self.contract, Self::CONTRACT));
        }
        if self.version.split('.').count() != 3 || self.version.split('.').any(|part| part.parse::<u32>().is_err()) {
            return wrong(format!("version {:?}: write it like 1.2.0", self.version));
        }
        let prefix = format!("{}.", self.name);
        for owned in self.owns.kinds.iter().chain(&self.owns.events) {
            if !owned.starts_with(&prefix) {
                return wrong(format!("{owned:?} must begin with {prefix:?}"));
            }
        }
        let mut names = std::collections::BTreeSet::new();
        for job in &self.owns.jobs {
            job.check().or_else(wrong)?;
            if !names.insert(&job.name) {
                return wrong(format!("job {:?} is there twice", job.name));
            }
        }
        self.check_pages().or_else(wrong)?;
        for action in &self.owns.actions {
            if !self.owns.kinds.contains(&action.kind) {
                return wrong(format!(
                    "action {:?} stands on kind {:?}, which the plugin does not own",
                    action.name, action.kind
                ));
            }
        }
        Ok(())
    }

    fn check_pages(&self) -> Result<(), String> {
        let mut names = std::collections::BTreeSet::new();
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !self.owns.pages.is_empty() && self.name == "preferences" {
            return Err("name \"preferences\": /p/preferences is the core's own page; choose another name".into());
        }
        for Page { name, kind, .. } in &self.owns.pages {
            if !is_name(name) || name.len() > 40 {
                return Err(format!("page {name:?}: use at most 40 of a-z 0-9 - for its name"));
            }
            if !self.owns.kinds.contains(kind) {
                return Err(format!("page {name:?} stands on kind {kind:?}, which the plugin does not own"));
            }
            if !names.insert(name) {
                return Err(format!("page {name:?} is there twice"));
            }
        }
        Ok(())
    }

    /// A public page by name.
    pub fn page(&self, name: &str) -> Option<&Page> {
        self.owns.pages.iter().find(|page| page.name == name)
    }

    /// A job by name.
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.owns.jobs.iter().find(|job| job.name == name)
    }

    /// Whether it hears an event.
    pub fn hears(&self, event: &Event) -> bool {
        self.hears.iter().any(|hears| hears.matches(event))
    }

    /// Whether it may read records of a kind. What it owns it may read.
    pub fn may_read(&self, kind: &str) -> bool {
        self.owns.kinds.iter().chain(&self.reads.kinds).any(|known| known == kind || known == "*")
    }

    /// Whether it may stage a command, on a kind if the command has one.
    pub fn may_ask(&self, command: &str, kind: Option<&str>) -> bool {
        self.asks.commands.iter().any(|grant| match grant.split_once(':') {
            Some((name, granted)) => name == command && Some(granted) == kind,
            None => grant == command,
        })
    }
}

impl Job {
    /// When it is due next; `usual` is the time zone of a job that names none.
    pub fn next(&self, after: Time, usual: &TimeZone) -> Option<Time> {
        let zone = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        self.cron.parse::<Cron>().ok()?.next(after, zone.as_ref().unwrap_or(usual))
    }

    fn check(&self) -> Result<(), String> {
        if self.name.is_empty() || !self.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(format!("job {:?}: use a-z 0-9 _ for its name", self.name));
        }
        self.cron.parse::<Cron>().map_err(|error| format!("job {:?}: {}", self.name, error.message))?;
        match &self.time_zone {
            Some(name) if TimeZone::get(name).is_err() => {
                Err(format!("job {:?}: time_zone {name:?} is not known: write one like Asia/Shanghai", self.name))
            }
            _ => Ok(()),
        }
    }
}

impl Hears {
    fn matches(&self, event: &Event) -> bool {
        let is_named = match self.event.strip_suffix('*') {
            Some(prefix) => event.kind.starts_with(prefix),
            None => event.kind == self.event,
        };
        is_named
            && self.filter.iter().flatten().all(|(field, wanted)| {
                event.data.get("quoted").and_then(|quoted| quoted.get(field)).unwrap_or(&Value::Null) == wanted
            })
    }
}
