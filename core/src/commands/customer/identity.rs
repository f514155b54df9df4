//! The person of the brand a customer is: one for all dealers, told to none of them.
//!
//! Kept in the transaction of the customer's own write, without events and revisions: what a dealer can read must not
//! depend on whom another dealer knows.

use serde_json::json;

use crate::{
    Error, Result,
    commands::Ctx,
    model::{
        Data, Id, Record, Scope,
        matching::{self, Conflict, Verdict},
    },
    store::{Tx, tables, tables::membership},
};

const KIND: &str = "identity";

/// Find out which person a customer is that was made or is known by something new. One that shares a person with others
/// stays with them: whether they have to part is for people to say.
pub(super) fn settle(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<()> {
    let current = membership::identity(tx, &customer.id)?;
    if let Some(current) = &current
        && membership::members(tx, current)?.len() > 1
    {
        return Ok(());
    }
    match (best(tx, ctx, customer)?, current) {
        (Some(found), Some(current)) if found == current => Ok(()),
        (Some(found), current) => {
            membership::put(tx, &customer.id, &found, &customer.org)?;
            refresh(tx, ctx, &found)?;
            current.map_or(Ok(()), |empty| refresh(tx, ctx, &empty))
        }
        (None, Some(_)) => Ok(()),
        (None, None) => make(tx, ctx, customer).map(drop),
    }
}

/// A customer is there no more. Answers the person it was.
pub(super) fn leave(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Id) -> Result<Option<Id>> {
    let Some(identity) = membership::identity(tx, customer)? else { return Ok(None) };
    membership::delete(tx, customer)?;
    refresh(tx, ctx, &identity)?;
    Ok(Some(identity))
}

/// A customer is there again: the person it was, if that is there and has no other customer of the organisation.
pub(super) fn rejoin(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record, was: Option<&Id>) -> Result<()> {
    if let Some(was) = was {
        let members = membership::members(tx, was)?;
        if !members.is_empty() && members.iter().all(|member| member.org != customer.org) {
            membership::put(tx, &customer.id, was, &customer.org)?;
            return refresh(tx, ctx, was);
        }
    }
    settle(tx, ctx, customer)
}

/// Give customers that were made before there were persons of the brand one each.
///
/// # Errors
/// Internal.
pub fn house(tx: &mut Tx<'_>, ctx: &Ctx, customers: &[Record]) -> Result<()> {
    for customer in customers {
        // It may have been removed or merged since it was read.
        let now = tables::record::get(tx, "customer", &customer.id, &Scope::All)?;
        if let Some(now) = now.filter(|now| now.id == customer.id) {
            settle(tx, ctx, &now)?;
        }
    }
    Ok(())
}

/// The person that a customer of another organisation is and that this one is too: certain or 80 points, nothing speaking
/// against it, and no customer of this organisation yet.
fn best(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<Option<Id>> {
    let mut scored: Vec<(bool, u32, Record)> = Vec::new();
    for other in membership::candidates(tx, &customer.org, &customer.data)? {
        let score = matching::score(&other.data, &customer.data);
        if matching::verdict(&score) == Verdict::Known {
            scored.push((score.certain, score.points, other));
        }
    }
    // The strongest first, the oldest of equals.
    scored.sort_by(|a, b| (b.0, b.1, a.2.created_at, &a.2.id).cmp(&(a.0, a.1, b.2.created_at, &b.2.id)));
    for (.., other) in scored {
        let identity = match membership::identity(tx, &other.id)? {
            Some(identity) => identity,
            None => make(tx, ctx, &other)?,
        };
        if is_free(tx, &identity, customer)? {
            return Ok(Some(identity));
        }
    }
    Ok(None)
}

/// One membership a dealer, and no two documents.
fn is_free(tx: &Tx<'_>, identity: &Id, customer: &Record) -> Result<bool> {
    for member in membership::members(tx, identity)? {
        if member.customer == customer.id {
            continue;
        }
        if member.org == customer.org {
            return Ok(false);
        }
        let Some(other) = tables::record::get(tx, "customer", &member.customer, &Scope::All)? else { continue };
        let conflict = matching::score(&other.data, &customer.data).conflict;
        if matches!(conflict, Some(Conflict::IdNo | Conflict::Uscc)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn make(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<Id> {
    let id = customer.id.beside(customer.created_at, KIND);
    // A person whose last customer had gone and has come back.
    let id = if tables::record::exists(tx, KIND, &id)? { ctx.ids.next() } else { id };
    membership::put(tx, &customer.id, &id, &customer.org)?;
    let data = told(&id, std::slice::from_ref(&customer.org))?;
    let record = Record::new(KIND, id.clone(), Id::hq(), ctx.done_at, data);
    let kind = tx.kind(KIND)?;
    tables::record::insert(tx, &kind, &record)?;
    Ok(id)
}

/// How many there are of a person has changed; one without any is gone.
fn refresh(tx: &mut Tx<'_>, ctx: &Ctx, identity: &Id) -> Result<()> {
    let Some(record) = tables::record::get(tx, KIND, identity, &Scope::All)? else { return Ok(()) };
    let orgs: Vec<Id> = membership::members(tx, identity)?.into_iter().map(|member| member.org).collect();
    if orgs.is_empty() {
        return tables::record::delete(tx, &record);
    }
    let kind = tx.kind(KIND)?;
    let record = Record { rev: record.rev + 1, updated_at: ctx.done_at, data: told(identity, &orgs)?, ..record };
    tables::record::update(tx, &kind, &record)
}

/// Counts and organisations, nothing personal: who the person is stands with the dealers alone.
fn told(identity: &Id, orgs: &[Id]) -> Result<Data> {
    let tail: String = identity.as_str().chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    let data = json!({ "number": format!("P-{}", tail.to_uppercase()), "n_memberships": orgs.len(), "orgs": orgs });
    data.as_object().cloned().ok_or_else(|| Error::internal("an object was written"))
}
