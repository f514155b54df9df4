//! Derived fields: events of what has changed, definitions that begin a back-fill, values that scripts have computed.

mod backfill;
mod define;
mod put;

use serde_json::{Map, Value, json};

use super::{Ctx, ctx::MAX_DEPTH, record::event};
use crate::{
    Error, Result,
    model::{Actor, EventDraft},
    store::{
        Tx,
        derived::Noted,
        tables::event::{self as log, Origin},
    },
};

pub use backfill::{Chunk, Failed, Progress, Task, What};
pub use define::{Recompute, added, defined, ruled};
pub use put::{Made, Put, TIMERS};

/// The event of a kind whose derived fields have changed.
pub const VERB: &str = "derived";

/// Tell of derived values that have changed in this transaction. `cause` is the event of the write they follow.
///
/// # Errors
/// Internal.
pub fn tell(tx: &mut Tx<'_>, ctx: &Ctx, cause: Option<i64>) -> Result<()> {
    for noted in tx.take_noted() {
        // The value is right all the same; only nobody reacts to it any more, which is what ends the loop.
        if ctx.depth > MAX_DEPTH {
            tracing::warn!(kind = noted.record.kind, record.id = %noted.record.id, "a derived value changed too many reactions deep to be told");
            continue;
        }
        // Nobody wrote it: it follows from what somebody wrote.
        let origin = Origin { actor: Actor::System.label(), cause: cause.or(ctx.cause), source: None, ..ctx.origin() };
        let draft = draft(tx, &noted)?;
        log::append(tx, &origin, &draft)?;
    }
    Ok(())
}

/// The values that may be quoted are, old and new; the others are named.
fn draft(tx: &Tx<'_>, noted: &Noted) -> Result<EventDraft> {
    let kind = tx.kind_in(&noted.record.kind, &noted.record.org)?;
    let names: Vec<String> = noted.changes.keys().cloned().collect();
    let draft = event(&kind, &noted.record, VERB, &names);
    let quoted = |name: &str| kind.fields.get(name).is_some_and(|field| field.r#type.is_quoted() && !field.personal);
    let old: Map<String, Value> = noted
        .changes
        .iter()
        .filter(|(name, _)| quoted(name))
        .map(|(name, (old, _))| (name.clone(), old.clone()))
        .collect();
    let mut data = draft.data;
    data["old"] = json!(old);
    Ok(EventDraft { data, ..draft })
}

/// What the server does by itself is asked for by nobody else.
fn own(ctx: &Ctx, what: &str) -> Result<()> {
    match ctx.actor {
        Actor::System => Ok(()),
        _ => Err(Error::denied(format!("{what} is the server's own; nobody asks for it"))),
    }
}
