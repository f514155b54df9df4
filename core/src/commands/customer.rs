//! Customers: who is whom, in an organisation and in the brand; merging and taking a merge back.

mod absorb;
mod child;
mod duplicates;
pub mod erase;
mod hints;
mod identity;
mod join;
mod merge;
mod unmerge;

use crate::{
    Result,
    commands::{Ctx, rights},
    model::{Kind, Record, matching, rights::Power},
    store::Tx,
};

pub(in crate::commands) use absorb::{Newcomer, absorb, given_standings};
pub(in crate::commands) use child::no_child;
pub use duplicates::{Found, find_duplicates, put_up};
pub(in crate::commands) use duplicates::{ask_for_review, best_match};
pub(in crate::commands) use erase::not_erased;
pub use erase::{Erase, Erased};
pub use hints::Hints;
pub use identity::house;
pub(in crate::commands) use merge::note;
pub use merge::{Merge, Merged};
pub use unmerge::{Parted, UNDO_DAYS, Unmerge};

/// May this actor decide that two customers are one, or are not?
///
/// # Errors
/// `denied`, naming the roles that may.
pub fn to_decide(ctx: &Ctx) -> Result<()> {
    rights::to(ctx, Power::Merge, "decide whether two customers are one")
}

/// The same, asked by a command; a plugin needs the grant too.
pub(in crate::commands) fn may_decide(ctx: &Ctx, tx: &Tx<'_>, command: &str) -> Result<()> {
    rights::to_write(ctx, command, &*tx.kind("customer")?)?;
    to_decide(ctx)
}

/// A customer that is there and was not erased.
///
/// # Errors
/// `record.not_found`, `customer.erased`.
pub fn standing(tx: &Tx<'_>, ctx: &Ctx, id: &crate::model::Id) -> Result<Record> {
    crate::commands::record::write::current(tx, ctx, "customer", id, None)
}

/// What the writing of a record means for who is whom. `changed` names the fields of a record that was there before.
pub(in crate::commands) fn written(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    changed: Option<&[String]>,
) -> Result<()> {
    if kind.kind == "customer" {
        let is_looked_at = |name: &String| matching::LOOKED_AT.contains(&name.as_str());
        return match changed {
            None => identity::settle(tx, ctx, record),
            Some(names) if names.iter().any(is_looked_at) => {
                identity::settle(tx, ctx, record)?;
                duplicates::look_again(tx, ctx, record)
            }
            Some(_) => Ok(()),
        };
    }
    match &kind.lends {
        Some(lends) => duplicates::lent(tx, ctx, lends, record, changed),
        None => Ok(()),
    }
}

/// What the removal of a record means for who is whom.
pub(in crate::commands) fn removed(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record) -> Result<()> {
    if record.kind == "customer" { identity::leave(tx, ctx, &record.id).map(drop) } else { Ok(()) }
}
