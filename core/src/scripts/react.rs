//! Reactions: scripts that hear events and answer with commands, as a plugin does and on the same road.
//!
//! Every published reaction is a subscription of its own, with its own cursors, parked deliveries and logs. What it answers is held to what
//! its publisher granted; the commit that moves its cursor carries its commands. A delivery it fails at is parked, and counts as a failure.

mod check;
pub mod heard;
mod replay;
mod said;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{Failure, Scripts, compute::of_problem};
use crate::{
    bus::{Answer, Delivery, Staged, Subscriber},
    catalogue::{Script, ScriptName, ear, subscription},
    host::runner::Run,
    model::{Actor, Blame, Command, Event, Fault, Id, Receipt},
};

pub use replay::{Heard, Replay};

/// A published reaction of one organisation.
pub struct Reaction {
    scripts: Arc<Scripts>,
    name: ScriptName,
    owner: Id,
    subscription: String,
}

/// What one call of a reaction is made for.
pub(super) struct Asked<'a> {
    pub script: &'a Script,
    pub org: &'a Id,
    pub event: &'a Event,
    pub input: Value,
}

impl Reaction {
    /// The reaction `name` of `owner`, whichever versions are in force when it is called.
    pub fn new(scripts: Arc<Scripts>, name: ScriptName, owner: Id) -> Reaction {
        let subscription = subscription(&name.to_string(), &owner);
        Reaction { scripts, name, owner, subscription }
    }

    /// The version that hears an event: the organisation's nearest of this name, if that is ours.
    fn version(&self, org: &Id, event: &Event) -> Option<Arc<Script>> {
        let catalogue = (self.scripts.catalogue)();
        let key = (self.name.to_string(), self.owner.clone());
        let trial = catalogue.canaries.get(&key).map(|canary| &canary.script);
        // Most events are for no function of it, and whose they are is not asked then.
        if !catalogue.scripts.get(&key).into_iter().chain(trial).any(|script| script.hears.contains(&ear(&event.kind)))
        {
            return None;
        }
        let subject = subject(event);
        let script = catalogue.script_for(&self.name.to_string(), org, &subject)?;
        (script.org == self.owner && script.hears.contains(&ear(&event.kind))).then(|| script.clone())
    }

    fn label(&self) -> String {
        format!("script:{}", self.subscription)
    }
}

/// Whom an event is about, as far as shares of subjects go.
fn subject(event: &Event) -> String {
    let record = event.record.as_ref().map(|record| &record.id);
    event.subject.as_ref().or(record).map_or_else(|| event.seq.to_string(), ToString::to_string)
}

impl Subscriber for Reaction {
    fn name(&self) -> &str {
        &self.subscription
    }

    /// With what both the version in force and one on trial were granted; each is held to its own before.
    fn actor(&self) -> Actor {
        let catalogue = (self.scripts.catalogue)();
        let key = (self.name.to_string(), self.owner.clone());
        let (standing, trial) =
            (catalogue.scripts.get(&key), catalogue.canaries.get(&key).map(|canary| &canary.script));
        let asks = standing.into_iter().chain(trial).flat_map(|script| script.asks.iter().cloned()).collect();
        let version = standing.or(trial).map_or(0, |script| script.version);
        Actor::Script { name: key.0, owner: key.1, version, asks }
    }

    /// What it has a function for, but for what it did itself.
    fn wants(&self, event: &Event) -> bool {
        event.actor != self.label() && self.version(&event.org, event).is_some()
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        let asked = delivery.events.iter().filter_map(|event| {
            let script = self.version(&delivery.org, event)?;
            Some(heard::input(&delivery.view, event).map(|input| (script, event, input)))
        });
        let asked: crate::Result<Vec<(Arc<Script>, &Event, Value)>> = asked.collect();
        let result = match asked {
            Err(error) => Err(Fault::host(error.to_string())),
            Ok(asked) => {
                let asked: Vec<Asked<'_>> = asked
                    .iter()
                    .map(|(script, event, input)| Asked { script, org: &delivery.org, event, input: input.clone() })
                    .collect();
                self.scripts.react(&asked).and_then(staged)
            }
        };
        Answer { result, logs: Vec::new(), usage: Default::default() }
    }

