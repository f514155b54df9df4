//! `record.remove`.

use serde::Deserialize;
use serde_json::{Map, json};

use super::write;
use crate::{
    Error, Result,
    commands::{Ctx, Run, customer, org, rights, user},
    model::{Id, rights::Verb},
    store::{Tx, tables},
};

/// Take a record away. Its revisions and events stay, so its history can still be told.
///
/// Causes `<kind>.removed`. Refuses a closed kind, a record that others refer to, a revision that has moved on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remove {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The revision it must still be at.
    #[serde(default)]
    pub if_rev: Option<u32>,
}

impl Run for Remove {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let kind = tx.kind(&self.kind)?;
        rights::to_write(ctx, "record.remove", &kind)?;
        let record = write::current(tx, ctx, &self.kind, &self.id, self.if_rev)?;
        rights::to_do(tx, ctx, Verb::Remove, &*tx.kind_in(&self.kind, &record.org)?, &record)?;
        match record.kind.as_str() {
            "org" => org::check_removal(tx, &record)?,
            "user" => user::check_removal(ctx, &record)?,
            _ => {}
        }
        if let Some((other, field)) = tables::record::referrer(tx, &self.kind, &record.id)? {
            let message = format!("{} {} cannot be removed: a {other} refers to it in {field}", record.kind, record.id);
            return Err(Error::conflict("record.in_use", message));
        }
        tables::record::delete(tx, &record)?;
        customer::removed(tx, ctx, &record)?;
        let seq = ctx.raise(tx, &write::event(&kind, &record, "removed", &[]))?;
        tables::audit::append_write(tx, &ctx.origin(), &record, "removed", &Map::new(), json!({ "seq": seq }))
    }
}
