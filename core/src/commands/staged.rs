//! What a guest has staged, run as one: receipts first, then its commands in order.

use serde_json::Value;

use super::{Ctx, Run, apply};
use crate::{
    Error, ErrorKind, Result,
    model::{Command, Receipt},
    store::{Tx, tables},
};

/// Commands a guest asked for, with the receipts of the decisions in them. All of it is done, or none.
#[derive(Clone, Debug)]
pub struct Effects {
    /// In the order staged.
    pub commands: Vec<Command>,
    /// Of the decisions asked for on the way.
    pub receipts: Vec<Receipt>,
}

impl Run for Effects {
    /// What each command came to.
    type Done = Vec<Value>;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Vec<Value>> {
        for receipt in &self.receipts {
            tables::receipt::insert(tx, receipt)?;
        }
        let n_commands = self.commands.len();
        let apply = |(n, command): (usize, &Command)| {
            apply(tx, ctx, command).map_err(|error| named(error, command, n + 1, n_commands))
        };
        self.commands.iter().enumerate().map(apply).collect()
    }
}

/// A failure inside a list says which command it was; what a person sees stays as it is.
fn named(error: Error, command: &Command, n: usize, n_commands: usize) -> Error {
    if error.kind == ErrorKind::Internal {
        return error;
    }
    let place = format!("command {n} of {n_commands}, {}", command.name);
    error.caused_by(place)
}
