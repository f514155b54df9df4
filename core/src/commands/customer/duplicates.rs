//! Customers that may be the same: the best match of a newcomer, and pairs put up for review.

use serde_json::json;

use crate::{
    Result,
    commands::{Ctx, Run, record::Create},
    model::{
        Actor, Data, Id, Record, Scope,
        kind::Lends,
        matching::{self, Score, Verdict},
    },
    store::{Tx, View, tables, tables::Reader},
};

/// A known customer that a newcomer may be.
pub(in crate::commands) struct Best {
    /// The customer.
    pub customer: Record,
    /// What they share.
    pub score: Score,
    /// What that means; never [`Verdict::New`].
    pub verdict: Verdict,
}

/// Two customers that may be the same.
#[derive(Clone, Debug)]
pub struct Found {
    /// The newer.
    pub customer: Record,
    /// The older.
    pub other: Record,
    /// What they share.
    pub score: Score,
}

/// How long a person may take to decide.
const DECIDE_WITHIN: &str = "2wd";

/// The customer of this organisation that scores highest with these facts.
pub(in crate::commands) fn best_match(tx: &Tx<'_>, org: &Id, facts: &Data) -> Result<Option<Best>> {
    let mut best: Option<Best> = None;
    let rank = |best: &Best| (best.verdict == Verdict::Known, best.score.certain, best.score.points);
    for customer in tables::record::candidates(tx, org, facts)? {
        let score = matching::score(&tables::lent::facts(tx, &customer)?, facts);
        let verdict = matching::verdict(&score);
        let next = Best { customer, score, verdict };
        // The oldest of equals wins, so that the answer does not depend on chance.
        if verdict != Verdict::New && best.as_ref().is_none_or(|best| rank(&next) > rank(best)) {
            best = Some(next);
        }
    }
    Ok(best)
}

/// Put a pair up for review, unless it has been before: what a person has decided is not asked again.
pub(in crate::commands) fn ask_for_review(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    record: &Record,
    other: &Record,
    score: &Score,
) -> Result<bool> {
    if was_asked(tx, &record.id, &other.id)? {
        return Ok(false);
    }
    let calendar = ctx.catalogue.orgs.calendar(&record.org);
    let mut data = json!({
        "customer": record.id, "other": other.id, "points": score.points, "reason": score.reasons.join(", "),
        "due": calendar.due(ctx.now, &DECIDE_WITHIN.parse()?)?,
    });
    if let Some(conflict) = score.conflict {
        data["conflict"] = json!(conflict);
    }
    // Whoever looks after one of the two knows them.
    let owner = other.text("owner").or(record.text("owner")).and_then(|id| id.parse::<Id>().ok());
    if let Some(owner) = owner
        && tables::record::exists(tx, "user", &owner)?
    {
        data["owner"] = json!(owner);
    }
    let ctx = Ctx { actor: Actor::System, source: Default::default(), ..ctx.clone() };
    let data = data.as_object().cloned().unwrap_or_default();
    let create = Create { org: Some(record.org.clone()), ..Create::new("review", data) };
    create.run(tx, &ctx).map(|_| true)
}

fn was_asked(reader: &impl Reader, one: &Id, other: &Id) -> Result<bool> {
    let (ones, others) =
        (tables::alias::family(reader, "customer", one)?, tables::alias::family(reader, "customer", other)?);
    for one in &ones {
        for other in &others {
            if tables::review::of_pair(reader, one, other)? || tables::merge::was_undone(reader, one, other)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A customer that is there already is known by something new: whoever it now looks like is put up for review, even where
/// the points say that they are the same. A person decides about those who are there.
pub(super) fn look_again(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<()> {
    for Found { customer, other, score } in alike(tx, customer)? {
        ask_for_review(tx, ctx, &customer, &other, &score)?;
    }
    Ok(())
}

/// A record that lends has been written.
pub(super) fn lent(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    lends: &Lends,
    record: &Record,
    changed: Option<&[String]>,
) -> Result<()> {
    let concerns = |name: &String| {
        let own = |field: &String| field.split('.').next() == Some(name);
        *name == lends.by || lends.fields.values().any(own) || lends.when.is_some()
    };
    if lends.to != "customer" || !changed.is_none_or(|names| names.iter().any(concerns)) {
        return Ok(());
    }
    let Some(id) = record.text(&lends.by).and_then(|id| id.parse::<Id>().ok()) else { return Ok(()) };
    match tables::record::get(tx, "customer", &id, &Scope::one(record.org.clone()))? {
        Some(customer) => look_again(tx, ctx, &customer),
        None => Ok(()),
    }
}

/// Everybody a customer may be the same as, each pair with the newer one first.
fn alike(reader: &impl Reader, customer: &Record) -> Result<Vec<Found>> {
    let facts = tables::lent::facts(reader, customer)?;
    let mut found = Vec::new();
    for other in tables::record::candidates(reader, &customer.org, &facts)? {
        if other.id == customer.id {
            continue;
        }
        let score = matching::score(&tables::lent::facts(reader, &other)?, &facts);
        if matching::verdict(&score) == Verdict::New {
            continue;
        }
        let is_newer = (customer.created_at, &customer.id) > (other.created_at, &other.id);
        let (newer, older) = if is_newer { (customer.clone(), other) } else { (other, customer.clone()) };
        found.push(Found { customer: newer, other: older, score });
    }
    Ok(found)
}

/// The pairs of a snapshot that these customers are the newer part of and that nobody has been asked about.
///
/// # Errors
/// Internal.
pub fn find_duplicates(view: &View, customers: &[Record]) -> Result<Vec<Found>> {
    let mut pairs = Vec::new();
    for customer in customers {
        for found in alike(view, customer)?.into_iter().filter(|found| found.customer.id == customer.id) {
            if !was_asked(view, &found.customer.id, &found.other.id)? {
                pairs.push(found);
            }
        }
    }
    Ok(pairs)
}

/// Put pairs up for review that were found on a snapshot; answers how many still had to be.
///
/// # Errors
/// Internal.
pub fn put_up(tx: &mut Tx<'_>, ctx: &Ctx, pairs: &[Found]) -> Result<u32> {
    let mut n_asked = 0;
    for Found { customer, other, score } in pairs {
        let is_there = |tx: &Tx<'_>, record: &Record| {
            // One that was merged or removed meanwhile is found under another id, or not at all.
            let now = tables::record::get(tx, "customer", &record.id, &Scope::All)?;
            Result::Ok(now.is_some_and(|now| now.id == record.id))
        };
        if is_there(tx, customer)? && is_there(tx, other)? && ask_for_review(tx, ctx, customer, other, score)? {
            n_asked += 1;
        }
    }
    Ok(n_asked)
}
