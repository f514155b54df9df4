//! A car handed over: buying again is rewarded, and so is whoever sent the buyer.

use marque_sdk::{Filter, Id, Result, Value, view};
use serde::Deserialize;

use crate::{
    account::{Account, Reason},
    desk::Desk,
    document::{KIND, Post},
    friend, points, referral,
};

/// What a delivery came to beside what its lines earn.
#[derive(Debug, Default)]
pub struct Bought {
    /// For buying again.
    pub points: i64,
    /// The lot of these.
    pub lot: Option<Id>,
    /// What no two deliveries share: the vehicle and who took it.
    pub slot: Option<String>,
}

#[derive(Deserialize)]
struct Ownership {
    vehicle: Id,
}

/// Rewards a purchase. The account is saved by the caller.
pub fn deliver(desk: &Desk, account: &mut Account, input: &Post, document: &str) -> Result<Bought> {
    let mut bought = Bought::default();
    let slot = input.vin.as_ref().map(|vin| format!("{vin}:{}", account.facts.customer));
    if let Some(slot) = &slot {
        // Told of by the shop's system and at the desk: once is enough.
        if view::find::<Value>(KIND).filter(Filter::eq("slot", slot.as_str())).exists()? {
            return Ok(bought);
        }
    }
    if is_repeat(account, input)? {
        let earned = points::for_deed(desk, "purchase", desk.settings.purchase, account.facts.tier)?;
        let reason = Reason {
            rule: "purchase",
            document: Some(&input.number),
            about: Some((KIND, document)),
            receipt: Some(&earned.receipt),
            ..Reason::default()
        };
        bought.lot = account.earn(desk, earned.points, &reason)?;
        bought.points = earned.points;
    }
    bought.slot = slot;
    referral::delivered(desk, account, input.order_no.as_deref())?;
    Ok(bought)
}

/// Whether the customer had a car from us before: as the document says, or by what we know.
fn is_repeat(account: &Account, input: &Post) -> Result<bool> {
    if let Some(said) = input.is_repeat {
        return Ok(said);
    }
    // A purchase of the family is an additional one.
    let mut buyers = friend::family(&account.facts.customer)?;
    buyers.push(account.facts.customer.clone());
    let is_one = |field| Filter::is_in(field, buyers.iter().map(String::as_str));
    let before = is_one("customer").and(Filter::eq("kind", "delivery"));
    if view::find::<Value>(KIND).filter(before).exists()? {
        return Ok(true);
    }
    let owned = is_one("customer").and(Filter::is_in("role", ["owner", "co_owner"]));
    let cars = view::find::<Ownership>("vehicles.ownership").filter(owned).limit(10).page()?.items;
    let mut vehicles: Vec<&str> = cars.iter().map(|car| car.data.vehicle.as_str()).collect();
    vehicles.sort_unstable();
    vehicles.dedup();
    Ok(vehicles.len() > 1)
}
