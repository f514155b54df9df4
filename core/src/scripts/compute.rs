//! Computed fields: a subscriber that has scripts work out what records' other fields come to, many records at a time.
//!
//! All computed fields of a record are made together, in the order in which their scripts read one another, from one
//! snapshot. A script that fails leaves the value of before in place, marked as behind, with the reason in its receipt.

mod answer;
mod check;
mod order;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::{Failure, Scripts, rules, rules::Rule};
use crate::{
    bus::{Answer, Delivery, Staged, Subscriber, subscriber::Derive},
    catalogue::{Catalogue, ScriptName},
    host::runner::{Problem, Run},
    model::{Actor, Blame, Command, Data, Event, Fault, Field, Id, Kind, Receipt, Record, RecordRef, Time},
};

pub(super) use answer::Answered;
pub(super) use check::seen;
pub use order::cycle;

/// The subscription's name, and the owner of its timers. Plugins' names have no dot, so it is nobody else's.
pub const NAME: &str = "core.computed";

/// A kind as it holds in an organisation just now.
pub type KindNow = Arc<dyn Fn(&str, &Id) -> Option<Arc<Kind>> + Send + Sync>;

/// Keeps computed fields current.
pub struct Computing {
    scripts: Arc<Scripts>,
    kind: KindNow,
}

/// A field of a kind with the script that computes it.
pub(super) struct Ruled<'a> {
    pub name: &'a str,
    pub field: &'a Field,
    pub rule: Option<Rule<'a>>,
}

/// One record on the way through its scripts.
struct Work<'a> {
    record: &'a Record,
    /// What scripts may see of it, computed fields as far as they are made.
    input: Map<String, Value>,
    made: Map<String, Value>,
    next_at: Option<Time>,
}

impl Computing {
    /// With scripts run as `scripts` does.
    pub fn new(scripts: Arc<Scripts>, kind: KindNow) -> Computing {
        Computing { scripts, kind }
    }

    fn has_computed(&self, kind: &str, org: &Id) -> bool {
        (self.kind)(kind, org).is_some_and(|kind| kind.fields.computed().next().is_some())
    }

    /// The record an event has computed anew.
    fn record_of(event: &Event) -> Option<(String, Id)> {
        if event.kind != "timer.fired" {
            return event.record.as_ref().map(|record| (record.kind.clone(), record.id.clone()));
        }
        let data = event.data.get("data")?;
        Some((data.get("kind")?.as_str()?.to_owned(), data.get("id")?.as_str()?.parse().ok()?))
    }
}

impl Subscriber for Computing {
    fn name(&self) -> &str {
        NAME
    }

    fn actor(&self) -> Actor {
        Actor::System
    }

    fn wants(&self, event: &Event) -> bool {
        if event.kind == "timer.fired" {
            return event.data.get("plugin").and_then(Value::as_str) == Some(NAME);
        }
        let has_computed = |record: &&RecordRef| self.has_computed(&record.kind, &event.org);
        let Some(record) = event.record.as_ref().filter(has_computed) else { return false };
        match event.kind.strip_prefix(&record.kind) {
            Some(".removed") => false,
            // What it has made itself needs no second look: all computed fields of a record are made together.
            Some(".derived") => (self.kind)(&record.kind, &event.org).is_some_and(|kind| {
                let changed = event.data.get("changed").and_then(Value::as_array).into_iter().flatten();
                let is_computed = |name: &str| kind.fields.get(name).is_some_and(|field| field.script().is_some());
                changed.filter_map(Value::as_str).any(|name| !is_computed(name))
            }),
            _ => true,
        }
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        let mut ids: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for (kind, id) in delivery.events.iter().filter_map(Computing::record_of) {
            let ids = ids.entry(kind).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let mut commands = Vec::new();
        for (kind, ids) in ids {
            // The record may be gone by now, and the kind may compute nothing any more.
            let records = delivery.view.get(&kind, &ids).unwrap_or_default();
            let records: Vec<Record> = records.into_iter().flatten().collect();
            match self.derive(&kind, &records, delivery.now, delivery.view.at_seq()) {
                Ok(made) => commands.extend(made),
                Err(fault) => return Answer { result: Err(fault), logs: Vec::new(), usage: Default::default() },
            }
        }
        Answer { result: Ok(Staged { commands, ..Staged::default() }), logs: Vec::new(), usage: Default::default() }
    }
}

impl Derive for Computing {
    fn knows(&self, seq: i64) -> bool {
        (self.scripts.catalogue)().at_seq >= seq
    }

