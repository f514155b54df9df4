//! One call of a plugin: what it may see and ask for, what it has staged, and what it has left of its quotas.
//!
//! These are the services of the contract in the core's own types; each version of the contract translates into them.

mod on_duty;

use std::{sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wasmtime::Trap;

use super::{
    Limits,
    budget::Budget,
    deadline::{self, Stopwatch},
    decide::{Batch, Decide, DecideCall},
    log::{Log, clean},
    meter::{Meter, Metered},
    stop::HostTrouble,
};
use crate::{
    Error, ErrorKind,
    bus::subscriber::{LogLine, Staged, Usage},
    catalogue::{Catalogue, Plugin},
    model::{Actor, Aggregate, Command, Fault, Id, Query, Time, calendar::Span},
    store::View,
};

/// What a service answers: outside, the reason to stop the guest; inside, the answer or an ordinary fault it can handle.
pub(super) type Service<T> = wasmtime::Result<Result<T, Fault>>;

/// Records fetched at a time.
const GET_PIECE: usize = 64;

/// Who calls, when, and from where ids derive.
pub(super) struct Context {
    pub org: Id,
    pub actor: Actor,
    pub locale: String,
    pub now: Time,
    /// Time and name from which the ids of this call derive; the same when the same delivery is repeated.
    pub seed: (Time, String),
}

/// The data of a plugin's store.
pub(super) struct Call {
    context: Context,
    plugin: Arc<Plugin>,
    catalogue: Arc<Catalogue>,
    decide: Arc<dyn Decide>,
    /// None only while a component is being loaded.
    view: Option<View>,
    meter: Meter,
    log: Log,
    staged: Staged,
    batch: Batch,
    budget: Budget,
    n_ids: u32,
    /// Processor time spent in the guest's stead.
    in_host: Duration,
}

impl Metered for Call {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

impl Call {
    pub fn new(
        context: Context,
        plugin: Arc<Plugin>,
        catalogue: Arc<Catalogue>,
        decide: Arc<dyn Decide>,
        limits: &Limits,
        view: Option<View>,
    ) -> Call {
        Call {
            log: Log::new(context.now, limits.log_lines, limits.log_bytes),
            meter: Meter::new(limits, limits.call_ms),
            staged: Staged::default(),
            batch: Batch::default(),
            budget: Budget::new(limits),
            n_ids: 0,
            in_host: Duration::ZERO,
            context,
            plugin,
            catalogue,
            decide,
            view,
        }
    }

    /// The end of the call: what was staged if anybody wants it, what was logged, what it took.
    pub fn finish(mut self) -> (Staged, Vec<LogLine>, Usage) {
        let whole = self.meter.deadline().elapsed().cpu;
        let usage = Usage {
            guest: whole.saturating_sub(self.in_host),
            host: self.in_host,
            memory_bytes: self.meter.most_memory() as u64,
        };
        (self.staged, self.log.finish(), usage)
    }

    /// What is left for this call.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    pub fn get(&mut self, kind: &str, ids: &[String]) -> Service<String> {
        self.budget.host_call()?;
        self.budget.rows(ids.len())?;
        if let Err(fault) = self.may_read(kind) {
            return Ok(Err(fault));
        }
        let mut rows: Vec<String> = Vec::with_capacity(ids.len());
        // Piece by piece, so that a large record asked for again and again is counted before it fills the host's memory.
        for piece in ids.chunks(GET_PIECE) {
            let now = self.context.now;
            match self.reading(|view| found(view, now, kind, piece))? {
                Ok(mut piece) => {
                    self.budget.bytes_read(piece.iter().map(String::len).sum())?;
                    rows.append(&mut piece);
                }
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(Ok(format!("[{}]", rows.join(","))))
    }

    pub fn find(&mut self, kind: &str, query: &str) -> Service<String> {
        self.budget.host_call()?;
        let query = match self.may_read(kind).and_then(|()| parse::<Query>("query", query)) {
            Ok(query) => query,
            Err(fault) => return Ok(Err(fault)),
        };
        let now = self.context.now;
        let found = self.reading(|view| {
            let mut page = view.find(kind, &query)?;
            page.items.iter_mut().for_each(|record| on_duty::add(record, view, now));
            Ok(page)
        });
        match found? {
            Ok(page) => {
                self.budget.rows(page.items.len())?;
                self.read(json!(page))
            }
            Err(fault) => Ok(Err(fault)),
        }
    }

    pub fn aggregate(&mut self, kind: &str, query: &str) -> Service<String> {
        self.budget.host_call()?;
        let query = match self.may_read(kind).and_then(|()| parse::<Aggregate>("query", query)) {
            Ok(query) => query,
            Err(fault) => return Ok(Err(fault)),
        };
        match self.reading(|view| view.aggregate(kind, &query))? {
            Ok(groups) => {
                self.budget.rows(groups.len())?;
                self.read(json!({ "items": groups }))
            }
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Stage commands, all or none. Names, bodies and grants are looked at here; whether they can be done, the commit says.
    pub fn stage(&mut self, commands: impl ExactSizeIterator<Item = (String, String)>) -> Service<()> {
        self.budget.host_call()?;
        self.budget.commands(commands.len())?;
        let mut checked = Vec::with_capacity(commands.len());
        for (name, body) in commands {
            self.budget.bytes_out(body.len())?;
            if name == "event.raise" {
                self.budget.emit()?;
            }
            match self.checked(name, &body) {
                Ok(command) => checked.push(command),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        self.staged.commands.append(&mut checked);
        Ok(Ok(()))
    }

    pub fn new_id(&mut self) -> wasmtime::Result<Id> {
        self.budget.host_call()?;
        Ok(self.next_id())
    }

    pub fn decide(&mut self, point: &str, input: &str) -> Service<String> {
        self.budget.host_call()?;
        self.budget.decision()?;
        if !self.plugin.manifest.asks.points.iter().any(|granted| granted == point) {
            let point = clean(point, 80);
            return Ok(Err(Fault::guest(
                "denied",
                format!("point {point:?} is not among asks.points of plugin.toml"),
                false,
            )));
        }
        let input: Value = match parse("input", input) {
            Ok(input) => input,
            Err(fault) => return Ok(Err(fault)),
        };
        let receipt = self.next_id();
        let waiting = Stopwatch::start();
        let answer = self.decide.decide(&DecideCall {
            org: &self.context.org,
            point,
            input: &input,
            now: self.context.now,
            plugin: &self.plugin.manifest.name,
            plugin_version: &self.plugin.manifest.version,
            receipt,
            batch: &self.batch,
        });
        let waited = waiting.elapsed();
        self.in_host += waited.cpu;
        self.meter.deadline().excuse(waited);
        self.budget.waited(waited)?;
        match answer {
            Ok(decision) => {
                let mut output = decision.output;
                output["receipt"] = json!(decision.receipt.id);
                // So that a record can show that a dealer's script was passed over.
                if let Some(fallback) = &decision.receipt.fallback {
                    output["fallback"] = json!(fallback);
                }
                self.staged.receipts.push(decision.receipt);
                Ok(Ok(output.to_string()))
            }
            Err(fault) if fault.blame == crate::model::Blame::Host => Err(HostTrouble(fault).into()),
            Err(fault) => Ok(Err(fault)),
        }
    }

    pub fn settings(&mut self) -> wasmtime::Result<String> {
        self.budget.host_call()?;
        Ok(self.catalogue.settings(&self.plugin, &self.context.org).to_string())
    }

    /// What the guest may know of the call.
    pub fn call(&mut self) -> wasmtime::Result<String> {
        self.budget.host_call()?;
        let orgs = self.view()?.orgs();
        let org = &self.context.org;
        Ok(json!({
            "now": self.context.now,
            "plugin": self.plugin.manifest.name,
            "version": self.plugin.manifest.version,
            "org": org,
            "org_name": orgs.get(org).map_or("", |org| org.name.as_str()),
            "time_zone": orgs.calendar(org).time_zone.iana_name(),
            "actor": actor(&self.context.actor),
            "locale": self.context.locale,
        })
        .to_string())
    }

    pub fn log(&mut self, level: u8, message: &str, fields: &str) -> wasmtime::Result<()> {
        self.budget.host_call()?;
        self.log.push(level, message, fields);
        Ok(())
    }

    pub fn due(&mut self, start: &str, span: &str) -> Service<String> {
        self.budget.host_call()?;
        let calendar = self.view()?.orgs().calendar(&self.context.org);
        let due = start.parse::<Time>().and_then(|start| calendar.due(start, &span.parse::<Span>()?));
        ours_or_theirs(due.map(|due| due.to_string()))
    }

    fn view(&self) -> Result<&View, HostTrouble> {
        self.view.as_ref().ok_or_else(no_view)
    }

    /// A query is held to the guest's own deadline, for epochs do not end what the host does in its stead.
    fn reading<T>(&mut self, read: impl FnOnce(&View) -> crate::Result<T>) -> Service<T> {
        let left = self.meter.deadline().left();
        if left.is_zero() {
            return Err(Trap::Interrupt.into());
        }
        let watch = Stopwatch::start();
        let is_over = move || deadline::left(left, watch.elapsed()).is_zero();
        let view = self.view.as_mut().ok_or_else(no_view)?;
        let outcome = view.until(is_over, read);
        self.in_host += watch.elapsed().cpu;
        ours_or_theirs(outcome)
    }

    /// An answer made of records or groups.
    fn read(&mut self, answer: Value) -> Service<String> {
        let json = answer.to_string();
        self.budget.bytes_read(json.len())?;
        Ok(Ok(json))
    }

    fn next_id(&mut self) -> Id {
        let (at, seed) = &self.context.seed;
        let id = Id::derived(*at, &[&self.plugin.manifest.name, seed, self.context.org.as_str()], self.n_ids);
        self.n_ids += 1;
        id
    }

    fn may_read(&self, kind: &str) -> Result<(), Fault> {
        if self.plugin.manifest.may_read(kind) {
            return Ok(());
        }
        let kind = clean(kind, 80);
        Err(Fault::guest("denied", format!("kind {kind:?} is not among reads.kinds of plugin.toml"), false))
    }

    fn checked(&self, name: String, body: &str) -> Result<Command, Fault> {
        let shown = clean(&name, 80);
        let body: Value = parse(&shown, body)?;
        if !body.is_object() {
            return Err(Fault::guest("invalid", format!("{shown}: the body must be a JSON object"), false));
        }
        let manifest = &self.plugin.manifest;
        let kind = body.get("kind").and_then(Value::as_str);
        let of_kind = || kind.map(|kind| format!(" on {:?}", clean(kind, 80))).unwrap_or_default();
        if !manifest.may_ask(&name, kind) {
            let message = format!("command {shown:?}{} is not among asks.commands of plugin.toml", of_kind());
            return Err(Fault::guest("denied", message, false));
        }
        if name == "event.raise" && !kind.is_some_and(|kind| manifest.owns.events.iter().any(|owned| owned == kind)) {
            let message = format!("event.raise{}: the event is not among owns.events of plugin.toml", of_kind());
            return Err(Fault::guest("denied", message, false));
        }
        Ok(Command { name, body })
    }
}

fn no_view() -> HostTrouble {
    HostTrouble(Fault::host("a component may not call its services while it is loaded"))
}

/// Records as JSON, `null` where there is none. Text that is no id names no record.
fn found(view: &View, now: Time, kind: &str, ids: &[String]) -> crate::Result<Vec<String>> {
    let parsed: Vec<Option<Id>> = ids.iter().map(|id| id.parse().ok()).collect();
    let wanted: Vec<Id> = parsed.iter().flatten().cloned().collect();
    let mut found = view.get(kind, &wanted)?;
    found.iter_mut().flatten().for_each(|record| on_duty::add(record, view, now));
    let mut found = found.into_iter();
    Ok(parsed.iter().map(|id| json!(id.as_ref().and_then(|_| found.next().flatten())).to_string()).collect())
}

fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::guest("invalid", format!("{what}: {}", clean(&error.to_string(), 300)), false))
}

/// Our own failures end the call and are not blamed on the guest; what it did wrong, it is told.
fn ours_or_theirs<T>(answer: crate::Result<T>) -> Service<T> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(error) if error.code == View::GIVEN_UP => Err(Trap::Interrupt.into()),
        Err(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => Err(trouble(&error).into()),
        Err(error) => Ok(Err(Fault::guest(error.code, error.message, false))),
    }
}

fn trouble(error: &Error) -> HostTrouble {
    tracing::error!(%error, "a guest's read failed");
    HostTrouble(Fault { details: error.cause.as_ref().map(ToString::to_string), ..Fault::host(error.message.clone()) })
}

fn actor(actor: &Actor) -> Value {
    match actor {
        Actor::User { id, name, roles, .. } => json!({ "kind": "user", "id": id, "name": name, "roles": roles }),
        Actor::Plugin { on_behalf: Some(person), .. } => self::actor(person),
        Actor::Plugin { name, .. } => json!({ "kind": "plugin", "id": name, "name": name, "roles": [] }),
        Actor::Script { name, .. } => json!({ "kind": "script", "id": name, "name": name, "roles": [] }),
        Actor::System => json!({ "kind": "system", "id": null, "name": null, "roles": [] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_errors_stop_the_guest_and_others_are_told_to_it() {
        assert!(ours_or_theirs::<()>(Err(Error::internal("disk"))).is_err());
        let told = ours_or_theirs::<()>(Err(Error::invalid("filter", "no"))).expect("an answer");
        assert_eq!(told.map_err(|fault| fault.code), Err("filter.invalid".to_owned()));
    }

    #[test]
    fn a_read_that_was_given_up_is_the_guests_deadline() {
        let given_up = Error::new(ErrorKind::Unavailable, View::GIVEN_UP, "too slow");
        let stopped = ours_or_theirs::<()>(Err(given_up)).expect_err("the guest is stopped");
        assert_eq!(stopped.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    }
}
