//! Using points at the desk, giving them back, and setting an account right.

use marque_sdk::{Fault, Filter, Id, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    account::{self, Account, Reason},
    desk::{self, Desk},
    ledger::{Kind, Part, Refusal},
    texts,
};

/// Input of `burn`; see plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burn {
    points: i64,
    against: Against,
    document: Option<String>,
    note: Option<String>,
}

/// What points are used against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Repair and maintenance.
    Repair,
    /// Accessories.
    Accessories,
    /// Car wash, parking and the like.
    Other,
    /// Not allowed.
    Deposit,
    /// Not allowed.
    Tax,
    /// Not allowed.
    Insurance,
}

/// Input of `adjust`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    points: i64,
    reason: String,
}

/// Input of `give_back` and `close`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// In words.
    pub reason: String,
}

/// What of an entry counts here.
#[derive(Deserialize)]
struct Stored {
    account: Id,
    kind: Kind,
    rule: String,
    document: Option<String>,
    parts: Vec<Part>,
}

/// Who may set an account right or close it.
pub const MANAGERS: [&str; 5] = ["crm_mgr", "gm", "service_mgr", "hq_crm", "hq_admin"];

/// Uses points at the desk.
pub fn burn(desk: &Desk, id: &str, input: &Burn) -> Result<Value> {
    if matches!(input.against, Against::Deposit | Against::Tax | Against::Insurance) {
        let message = "points cannot be used against deposits, taxes or insurance";
        return Err(Fault::at("burn_not_allowed", "/against", message));
    }
    let mut account = Account::load(id)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let document = input.document.as_deref().map(str::trim).filter(|number| !number.is_empty());
    take(
        desk,
        &mut account,
        input.points,
        &Reason { rule: "desk", document, note: input.note.as_deref(), ..Reason::default() },
    )?;
    let worth = desk.settings.worth(input.points);
    Ok(account.save(desk)?.reply(json!({ "points": input.points, "worth": worth })))
}

/// Takes points out of an account that is to be saved, or says why not.
pub fn take(desk: &Desk, account: &mut Account, points: i64, reason: &Reason<'_>) -> Result<()> {
    let rules = desk.settings.burning();
    let entry =
        account.ledger.burn(points, rules).map_err(|refusal| refused(desk, refusal, points, account.ledger.balance))?;
    account.enter(desk, &entry, reason)
}

/// Why points cannot be used, with the numbers in the words of whoever asks: the codes have no texts of their own.
fn refused(desk: &Desk, refusal: Refusal, points: i64, balance: i64) -> Fault {
    let rules = desk.settings.burning();
    let (code, bound) = match refusal {
        Refusal::InDebt => ("in_debt", 0),
        Refusal::Insufficient => ("insufficient", 0),
        Refusal::TooFew => ("too_few", rules.from),
        Refusal::Uneven => ("uneven", rules.step),
    };
    let (points, balance, bound) = (points.to_string(), balance.to_string(), bound.to_string());
    let gaps = [("points", points.as_str()), ("balance", &balance), ("bound", &bound)];
    let message = texts::filled(&desk.call.locale, &format!("refusal.{code}"), &gaps);
    match refusal {
        Refusal::TooFew | Refusal::Uneven => Fault::at(code, "/points", message),
        Refusal::InDebt | Refusal::Insufficient => Fault::new(code, message),
    }
}

/// Points used at the desk are given back, once.
pub fn give_back(desk: &Desk, entry: &str, input: &Why) -> Result<Value> {
    let burnt = view::require::<Stored>(account::ENTRY, entry)?.data;
    if burnt.kind != Kind::Burn || burnt.rule != "desk" {
        let message =
            "only points used at the desk are given back here: cancel a redemption instead, refund a document";
        return Err(Fault::new("not_given_back", message));
    }
    let mut account = Account::load(&burnt.account)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let reason =
        Reason { rule: "desk", document: burnt.document.as_deref(), note: Some(&input.reason), ..Reason::default() };
    let points = restore(desk, &mut account, entry, burnt.parts, reason)?;
    Ok(account.save(desk)?.reply(json!({ "points": points })))
}

/// The points of a burn go back into the lots they came from.
pub fn restore(desk: &Desk, account: &mut Account, entry: &str, parts: Vec<Part>, reason: Reason<'_>) -> Result<i64> {
    // The core takes one such entry for each: nothing is given back twice, whoever asks at the same moment.
    if view::find::<Value>(account::ENTRY).filter(Filter::eq("reverses", entry)).exists()? {
        return Err(Fault::new("given_back", "these points were given back already"));
    }
    let ids: Vec<Id> = parts.iter().map(|part| part.lot.clone()).collect();
    let lots = account.know(&ids)?.into_iter().zip(parts).map(|(lot, part)| (lot, -part.points)).collect();
    let back = account.ledger.give_back(lots, desk::month_end(desk.today));
    account.enter(desk, &back, &Reason { about: Some((account::ENTRY, entry)), ..reason })?;
    Ok(back.points)
}

/// A manager sets the points right; never below nothing.
pub fn adjust(desk: &Desk, id: &str, input: &Adjust) -> Result<Value> {
    must_be_manager(desk)?;
    if input.points == 0 {
        return Err(Fault::at(
            "nothing_to_adjust",
            "/points",
            "write how many points to add, or with a minus to take away",
        ));
    }
    let mut account = Account::load(id)?;
    account.must_be_open()?;
    account.expire(desk)?;
    let reason = Reason { rule: "adjust", note: Some(&input.reason), ..Reason::default() };
    if input.points > 0 {
        account.credit(desk, Kind::Adjust, input.points, &reason)?;
    } else {
        let entry = account.ledger.deduct(Kind::Adjust, -input.points).map_err(|_| {
            let message = format!(
                "{} points taken from {}: no adjustment goes below nothing",
                -input.points, account.ledger.balance
            );
            Fault::at("insufficient", "/points", message)
        })?;
        account.enter(desk, &entry, &reason)?;
    }
    Ok(account.save(desk)?.reply(json!({ "points": input.points })))
}

/// The account ends and what is left is forfeited, which the customer was told.
pub fn close(desk: &Desk, id: &str, input: &Why) -> Result<Value> {
    must_be_manager(desk)?;
    let mut account = Account::load(id)?;
    account.must_be_open()?;
    if let Some(entry) = account.ledger.void() {
        account.enter(desk, &entry, &Reason { rule: "close", note: Some(&input.reason), ..Reason::default() })?;
    }
    account.transition = Some("close");
    // The customer may join again.
    account.patch.insert("slot".into(), Value::Null);
    Ok(account.save(desk)?.reply(json!({})))
}

/// Refuses whoever is no manager.
pub fn must_be_manager(desk: &Desk) -> Result<()> {
    if desk.may_as(&MANAGERS) { Ok(()) } else { Err(Fault::denied("this is for a manager to do")) }
}
