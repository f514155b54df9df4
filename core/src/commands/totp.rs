//! Second factors: begin, confirm, use, take off.

use super::{Ctx, Run};
use crate::{
    Error, ErrorKind, Result,
    model::{Id, digest, seal::SealKey, totp},
    store::{Tx, View, tables},
};

/// Keep a secret that is still to be proved with a first code. One's own.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The sealed secret.
    pub sealed: String,
}

/// Ask for codes from now on, and keep recovery codes. One's own, with a code of the secret.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The step of the code that proved it.
    pub step: i64,
    /// Digests of the recovery codes.
    pub recovery: Vec<String>,
}

/// What was typed in place of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A code of this time step.
    Step(i64),
    /// A recovery code, by its digest.
    Recovery(String),
    /// Neither.
    Wrong,
}

/// Use a code or a recovery code up; both work once.
#[derive(Clone, Debug)]
pub struct Use {
    /// Whose.
    pub user: Id,
    /// Which.
    pub factor: Factor,
}

/// Ask for no codes any more: of oneself, or of somebody who has lost the app and the recovery codes, by a keeper of accounts.
#[derive(Clone, Debug)]
pub struct TakeOff {
    /// Whose.
    pub user: Id,
}

fn oneself(ctx: &Ctx) -> Result<&Id> {
    ctx.actor.person().ok_or_else(|| Error::denied("only people have one-time codes"))
}

/// A code that does not hold, or has been used.
pub fn wrong_code() -> Error {
    Error::new(
        ErrorKind::Unauthenticated,
        "session.code_wrong",
        "the code is wrong or has been used; wait for the next one",
    )
}

impl Run for Begin {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        tables::totp::begin(tx, oneself(ctx)?, &self.sealed, ctx.now)
    }
}

impl Run for Confirm {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let user = oneself(ctx)?;
        if tables::totp::get(tx, user)?.is_some_and(|known| known.confirmed_at.is_some()) {
            return Err(Error::conflict("totp.on", "one-time codes are on already; take them off first"));
        }
        if !tables::totp::take_step(tx, user, self.step)? {
            return Err(wrong_code());
        }
        tables::totp::confirm(tx, user, ctx.now)?;
        tables::totp::set_recovery(tx, user, &self.recovery)
    }
}

impl Run for Use {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, _ctx: &Ctx) -> Result<()> {
        let is_taken = match &self.factor {
            Factor::Step(step) => tables::totp::take_step(tx, &self.user, *step)?,
            Factor::Recovery(digest) => tables::totp::take_recovery(tx, &self.user, digest)?,
            Factor::Wrong => false,
        };
        if is_taken { Ok(()) } else { Err(wrong_code()) }
    }
}

impl Run for TakeOff {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let is_own = ctx.actor.person() == Some(&self.user);
        if !is_own {
            super::user::may_keep(tx, ctx, &self.user)?;
            // Whoever has the telephone and the password is out.
            tables::session::delete_all(tx, &self.user)?;
        }
        if !tables::totp::delete(tx, &self.user)? {
            return Err(Error::not_found("totp", "one-time codes are not on"));
        }
        Ok(())
    }
}

/// Where a person's secret is sealed for.
pub fn place(user: &Id) -> String {
    format!("totp:{user}")
}

/// The digest a recovery code is kept by.
pub fn recovery_digest(plain: &str) -> String {
    digest::hex(format!("recovery:{plain}"))
}

/// Whether a person is asked for codes.
///
/// # Errors
/// Internal.
pub fn is_on(view: &View, user: &Id) -> Result<bool> {
    Ok(tables::totp::get(view, user)?.is_some_and(|known| known.confirmed_at.is_some()))
}

/// What somebody has typed, looked at and not used up yet. Recovery codes count once the secret has been confirmed.
///
/// # Errors
/// `totp.not_found` without a secret; internal when it cannot be opened.
pub fn factor(view: &View, seal: &SealKey, user: &Id, typed: &str, now: crate::model::Time) -> Result<Factor> {
    let known = tables::totp::get(view, user)?
        .ok_or_else(|| Error::not_found("totp", "begin with POST /api/v1/account/totp"))?;
    let secret = seal.open(&known.sealed, &place(user))?;
    if let Some(step) = totp::step_of(&secret, typed, now) {
        return Ok(Factor::Step(step));
    }
    let recovery = totp::plain_recovery_code(typed).filter(|_| known.confirmed_at.is_some());
    Ok(recovery.map_or(Factor::Wrong, |plain| Factor::Recovery(recovery_digest(&plain))))
}
