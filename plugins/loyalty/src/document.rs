//! Documents of the shop's system: posted once by their number, they earn points and count as a paid visit.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    account::{self, Account, Reason},
    delivery,
    desk::{self, Desk},
    join, points,
    sums::{Line, Sums},
    tier::Tier,
};

/// The kind's name.
pub const KIND: &str = "loyalty.document";

/// The input of `post`; see plugin.toml. It is kept as it came, so that one sent again is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Its number in the shop's system.
    pub number: String,
    /// Who paid.
    pub customer: Id,
    /// What sort of document.
    pub kind: Sort,
    /// What was paid for.
    #[serde(default)]
    pub lines: Vec<Item>,
    /// What of it was paid with points, in fen; what was used at the desk for this number counts anyway.
    #[serde(default)]
    pub paid_with_points: i64,
    /// When it was settled, now unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<String>,
    /// Of a delivery: the vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Of a delivery: the number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_no: Option<String>,
    /// Of a delivery: whether the customer had bought before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_repeat: Option<bool>,
}

/// What sort of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A work order or a sale at the counter.
    Service,
    /// A renewed insurance.
    Renewal,
    /// A car handed over.
    Delivery,
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What for.
    pub kind: Line,
    /// How much, in fen.
    pub amount: i64,
}

/// What of a stored document counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Stored {
    /// Whose.
    pub account: Id,
    /// What sort, or `refund`.
    pub kind: String,
    /// As it came.
    pub said: Value,
    /// What it is made of.
    pub sums: Sums,
    /// What of it was refunded since.
    #[serde(default)]
    pub refunded: Sums,
    /// What of it was paid with points, in fen.
    pub paid_with_points: i64,
    /// When it was settled.
    pub settled_at: String,
    /// What it counted by.
    pub tier: Tier,
    /// What it earned.
    pub points: i64,
    /// What of that was taken back.
    pub reversed: i64,
    /// The lot it earned.
    pub lot: Option<Id>,
    /// Of a delivery: for buying again.
    #[serde(default)]
    pub bonus: i64,
    /// What of that was taken back.
    #[serde(default)]
    pub bonus_reversed: i64,
    /// The lot of it.
    pub bonus_lot: Option<Id>,
}

/// Posts a document. The same one sent again is answered as the first time and nothing is written.
pub fn post(desk: &Desk, input: &Post) -> Result<Value> {
    let org = desk::customer(&input.customer, "/customer")?.org;
    if let Some(reply) = known(&org, &input.number, &json!(input))? {
        return Ok(reply);
    }
    let at = match &input.settled_at {
        Some(at) => desk.moment(at, "/settled_at")?,
        None => desk.now().to_owned(),
    };
    if at.as_str() > desk.now() {
        return Err(Fault::at(
            "settled_in_future",
            "/settled_at",
            format!("{at} lies in the future: post it when it is settled"),
        ));
    }
    let mut account = member(desk, input)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let sums = sums_of(&input.lines)?;
    let with_points = input.paid_with_points.max(desk.settings.worth(burnt_for(&account.id, &input.number)?));
    let paid = sums.less_points(with_points)?;
    let id = new_id();
    let tier = account.facts.tier;
    let sort = code(input.kind);
    let earned = points::for_document(desk, sort, &paid, tier, &at)?;
    let reason = Reason {
        rule: "document",
        document: Some(&input.number),
        about: Some((KIND, &id)),
        receipt: Some(&earned.receipt),
        ..Reason::default()
    };
    let lot = account.earn(desk, earned.points, &reason)?;
    if paid.repair + paid.accessories > 0 {
        visited(&mut account, desk.day(&at)?);
    }
    let bought = match input.kind {
        Sort::Delivery => Some(delivery::deliver(desk, &mut account, input, &id)?),
        _ => None,
    };
    let customer = account.facts.customer.clone();
    let bonus = bought.as_ref().map(|bought| (bought.points, bought.lot.clone()));
    let data = json!({
        "number": input.number, "customer": customer, "account": account.id, "kind": sort, "settled_at": at,
        "total": sums.total(), "earning": paid.earning(), "paid_with_points": with_points, "sums": sums, "tier": tier,
        "points": earned.points, "reversed": 0, "lot": lot, "said": input, "vin": input.vin, "order_no": input.order_no,
        "bonus_reversed": 0, "bonus": bonus.as_ref().map(|(points, _)| points), "bonus_lot": bonus.as_ref().map(|(_, lot)| lot),
        "slot": bought.and_then(|bought| bought.slot),
    });
    let saved = account.save(desk)?;
    record::create(KIND).id(&id).org(org).fields(desk::said(data)).receipt("points", &earned.receipt).stage()?;
    let bonus = bonus.map_or(0, |(points, _)| points);
    Ok(saved.reply(json!({ "document": id, "points": earned.points + bonus, "replayed": false })))
}

