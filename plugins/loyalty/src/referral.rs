//! Referrals: a friend's number registered before the friend is known, and rewarded once when they drive their car home.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    account::{self, Account},
    desk::{self, Customer, Desk},
    friend, reward,
};

/// The kind's name.
pub const KIND: &str = "loyalty.referral";

/// What of a referral counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Stored {
    /// Who sent the friend.
    pub referrer: Id,
    /// The friend, once known.
    pub friend: Option<Id>,
    /// Where it stands.
    pub state: String,
    /// Whether a manager has to look at it.
    #[serde(default)]
    pub review: bool,
    /// What the referrer got.
    pub points: Option<i64>,
}

/// Input of `register`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    referrer: Option<Id>,
    code: Option<String>,
    friend_phone: String,
    friend_name: Option<String>,
    note: Option<String>,
}

/// Input of `order`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    order_no: String,
}

/// Input of `reject`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    reason: String,
}

/// Registers a friend's number for a member. Only strangers count, and old customers who have stayed away.
pub fn register(desk: &Desk, input: &Register) -> Result<Value> {
    let member = referrer(input)?;
    let phone = friend::phone(&input.friend_phone)?;
    let mut known = None;
    for person in friend::by_phone(&phone)? {
        friend::may_be(&member.data.customer, &person.id)?;
        if !friend::is_dormant(desk, &person)? {
            let message = "this person is a customer already: a friend is registered before their first visit or call";
            return Err(Fault::at("friend_known", "/friend_phone", message));
        }
        known = Some(person.id);
    }
    let waiting = Filter::eq("slot", phone.as_str()).and(Filter::eq("org", member.org.as_str()));
    if view::find::<Value>(KIND).filter(waiting).exists()? {
        let message = "somebody has referred this person already: one friend has one referrer";
        return Err(Fault::at("referred_already", "/friend_phone", message));
    }
    let id = new_id();
    let data = json!({
        "referrer": member.data.customer, "account": member.id, "code": member.data.number, "friend_phone": phone,
        "friend_name": input.friend_name, "note": input.note, "registered_at": desk.now(), "by": desk.me(),
        "friend": known, "slot": phone,
    });
    record::create(KIND).id(&id).org(&member.org).fields(desk::said(data)).stage()?;
    let told = json!({ "referrer": member.data.customer });
    desk::raise("loyalty.referral.registered", &member.data.customer, (KIND, &id, 1), told)?;
    if known.is_some() {
        record::mov(KIND, &id, "validate").field("valid_at", desk.now()).stage()?;
    }
    Ok(json!({ "referral": id, "account": member.id, "valid": known.is_some() }))
}

fn referrer(input: &Register) -> Result<Record<account::Facts>> {
    let missing = |pointer| Fault::at("not_a_member", pointer, "the referrer has not joined: let them join first");
    match (&input.referrer, input.code.as_deref().map(str::trim)) {
        (Some(customer), _) => Account::record_of(customer)?.ok_or_else(|| missing("/referrer")),
        (None, Some(code)) if !code.is_empty() => {
            let theirs = Filter::eq("number", code).and(Filter::ne("state", "closed"));
            view::find(account::KIND).filter(theirs).first()?.ok_or_else(|| missing("/code"))
        }
        _ => Err(Fault::at(
            "referrer_missing",
            "/referrer",
            "say who sent the friend: the member, or the number of their card",
        )),
    }
}

/// A customer was recorded: a referral of their number becomes valid, or is rejected.
pub fn heard(desk: &Desk, customer: &str) -> Result<bool> {
    let Some(person) = view::get::<Customer>("customer", customer)? else { return Ok(false) };
    let Some(phone) = person.data.phone.as_deref() else { return Ok(false) };
    let waiting =
        Filter::eq("slot", phone).and(Filter::eq("state", "registered")).and(Filter::eq("org", person.org.as_str()));
    let Some(referral) = view::find::<Stored>(KIND).filter(waiting).first()? else { return Ok(false) };
    if let Err(fault) = friend::may_be(&referral.data.referrer, customer) {
        reject_because(&referral, &fault.code)?;
        return Ok(true);
    }
    let friend = record::mov(KIND, &referral.id, "validate").if_rev(referral.rev).field("valid_at", desk.now());
    friend.field("friend", customer).stage()?;
    Ok(true)
}

/// The friend signs an order. One order has one referrer: the core takes its number once.
pub fn order(desk: &Desk, id: &str, input: &Order) -> Result<Value> {
    let referral = view::require::<Stored>(KIND, id)?;
    let number = input.order_no.trim();
    let same = Filter::eq("order_no", number).and(Filter::eq("org", referral.org.as_str()));
    if view::find::<Value>(KIND).filter(same).exists()? {
        return Err(Fault::at("order_referred", "/order_no", "this order has a referrer already"));
    }
    let write = record::mov(KIND, id, "order").if_rev(referral.rev).field("order_no", number);
    write.field("ordered_at", desk.now()).stage()?;
    Ok(json!({ "referral": id }))
}

