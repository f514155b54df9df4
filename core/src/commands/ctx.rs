//! Who asks, where, when and why: what every command is run with.

use std::sync::Arc;

use super::{Ids, derived};
use crate::{
    Error, Result,
    catalogue::Catalogue,
    model::{Actor, EventDraft, Id, Scope, Time, survivorship::Source},
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
    /// When, for whatever is worked out from the time.
    pub now: Time,
    /// When it is written down: `now`, unless a preview has shown before what would be done.
    pub done_at: Time,
    /// The event that is being answered.
    pub cause: Option<i64>,
    /// Number of reactions since the first cause.
    pub depth: u8,
    /// What is installed.
    pub catalogue: Arc<Catalogue>,
    /// Where new ids come from.
    pub ids: Ids,
    /// The language of texts that a kind brings for whoever is refused.
    pub locale: &'static str,
    /// Where the values it writes come from.
    pub source: Source,
}

impl Ctx {
    /// Somebody's own wish, which answers no event.
    pub fn new(actor: Actor, org: Id, scope: Scope, now: Time, catalogue: Arc<Catalogue>) -> Ctx {
        Ctx {
            actor,
            org,
            scope,
            now,
            done_at: now,
            cause: None,
            depth: 0,
            catalogue,
            ids: Ids::fresh(now),
            locale: "en",
            source: Source::Actor,
        }
    }

    /// The server itself, in one organisation, allowed everywhere.
    pub fn system(org: Id, now: Time, catalogue: Arc<Catalogue>) -> Ctx {
        Ctx::new(Actor::System, org, Scope::All, now, catalogue)
    }

    /// The same once more: it makes the same ids.
    #[must_use]
    pub fn again(&self) -> Ctx {
        Ctx { ids: self.ids.again(), ..self.clone() }
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
        let seq = event::append(tx, &self.origin(), draft)?;
        derived::tell(tx, self, Some(seq))?;
        Ok(seq)
    }

    /// Who, when and why, for the event log.
    pub fn origin(&self) -> Origin {
        let actor = self.actor.trace();
        let source = match &self.source {
            // Who wrote says enough, unless something else was said.
            Source::Actor => None,
            source => serde_json::to_string(source).ok(),
        };
        Origin { at: self.done_at, actor, cause: self.cause, depth: self.depth, source }
    }
}
