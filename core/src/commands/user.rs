//! People's accounts, beyond what their record says.

use super::{Ctx, Run, rights};
use crate::{
    Error, Result,
    model::Id,
    store::{Tx, tables},
};

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
            rights::to_keep_people(ctx)?;
        }
        if tables::record::get(tx, "user", &self.user, &ctx.scope)?.is_none() {
            return Err(Error::not_found("record", format!("there is no user {} in your organisations", self.user)));
        }
        tables::secret::set(tx, &self.user, &self.hash)?;
        tables::session::delete_all(tx, &self.user)
    }
}
