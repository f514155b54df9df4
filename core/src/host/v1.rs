//! Version 1 of the contract: its imports translated into [`Call`]'s services, its exports into core types.
//!
//! The WIT is frozen. A version 2 is a sibling of this file over the same [`Call`].

use wasmtime::{
    Engine, Store,
    component::{HasSelf, Instance, InstancePre, Linker},
};

use super::{
    call::{Call, Service},
    stop,
};
use crate::{
    bus::subscriber::{Outcome, Verdict},
    model::{Event, Fault, Id},
};

mod wire {
    wasmtime::component::bindgen!({
        path: "../sdk/wit/v1",
        world: "everything",
        imports: { default: trappable },
    });
}

use wire::{
    exports::marque::plugin::{act, react, upkeep},
    marque::plugin::{ask, info, types, view},
};

/// What a component exports of the contract; each part is optional.
pub(super) struct Exports {
    react: Option<react::GuestIndices>,
    act: Option<act::GuestIndices>,
    upkeep: Option<upkeep::GuestIndices>,
}

/// A linker that offers all of version 1 and nothing else.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Call>> {
    let mut linker = Linker::new(engine);
    wire::Everything::add_to_linker::<_, HasSelf<_>>(&mut linker, |call| call)?;
    Ok(linker)
}

impl Exports {
    /// Which parts are there, by name alone.
    pub fn probe(component: &InstancePre<Call>) -> Exports {
        Exports {
            react: react::GuestIndices::new(component).ok(),
            act: act::GuestIndices::new(component).ok(),
            upkeep: upkeep::GuestIndices::new(component).ok(),
        }
    }

    /// Load every part that is there: a name with another signature passes [`Exports::probe`] and fails here.
    pub fn prove(&self, store: &mut Store<Call>, instance: &Instance) -> wasmtime::Result<()> {
        if let Some(part) = &self.react {
            part.load(&mut *store, instance)?;
        }
        if let Some(part) = &self.act {
            part.load(&mut *store, instance)?;
        }
        if let Some(part) = &self.upkeep {
            part.load(&mut *store, instance)?;
        }
        Ok(())
    }

    pub fn has_react(&self) -> bool {
        self.react.is_some()
    }

    pub fn has_act(&self) -> bool {
        self.act.is_some()
    }

    pub fn has_upkeep(&self) -> bool {
        self.upkeep.is_some()
    }

    pub fn handle(&self, store: &mut Store<Call>, instance: &Instance, events: &[Event]) -> Service<Vec<Verdict>> {
        let Some(part) = &self.react else {
            return Ok(Err(missing("react")));
        };
        let batch: Vec<types::Event> = events.iter().map(event).collect();
        store.data_mut().budget().bytes_in(batch.iter().map(|event| event.data.len()).sum())?;
        match part.load(&mut *store, instance)?.call_handle(&mut *store, &batch)? {
            Ok(verdicts) => {
                let notes = verdicts.iter().flat_map(|verdict| &verdict.note).map(String::len).sum();
                store.data_mut().budget().bytes_out(notes)?;
                Ok(self::verdicts(verdicts, events))
            }
            Err(fault) => Ok(Err(foreign(&fault))),
        }
    }

    pub fn run(
        &self,
        store: &mut Store<Call>,
        instance: &Instance,
        action: &str,
        target: Option<&Id>,
        input: String,
    ) -> Service<String> {
        let Some(part) = &self.act else {
            return Ok(Err(missing("act")));
        };
        let target = target.map(ToString::to_string);
        store.data_mut().budget().bytes_in(input.len())?;
        match part.load(&mut *store, instance)?.call_run(&mut *store, action, target.as_ref(), &input)? {
            Ok(reply) => {
                store.data_mut().budget().bytes_out(reply.len())?;
                Ok(Ok(reply))
            }
            Err(fault) => Ok(Err(foreign(&fault))),
        }
    }

    pub fn migrate(&self, store: &mut Store<Call>, instance: &Instance, old: &str, new: &str) -> Service<()> {
        let Some(part) = &self.upkeep else {
            return Ok(Err(missing("upkeep")));
        };
        let answer = part.load(&mut *store, instance)?.call_migrate(&mut *store, old, new)?;
        Ok(answer.map_err(|fault| foreign(&fault)))
    }
}

