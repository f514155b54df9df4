//! Which events an import causes, and which plugins hear them: counted before they happen, and counted when they have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    catalogue::{Catalogue, PluginState},
    imports::{Outcome, Planned},
    model::{Data, Event, Id, Kind, Time},
};

/// When the events of an import are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// At once, as any others.
    #[default]
    Run,
    /// When somebody lets them go.
    Hold,
    /// At a measured pace, so that nobody else's wait.
    Batch,
}

/// Part of a job's `detail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Automations {
    /// Events by kind.
    pub automations: BTreeMap<String, u32>,
    /// Kind → plugin → how many of them it hears.
    pub heard_by: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Automations {
    /// Count an event and who hears it.
    pub(super) fn add(&mut self, catalogue: &Catalogue, event: &Event) {
        *self.automations.entry(event.kind.clone()).or_default() += 1;
        let enabled = catalogue.plugins.iter().filter(|(_, plugin)| plugin.state == PluginState::Enabled);
        for (name, _) in enabled.filter(|(_, plugin)| plugin.manifest.hears(event)) {
            let hearers = self.heard_by.entry(event.kind.clone()).or_default();
            *hearers.entry(name.clone()).or_default() += 1;
        }
    }

    pub(super) fn extend(&mut self, other: Automations) {
        for (kind, n) in other.automations {
            *self.automations.entry(kind).or_default() += n;
        }
        for (kind, hearers) in other.heard_by {
            for (plugin, n) in hearers {
                *self.heard_by.entry(kind.clone()).or_default().entry(plugin).or_default() += n;
            }
        }
    }
}

/// The events that writing a planned row will cause, as far as a subscription's filter can tell them apart.
pub(super) fn foreseen(kind: &Kind, planned: &Planned) -> Vec<Event> {
    match &planned.outcome {
        Outcome::New { data } => vec![event(kind, "created", &with_defaults(kind, data))],
        Outcome::Review { data, .. } => {
            let review = Event { kind: "review.created".into(), ..event(kind, "created", &Data::new()) };
            vec![event(kind, "created", &with_defaults(kind, data)), review]
        }
        Outcome::Known { patch, .. } | Outcome::Repeated { patch, .. } if !patch.is_empty() => {
            vec![event(kind, "changed", patch)]
        }
        Outcome::Known { .. } | Outcome::Repeated { .. } | Outcome::Invalid => Vec::new(),
    }
}

fn with_defaults(kind: &Kind, data: &Data) -> Data {
    let defaults = kind.fields.iter().filter_map(|(name, field)| Some((name.to_owned(), field.default.clone()?)));
    let state = kind.states.as_ref().map(|states| (states.field.clone(), Value::String(states.initial.clone())));
    defaults.chain(state).chain(data.clone()).collect()
}

fn event(kind: &Kind, verb: &str, data: &Data) -> Event {
    let is_quoted = |name: &str| kind.fields.get(name).is_some_and(|field| field.r#type.is_quoted() && !field.personal);
    let quoted: Map<String, Value> =
        data.iter().filter(|(name, _)| is_quoted(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    Event {
        seq: 0,
        kind: format!("{}.{verb}", kind.kind),
        at: Time::from_millis(0),
        org: Id::hq(),
        subject: None,
        actor: String::new(),
        cause: None,
        depth: 0,
        record: None,
        data: json!({ "quoted": quoted }),
    }
}
