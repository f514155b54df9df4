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
    let customer = detail["customer"].as_str().and_then(|id| id.parse::<Id>().ok());
    let entry = Entry::new(ctx.done_at, &ctx.actor, org.clone(), what, detail);
    let entry = if customer.is_some() { entry.about("customer", customer.as_ref()) } else { entry };
    audit::append(tx, &entry)
}