/// What was answered to the same document before; one of the same number that says something else is refused.
pub fn known(org: &str, number: &str, said: &Value) -> Result<Option<Value>> {
    let same = Filter::eq("number", number).and(Filter::eq("org", org));
    let Some(stored) = view::find::<Stored>(KIND).filter(same).first()? else { return Ok(None) };
    if stored.data.said != *said {
        let message = format!("document {number} was posted with other contents: refund it, or use its own number");
        return Err(Fault::at("document_differs", "/number", message));
    }
    let account = view::require::<account::Facts>(account::KIND, &stored.data.account)?;
    let points = match stored.data.kind.as_str() {
        "refund" => stored.data.reversed,
        _ => stored.data.points + stored.data.bonus,
    };
    let account::Facts { balance, lifetime, tier, .. } = account.data;
    Ok(Some(json!({
        "document": stored.id, "account": stored.data.account, "points": points, "balance": balance, "lifetime": lifetime,
        "tier": tier, "replayed": true,
    })))
}

/// Whose account it goes to; who buys a car joins with it.
fn member(desk: &Desk, input: &Post) -> Result<Account> {
    match Account::find(&input.customer)? {
        Some(account) => Ok(account),
        None if input.kind == Sort::Delivery && desk.settings.join_at_delivery => join::begin(desk, &input.customer),
        None => Account::of(&input.customer),
    }
}

/// The sums of lines.
pub fn sums_of(lines: &[Item]) -> Result<Sums> {
    let mut sums = Sums::default();
    for (n, line) in lines.iter().enumerate() {
        if line.amount < 0 {
            let message = format!("{} fen: a document has no negative lines, refund it instead", line.amount);
            return Err(Fault::at("amount_negative", &format!("/lines/{n}/amount"), message));
        }
        sums.add(line.kind, line.amount);
    }
    Ok(sums)
}

/// Points used at the desk for a document, less what was given back.
fn burnt_for(account: &str, number: &str) -> Result<i64> {
    #[derive(Deserialize)]
    struct Row {
        points: Option<i64>,
    }
    let theirs = Filter::eq("account", account).and(Filter::eq("document", number)).and(Filter::eq("rule", "desk"));
    let rows: Vec<Row> = view::aggregate(account::ENTRY).filter(theirs).sum("points", "points").rows()?;
    Ok(rows.first().and_then(|row| row.points).map_or(0, |points| -points))
}

/// A paid visit: eighteen months begin anew, and a lapsed account comes to life with what it earns now.
fn visited(account: &mut Account, on: Date) {
    let last = account.facts.last_visit.map_or(on, |last| last.max(on));
    account.facts.last_visit = Some(last);
    account.facts.lapse_noticed = None;
    account.facts.lapses_on = None;
    account.patch.insert("last_visit".into(), json!(last));
    account.patch.insert("lapse_noticed".into(), Value::Null);
    if account.facts.state == "lapsed" {
        account.transition = Some("revive");
    }
}

/// As stored.
pub fn code(sort: Sort) -> &'static str {
    match sort {
        Sort::Service => "service",
        Sort::Renewal => "renewal",
        Sort::Delivery => "delivery",
    }
}

/// A stored document to refund.
pub fn stored(id: &str) -> Result<Record<Stored>> {
    view::require(KIND, id)
}
