//! The goodwill fund of an organisation: money set aside to mend what was spoilt, with a ledger that adds up.
//!
//! Every entry changes the fund at the revision that was read, so of two that want the last yuan at once the second is asked again and
//! finds less there.

use marque_sdk::{Data, Fault, Filter, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    approval::Authority,
    case::{Case, KIND as CASE},
    desk::{Desk, refuse},
    people,
};

const FUND: &str = "complaints.fund";
const ENTRY: &str = "complaints.fund_entry";

/// Input of `open_fund`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    name: String,
    amount: i64,
    reason: String,
}

/// Input of everything that moves money.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    amount: i64,
    reason: String,
}

/// A fund as read.
struct Fund {
    id: String,
    rev: u32,
    balance: i64,
    paid_in: i64,
    spent: i64,
}

/// What an entry does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    PayIn,
    Spend,
    GiveBack,
}

impl Sort {
    fn code(self) -> &'static str {
        match self {
            Sort::PayIn => "pay_in",
            Sort::Spend => "spend",
            Sort::GiveBack => "give_back",
        }
    }
}

impl Fund {
    fn of(id: String, rev: u32, data: &Data) -> Fund {
        let fen = |name: &str| data.get(name).and_then(Value::as_i64).unwrap_or(0);
        Fund { id, rev, balance: fen("balance"), paid_in: fen("paid_in"), spent: fen("spent") }
    }

    /// The calling organisation's.
    fn own(desk: &Desk) -> Result<Option<Fund>> {
        let own = Filter::eq("dealer", desk.call.org.as_str());
        let found = view::find::<Data>(FUND).filter(own).limit(1).page()?.items.into_iter().next();
        Ok(found.map(|fund| Fund::of(fund.id, fund.rev, &fund.data)))
    }

    /// What it holds after an entry, if it can bear it.
    fn after(&self, sort: Sort, amount: i64) -> Option<Fund> {
        let Fund { balance, paid_in, spent, rev, .. } = *self;
        let (balance, paid_in, spent) = match sort {
            Sort::PayIn => (balance.checked_add(amount)?, paid_in.checked_add(amount)?, spent),
            Sort::Spend => (balance.checked_sub(amount)?, paid_in, spent.checked_add(amount)?),
            Sort::GiveBack => (balance.checked_add(amount)?, paid_in, spent.checked_sub(amount)?),
        };
        (balance >= 0 && spent >= 0).then(|| Fund { id: self.id.clone(), rev, balance, paid_in, spent })
    }
}

/// Opens the one fund of an organisation, with a first payment.
pub fn open(desk: &Desk, input: Open) -> Result<Value> {
    if Fund::own(desk)?.is_some() {
        return refuse("fund_exists", "this organisation has a goodwill fund already: pay into it");
    }
    let (id, amount) = (new_id(), input.amount);
    record::create(FUND)
        .id(id.as_str())
        .fields(
            &json!({ "name": input.name, "dealer": desk.call.org, "balance": amount, "paid_in": amount, "spent": 0 }),
        )
        .stage()?;
    enter(desk, &id, Sort::PayIn, amount, amount, None, &input.reason)?;
    Ok(json!({ "id": id, "balance": amount }))
}

/// Pays in.
pub fn pay_in(desk: &Desk, fund: &str, input: Money) -> Result<Value> {
    let Some(fund) = view::get::<Data>(FUND, fund)? else {
        return Err(Fault::not_found(format!("there is no goodwill fund {fund:?} here")));
    };
    let fund = Fund::of(fund.id, fund.rev, &fund.data);
    let balance = book(desk, &fund, Sort::PayIn, &input, None)?;
    Ok(json!({ "id": fund.id, "balance": balance }))
}

/// Spends on a complaint what the person may approve and the fund holds.
pub fn spend(desk: &Desk, case: &Case, input: Money) -> Result<()> {
    people::may_handle(desk, case)?;
    // What was spent before counts: an amount is not split to stay below a limit.
    let whole = case.number("goodwill").saturating_add(input.amount);
    let needed = Authority::needed(whole, &desk.settings);
    if Authority::of(desk.person.as_ref()) < needed {
        return refuse("approval_above_limit", format!("{} fen in all are for {} to spend", whole, needed.code()));
    }
    book(desk, &own(desk)?, Sort::Spend, &input, Some(case))?;
    keep(case, whole)
}

