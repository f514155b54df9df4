//! What a plugin can do: one trait for each export of the contract.

use crate::{Action, Event, Result, Value};

/// Hears events, in order for each subject.
///
/// ```
/// use marque_sdk::{Event, Outcome, React, Result, log};
///
/// struct Listener;
///
/// impl React for Listener {
///     fn handle(event: &Event) -> Result<Outcome> {
///         match event.kind.as_str() {
///             "customer.created" => log::info(&format!("a new customer in {}", event.org)),
///             _ => return Ok(Outcome::Skip),
///         }
///         Ok(Outcome::Done)
///     }
/// }
/// ```
pub trait React {
    /// Answers one event. A fault undoes what was staged; the event is tried again, and put aside if it goes on failing.
    fn handle(event: &Event) -> Result<Outcome>;

    /// Answers many events of one organisation, each of another subject. Write it yourself to read once for all of them.
    ///
    /// A verdict that is missing means [`Outcome::Done`].
    fn handle_batch(events: &[Event]) -> Result<Vec<Verdict>> {
        events.iter().map(|event| Ok(Verdict::new(event, Self::handle(event)?))).collect()
    }
}

/// Answers an action that a person asked for and waits for.
///
/// ```
/// use marque_sdk::{Act, Action, Fault, Result, Value, json};
///
/// struct Desk;
///
/// impl Act for Desk {
///     fn run(action: &Action) -> Result<Value> {
///         match action.name.as_str() {
///             "ring" => Ok(json!({ "rang": true })),
///             other => Err(Fault::not_found(format!("there is no action {other:?}"))),
///         }
///     }
/// }
/// ```
pub trait Act {
    /// Runs it; the reply is a JSON object for whoever asked. Commands are committed before the reply is seen.
    fn run(action: &Action) -> Result<Value>;
}

/// Brings data that an older version of the plugin left up to date.
///
/// ```
/// struct Tidy;
///
/// impl marque_sdk::Upkeep for Tidy {
///     fn migrate(old: &str, new: &str) -> marque_sdk::Result<()> {
///         marque_sdk::log::info(&format!("from {old} to {new}: nothing to do"));
///         Ok(())
///     }
/// }
/// ```
pub trait Upkeep {
    /// Called after an upgrade, before the first event, again and again until a call stages nothing: each sees what the one before has
    /// done. Do a bounded piece a call, some hundred records, and find by the data what is left to do: after a stop it is begun again.
    fn migrate(old: &str, new: &str) -> Result<()>;
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

/// What became of one event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The event's number.
    pub seq: String,
    /// See [`Outcome`].
    pub outcome: Outcome,
    /// Why, for the person who looks after the plugin.
    pub note: Option<String>,
}

impl Verdict {
    /// A verdict on `event`.
    pub fn new(event: &Event, outcome: Outcome) -> Verdict {
        Verdict { seq: event.seq.clone(), outcome, note: None }
    }

    /// The same verdict with a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Verdict {
        self.note = Some(note.into());
        self
    }
}
