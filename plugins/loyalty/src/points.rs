//! How many points something earns: the point `points.earn` decides, within what the maker allows.

use marque_sdk::{Decision, Result, json};
use serde::Deserialize;

use crate::{desk::Desk, sums::Sums, tier::Tier};

#[derive(Deserialize)]
struct Answer {
    points: i64,
}

/// What was decided.
#[derive(Clone, Debug)]
pub struct Earned {
    /// How many.
    pub points: i64,
    /// The receipt to quote.
    pub receipt: String,
}

/// For a deed that is worth a fixed number: `join`, `member`, `activity`, `suggestion`, `purchase`.
pub fn for_deed(desk: &Desk, deed: &str, base: i64, tier: Tier) -> Result<Earned> {
    let input = json!({ "event": deed, "base": base, "tier": tier, "now": desk.now() });
    let Decision { output, receipt } = marque_sdk::decide::<Answer>("points.earn", &input)?;
    // A script may be generous with deeds, but not more than tenfold.
    Ok(Earned { points: output.points.min(base.saturating_mul(10)), receipt })
}

/// For what was paid on a document; `tier` is the one it counts by.
pub fn for_document(desk: &Desk, kind: &str, paid: &Sums, tier: Tier, at: &str) -> Result<Earned> {
    let settings = &desk.settings;
    let input = json!({
        "event": "document",
        "document": kind,
        "repair": paid.repair,
        "accessories": paid.accessories,
        "renewal": paid.renewal,
        "excluded": paid.excluded(),
        "tier": tier,
        "multiplier": settings.multiplier(tier),
        "repair_per_100": settings.repair_per_100,
        "accessories_per_100": settings.accessories_per_100,
        "renewal_per_100": settings.renewal_per_100,
        "settled_at": at,
        "now": desk.now(),
    });
    let Decision { output, receipt } = marque_sdk::decide::<Answer>("points.earn", &input)?;
    Ok(Earned { points: output.points.min(paid.earning() * settings.most_per_yuan / 100), receipt })
}
