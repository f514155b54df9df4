//! People's accounts, beyond what their record says.

mod leave;
mod shape;

use super::{Ctx, Run, rights, team};
use crate::{
    Error, Result,
    model::{Actor, Id, Record, Time, scopes},
    store::{Tx, tables},
};

pub use leave::{Leave, OWNER as LAST_DAY};

/// Everything a person's record must meet besides its fields' own types.
///
/// # Errors
/// `invalid`, naming the fields; `denied` for an administrator's account.
pub(super) fn check(tx: &Tx<'_>, ctx: &Ctx, user: &Record, old: Option<&Record>) -> Result<()> {
    check_equals(ctx, user, old)?;
    shape::check(&user.data)?;
    team::check_member(tx, user, old)
}

/// What makes somebody an administrator, and by what one of them comes in or is kept out: who could write it could become one. A token
/// with scopes is a program's and makes none.
fn check_equals(ctx: &Ctx, user: &Record, old: Option<&Record>) -> Result<()> {
    if is_equal(ctx) || !(is_admin(user) || old.is_some_and(is_admin)) {
        return Ok(());
    }
    let is_kept = |name: &str| old.is_some_and(|old| old.field(name) == user.field(name));
    match ["roles", "login", "email", "status", "last_day"].into_iter().find(|name| !is_kept(name)) {
        None => Ok(()),
        Some(name) => {
            let message =
                format!("{name} of an administrator's account is written by administrators alone: ask one of them");
            Err(Error::denied(message))
        }
    }
}

/// An administrator's account is taken away by administrators alone.
///
/// # Errors
/// `denied`.
pub(super) fn check_removal(ctx: &Ctx, user: &Record) -> Result<()> {
    if is_admin(user) && !is_equal(ctx) {
        return Err(Error::denied("an administrator's account is removed by administrators alone: ask one of them"));
    }
    Ok(())
}

/// Whether it may do with an administrator's account what administrators may.
fn is_equal(ctx: &Ctx) -> bool {
    ctx.actor == Actor::System || (rights::is_admin(ctx) && scopes::are_open(ctx.actor.scopes()))
}

fn is_admin(user: &Record) -> bool {
    user.field("roles").as_array().is_some_and(|roles| roles.iter().any(|role| role == rights::ADMIN))
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
    /// Until when it may be used for the first time, where it is not one's own.
    pub initial_until: Option<Time>,
}

impl Run for SetPassword {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        if ctx.actor.person() != Some(&self.user) {
            may_keep(tx, ctx, &self.user)?;
        }
        tables::secret::set(tx, &self.user, &self.hash, self.initial_until)?;
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
    if is_admin(&record) && !rights::is_admin(ctx) {
        return Err(Error::denied("an administrator's account is looked after by administrators alone"));
    }
    Ok(())
}
