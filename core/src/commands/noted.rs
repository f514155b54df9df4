//! Lines of the audit log about people's data, in the commit of what they tell of.

use serde_json::Value;

use super::Ctx;
use crate::{
    Result,
    model::Id,
    store::{
        Tx,
        tables::audit::{self, Entry},
    },
};

/// Note what was done or looked at in an organisation. Ids and codes alone: nobody can be forgotten here.
///
/// # Errors
/// Internal.
pub fn note(tx: &mut Tx<'_>, ctx: &Ctx, org: &Id, what: &str, detail: Value) -> Result<()> {
    audit::append(tx, &Entry::new(ctx.done_at, &ctx.actor, org.clone(), what, detail))
}
