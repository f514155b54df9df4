//! Two customers turned out to be one: their points come together in the older account, lot by lot.

use marque_sdk::{Date, Filter, Result, Value, json, new_id, view};

use crate::{
    account::{Account, Facts, KIND, Reason},
    desk::Desk,
    ledger::{Entry, Kind, Lot},
};

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
    for mut other in accounts {
        other.expire(desk)?;
        bring_over(desk, &mut main, &mut other)?;
        other.transition = Some("close");
        other.patch.insert("slot".into(), Value::Null);
        other.save(desk)?;
    }
    // The place is the customer's who stayed, so that they cannot join twice.
    main.patch.insert("slot".into(), json!(customer));
    main.save(desk).map(|_| true)
}

fn bring_over(desk: &Desk, main: &mut Account, other: &mut Account) -> Result<()> {
    let (from, to) = (other.id.clone(), main.id.clone());
    let out = Reason { rule: "merge", about: Some((KIND, &to)), ..Reason::default() };
    let into = Reason { rule: "merge", about: Some((KIND, &from)), ..Reason::default() };
    let lots: Vec<Lot> = other.ledger.lots().iter().filter(|lot| lot.left != 0).cloned().collect();
    for lot in lots {
        let (came, went) = carry(main, other, &lot);
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
