//! Reactions in the running server: every published one is fed, those taken out of force are not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::App;
use crate::{
    Result,
    bus::Subscribe,
    catalogue::{ScriptName, subscription},
    model::Id,
    scripts::Reaction,
};

/// Subscriptions of reactions that are fed.
#[derive(Debug, Default)]
pub(super) struct Listening(Mutex<BTreeMap<String, (ScriptName, Id)>>);

impl App {
    /// Feed the reactions that the catalogue says are in force or on trial, and no others. Their cursors were begun when they were
    /// published.
    pub(super) fn listen(&self) -> Result<()> {
        // What is read before another publication's list would take that one's reaction for one that is not wanted.
        let mut fed = self.listening.0.lock().unwrap_or_else(PoisonError::into_inner);
        let catalogue = self.catalogue();
        let wanted: BTreeMap<String, (ScriptName, Id)> = catalogue
            .scripts
            .values()
            .chain(catalogue.canaries.values().map(|canary| &canary.script))
            .filter(|script| matches!(script.name, ScriptName::Reaction(_)))
            .map(|script| {
                (subscription(&script.name.to_string(), &script.org), (script.name.clone(), script.org.clone()))
            })
            .collect();
        for name in fed.keys().filter(|name| !wanted.contains_key(*name)) {
            self.bus.unsubscribe(name);
        }
        for (name, owner) in wanted.iter().filter(|(name, _)| !fed.contains_key(*name)).map(|(_, script)| script) {
            let reaction = Reaction::new(self.scripts.clone(), name.clone(), owner.clone());
            self.bus.subscribe(Subscribe {
                subscriber: Arc::new(reaction),
                responder: None,
                since: catalogue.at_seq,
            })?;
        }
        *fed = wanted;
        Ok(())
    }
}
