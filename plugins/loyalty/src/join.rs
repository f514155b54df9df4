//! `join`: a customer's account, by application or with a delivery; whoever brought them is thanked.

use marque_sdk::{Fault, Id, Result, Value, json};
use serde::Deserialize;

use crate::{
    account::{Account, Reason},
    desk::{self, Desk},
    points,
    tier::Tier,
};

/// The input; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    customer: Id,
    brought_by: Option<Id>,
}

/// Opens an account.
pub fn join(desk: &Desk, input: Join) -> Result<Value> {
    if Account::record_of(&input.customer)?.is_some() {
        return Err(Fault::at("member_already", "/customer", "this customer has an account: use that one"));
    }
    let account = begin(desk, &input.customer)?;
    if let Some(other) = &input.brought_by {
        thank(desk, other, &input.customer)?;
    }
    Ok(account.save(desk)?.reply(json!({})))
}

/// An account with the points for joining, not saved yet.
pub fn begin(desk: &Desk, customer: &str) -> Result<Account> {
    let person = desk::customer(customer, "/customer")?;
    let mut account = Account::begin(desk, customer, &person.org);
    let earned = points::for_deed(desk, "join", desk.settings.joining, Tier::Silver)?;
    account.earn(desk, earned.points, &Reason { rule: "join", receipt: Some(&earned.receipt), ..Reason::default() })?;
    Ok(account)
}

fn thank(desk: &Desk, customer: &str, brought: &str) -> Result<()> {
    if customer == brought {
        return Err(Fault::at("brought_by_self", "/brought_by", "nobody brings themselves: name another member"));
    }
    let Some(mut account) = Account::find(customer)? else {
        return Err(Fault::at("not_a_member", "/brought_by", "whoever brought them has not joined: leave this empty"));
    };
    account.expire(desk)?;
    let earned = points::for_deed(desk, "member", desk.settings.member, account.facts.tier)?;
    let about = Some(("customer", brought));
    account.earn(
        desk,
        earned.points,
        &Reason { rule: "member", about, receipt: Some(&earned.receipt), ..Reason::default() },
    )?;
    account.save(desk).map(drop)
}

/// A suggestion of a member is taken up.
pub fn adopt_suggestion(desk: &Desk, id: &str, input: &Suggestion) -> Result<Value> {
    let mut account = Account::load(id)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let earned = points::for_deed(desk, "suggestion", desk.settings.suggestion, account.facts.tier)?;
    let (note, receipt) = (Some(input.suggestion.as_str()), Some(earned.receipt.as_str()));
    account.earn(desk, earned.points, &Reason { rule: "suggestion", note, receipt, ..Reason::default() })?;
    Ok(account.save(desk)?.reply(json!({ "points": earned.points })))
}

/// Input of `adopt_suggestion`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    suggestion: String,
}