/// Gives back what was not needed.
pub fn give_back(desk: &Desk, case: &Case, input: Money) -> Result<()> {
    people::may_handle(desk, case)?;
    let left = case.number("goodwill") - input.amount;
    if left < 0 {
        let message = format!("this complaint has spent {} fen: give back at most that", case.number("goodwill"));
        return Err(Fault::at("goodwill_above", "/amount", message));
    }
    book(desk, &own(desk)?, Sort::GiveBack, &input, Some(case))?;
    keep(case, left)
}

fn own(desk: &Desk) -> Result<Fund> {
    match Fund::own(desk)? {
        Some(fund) => Ok(fund),
        None => refuse("fund_missing", "this organisation has no goodwill fund: the general manager can open one"),
    }
}

/// Changes the fund and writes down why; answers what it holds now.
fn book(desk: &Desk, fund: &Fund, sort: Sort, input: &Money, case: Option<&Case>) -> Result<i64> {
    let Some(after) = fund.after(sort, input.amount) else {
        let message =
            format!("the fund holds {} fen, {} were asked for: ask for less or pay in", fund.balance, input.amount);
        return Err(Fault::at("fund_short", "/amount", message));
    };
    record::change(FUND, &fund.id)
        .if_rev(fund.rev)
        .fields(&json!({ "balance": after.balance, "paid_in": after.paid_in, "spent": after.spent }))
        .stage()?;
    enter(desk, &fund.id, sort, input.amount, after.balance, case, &input.reason)?;
    Ok(after.balance)
}

fn enter(
    desk: &Desk,
    fund: &str,
    sort: Sort,
    amount: i64,
    balance: i64,
    case: Option<&Case>,
    reason: &str,
) -> Result<()> {
    let mut entry = json!({
        "fund": fund, "sort": sort.code(), "amount": amount, "balance": balance, "reason": reason,
        "entered_at": desk.call.now,
    });
    let named = [
        ("entered_by", desk.me()),
        ("case", case.map(|case| case.id.as_str())),
        ("customer", case.map(Case::customer)),
    ];
    for (field, id) in named {
        if let Some(id) = id {
            entry[field] = id.into();
        }
    }
    record::create(ENTRY).fields(&entry).stage()
}

fn keep(case: &Case, goodwill: i64) -> Result<()> {
    record::change(CASE, &case.id).if_rev(case.rev).field("goodwill", goodwill).stage()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fund(balance: i64, spent: i64) -> Fund {
        Fund { id: "f".into(), rev: 1, balance, paid_in: balance + spent, spent }
    }

    #[test]
    fn a_fund_gives_what_it_holds_and_no_fen_more() {
        assert!(fund(500_000, 0).after(Sort::Spend, 600_000).is_none(), "C17-AC9");
        let empty = fund(500_000, 0).after(Sort::Spend, 500_000).map(|fund| (fund.balance, fund.spent));
        assert_eq!(empty, Some((0, 500_000)));
        assert!(fund(0, 100).after(Sort::GiveBack, 101).is_none());
        assert!(fund(i64::MAX, 0).after(Sort::PayIn, 1).is_none(), "no overflow");
    }

    #[test]
    fn what_was_paid_in_is_what_is_there_and_what_was_spent() {
        let steps =
            [(Sort::PayIn, 700), (Sort::Spend, 300), (Sort::GiveBack, 100), (Sort::Spend, 1_600), (Sort::Spend, 400)];
        let mut now = fund(1_000, 0);
        for (sort, amount) in steps {
            now = now.after(sort, amount).unwrap_or(now);
            assert_eq!(now.paid_in, now.balance + now.spent);
        }
        assert_eq!((now.balance, now.spent), (1_100, 600), "what it could not bear left it as it was");
    }
}
