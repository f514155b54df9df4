//! Two customers turned out to be one: their points come together in the older account, lot by lot.

use marque_sdk::{Date, Filter, Id, Result, Value, json, new_id, record, view};

use crate::{
    account::{Account, Facts, KIND, LOT, Reason},
    desk::{self, Desk},
    ledger::{Entry, Kind, Lot},
};

/// A lot that was brought over: the one here, the one it came from, the account that had it.
struct Brought {
    here: Id,
    there: Id,
    account: Id,
}

/// Brings the accounts of a customer together; one who has a single account keeps it.
pub fn merged(desk: &Desk, customer: &str) -> Result<bool> {
    let theirs = Filter::eq("customer", customer).and(Filter::ne("state", "closed"));
    let records = view::find::<Facts>(KIND).filter(theirs).order("created_at").limit(20).page()?.items;
    let mut accounts = Vec::new();
    for record in records {
        accounts.push(Account::load(&record.id)?);
    }
    if accounts.is_empty() {
        return Ok(false);
    }
    let mut main = accounts.remove(0);
    main.expire(desk)?;
    let mut brought = Vec::new();
    for mut other in accounts {
        other.expire(desk)?;
        remember(desk, &main, &mut other);
        bring_over(desk, &mut main, &mut other, &mut brought)?;
        other.transition = Some("close");
        other.patch.insert("slot".into(), Value::Null);
        other.save(desk)?;
    }
    // The place is the customer's who stayed, so that they cannot join twice.
    main.patch.insert("slot".into(), json!(customer));
    main.save(desk)?;
    for Brought { here, there, account } in brought {
        record::change(LOT, &here).field("from_account", account).field("from_lot", there).stage()?;
    }
    Ok(true)
}

/// What it takes to part them again; see part.rs.
fn remember(desk: &Desk, main: &Account, other: &mut Account) {
    let kept = json!({
        "merged_into": main.id, "merged_at": desk.now(), "merged_lifetime": other.ledger.lifetime,
        "merged_visit": main.facts.last_visit, "merged_state": other.facts.state,
    });
    other.patch.extend(desk::said(kept));
}

fn bring_over(desk: &Desk, main: &mut Account, other: &mut Account, brought: &mut Vec<Brought>) -> Result<()> {
    let (from, to) = (other.id.clone(), main.id.clone());
    let out = Reason { rule: "merge", about: Some((KIND, &to)), ..Reason::default() };
    let into = Reason { rule: "merge", about: Some((KIND, &from)), ..Reason::default() };
    let lots: Vec<Lot> = other.ledger.lots().iter().filter(|lot| lot.left != 0).cloned().collect();
    for lot in lots {
        let (came, went) = carry(main, other, &lot);
        if let Some(part) = came.parts.first().filter(|part| part.points > 0) {
            brought.push(Brought { here: part.lot.clone(), there: lot.id.clone(), account: from.clone() });
        }
        main.enter(desk, &came, &into)?;
        other.enter(desk, &went, &out)?;
    }
    main.ledger.lifetime += other.ledger.lifetime;
    other.ledger.lifetime = 0;
    let visit: Option<Date> = main.facts.last_visit.max(other.facts.last_visit);
    main.facts.last_visit = visit;
    main.patch.insert("last_visit".into(), json!(visit));
    Ok(())
}

/// One lot, had or owed: the entry here and the one there, which cancel each other out.
fn carry(main: &mut Account, other: &mut Account, lot: &Lot) -> (Entry, Entry) {
    if lot.left > 0 {
        let came = main.ledger.add(Kind::Transfer, lot.left, new_id(), lot.expires);
        return (came, other.ledger.draw(Kind::Transfer, &lot.id, lot.left));
    }
    let came = main.ledger.owe(-lot.left, new_id(), lot.expires);
    (came, other.ledger.add(Kind::Transfer, -lot.left, new_id(), lot.expires))
}
