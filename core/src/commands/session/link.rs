//! Taking the link to an identity provider off an account.

use super::super::{Ctx, Run, user};
use crate::{
    Error, Result,
    model::Id,
    store::{
        Tx, View,
        tables::{self, account_link::Link, session::Kind},
    },
};

/// Take a person's links off and end what was begun through them: one's own, or anybody's for whoever looks after accounts. The next
/// sign-in through the provider links anew, by the verified address.
///
/// Refuses to lock somebody out of their own account (`link.only_way`).
#[derive(Clone, Debug)]
pub struct Unlink {
    /// Whose.
    pub user: Id,
}

impl Run for Unlink {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        if ctx.actor.person() != Some(&self.user) {
            user::may_keep(tx, ctx, &self.user)?;
        } else if tables::secret::get(tx, &self.user)?.is_none() {
            let message =
                "you have no password, so your provider is your only way in; have an administrator give you one first";
            return Err(Error::conflict("link.only_way", message));
        }
        if !tables::account_link::delete(tx, &self.user)? {
            return Err(Error::not_found("link", "the account is linked to no identity provider"));
        }
        tables::session::delete_kind(tx, &self.user, Kind::Oidc)
    }
}

/// The accounts at identity providers that a person is linked to.
///
/// # Errors
/// Internal.
pub fn links(view: &View, user: &Id) -> Result<Vec<Link>> {
    tables::account_link::of_user(view, user)
}