fn missing(part: &str) -> Fault {
    Fault::guest("invalid", format!("the component does not export {part}"), false)
}

/// An event as the contract writes it. A record's event says which record it speaks of inside its data.
fn event(event: &Event) -> types::Event {
    let data = match &event.record {
        Some(record) if event.data.is_object() => {
            let mut data = event.data.clone();
            data["record"] = serde_json::json!(record);
            data.to_string()
        }
        _ => event.data.to_string(),
    };
    types::Event {
        seq: event.seq.to_string(),
        kind: event.kind.clone(),
        at: event.at.to_string(),
        subject: event.subject.as_ref().map(ToString::to_string),
        org: event.org.to_string(),
        actor: Some(event.actor.clone()),
        cause: event.cause.map(|cause| cause.to_string()),
        depth: event.depth,
        data,
    }
}

/// Verdicts on events of this batch, one each at most.
fn verdicts(said: Vec<react::Verdict>, events: &[Event]) -> Result<Vec<Verdict>, Fault> {
    let wrong = |message| Fault::guest("invalid", message, false);
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(said.len().min(events.len()));
    for verdict in said {
        let seq =
            verdict.seq.parse().ok().filter(|seq| events.iter().any(|event| event.seq == *seq)).ok_or_else(|| {
                wrong(format!(
                    "a verdict speaks of event {:?}, which is not in the batch",
                    super::log::clean(&verdict.seq, 40)
                ))
            })?;
        if verdicts.iter().any(|known| known.seq == seq) {
            return Err(wrong(format!("two verdicts speak of event {seq}")));
        }
        let outcome = match verdict.outcome {
            react::Outcome::Done => Outcome::Done,
            react::Outcome::Skip => Outcome::Skip,
            react::Outcome::Park => Outcome::Park,
        };
        verdicts.push(Verdict { seq, outcome, note: verdict.note.map(|note| super::log::clean(&note, 1 << 10)) });
    }
    Ok(verdicts)
}

fn foreign(fault: &types::Fault) -> Fault {
    stop::returned(&fault.code, &fault.message, fault.retry, fault.details.as_deref())
}

/// A fault of ours as the guest reads it.
fn told<T>(answer: Service<T>) -> wasmtime::Result<Result<T, types::Fault>> {
    Ok(answer?.map_err(|fault| types::Fault {
        code: fault.code,
        message: fault.message,
        retry: fault.retry,
        details: fault.details.map(|details| serde_json::Value::String(details).to_string()),
    }))
}

impl types::Host for Call {}

impl view::Host for Call {
    fn get(&mut self, kind: String, ids: Vec<String>) -> wasmtime::Result<Result<String, types::Fault>> {
        told(Call::get(self, &kind, &ids))
    }

    fn find(&mut self, kind: String, query: String) -> wasmtime::Result<Result<String, types::Fault>> {
        told(Call::find(self, &kind, &query))
    }

    fn aggregate(&mut self, kind: String, query: String) -> wasmtime::Result<Result<String, types::Fault>> {
        told(Call::aggregate(self, &kind, &query))
    }
}

impl ask::Host for Call {
    fn stage(&mut self, commands: Vec<types::Command>) -> wasmtime::Result<Result<(), types::Fault>> {
        told(Call::stage(self, commands.into_iter().map(|command| (command.name, command.body))))
    }

    fn new_id(&mut self) -> wasmtime::Result<String> {
        Call::new_id(self).map(String::from)
    }

    fn decide(&mut self, point: String, input: String) -> wasmtime::Result<Result<String, types::Fault>> {
        told(Call::decide(self, &point, &input))
    }
}

impl info::Host for Call {
    fn settings(&mut self) -> wasmtime::Result<String> {
        Call::settings(self)
    }

    fn call(&mut self) -> wasmtime::Result<String> {
        Call::call(self)
    }

    fn log(&mut self, level: u8, message: String, fields: String) -> wasmtime::Result<()> {
        Call::log(self, level, &message, &fields)
    }

    fn due(&mut self, start: String, span: String) -> wasmtime::Result<Result<String, types::Fault>> {
        told(Call::due(self, &start, &span))
    }
}
