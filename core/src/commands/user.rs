//! People's accounts, beyond what their record says.

mod leave;
mod shape;

use super::{Ctx, Run, rights, team};
use crate::{
    Error, Result,
    model::{Id, Record},
    store::{Tx, tables},
};

pub use leave::{Leave, OWNER as LAST_DAY};

/// Everything a person's record must meet besides its fields' own types.
///
/// # Errors
/// `invalid`, naming the fields.
pub(super) fn check(tx: &Tx<'_>, user: &Record, old: Option<&Record>) -> Result<()> {
    shape::check(&user.data)?;
    team::check_member(tx, user, old)
}

/// What follows from a person's record, in the same commit.
///
/// # Errors
/// Those of the changes it makes.
pub(super) fn settle(tx: &mut Tx<'_>, ctx: &Ctx, user: &Record, old: Option<&Record>) -> Result<()> {
    leave::settle(tx, ctx, user, old)?;
    team::settle_member(tx, ctx, user, old)
}

/// Set a person's password and end everything they have open. One's own, or anybody's for an administrator.
#[derive(Clone, Debug)]
pub struct SetPassword {
    /// Whose.
    pub user: Id,
    /// From [`session::hash`](super::session::hash); hashing is too slow for a transaction.
    pub hash: String,
}

impl Run for SetPassword {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        if ctx.actor.person() != Some(&self.user) {
            may_keep(tx, ctx, &self.user)?;
        }
        tables::secret::set(tx, &self.user, &self.hash)?;
        tables::session::delete_all(tx, &self.user)
    }
}

/// Whether it may look after this account. An account with the role `admin` is looked after by its equals alone: who could
/// set its password could take it over.
///
/// # Errors
/// `denied`; `record.not_found` for somebody of other organisations.
pub fn may_keep(tx: &Tx<'_>, ctx: &Ctx, user: &Id) -> Result<()> {
    rights::to_keep_people(ctx)?;
    let Some(record) = tables::record::get(tx, "user", user, &ctx.scope)? else {
        return Err(Error::not_found("record", format!("there is no user {user} in your organisations")));
    };
    let is_admin = record.field("roles").as_array().is_some_and(|roles| roles.iter().any(|role| role == rights::ADMIN));
    if is_admin && !rights::is_admin(ctx) {
        return Err(Error::denied("an administrator's account is looked after by administrators alone"));
    }
    Ok(())
}
