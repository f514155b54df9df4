//! A draft of a reaction on what has happened: what it would have asked for, beside what the version in force would.

use std::sync::Arc;

use serde_json::Value;

use super::{Asked, check};
use crate::{
    catalogue::{Catalogue, Script, ear},
    host::runner::Problem,
    model::{Command, Event, Fault, Id},
    scripts::{Draft, Scripts},
};

/// A draft, and what holds while it is none.
pub struct Replay {
    scripts: Arc<Scripts>,
    catalogue: Arc<Catalogue>,
    draft: Script,
}

/// What would be said to one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// By the version in force; nothing where there is none.
    pub old: Result<Vec<Command>, String>,
    /// By the draft.
    pub new: Result<Vec<Command>, String>,
}

impl Replay {
    /// Of a draft of `org`.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn new(
        scripts: Arc<Scripts>,
        catalogue: Arc<Catalogue>,
        draft: Draft<'_>,
        org: &Id,
    ) -> Result<Replay, Vec<Problem>> {
        let functions = scripts.runner.check(draft.source, &[])?;
        let draft = check::drafted(draft, org, check::ears(&functions));
        Ok(Replay { scripts, catalogue, draft })
    }

    /// Whether the draft or what it would replace hears an event.
    pub fn wants(&self, event: &Event) -> bool {
        let own = format!("script:{}@{}", self.draft.name, self.draft.org);
        event.actor != own && self.is_nearest(&event.org) && (self.hears(event) || self.standing(event).is_some())
    }

    fn hears(&self, event: &Event) -> bool {
        self.draft.hears.contains(&ear(&event.kind))
    }

    /// Whether no organisation below the draft's has a reaction of this name for the event's.
    fn is_nearest(&self, org: &Id) -> bool {
        let name = self.draft.name.to_string();
        let below = self.catalogue.orgs.upwards(org).take_while(|above| **above != self.draft.org);
        let is_owner = |owner: &Id| self.catalogue.scripts.contains_key(&(name.clone(), owner.clone()));
        self.catalogue.orgs.upwards(org).any(|above| *above == self.draft.org) && !below.into_iter().any(is_owner)
    }

    fn standing(&self, event: &Event) -> Option<&Arc<Script>> {
        let script = self.catalogue.script(&self.draft.name.to_string(), &event.org)?;
        script.hears.contains(&ear(&event.kind)).then_some(script)
    }

    /// What both would say to events as [`super::heard::input`] tells them.
    ///
    /// # Errors
    /// What the host is to blame for.
    pub fn run(&self, events: &[(Event, Value)]) -> Result<Vec<Heard>, Fault> {
        let by_draft = events.iter().map(|told| self.hears(&told.0).then_some(&self.draft));
        let by_standing = events.iter().map(|told| self.standing(&told.0).map(|script| &**script));
        let new = self.said(events, by_draft)?;
        let old = self.said(events, by_standing)?;
        Ok(old.into_iter().zip(new).map(|(old, new)| Heard { old, new }).collect())
    }

    fn said<'a>(
        &self,
        events: &'a [(Event, Value)],
        scripts: impl Iterator<Item = Option<&'a Script>>,
    ) -> Result<Vec<Result<Vec<Command>, String>>, Fault> {
        let (mut said, mut places, mut asked) = (Vec::with_capacity(events.len()), Vec::new(), Vec::new());
        for (n, ((event, input), script)) in events.iter().zip(scripts).enumerate() {
            said.push(Ok(Vec::new()));
            if let Some(script) = script {
                places.push(n);
                asked.push(Asked { script, org: &event.org, event, input: input.clone() });
            }
        }
        for (n, answer) in places.into_iter().zip(self.scripts.react(&asked)?) {
            said[n] = match answer {
                Ok(answer) => Ok(answer.commands),
                Err(fault) if fault.blame == crate::model::Blame::Host => return Err(fault),
                Err(fault) => Err(fault.message),
            };
        }
        Ok(said)
    }
}
