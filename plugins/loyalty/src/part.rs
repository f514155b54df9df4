//! A merge of two customers was taken back: their accounts part, and each point goes where it came from.
//!
//! The rule. What is left of a lot that was brought over goes back into the lot it came from, so what was used since the merge
//! is borne by whose lots it was taken from: those that ended first, as always. What was earned since stays in the account that
//! stayed, as other records made since do. What one owed and the other's points had paid is owed again by who owed it.

use marque_sdk::{Date, Event, Filter, Id, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    account::{Account, ENTRY, Facts, KIND, LOT, Reason},
    desk::{self, Desk},
    ledger::{Entry, Kind, Lot, Part},
};

/// More entries than come together between a merge and its being taken back.
const MANY: usize = 20_000;

/// A lot that was brought over.
#[derive(Deserialize)]
struct Brought {
    left: i64,
    from_lot: Id,
}

/// What of an entry counts here.
#[derive(Deserialize)]
struct Stored {
    rule: String,
    about: Option<String>,
    points: i64,
    #[serde(default)]
    parts: Vec<Part>,
}

/// Parts what was brought together. Told once for each of the two customers; the second time nothing is left to part.
pub fn parted(desk: &Desk, event: &Event) -> Result<bool> {
    let both = [event.subject()?.to_owned(), event.data()["other"].as_str().unwrap_or_default().to_owned()];
    let brought = Filter::is_in("customer", both).and(Filter::not_empty("merged_into"));
    let found = view::find::<Facts>(KIND).filter(brought).order("-merged_at").limit(20).page()?.items;
    for record in found {
        let Some(main) = record.data.merged_into.clone() else { continue };
        let (main, other) = (Account::load(&main)?, Account::load(&record.id)?);
        if main.facts.customer != other.facts.customer {
            // One pair a call: the next one reads what this one wrote.
            return part(desk, main, other).map(|()| true);
        }
    }
    Ok(false)
}

fn part(desk: &Desk, mut main: Account, mut other: Account) -> Result<()> {
    main.expire(desk)?;
    let since = other.facts.merged_at.clone().unwrap_or_default();
    let of_main = Filter::eq("account", main.id.as_str()).and(Filter::gte("at", since));
    let entries: Vec<Stored> =
        view::find::<Stored>(ENTRY).filter(of_main).up_to(MANY)?.into_iter().map(|entry| entry.data).collect();
    let returned = return_lots(desk, &mut main, &mut other, &entries)?;
    return_debt(desk, &mut main, &mut other, &entries)?;
    let lifetime = other.facts.merged_lifetime.unwrap_or_default();
    main.ledger.lifetime -= lifetime;
    other.ledger.lifetime += lifetime;
    part_visits(&mut main, &other);
    main.patch.insert("slot".into(), json!(main.facts.customer));
    if main.facts.state == "closed" {
        main.patch.insert("slot".into(), Value::Null);
    }
    other.transition =
        Some(if other.facts.merged_state.as_deref() == Some("lapsed") { "reopen_lapsed" } else { "reopen" });
    other.patch.insert("slot".into(), json!(other.facts.customer));
    for field in ["merged_into", "merged_at", "merged_lifetime", "merged_visit", "merged_state"] {
        other.patch.insert(field.into(), Value::Null);
    }
    // The one that stayed frees the place first that the other takes.
    main.save(desk)?;
    other.save(desk)?;
    for lot in returned {
        record::change(LOT, &lot).fields(json!({ "from_account": null, "from_lot": null })).stage()?;
    }
    Ok(())
}

/// What is left of each lot goes back, and what had paid the other's debt as well; the ids of the lots.
fn return_lots(desk: &Desk, main: &mut Account, other: &mut Account, entries: &[Stored]) -> Result<Vec<Id>> {
    let (into, out) = (main.id.clone(), other.id.clone());
    let went = Reason { rule: "unmerge", about: Some((KIND, &out)), ..Reason::default() };
    let came = Reason { rule: "unmerge", about: Some((KIND, &into)), ..Reason::default() };
    let brought = Filter::eq("account", main.id.as_str()).and(Filter::eq("from_account", other.id.as_str()));
    let lots = view::find::<Brought>(LOT).filter(brought).order("expires").up_to(MANY)?;
    let mut back = Vec::new();
    for lot in &lots {
        // As it is now: some of it may just have come to its end.
        let left = main.ledger.lots().iter().find(|known| known.id == lot.id).map_or(lot.data.left, |known| known.left);
        let paid = (booked(entries, &lot.id) - lot.data.left).max(0);
        if left > 0 {
            let entry = main.ledger.draw(Kind::Transfer, &lot.id, left);
            main.enter(desk, &entry, &went)?;
        }
        if paid > 0 {
            let until = desk::month_end(desk.today.plus_months(desk.settings.valid_months));
            let entry = main.ledger.owe(paid, new_id(), until);
            main.enter(desk, &entry, &went)?;
        }
        if left + paid > 0 {
            back.push((lot.data.from_lot.clone(), left + paid));
        }
    }
    if !back.is_empty() {
        let entry = take_back(other, back)?;
        other.enter(desk, &entry, &came)?;
    }
    Ok(lots.into_iter().map(|lot| lot.id).collect())
}

/// What entries say is left of a lot. What has paid a debt stands in none of them.
fn booked(entries: &[Stored], lot: &str) -> i64 {
    entries.iter().flat_map(|entry| &entry.parts).filter(|part| part.lot == lot).map(|part| part.points).sum()
}

/// What the other account owed is owed there again, and the points that paid it are where they were.
fn return_debt(desk: &Desk, main: &mut Account, other: &mut Account, entries: &[Stored]) -> Result<()> {
    let is_debt = |entry: &&Stored| {
        entry.rule == "merge" && entry.points < 0 && entry.about.as_deref() == Some(other.id.as_str())
    };
    let debts: Vec<&Stored> = entries.iter().filter(is_debt).collect();
    let (into, out) = (main.id.clone(), other.id.clone());
    for debt in debts {
        let back = debt.parts.iter().map(|part| (part.lot.clone(), -part.points)).collect();
        let entry = take_back(main, back)?;
        main.enter(desk, &entry, &Reason { rule: "unmerge", about: Some((KIND, &out)), ..Reason::default() })?;
        let until = desk::month_end(desk.today.plus_months(desk.settings.valid_months));
        let entry = other.ledger.owe(-debt.points, new_id(), until);
        other.enter(desk, &entry, &Reason { rule: "unmerge", about: Some((KIND, &into)), ..Reason::default() })?;
    }
    Ok(())
}

fn take_back(account: &mut Account, back: Vec<(Id, i64)>) -> Result<Entry> {
    let ids: Vec<Id> = back.iter().map(|(lot, _)| lot.clone()).collect();
    let lots: Vec<(Lot, i64)> =
        account.know(&ids)?.into_iter().zip(back).map(|(lot, (_, points))| (lot, points)).collect();
    Ok(account.ledger.take_back(lots))
}

/// A visit that came with the other goes with it; one since the merge stays.
fn part_visits(main: &mut Account, other: &Account) {
    let is_theirs = main.facts.last_visit.is_some() && main.facts.last_visit == other.facts.last_visit;
    if is_theirs {
        let visit: Option<Date> = other.facts.merged_visit;
        main.facts.last_visit = visit;
        main.patch.insert("last_visit".into(), json!(visit));
    }
}
