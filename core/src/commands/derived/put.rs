//! `derived.put`: what scripts have made of a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{own, tell};
use crate::{
    Result,
    commands::{Ctx, Run},
    model::{Id, Receipt, Scope, Time},
    store::{
        Tx,
        derived::{self, Computed},
        tables::{
            self,
            timer::{self, Timer},
        },
    },
};

/// Whose timers they are that compute records anew.
pub const TIMERS: &str = "core.computed";
/// A value that wants to be computed anew at once, over and over, is made to wait this long.
const SOONEST_MS: i64 = 60_000;

/// Write down computed values with what they were made from. The server's own.
///
/// Causes `<kind>.derived` when a value has changed. A record that was changed after the snapshot is left alone: its own
/// event has it computed anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The last event in the snapshot the values were made from.
    pub at_seq: i64,
    /// By field.
    pub fields: BTreeMap<String, Made>,
    /// When time alone will change a value.
    pub next_at: Option<Time>,
}

/// What a script made of a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "outcome", rename_all = "snake_case")]
pub enum Made {
    /// A value in normal form, `null` for none.
    Value {
        /// The value.
        value: Value,
        /// What it was made from.
        receipt: Box<Receipt>,
    },
    /// Nothing, and the receipt's `fallback` says why.
    Failed {
        /// What it should have been made from.
        receipt: Box<Receipt>,
    },
    /// The script was taken out of force because it kept failing; the value of before stays.
    Unruled,
    /// There is no script, so there is no value.
    None,
}

impl Made {
    /// Made by a script that does not hold for the record any more: the back-fill of the one that does sees to it.
    fn is_outdated(&self, ctx: &Ctx, record: &Id) -> bool {
        let (Made::Value { receipt, .. } | Made::Failed { receipt }) = self else { return false };
        let in_force = ctx.catalogue.script_for(&receipt.script, &receipt.org, record.as_str());
        in_force.map_or(0, |script| script.version) != receipt.script_version
            || in_force.is_some_and(|script| script.org.as_str() != receipt.script_owner)
    }
}

impl Run for Put {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        own(ctx, "derived.put")?;
        let Some(record) = tables::record::get(tx, &self.kind, &self.id, &Scope::All)? else { return Ok(()) };
        let kind = tx.kind_in(&self.kind, &record.org)?;
        let computed = |made: &Made| match made {
            Made::Value { value: Value::Null, .. } => Computed::Value(None),
            Made::Value { value, .. } => Computed::Value(Some(value.clone())),
            Made::Failed { .. } => Computed::Failed,
            Made::Unruled => Computed::Unruled,
            Made::None => Computed::Value(None),
        };
        // A field may have gone since the snapshot.
        let known =
            self.fields.iter().filter(|(name, _)| kind.fields.get(name).is_some_and(|it| it.script().is_some()));
        let values: BTreeMap<String, Computed> = known.map(|(name, made)| (name.clone(), computed(made))).collect();
        let next = self.next_at.map(|next| next.max(ctx.now.plus_millis(SOONEST_MS)));
        if self.fields.values().any(|made| made.is_outdated(ctx, &self.id)) {
            return Ok(());
        }
        if !derived::put_computed(tx, &self.kind, &record.id, self.at_seq, &values, next)? {
            return Ok(());
        }
        for (name, made) in &self.fields {
            if let Made::Value { receipt, .. } | Made::Failed { receipt } = made {
                tables::computed::put(tx, &self.kind, &self.id, name, receipt)?;
            }
        }
        if let Some(due_at) = next {
            set_timer(tx, record.org, &self.kind, &self.id, due_at)?;
        }
        tell(tx, ctx, None)
    }
}

/// One timer a record. One that is not needed any more may still fire: the record is computed anew then, in vain.
fn set_timer(tx: &mut Tx<'_>, org: Id, kind: &str, id: &Id, due_at: Time) -> Result<()> {
    let timer = Timer {
        owner: TIMERS.into(),
        org,
        key: format!("{kind}/{id}"),
        due_at,
        subject: None,
        data: json!({ "kind": kind, "id": id }),
        depth: 0,
    };
    timer::set(tx, &timer)
}