    fn derive(&self, kind: &str, records: &[Record], now: Time, at_seq: i64) -> Result<Vec<Command>, Fault> {
        let mut by_org: BTreeMap<&Id, Vec<&Record>> = BTreeMap::new();
        for record in records {
            by_org.entry(&record.org).or_default().push(record);
        }
        let catalogue = (self.scripts.catalogue)();
        let mut commands = Vec::with_capacity(records.len());
        for (org, records) in by_org {
            let Some(kind) = (self.kind)(kind, org) else { continue };
            for records in by_version(&catalogue, &kind, org, records) {
                let call = Call { scripts: &self.scripts, catalogue: &catalogue, kind: &kind, org, now, at_seq };
                commands.extend(call.compute(&records)?);
            }
        }
        Ok(commands)
    }
}

/// Records of one kind and organisation that the same versions of scripts hold for.
struct Call<'a> {
    scripts: &'a Scripts,
    catalogue: &'a Catalogue,
    kind: &'a Kind,
    org: &'a Id,
    now: Time,
    at_seq: i64,
}

impl Call<'_> {
    fn compute(&self, records: &[&Record]) -> Result<Vec<Command>, Fault> {
        let Some(first) = records.first() else { return Ok(Vec::new()) };
        let fields: Vec<Ruled<'_>> = ruled(self.catalogue, self.kind, self.org, first.id.as_str());
        let mut works: Vec<Work<'_>> = records.iter().map(|record| Work::new(self.kind, record)).collect();
        let (order, in_cycle) = order::order(&fields);
        for n in order {
            self.field(&fields, n, &mut works)?;
        }
        for n in in_cycle {
            let why = format!("{} reads itself by way of other computed fields", fields[n].name);
            works.iter_mut().for_each(|work| self.fail(work, &fields[n], &why));
        }
        Ok(works.into_iter().map(|work| self.command(work)).collect())
    }

    /// Work out one field of all records.
    fn field(&self, fields: &[Ruled<'_>], n: usize, works: &mut [Work<'_>]) -> Result<(), Fault> {
        let ruled = &fields[n];
        let Some(rule) = &ruled.rule else {
            let script = ruled.field.script().unwrap_or_default();
            // What a script has made that kept failing is better than nothing; what nobody wants any more is not.
            let outcome = if self.catalogue.has_failed(script, self.org) { "unruled" } else { "none" };
            for work in works {
                work.made.insert(ruled.name.to_owned(), json!({ "outcome": outcome }));
            }
            return Ok(());
        };
        let reads = order::reads(fields, n);
        let failed = |work: &Work<'_>| {
            let is_failed =
                |n: &&usize| work.made.get(fields[**n].name).is_some_and(|made| made["outcome"] == "failed");
            reads.iter().find(is_failed).map(|n| fields[*n].name)
        };
        let mut ready: Vec<&mut Work<'_>> = Vec::with_capacity(works.len());
        for work in works {
            match failed(work) {
                Some(other) => self.fail(work, ruled, &format!("it reads {other}, which could not be computed")),
                None => ready.push(work),
            }
        }
        let inputs: Vec<Value> = ready.iter().map(|work| Value::Object(work.input.clone())).collect();
        let mut fault = None;
        for (work, said) in ready.into_iter().zip(self.run(rule, &inputs)?) {
            let answered = said.and_then(|said| {
                Answered::read(ruled.name, ruled.field, said).map_err(|wrong| Fault::guest("invalid", wrong, false))
            });
            match answered {
                Ok(answered) => self.put(work, ruled, answered),
                Err(wrong) => {
                    self.fail(work, ruled, &wrong.message);
                    fault.get_or_insert(wrong);
                }
            }
        }
        // One call is one failure, however many records it was for: a rare record alone does not end a script.
        if let Some(fault) = fault {
            self.report(ruled, rule, fault);
        }
        Ok(())
    }

    /// Run a script on all inputs; one input that takes the instance down is found by halving and answers for itself.
    fn run(&self, rule: &Rule<'_>, inputs: &[Value]) -> Result<Vec<Result<Value, Fault>>, Fault> {
        let now = self.catalogue.orgs.calendar(self.org).text(self.now);
        let run = Run { source: rule.source, libraries: &[], function: ENTRY, now: &now, parameters: rule.parameters };
        let mut n_left = MAX_DOWN;
        self.halve(run, inputs, &mut n_left)
    }

    fn halve(&self, run: Run<'_>, inputs: &[Value], n_left: &mut u32) -> Result<Vec<Result<Value, Fault>>, Fault> {
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let limits = self.scripts.runner.limits();
        let millis =
            (limits.decide_ms + RECORD_MS * (inputs.len() as u64 - 1)).min(limits.bulk_ms.max(limits.decide_ms));
        match self.scripts.runner.run(run, inputs, millis) {
            Ok(answers) => Ok(answers.into_iter().map(|answer| answer.map_err(of_problem)).collect()),
            Err(fault) if fault.blame == Blame::Host => Err(fault),
            Err(fault) if inputs.len() == 1 => {
                *n_left = n_left.saturating_sub(1);
                Ok(vec![Err(fault)])
            }
            // Each try costs as much again.
            Err(fault) if *n_left == 0 => Ok(inputs.iter().map(|_| Err(fault.clone())).collect()),
            Err(_) => {
                let (first, second) = inputs.split_at(inputs.len() / 2);
                let mut answers = self.halve(run, first, n_left)?;
                answers.extend(self.halve(run, second, n_left)?);
                Ok(answers)
            }
        }
    }

    fn report(&self, ruled: &Ruled<'_>, rule: &Rule<'_>, fault: Fault) {
        let Some(owner) = rule.org.clone() else {
            tracing::warn!(script = %rule.name, plugin = %rule.owner, code = %fault.code, "a plugin's own script failed");
            return;
        };
        tracing::warn!(script = %rule.name, script.owner = %owner, code = %fault.code, "a script could not compute a field");
        self.scripts.failures.failed(Failure {
            script: ScriptName::Computed(format!("{}.{}", self.kind.kind, ruled.name)),
            owner,
            version: rule.version,
            org: self.org.clone(),
            at: self.now,
            fault,
        });
    }

    fn put(&self, work: &mut Work<'_>, ruled: &Ruled<'_>, answered: Answered) {
        let value = answered.value.unwrap_or(Value::Null);
        let receipt = self.receipt(work, ruled, value.clone(), answered.reasons, None);
        if let Some(at) = answered.next_at {
            work.next_at = Some(work.next_at.map_or(at, |next| next.min(at)));
        }
        if !value.is_null() && !ruled.field.personal {
            work.input.insert(ruled.name.to_owned(), value.clone());
        }
        work.made.insert(ruled.name.to_owned(), json!({ "outcome": "value", "value": value, "receipt": receipt }));
    }

    fn fail(&self, work: &mut Work<'_>, ruled: &Ruled<'_>, why: &str) {
        let before = work.record.field(ruled.name).clone();
        let receipt = self.receipt(work, ruled, before, Vec::new(), Some(format!("{why}; the value of before stays")));
        work.made.insert(ruled.name.to_owned(), json!({ "outcome": "failed", "receipt": receipt }));
    }

    /// Enough to make the value again: the record at its revision, and the derived values, which have none.
    fn receipt(
        &self,
        work: &Work<'_>,
        ruled: &Ruled<'_>,
        output: Value,
        reasons: Vec<String>,
        fallback: Option<String>,
    ) -> Receipt {
        let point = format!("computed/{}.{}", self.kind.kind, ruled.name);
        let plugin = self.catalogue.kinds.get(&self.kind.kind).and_then(|entry| entry.plugin.clone());
        let version = plugin.as_ref().and_then(|name| Some(self.catalogue.plugins.get(name)?.manifest.version.clone()));
        let is_derived = |name: &str| self.kind.fields.get(name).is_some_and(|field| field.derived.is_some());
        let derived: Data =
            work.input.iter().filter(|(name, _)| is_derived(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
        let rule = ruled.rule.as_ref();
        Receipt {
            id: Id::derived(self.now, &[work.record.id.as_str(), ruled.name], work.record.rev),
            at: self.now,
            org: self.org.clone(),
            script: point.clone(),
            point,
            plugin: plugin.unwrap_or_else(|| "core".into()),
            plugin_version: version.unwrap_or_default(),
            script_owner: rule.map(|rule| rule.owner.clone()).unwrap_or_default(),
            script_version: rule.map_or(0, |rule| rule.version),
            script_digest: rule.map(|rule| rule.digest.to_string()).unwrap_or_default(),
            input: json!({ "record": format!("{}@{}", work.record.id, work.record.rev), "derived": derived }),
            output,
            reasons,
            fallback,
            combined: Vec::new(),
        }
    }

    fn command(&self, work: Work<'_>) -> Command {
        let body = json!({
            "kind": self.kind.kind,
            "id": work.record.id,
            "at_seq": self.at_seq,
            "fields": work.made,
            "next_at": work.next_at,
        });
        Command::new("derived.put", body)
    }
}

/// The function a computed field's script must have.
pub(super) const ENTRY: &str = "compute";
/// Processor time for each record after the first of a call.
const RECORD_MS: u64 = 20;
/// Records that may take the instance down in one call before the others are given up too.
const MAX_DOWN: u32 = 3;

/// Records by the versions of scripts that hold for them; all together while none is on trial.
fn by_version<'a>(catalogue: &Catalogue, kind: &Kind, org: &Id, records: Vec<&'a Record>) -> Vec<Vec<&'a Record>> {
    if catalogue.canaries.is_empty() {
        return vec![records];
    }
    let mut by_version: BTreeMap<Vec<(String, u32)>, Vec<&Record>> = BTreeMap::new();
    for record in records {
        let ruled = ruled(catalogue, kind, org, record.id.as_str());
        let versions =
            ruled.into_iter().filter_map(|ruled| ruled.rule).map(|rule| (rule.owner, rule.version)).collect();
        by_version.entry(versions).or_default().push(record);
    }
    by_version.into_values().collect()
}

