//! What became of a message that was due. The server's own, never asked for from outside.

use serde_json::json;

use super::moved;
use crate::{
    Result,
    commands::{Ctx, Run},
    model::{Id, Scope, Time, contact::Reason},
    store::{
        Tx, tables,
        tables::outbox::{self, Waiting},
    },
};

/// Write down what became of a message, and that it waits no more or waits on. One that is gone, or was taken back meanwhile, is let be.
///
/// Causes `message.sent`, `message.printing`, `message.suppressed`, `message.failed` or `message.postponed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclude {
    /// The message.
    pub message: Id,
    /// When it was asked whether it may be sent.
    pub checked_at: Time,
    /// Number of reactions that led to it.
    pub depth: u8,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was handed over.
    Sent {
        /// The consent it relied on.
        consent: Option<Id>,
    },
    /// It is to be printed; who prints it says when it has gone.
    Printing,
    /// It must not be sent.
    Suppressed(Reason),
    /// It must not be sent yet.
    Postponed {
        /// Until when.
        until: Time,
    },
    /// The gateway was out of reach; once more at this time.
    Again {
        /// When.
        at: Time,
        /// How often that was by now.
        attempts: u32,
    },
    /// It could not be sent: this is why.
    Failed(&'static str),
}

impl Run for Conclude {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let found = tables::record::get(tx, "message", &self.message, &Scope::All)?;
        let Some(message) = found.filter(|message| matches!(message.text("state"), Some("queued" | "printing"))) else {
            return outbox::remove(tx, &self.message);
        };
        let (checked_at, depth) = (self.checked_at, self.depth);
        let (change, verb, waiting) = match self.outcome {
            Outcome::Sent { consent } => {
                let sent = json!({ "state": "sent", "sent_at": ctx.now, "checked_at": checked_at, "consent": consent, "reason": null });
                (sent, "sent", None)
            }
            Outcome::Printing => {
                (json!({ "state": "printing", "reason": null, "checked_at": checked_at }), "printing", None)
            }
            Outcome::Suppressed(reason) => {
                (json!({ "state": "suppressed", "reason": reason, "checked_at": checked_at }), "suppressed", None)
            }
            Outcome::Postponed { until } => {
                let later = json!({ "due_at": until, "reason": Reason::QuietHours, "checked_at": checked_at });
                (later, "postponed", Some(until))
            }
            Outcome::Again { at, attempts } => {
                // Nothing is known of it that was not known before, so only the queue is told.
                return outbox::put(tx, &Waiting { message: self.message, due_at: at, attempts, depth });
            }
            Outcome::Failed(reason) => {
                (json!({ "state": "failed", "reason": reason, "checked_at": checked_at }), "failed", None)
            }
        };
        let ctx = Ctx { org: message.org.clone(), depth, ..ctx.clone() };
        moved(tx, &ctx, &message, change, verb)?;
        match waiting {
            Some(due_at) => outbox::put(tx, &Waiting { message: self.message, due_at, attempts: 0, depth: 0 }),
            None => outbox::remove(tx, &self.message),
        }
    }
}