/// The order is off; the referral waits for another.
pub fn cancel_order(id: &str) -> Result<Value> {
    let referral = view::require::<Stored>(KIND, id)?;
    let write = record::mov(KIND, id, "cancel_order").if_rev(referral.rev);
    write.field("order_no", Value::Null).field("ordered_at", Value::Null).stage()?;
    Ok(json!({ "referral": id }))
}

/// A car was handed over to `buyer`: whoever sent them is rewarded, or a manager looks at it first.
pub fn delivered(desk: &Desk, buyer: &mut Account, order_no: Option<&str>) -> Result<()> {
    let customer = buyer.facts.customer.clone();
    let theirs = Filter::eq("friend", customer.as_str()).and(Filter::is_in("state", ["valid", "ordered"]));
    let by_friend = view::find::<Stored>(KIND).filter(theirs).order("created_at").first()?;
    let referral = match (by_friend, order_no) {
        (Some(referral), _) => referral,
        (None, Some(number)) => {
            let of_order = Filter::eq("order_no", number).and(Filter::eq("state", "ordered"));
            match view::find::<Stored>(KIND).filter(of_order.and(Filter::eq("org", buyer.org.as_str()))).first()? {
                Some(referral) => referral,
                None => return Ok(()),
            }
        }
        (None, None) => return Ok(()),
    };
    // Somebody may have come into the household since.
    if let Err(fault) = friend::may_be(&referral.data.referrer, &customer) {
        return reject_because(&referral, &fault.code);
    }
    let due = reward::decide(desk, &referral)?;
    let write = record::mov(KIND, &referral.id, "deliver")
        .if_rev(referral.rev)
        .field("delivered_at", desk.now())
        .field("delivered_on", desk.today);
    let write = write.field("friend", &customer).field("review", due.review).field("points", due.points);
    write.field("friend_points", due.friend_points).receipt("points", &due.receipt).stage()?;
    match due.review {
        true => reward::ask_manager(desk, &referral),
        false => reward::pay(desk, &referral, &due, Some(buyer)),
    }
}

/// A manager has looked at it: it is paid.
pub fn approve(desk: &Desk, id: &str) -> Result<Value> {
    crate::burn::must_be_manager(desk)?;
    let referral = view::require::<Stored>(KIND, id)?;
    if referral.data.state != "delivered" || !referral.data.review {
        return Err(Fault::new("nothing_to_review", "only a delivered referral that waits for review is approved"));
    }
    let due = reward::stored(id)?;
    record::touch(KIND, id, referral.rev).stage()?;
    reward::pay(desk, &referral, &due, None)?;
    Ok(json!({ "referral": id, "points": due.points }))
}

/// It does not count, for a reason in words.
pub fn reject(desk: &Desk, id: &str, input: &Reject) -> Result<Value> {
    let referral = view::require::<Stored>(KIND, id)?;
    if referral.data.state == "delivered" {
        crate::burn::must_be_manager(desk)?;
    }
    let write = record::mov(KIND, id, "reject").if_rev(referral.rev);
    write.field("reason", "other").field("note", &input.reason).field("slot", Value::Null).stage()?;
    Ok(json!({ "referral": id }))
}

fn reject_because(referral: &Record<Stored>, reason: &str) -> Result<()> {
    let write = record::mov(KIND, &referral.id, "reject").if_rev(referral.rev);
    write.field("reason", reason).field("slot", Value::Null).stage()
}

/// Who sent whom, three generations deep.
pub fn tree(customer: &str) -> Result<Value> {
    let person = desk::customer(customer, "/customer")?;
    let mut n = 0;
    let referrals = branch(customer, 3, &mut n)?;
    Ok(json!({ "customer": customer, "name": person.data.name, "referrals": referrals, "n": n }))
}

fn branch(customer: &str, depth: u32, n: &mut u32) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    let theirs = Filter::eq("referrer", customer);
    for referral in view::find::<Stored>(KIND).filter(theirs).order("registered_at").limit(50).page()?.items {
        *n += 1;
        let Stored { friend, state, points, .. } = &referral.data;
        let below = match friend {
            Some(friend) if depth > 1 && *n < 500 => branch(friend, depth - 1, n)?,
            _ => Vec::new(),
        };
        found.push(
            json!({ "referral": referral.id, "friend": friend, "state": state, "points": points, "referrals": below }),
        );
    }
    Ok(found)
}

/// The month a reward counts in begins here.
pub fn month(desk: &Desk) -> Date {
    desk::month_begin(desk.today)
}
