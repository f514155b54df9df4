//! Tiers: silver, gold, platinum, diamond, by what was earned in all. The point `points.tier` decides.

use marque_sdk::{Decision, Result, json};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;

/// What a customer is to the club.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// From the beginning.
    #[default]
    Silver,
    /// The second.
    Gold,
    /// The third.
    Platinum,
    /// The highest.
    Diamond,
}

#[derive(Deserialize)]
struct Answer {
    tier: Tier,
}

/// The tier for what was earned in all, with the receipt of the decision.
pub fn decide(desk: &Desk, lifetime: i64, tier: Tier) -> Result<(Tier, String)> {
    let settings = &desk.settings;
    let input = json!({
        "lifetime": lifetime,
        "tier": tier,
        "gold": settings.tier_gold,
        "platinum": settings.tier_platinum,
        "diamond": settings.tier_diamond,
        "now": desk.now(),
    });
    let Decision { output, receipt } = marque_sdk::decide::<Answer>("points.tier", &input)?;
    Ok((output.tier, receipt))
}
