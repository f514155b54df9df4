//! The reward shop: what points buy, never more than is in stock.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    account::{self, Account, Reason},
    burn::{self, Why},
    desk::{self, Desk},
    ledger::Part,
};

/// The kinds' names.
pub const REWARD: &str = "loyalty.reward";
/// One customer's choice.
pub const REDEMPTION: &str = "loyalty.redemption";

/// What of a reward counts here.
#[derive(Debug, Deserialize)]
struct Reward {
    name: String,
    state: String,
    points: i64,
    stock: i64,
    from: Option<Date>,
    to: Option<Date>,
}

/// What of a redemption counts here.
#[derive(Debug, Deserialize)]
struct Redemption {
    reward: Id,
    account: Id,
    quantity: i64,
}

/// Input of `offer`; see plugin.toml.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    name: String,
    category: Option<String>,
    points: i64,
    stock: i64,
    value: Option<i64>,
    from: Option<Date>,
    to: Option<Date>,
    note: Option<String>,
}

/// Input of `restock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restock {
    quantity: i64,
}

/// Input of `redeem`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    customer: Id,
    quantity: Option<i64>,
    note: Option<String>,
}

/// Puts a reward into the shop.
pub fn offer(desk: &Desk, input: &Offer) -> Result<Value> {
    let rules = desk.settings.burning();
    if input.points < rules.from || input.points % rules.step != 0 {
        let message =
            format!("{} points: a reward costs {} at least, in steps of {}", input.points, rules.from, rules.step);
        return Err(Fault::at("reward_points", "/points", message));
    }
    if input.from.zip(input.to).is_some_and(|(from, to)| to < from) {
        return Err(Fault::at("reward_ends_early", "/to", "it ends before it begins: correct the days"));
    }
    let id = new_id();
    record::create(REWARD).id(&id).fields(desk::said(json!(input))).stage()?;
    Ok(json!({ "reward": id }))
}

/// More of it, or less with a minus; never below nothing.
pub fn restock(id: &str, input: &Restock) -> Result<Value> {
    let reward = view::require::<Reward>(REWARD, id)?;
    let stock = reward.data.stock + input.quantity;
    if stock < 0 {
        let message = format!("{} are in stock: no more can be taken out", reward.data.stock);
        return Err(Fault::at("stock_short", "/quantity", message));
    }
    record::change(REWARD, id).if_rev(reward.rev).field("stock", stock).stage()?;
    Ok(json!({ "stock": stock }))
}

/// Takes it out of the shop, or puts it back.
pub fn turn(id: &str, transition: &str) -> Result<Value> {
    record::mov(REWARD, id, transition).stage()?;
    Ok(json!({ "reward": id }))
}

/// A customer takes it for points. Stock and points are guarded both: of two desks that want the last one, one is told.
pub fn redeem(desk: &Desk, id: &str, input: &Redeem) -> Result<Value> {
    let reward = available(desk, id)?;
    let quantity = input.quantity.unwrap_or(1);
    if quantity > reward.data.stock {
        let message =
            format!("{} of {:?} are left: take fewer or choose something else", reward.data.stock, reward.data.name);
        return Err(Fault::new("out_of_stock", message));
    }
    let mut account = Account::of(&input.customer)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let redemption = new_id();
    let points = reward.data.points * quantity;
    let about = Some((REDEMPTION, redemption.as_str()));
    burn::take(desk, &mut account, points, &Reason { rule: "reward", about, ..Reason::default() })?;
    let data = json!({
        "reward": id, "account": account.id, "customer": account.facts.customer, "quantity": quantity, "points": points,
        "at": desk.now(), "by": desk.me(), "note": input.note,
    });
    let org = account.org.clone();
    let saved = account.save(desk)?;
    record::change(REWARD, id).if_rev(reward.rev).field("stock", reward.data.stock - quantity).stage()?;
    record::create(REDEMPTION).id(&redemption).org(org).fields(desk::said(data)).stage()?;
    Ok(saved.reply(json!({ "redemption": redemption, "points": points, "stock": reward.data.stock - quantity })))
}

fn available(desk: &Desk, id: &str) -> Result<Record<Reward>> {
    let reward = view::require::<Reward>(REWARD, id)?;
    let Reward { state, from, to, .. } = &reward.data;
    let is_early = from.is_some_and(|from| desk.today < from);
    let is_late = to.is_some_and(|to| desk.today > to);
    if state != "offered" || is_early || is_late {
        return Err(Fault::new("not_offered", "this reward is not offered today: choose another"));
    }
    Ok(reward)
}

/// The customer has it in their hands.
pub fn hand_over(desk: &Desk, id: &str) -> Result<Value> {
    record::mov(REDEMPTION, id, "hand_over").field("handed_over_at", desk.now()).stage()?;
    Ok(json!({ "redemption": id }))
}

/// It is not taken after all: points and stock come back.
pub fn cancel(desk: &Desk, id: &str, input: &Why) -> Result<Value> {
    #[derive(Deserialize)]
    struct Burnt {
        parts: Vec<Part>,
    }
    let redemption = view::require::<Redemption>(REDEMPTION, id)?;
    let theirs = Filter::eq("about", id).and(Filter::eq("kind", "burn"));
    let Some(entry) = view::find::<Burnt>(account::ENTRY).filter(theirs).first()? else {
        return Err(Fault::new("lot_gone", "the entry of this redemption is not there: ask whoever keeps the system"));
    };
    let mut account = Account::load(&redemption.data.account)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let reason = Reason { rule: "reward", note: Some(&input.reason), ..Reason::default() };
    let points = burn::restore(desk, &mut account, &entry.id, entry.data.parts, reason)?;
    let saved = account.save(desk)?;
    let reward = view::require::<Reward>(REWARD, &redemption.data.reward)?;
    let stock = reward.data.stock + redemption.data.quantity;
    record::change(REWARD, &reward.id).if_rev(reward.rev).field("stock", stock).stage()?;
    record::mov(REDEMPTION, id, "cancel").if_rev(redemption.rev).field("note", &input.reason).stage()?;
    Ok(saved.reply(json!({ "redemption": id, "points": points, "stock": stock })))
}
