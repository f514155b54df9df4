//! What a statement offers beside points: the next service, the best reward they reach, the next thing to come to.

use marque_sdk::{Date, Filter, Id, Result, view};
use serde::Deserialize;

use crate::{activity, desk::Desk, shop};

/// Calls that remind of a service, by the plugin of customer care.
const CALL: &str = "care.call";
const SERVICES: [&str; 2] = ["first_service", "regular_service"];
/// Rewards looked through: a shop has no more on its shelf.
const REWARDS: usize = 500;

#[derive(Deserialize)]
struct Call {
    due: String,
}

#[derive(Deserialize)]
struct Reward {
    name: String,
    points: i64,
    stock: Option<i64>,
    from: Option<Date>,
    to: Option<Date>,
}

#[derive(Deserialize)]
struct Activity {
    name: String,
    starts_at: String,
    capacity: i64,
    n_confirmed: i64,
}

/// When the next service of one of their cars is due. Where nobody looks after that, nothing is said of it.
pub fn next_service(desk: &Desk, customer: &Id) -> Result<Option<Date>> {
    let theirs = Filter::eq("customer", customer.as_str())
        .and(Filter::is_in("kind", SERVICES))
        .and(Filter::gte("due", desk.now()));
    match view::find::<Call>(CALL).filter(theirs).order("due").first() {
        Ok(found) => found.map(|call| desk.day(&call.data.due)).transpose(),
        Err(fault) if fault.code == "kind.not_found" => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The dearest reward that the points are enough for and that can be had today.
pub fn reward(desk: &Desk, balance: i64) -> Result<Option<(String, i64)>> {
    let reached = Filter::eq("state", "offered").and(Filter::lte("points", balance));
    let found = view::find::<Reward>(shop::REWARD).filter(reached).order("-points").up_to(REWARDS)?;
    let can_be_had = |reward: &Reward| {
        reward.stock.is_none_or(|stock| stock > 0)
            && reward.from.is_none_or(|from| from <= desk.today)
            && reward.to.is_none_or(|to| desk.today <= to)
    };
    let best = found.into_iter().map(|reward| reward.data).find(can_be_had);
    Ok(best.map(|reward| (reward.name, reward.points)))
}

/// The next activity that still has room.
pub fn activity(desk: &Desk) -> Result<Option<(String, Date)>> {
    let coming = Filter::eq("state", "planned").and(Filter::gt("starts_at", desk.now()));
    let found = view::find::<Activity>(activity::KIND).filter(coming).order("starts_at").up_to(REWARDS)?;
    let next = found.into_iter().map(|activity| activity.data).find(|next| next.n_confirmed < next.capacity);
    next.map(|next| Ok((next.name, desk.day(&next.starts_at)?))).transpose()
}
