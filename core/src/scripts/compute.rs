//! Computed fields: a subscriber that has scripts work out what records' other fields come to, many records at a time.
//!
//! All computed fields of a record are made together, in the order in which their scripts read one another, from one
//! snapshot. A script that fails leaves the value of before in place, marked as behind, with the reason in its receipt.

mod answer;
mod check;
mod groups;
mod order;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde::Serialize;
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
pub(super) struct Work<'a> {
    pub record: &'a Record,
    /// What scripts may see of it, computed fields as far as they are made.
    input: Map<String, Value>,
    /// By field.
    pub made: BTreeMap<String, Outcome>,
    next_at: Option<Time>,
}

/// What came of one field.
#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// A value, which may be none.
    Value {
        value: Value,
        #[serde(skip)]
        reasons: Vec<String>,
        receipt: Option<Receipt>,
    },
    /// The value of before stays.
    Failed {
        #[serde(skip)]
        why: String,
        receipt: Option<Receipt>,
    },
    /// Its script was taken out of force: it keeps what it has.
    Unruled,
    /// It has no script.
    None,
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
        let mut commands = Vec::with_capacity(records.len());
        self.compute(kind, records, now, true, |kind, works| {
            commands.extend(works.into_iter().map(|work| command(kind, work, at_seq)));
        })?;
        Ok(commands)
    }
}

impl Computing {
    /// Work all computed fields of records out, and hand them over group by group. Receipts are made only where they are kept.
    pub(super) fn compute<'a>(
        &self,
        kind: &str,
        records: &'a [Record],
        now: Time,
        keeps_receipts: bool,
        mut take: impl FnMut(&Kind, Vec<Work<'a>>),
    ) -> Result<(), Fault> {
        let catalogue = (self.scripts.catalogue)();
        for group in groups::groups(&catalogue, &self.kind, kind, records, now) {
            let groups::Group { kind, org, records } = group;
            let (scripts, catalogue) = (&self.scripts, &catalogue);
            let works = Call { scripts, catalogue, kind: &kind, org: &org, now, keeps_receipts }.compute(&records)?;
            take(&kind, works);
        }
        Ok(())
    }
}

/// Records of one kind that the same versions of scripts hold for.
struct Call<'a> {
    scripts: &'a Scripts,
    catalogue: &'a Catalogue,
    kind: &'a Kind,
    org: &'a Id,
    now: Time,
    keeps_receipts: bool,
}

