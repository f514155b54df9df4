//! `review.merge`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    Result,
    commands::{Ctx, Run, customer},
    model::{Id, survivorship::Choice},
    store::{Tx, tables},
};

/// The two customers of a review are the same: merge them.
///
/// Causes what `customer.merge` does. Refuses a review that is decided already (`state.refused`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The review.
    pub id: Id,
    /// Which of the two stays; the one that was there first unless said.
    #[serde(default)]
    pub keep: Keep,
    /// Whose value survives: `this` is the one that stays.
    #[serde(default)]
    pub choose: BTreeMap<String, Choice>,
    /// Why, for the history.
    #[serde(default)]
    pub why: Option<String>,
}

/// One of the two customers of a review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The one that came later.
    Customer,
    /// The one that was there.
    #[default]
    Other,
}

impl Run for Merge {
    type Done = customer::Merged;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<customer::Merged> {
        customer::may_decide(ctx, tx, "review.merge")?;
        let review = super::open(tx, ctx, &self.id)?;
        let id = |field: &str| review.text(field).unwrap_or_default().parse::<Id>();
        let (newer, older) = (id("customer")?, id("other")?);
        let (id, other) = match self.keep {
            Keep::Customer => (newer, older),
            Keep::Other => (older, newer),
        };
        let merged = customer::Merge { id, other, choose: self.choose, why: self.why }.run(tx, ctx)?;
        debug_assert!(
            tables::record::get(tx, "review", &review.id, &ctx.scope)?.is_some_and(|now| now.rev > review.rev),
            "merging answers the review of the two"
        );
        Ok(merged)
    }
}