/// The computed fields of a kind, each with the script that holds for a record of an organisation.
pub(super) fn ruled<'a>(catalogue: &'a Catalogue, kind: &'a Kind, org: &Id, record: &str) -> Vec<Ruled<'a>> {
    let rule = |script: &str| rules::computed(catalogue, script, org, record);
    kind.fields.computed().map(|(name, field, script)| Ruled { name, field, rule: rule(script) }).collect()
}

/// What a script sees of a record: its fields as they are written, the roll-ups, and what every record has. Nothing
/// personal, and no computed field.
pub fn input(kind: &Kind, record: &Record) -> Map<String, Value> {
    let mut input = Map::new();
    input.insert("id".into(), json!(record.id));
    input.insert("org".into(), json!(record.org));
    input.insert("rev".into(), json!(record.rev));
    input.insert("created_at".into(), json!(record.created_at));
    input.insert("updated_at".into(), json!(record.updated_at));
    let is_shown = |name: &str| kind.fields.get(name).is_some_and(|field| !field.personal && field.script().is_none());
    input.extend(
        record.data.iter().filter(|(name, _)| is_shown(name)).map(|(name, value)| (name.clone(), value.clone())),
    );
    input
}

impl<'a> Work<'a> {
    fn new(kind: &Kind, record: &'a Record) -> Work<'a> {
        Work { record, input: input(kind, record), made: Map::new(), next_at: None }
    }
}

/// The place in the words of its author.
pub(super) fn of_problem(problem: Problem) -> Fault {
    let place = match (problem.line, problem.column) {
        (0, _) => String::new(),
        (line, column) => format!("line {line}, column {column}: "),
    };
    Fault::guest(problem.code, format!("{place}{}", problem.message), false)
}
