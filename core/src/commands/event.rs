//! Events of a plugin's own.

use serde::Deserialize;
use serde_json::Value;

use super::{Ctx, Run};
use crate::{
    Error, Result,
    model::{Actor, EventDraft, Id, RecordRef},
    store::Tx,
};

/// Raise a fact that the plugin has declared under `owns.events`. Answers its number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// Its name.
    pub kind: String,
    /// What it is about.
    #[serde(default)]
    pub subject: Option<Id>,
    /// The record it speaks of.
    #[serde(default)]
    pub record: Option<RecordRef>,
    /// Whatever the plugin says; no personal data.
    #[serde(default)]
    pub data: Value,
}

impl Run for Raise {
    type Done = i64;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<i64> {
        let Actor::Plugin { name, .. } = &ctx.actor else {
            return Err(Error::denied("only plugins raise events; a write causes its own"));
        };
        let manifest = ctx.catalogue.plugins.get(name).map(|plugin| &plugin.manifest);
        if !manifest
            .is_some_and(|manifest| manifest.may_ask("event.raise", None) && manifest.owns.events.contains(&self.kind))
        {
            return Err(Error::denied(format!("the plugin {name:?} does not own the event {:?}", self.kind)));
        }
        let draft = EventDraft {
            kind: self.kind,
            org: ctx.org.clone(),
            subject: self.subject,
            record: self.record,
            data: self.data,
        };
        ctx.raise(tx, &draft)
    }
}
