//! What the bus feeds: anything that reads a View and answers with commands.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::{
    model::{Actor, Command, Event, Fault, Id, Receipt, Record, Time},
    store::View,
};

/// Hears events and answers with commands. Called from worker threads, several at a time; it may block.
pub trait Subscriber: Send + Sync {
    /// The subscription's name, the plugin's as a rule; the cursor belongs to it.
    fn name(&self) -> &str;

    /// As whom its commands are checked.
    fn actor(&self) -> Actor;

    /// Whether it wants an event; asked before the guest is.
    fn wants(&self, event: &Event) -> bool;

    /// Events of one organisation, distinct subjects, in order of their numbers.
    fn handle(&self, delivery: Delivery) -> Answer<Staged>;

    /// Told when a delivery is put aside because it failed, in its hands or at the commit.
    fn parked(&self, _event: &Event, _fault: &Fault) {}
}

/// Makes derived values of records in bulk. Called from several threads at a time.
pub trait Derive: Send + Sync {
    /// Whether it knows of what the event tells: a script that has just been published, a kind that has been installed.
    fn knows(&self, seq: i64) -> bool;

    /// The commands that write the values, made from a snapshot that holds all events up to `at_seq`.
    ///
    /// # Errors
    /// When the server is to blame; a script that fails is told of in the commands.
    fn derive(&self, kind: &str, records: &[Record], now: Time, at_seq: i64) -> Result<Vec<Command>, Fault>;
}

/// Answers an action a person waits for.
pub trait Responder: Send + Sync {
    /// Run one action.
    fn run(&self, ask: Ask) -> Answer<(Staged, Value)>;
}

/// A call of a subscriber.
#[derive(Debug)]
pub struct Delivery {
    /// The organisation all events belong to.
    pub org: Id,
    /// What happened.
    pub events: Vec<Event>,
    /// A fresh snapshot, not older than the last event, seeing this organisation and those below.
    pub view: View,
    /// The time of the call.
    pub now: Time,
    /// 1 for the first try.
    pub attempt: u32,
}

/// A call of a responder.
#[derive(Debug)]
pub struct Ask {
    /// The organisation it happens in.
    pub org: Id,
    /// Who asks.
    pub actor: Actor,
    /// The language the person reads, `zh-CN`.
    pub locale: String,
    /// The kind the action stands on.
    pub kind: String,
    /// The action's name.
    pub action: String,
    /// The record it is done to.
    pub target: Option<Id>,
    /// Its input, valid against the action's schema.
    pub input: Value,
    /// A fresh snapshot.
    pub view: View,
    /// The time of the call.
    pub now: Time,
    /// Fresh with every ask; ids that the guest makes derive from it.
    pub nonce: Id,
}

/// What a call came to, with what the guest logged on the way.
#[derive(Debug)]
pub struct Answer<T> {
    /// What it came to; a fault has dropped everything staged.
    pub result: Result<T, Fault>,
    /// What the guest logged.
    pub logs: Vec<LogLine>,
    /// What it took.
    pub usage: Usage,
}

/// What a call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time of the guest itself.
    pub guest: Duration,
    /// Time the host spent in its stead: reading, deciding.
    pub host: Duration,
    /// The most memory it had.
    pub memory_bytes: u64,
}

/// What a guest wants done.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// In the order staged.
    pub commands: Vec<Command>,
    /// One for each event that is not simply done.
    pub verdicts: Vec<Verdict>,
    /// Receipts of the decisions asked for on the way; stored with the commit.
    pub receipts: Vec<Receipt>,
}

/// What a subscriber says of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The event's number.
    pub seq: i64,
    /// See [`Outcome`].
    pub outcome: Outcome,
    /// Why, for a person.
    pub note: Option<String>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Done,
    /// Nothing to do.
    Skip,
    /// Cannot be handled: put it aside for a person.
    Park,
}

/// One line a guest logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// When.
    pub at: Time,
    /// How bad.
    pub level: Level,
    /// Control characters removed, at most 1 KiB.
    pub message: String,
    /// Fields as JSON text.
    pub fields: String,
}

/// How bad a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 0 and 1 in the contract.
    Debug,
    /// 2.
    Info,
    /// 3.
    Warn,
    /// 4 and above.
    Error,
}
