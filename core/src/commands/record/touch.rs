//! `record.touch`.

use serde::Deserialize;

use super::write;
use crate::{
    Result,
    commands::{Ctx, Run, rights},
    model::{Id, Record},
    store::{Tx, tables},
};

/// Guard a set: take a record one revision on without changing it, so that two lanes cannot both take the last place.
///
/// Causes no event. Refuses a revision that has moved on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The revision it must still be at.
    pub if_rev: u32,
}

impl Run for Touch {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let kind = tx.kind(&self.kind)?;
        rights::to_write(ctx, "record.touch", &kind)?;
        let old = write::current(tx, ctx, &self.kind, &self.id, Some(self.if_rev))?;
        let kind = tx.kind_in(&self.kind, &old.org)?;
        tables::record::update(tx, &kind, &Record { rev: old.rev + 1, ..old })
    }
}
