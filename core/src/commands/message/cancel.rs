//! `message.cancel`.

use serde::Deserialize;
use serde_json::json;

use super::{moved, send};
use crate::{
    Error, Result,
    commands::{Ctx, Run, record::write},
    model::{Id, Record},
    store::{Tx, tables::outbox},
};

/// Take a message back that has not been sent.
///
/// Causes `message.cancelled`. Refuses one that waits no more (`message.not_queued`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The message.
    pub id: Id,
}

impl Run for Cancel {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        send::may_send(ctx)?;
        let message = write::current(tx, ctx, "message", &self.id, None)?;
        match message.text("state") {
            Some("queued" | "printing") => {
                outbox::remove(tx, &message.id)?;
                moved(tx, ctx, &message, json!({ "state": "cancelled" }), "cancelled")
            }
            state => {
                let state = state.unwrap_or_default();
                Err(Error::conflict(
                    "message.not_queued",
                    format!("this message waits no more: its state is {state:?}"),
                ))
            }
        }
    }
}
