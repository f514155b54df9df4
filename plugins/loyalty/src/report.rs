//! What the shop owes in points, and whether a ledger is whole.

use marque_sdk::{Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    account::{self, Facts},
    desk::Desk,
};

#[derive(Default, Deserialize)]
struct Sum {
    n: i64,
    points: Option<i64>,
}

#[derive(Deserialize)]
struct OfTier {
    tier: Option<String>,
    n: i64,
    points: Option<i64>,
}

/// Open points and what they are worth: a hundred to the yuan, or as the house has set.
pub fn liability(desk: &Desk) -> Result<Value> {
    let sum = |kind: &str, filter: Filter, field: &str| -> Result<Sum> {
        let rows: Vec<Sum> = view::aggregate(kind).filter(filter).count("n").sum("points", field).rows()?;
        Ok(rows.into_iter().next().unwrap_or_default())
    };
    let open = sum(account::KIND, Filter::gt("balance", 0), "balance")?;
    let owed = sum(account::KIND, Filter::lt("balance", 0), "balance")?;
    let lots = sum(account::LOT, Filter::gt("left", 0), "left")?;
    let soon = Filter::gt("left", 0).and(Filter::lte("expires", desk.today.plus_days(60).to_string()));
    let soon = sum(account::LOT, soon, "left")?;
    let tiers = view::aggregate(account::KIND).filter(Filter::gt("balance", 0)).group(&["tier"]);
    let tiers: Vec<OfTier> = tiers.count("n").sum("points", "balance").rows()?;
    let points = open.points.unwrap_or_default();
    let worth = |points: i64| desk.settings.worth(points);
    let by_tier = tiers.into_iter().map(|row| {
        let points = row.points.unwrap_or_default();
        json!({ "tier": row.tier, "accounts": row.n, "points": points, "liability": worth(points) })
    });
    Ok(json!({
        "accounts": open.n,
        "points": points,
        "liability": worth(points),
        "lots": lots.points.unwrap_or_default(),
        "expiring_60_days": soon.points.unwrap_or_default(),
        "in_debt": { "accounts": owed.n, "points": owed.points.unwrap_or_default() },
        "by_tier": by_tier.collect::<Vec<Value>>(),
    }))
}

/// Whether an account's balance is the sum of its entries and of its open lots.
pub fn reconcile(id: &str) -> Result<Value> {
    let account = view::require::<Facts>(account::KIND, id)?;
    let sum = |kind: &str, field: &str| -> Result<i64> {
        let rows: Vec<Sum> =
            view::aggregate(kind).filter(Filter::eq("account", id)).count("n").sum("points", field).rows()?;
        Ok(rows.first().and_then(|row| row.points).unwrap_or_default())
    };
    let (balance, entries, lots) = (account.data.balance, sum(account::ENTRY, "points")?, sum(account::LOT, "left")?);
    Ok(
        json!({ "balance": balance, "entries": entries, "lots": lots, "is_whole": balance == entries && balance == lots }),
    )
}