    fn parked(&self, event: &Event, fault: &Fault) {
        let version = self.version(&event.org, event).map_or(0, |script| script.version);
        self.scripts.failures.failed(Failure {
            script: self.name.clone(),
            owner: self.owner.clone(),
            version,
            org: event.org.clone(),
            at: event.at,
            fault: fault.clone(),
        });
    }
}

/// One event's answer among others; the first fault is that of the whole call, which is then halved.
fn staged(said: Vec<Result<Said, Fault>>) -> Result<Staged, Fault> {
    let mut staged = Staged::default();
    for said in said {
        let Said { commands, receipt } = said?;
        if !commands.is_empty() {
            staged.commands.extend(commands);
            staged.receipts.push(receipt);
        }
    }
    Ok(staged)
}

/// What a reaction said to one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What it asks for.
    pub commands: Vec<Command>,
    /// What it was made from.
    pub receipt: Receipt,
}

impl Scripts {
    /// Ask reactions; one call of the sandbox for all events that go to the same function of the same version.
    pub(super) fn react(&self, asked: &[Asked<'_>]) -> Result<Vec<Result<Said, Fault>>, Fault> {
        let orgs = (self.catalogue)().orgs.clone();
        // By version, not by source: another version may differ in its parameters alone.
        let mut by_function: BTreeMap<(String, u32, String), Vec<usize>> = BTreeMap::new();
        for (n, Asked { script, org, event, .. }) in asked.iter().enumerate() {
            // `NOW` is when the event happened, so that the same event is always answered in the same way.
            let now = orgs.calendar(org).text(event.at);
            by_function.entry((ear(&event.kind), script.version, now)).or_default().push(n);
        }
        let mut said: Vec<Option<Result<Said, Fault>>> = asked.iter().map(|_| None).collect();
        for ((function, _, now), places) in by_function {
            let Some(script) = places.first().map(|n| asked[*n].script) else { continue };
            let inputs: Vec<Value> = places.iter().map(|n| asked[*n].input.clone()).collect();
            let run = Run {
                source: &script.source,
                libraries: &[],
                function: &function,
                now: &now,
                parameters: &script.parameters,
            };
            let millis = self.runner.limits().decide_ms.saturating_mul(inputs.len() as u64);
            match self.runner.run(run, &inputs, millis.min(self.runner.limits().call_ms)) {
                Err(fault) if fault.blame == Blame::Host => return Err(fault),
                Err(fault) => places.iter().for_each(|n| said[*n] = Some(Err(fault.clone()))),
                Ok(answers) => {
                    for (n, answer) in places.iter().zip(answers) {
                        let answer = answer.map_err(of_problem).and_then(|answer| read(&asked[*n], answer));
                        said[*n] = Some(answer);
                    }
                }
            }
        }
        let missing = || Err(Fault::host("the script runner gave no answer"));
        Ok(said.into_iter().map(|said| said.unwrap_or_else(missing)).collect())
    }
}

fn read(asked: &Asked<'_>, answer: Value) -> Result<Said, Fault> {
    let Asked { script, org, event, input } = asked;
    let version = script.version.to_string();
    let id = Id::derived(event.at, &[&script.name.to_string(), org.as_str(), &version], event.seq as u32);
    let reasons = said::reasons(&answer);
    let commands =
        said::commands(answer.clone(), &script.asks, &id).map_err(|wrong| Fault::guest("invalid", wrong, false))?;
    let receipt = Receipt {
        id,
        at: event.at,
        org: (*org).clone(),
        point: script.name.to_string(),
        plugin: "core".into(),
        plugin_version: String::new(),
        script: script.name.to_string(),
        script_owner: script.org.to_string(),
        script_version: script.version,
        script_digest: script.digest.clone(),
        input: input.clone(),
        output: json!({ "commands": answer }),
        reasons,
        fallback: None,
        combined: Vec::new(),
    };
    Ok(Said { commands, receipt })
}
