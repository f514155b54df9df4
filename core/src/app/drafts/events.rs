//! A draft of a reaction tried on the events of the last days: what it would ask for.
//!
//! Messages among it are counted, and judged by the consent gate as if each were due now.

use std::{collections::BTreeMap, time::Instant};

use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};

use super::{super::App, CHUNK, Detail, Found, Task};
use crate::{
    Error, Result,
    bus::side_by_side,
    commands::message::Send,
    model::{Command, Event, Fault, Scope, Time},
    outbound::{Ask, Person, gate},
    scripts::{
        Draft,
        react::{Heard, Replay, heard},
    },
    store::{View, tables},
};

/// Events told one by one.
const MOST_TOLD: usize = 20;
/// Different faults told.
const MOST_FAULTS: usize = 10;

/// What a reaction would have done.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Commands {
    /// Events it would have heard.
    events: u64,
    /// Of these, those it would answer otherwise than the version in force.
    changed: u64,
    /// Of these, those it would have failed at.
    failed: u64,
    /// What it would have asked for, by `record.create:worklist.task`.
    asked: BTreeMap<String, u64>,
    /// What the version in force would have asked for.
    asked_before: BTreeMap<String, u64>,
    messages: Messages,
    faults: BTreeMap<String, u64>,
    /// The newest events that would be answered otherwise.
    told: Vec<Value>,
}

/// Messages among it, each judged as if it were due now.
#[derive(Clone, Debug, Default, Serialize)]
struct Messages {
    n: u64,
    /// What the consent gate would stop.
    stopped: u64,
    /// Why, by the gate's own words.
    reasons: BTreeMap<String, u64>,
}

impl App {
    pub(super) fn try_on_events(&self, task: &Task) -> Result<Option<Detail>> {
        let draft = &task.draft;
        let tried = Draft {
            name: &draft.name,
            source: &draft.source,
            parameters: &draft.parameters,
            examples: &[],
            asks: &draft.asks,
            now: task.now,
        };
        let replay = Replay::new(self.scripts.clone(), self.catalogue(), tried, &task.org)
            .map_err(|_| Error::invalid("script", format!("{} does not parse", draft.name)))?;
        let view = self.store.view(Scope::All)?;
        let (from, to) = task.span();
        let (begun, mut found, mut commands) = (Instant::now(), Found::default(), Commands::default());
        let mut after = tables::event::last_before(&view, from)?;
        loop {
            let events = tables::event::after(&view, after, CHUNK)?;
            let Some(last) = events.last() else { break };
            after = last.seq;
            let is_over = last.at >= to;
            let is_heard = |event: &Event| event.at < to && task.scope.holds(&event.org) && replay.wants(event);
            let events: Vec<Event> = events.into_iter().filter(is_heard).collect();
            let heard = side_by_side(self.n_threads(), &events, |part| self.hear(&replay, part))?;
            for (event, heard) in events.iter().zip(heard) {
                self.count(&view, task.now, &mut found, &mut commands, event, &heard)?;
            }
            found.n_done += events.len() as u32;
            if !self.goes_on(task, found.n_done, 0)? {
                return Ok(None);
            }
            if is_over {
                break;
            }
        }
        commands.told.reverse();
        let mut detail = found.detail(task, &view, begun, "");
        (detail.from, detail.to, detail.commands) = (Some(from), draft.span.to, Some(commands));
        Ok(Some(detail))
    }

