//! Messages to customers: queued by anybody who may, sent by the server alone after it has asked whether it may.

mod cancel;
mod conclude;
mod report;
mod send;
mod wording;

use serde_json::{Map, Value};

use crate::{
    Result,
    commands::{
        Ctx,
        record::{note::Note, write},
    },
    model::Record,
    store::Tx,
};

pub use cancel::Cancel;
pub use conclude::{Conclude, Outcome};
pub use report::{Report, Said};
pub use send::Send;

/// Messages are closed to people's own writes, so the core moves them.
fn moved(tx: &mut Tx<'_>, ctx: &Ctx, message: &Record, change: Value, verb: &str) -> Result<Record> {
    let kind = tx.kind_in("message", &message.org)?;
    let mut data = message.data.clone();
    for (name, value) in change.as_object().cloned().unwrap_or_else(Map::new) {
        match value {
            Value::Null => drop(data.remove(&name)),
            value => drop(data.insert(name, value)),
        }
    }
    write::update(tx, ctx, &kind, message, data, verb, &Note::default())
}