impl Call<'_> {
    fn compute<'r>(&self, records: &[&'r Record]) -> Result<Vec<Work<'r>>, Fault> {
        let Some(first) = records.first() else { return Ok(Vec::new()) };
        let fields: Vec<Ruled<'_>> = ruled(self.catalogue, self.kind, self.org, first.id.as_str());
        let shown = shown(self.kind);
        let mut works: Vec<Work<'_>> = records.iter().map(|record| Work::new(&shown, record)).collect();
        let (order, in_cycle) = order::order(&fields);
        for n in order {
            self.field(&fields, n, &mut works)?;
        }
        for n in in_cycle {
            let why = format!("{} reads itself by way of other computed fields", fields[n].name);
            works.iter_mut().for_each(|work| self.fail(work, &fields[n], &why));
        }
        Ok(works)
    }

    /// Work out one field of all records.
    fn field(&self, fields: &[Ruled<'_>], n: usize, works: &mut [Work<'_>]) -> Result<(), Fault> {
        let ruled = &fields[n];
        let Some(rule) = &ruled.rule else {
            let script = ruled.field.script().unwrap_or_default();
            // What a script has made that kept failing is better than nothing; what nobody wants any more is not.
            let has_failed = self.catalogue.has_failed(script, self.org);
            for work in works {
                let outcome = if has_failed { Outcome::Unruled } else { Outcome::None };
                work.made.insert(ruled.name.to_owned(), outcome);
            }
            return Ok(());
        };
        let reads = order::reads(fields, n);
        let failed = |work: &Work<'_>| {
            let is_failed = |n: &&usize| matches!(work.made.get(fields[**n].name), Some(Outcome::Failed { .. }));
            reads.iter().find(is_failed).map(|n| fields[*n].name)
        };
        let mut ready: Vec<&mut Work<'_>> = Vec::with_capacity(works.len());
        for work in works {
            match failed(work) {
                Some(other) => self.fail(work, ruled, &format!("it reads {other}, which could not be computed")),
                None => ready.push(work),
            }
        }
        // Lent to the call and taken back: a copy of each would cost as much as a small script.
        let inputs: Vec<Value> = ready.iter_mut().map(|work| Value::Object(std::mem::take(&mut work.input))).collect();
        let said = self.run(rule, &inputs)?;
        let mut fault = None;
        for ((work, input), said) in ready.into_iter().zip(inputs).zip(said) {
            if let Value::Object(input) = input {
                work.input = input;
            }
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
        let reasons = answered.reasons;
        let receipt = self.keeps_receipts.then(|| self.receipt(work, ruled, value.clone(), reasons.clone(), None));
        if let Some(at) = answered.next_at {
            work.next_at = Some(work.next_at.map_or(at, |next| next.min(at)));
        }
        if !value.is_null() && !ruled.field.personal {
            work.input.insert(ruled.name.to_owned(), value.clone());
        }
        work.made.insert(ruled.name.to_owned(), Outcome::Value { value, reasons, receipt });
    }

    fn fail(&self, work: &mut Work<'_>, ruled: &Ruled<'_>, why: &str) {
        let before = work.record.field(ruled.name).clone();
        let why = format!("{why}; the value of before stays");
        let receipt = self.keeps_receipts.then(|| self.receipt(work, ruled, before, Vec::new(), Some(why.clone())));
        work.made.insert(ruled.name.to_owned(), Outcome::Failed { why, receipt });
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
            org: work.record.org.clone(),
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
}

fn command(kind: &Kind, work: Work<'_>, at_seq: i64) -> Command {
    let body = json!({
        "kind": kind.kind, "id": work.record.id, "at_seq": at_seq, "fields": work.made, "next_at": work.next_at,
    });
    Command::new("derived.put", body)
}

/// The function a computed field's script must have.
pub(super) const ENTRY: &str = "compute";
/// Processor time for each record after the first of a call.
const RECORD_MS: u64 = 20;
/// Records that may take the instance down in one call before the others are given up too.
const MAX_DOWN: u32 = 3;

/// The computed fields of a kind, each with the script that holds for a record of an organisation.
pub(super) fn ruled<'a>(catalogue: &'a Catalogue, kind: &'a Kind, org: &Id, record: &str) -> Vec<Ruled<'a>> {
    let rule = |script: &str| rules::computed(catalogue, script, org, record);
    kind.fields.computed().map(|(name, field, script)| Ruled { name, field, rule: rule(script) }).collect()
}

/// What a script sees of a record: its fields as they are written, the roll-ups, and what every record has. Nothing
/// personal, and no computed field.
pub fn input(kind: &Kind, record: &Record) -> Map<String, Value> {
    input_of(&shown(kind), record)
}

/// The fields of a kind that scripts see as they are written.
fn shown(kind: &Kind) -> HashSet<&str> {
    let is_shown = |(_, field): &(&str, &Field)| !field.personal && field.script().is_none();
    kind.fields.iter().filter(is_shown).map(|(name, _)| name).collect()
}

fn input_of(shown: &HashSet<&str>, record: &Record) -> Map<String, Value> {
    let mut input = Map::new();
    input.insert("id".into(), json!(record.id));
    input.insert("org".into(), json!(record.org));
    input.insert("rev".into(), json!(record.rev));
    input.insert("created_at".into(), json!(record.created_at));
    input.insert("updated_at".into(), json!(record.updated_at));
    let is_shown = |name: &str| shown.contains(name);
    input.extend(
        record.data.iter().filter(|(name, _)| is_shown(name)).map(|(name, value)| (name.clone(), value.clone())),
    );
    input
}

impl<'a> Work<'a> {
    fn new(shown: &HashSet<&str>, record: &'a Record) -> Work<'a> {
        Work { record, input: input_of(shown, record), made: BTreeMap::new(), next_at: None }
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