    /// Events in order; what they quote is read at a snapshot of their own organisation. One snapshot is held at a time.
    fn hear(&self, replay: &Replay, events: &[Event]) -> std::result::Result<Vec<Heard>, Fault> {
        let wrong = |error: Error| Fault::host(error.to_string());
        let mut by_org: Vec<usize> = (0..events.len()).collect();
        by_org.sort_by_key(|n| &events[*n].org);
        let mut inputs = vec![Value::Null; events.len()];
        for places in by_org.chunk_by(|a, b| events[*a].org == events[*b].org) {
            let org = &events[places[0]].org;
            let view = self.store.view(self.store.orgs().scope(org)).map_err(wrong)?;
            let view = view.for_server(None, events[places[0]].at).at(org);
            for n in places {
                inputs[*n] = heard::input(&view, &events[*n]).map_err(wrong)?;
            }
        }
        let told: Vec<(Event, Value)> = events.iter().cloned().zip(inputs).collect();
        replay.run(&told)
    }

    fn count(
        &self,
        view: &View,
        now: Time,
        found: &mut Found,
        commands: &mut Commands,
        event: &Event,
        heard: &Heard,
    ) -> Result<()> {
        commands.events += 1;
        let said = json!([event.seq, heard.new.as_ref().ok(), heard.new.as_ref().err()]);
        found.hash.add(&said.to_string());
        match &heard.new {
            Err(wrong) => {
                commands.failed += 1;
                if commands.faults.len() < MOST_FAULTS || commands.faults.contains_key(wrong) {
                    *commands.faults.entry(wrong.clone()).or_default() += 1;
                }
            }
            Ok(new) => {
                tally(&mut commands.asked, new);
                for message in new.iter().filter(|command| command.name == "message.send") {
                    self.judge_one(view, event, now, &mut commands.messages, message)?;
                }
            }
        }
        if let Ok(old) = &heard.old {
            tally(&mut commands.asked_before, old);
        }
        if asks(&heard.old) != asks(&heard.new) {
            commands.changed += 1;
            if commands.told.len() == MOST_TOLD {
                commands.told.remove(0);
            }
            commands.told.push(json!({
                "seq": event.seq, "kind": event.kind, "at": event.at, "org": event.org, "subject": event.subject,
                "old": asks(&heard.old), "new": asks(&heard.new), "fault": heard.new.as_ref().err(),
            }));
        }
        Ok(())
    }

    fn judge_one(
        &self,
        view: &View,
        event: &Event,
        now: Time,
        messages: &mut Messages,
        command: &Command,
    ) -> Result<()> {
        messages.n += 1;
        let mut stop = |reason: String| {
            messages.stopped += 1;
            *messages.reasons.entry(reason).or_default() += 1;
        };
        let Ok(message) = Send::deserialize(&command.body) else {
            stop("invalid".into());
            return Ok(());
        };
        let at = message.due_at.unwrap_or(now).max(now);
        // The person is read over all organisations; whose customer it is must be in reach of the reaction first.
        let scope = self.store.orgs().scope(&event.org);
        let person = match tables::record::get(view, "customer", &message.customer, &scope)? {
            Some(_) => Person::read(view, &view.orgs(), &message.customer, at, None)?,
            None => None,
        };
        let ask = Ask { purpose: message.purpose, channel: Some(message.channel), sender: message.sender };
        match person.map(|person| gate::may(&person.facts(&ask))) {
            None => stop("no_customer".into()),
            Some(verdict) => {
                if let Some(reason) = verdict.reason {
                    stop(json!(reason).as_str().unwrap_or_default().to_owned());
                }
            }
        }
        Ok(())
    }
}

/// What is asked for, without what the server fills in.
fn asks(said: &std::result::Result<Vec<Command>, String>) -> Vec<Value> {
    let told = |command: &Command| {
        let mut body = command.body.clone();
        if let Some(body) = body.as_object_mut() {
            body.remove("receipts");
        }
        json!({ "command": command.name, "body": body })
    };
    said.iter().flatten().map(told).collect()
}

fn tally(counts: &mut BTreeMap<String, u64>, commands: &[Command]) {
    for command in commands {
        let kind = command.body["kind"].as_str().map(|kind| format!(":{kind}")).unwrap_or_default();
        *counts.entry(format!("{}{kind}", command.name)).or_default() += 1;
    }
}
