//! What whoever carries messages tells of them afterwards.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::moved;
use crate::{
    Result,
    commands::{Ctx, Run},
    model::{Id, Scope, Time, contact::Channel},
    store::{Tx, tables},
};

/// The longest note of a gateway that is kept.
const MAX_NOTE: usize = 200;

/// Write down that a message arrived, was opened, or did not arrive. Asked by a gateway that has shown its signature.
///
/// Causes `message.delivered`, `message.opened` or `message.failed`; nothing when it is no news. Passes over a message that is not there,
/// was not sent, or went by another channel: a gateway is not told what there is.
#[derive(Clone, Debug)]
pub struct Report {
    /// The message.
    pub message: Id,
    /// By which way it went.
    pub channel: Channel,
    /// What became of it.
    pub said: Said,
    /// When.
    pub at: Option<Time>,
    /// Why, in the gateway's words.
    pub note: Option<String>,
}

/// What is told of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It arrived.
    Delivered,
    /// It was opened.
    Opened,
    /// It did not arrive.
    Failed,
}

impl Run for Report {
    /// Whether it was news.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        let Some(message) = tables::record::get(tx, "message", &self.message, &Scope::All)? else { return Ok(false) };
        let is_of_channel = message.text("channel") == Some(self.channel.as_str());
        if message.text("state") != Some("sent") || !is_of_channel {
            return Ok(false);
        }
        let sent_at: Option<Time> = message.text("sent_at").and_then(|at| at.parse().ok());
        // A gateway's clock may be wrong: nothing arrives before it is sent or after it is told.
        let at = self.at.unwrap_or(ctx.now).min(ctx.now).max(sent_at.unwrap_or(ctx.now));
        let note: Option<String> = self
            .note
            .map(|note| note.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NOTE).collect());
        let before = message.text("delivery");
        let (change, verb) = match (self.said, before) {
            // Reports overtake each other: what arrived stays arrived.
            (Said::Delivered, None) => (json!({ "delivery": "delivered", "delivered_at": at }), "delivered"),
            (Said::Opened, None) => (json!({ "delivery": "opened", "delivered_at": at, "opened_at": at }), "opened"),
            (Said::Opened, Some("delivered")) => (json!({ "delivery": "opened", "opened_at": at }), "opened"),
            (Said::Failed, None) => {
                let failed =
                    json!({ "state": "failed", "reason": "undelivered", "delivery": "failed", "delivery_note": note });
                (failed, "failed")
            }
            _ => return Ok(false),
        };
        let ctx = Ctx { org: message.org.clone(), ..ctx.clone() };
        moved(tx, &ctx, &message, change, verb)?;
        Ok(true)
    }
}
