//! Who asks, where, when and why: what every command is run with.

use std::sync::Arc;

use crate::{
    Error, Result,
    catalogue::Catalogue,
    model::{
        Actor, EventDraft, Id, Scope, Time,
        survivorship::{Class, Source},
    },
    store::{
        Tx,
        tables::event::{self, Origin},
    },
};

/// Reactions may cause reactions this deep; one more is taken for a loop.
pub const MAX_DEPTH: u8 = 8;

/// The context of a command.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who asks.
    pub actor: Actor,
    /// The organisation it happens in.
    pub org: Id,
    /// Organisations it may write in.
    pub scope: Scope,
    /// When.
    pub now: Time,
    /// The event that is being answered.
    pub cause: Option<i64>,
    /// Number of reactions since the first cause.
    pub depth: u8,
    /// What is installed.
    pub catalogue: Arc<Catalogue>,
    /// Where the values it writes come from.
    pub source: Source,
}

impl Ctx {
    /// The server itself, in one organisation, allowed everywhere.
    pub fn system(org: Id, now: Time, catalogue: Arc<Catalogue>) -> Ctx {
        Ctx {
            actor: Actor::System,
            org,
            scope: Scope::All,
            now,
            cause: None,
            depth: 0,
            catalogue,
            source: Source::Actor,
        }
    }

    /// Append an event as of this context.
    ///
    /// # Errors
    /// `depth.exceeded` when reactions have been causing reactions.
    pub fn raise(&self, tx: &mut Tx<'_>, draft: &EventDraft) -> Result<i64> {
        if self.depth > MAX_DEPTH {
            let message = format!(
                "{} would be reaction number {} to one cause; that is taken for a loop",
                draft.kind, self.depth
            );
            return Err(Error::conflict("depth.exceeded", message));
        }
        event::append(tx, &self.origin(), draft)
    }

    /// Who, when and why, for the event log.
    pub fn origin(&self) -> Origin {
        let actor = self.actor.label();
        let source = match &self.source {
            // Most writes need no word more than who wrote.
            Source::Actor if Class::of(&self.actor) == Class::of_label(&actor) => None,
            Source::Actor => serde_json::to_string(&Source::Class(Class::of(&self.actor))).ok(),
            source => serde_json::to_string(source).ok(),
        };
        Origin { at: self.now, actor, cause: self.cause, depth: self.depth, source }
    }
}
