//! Organisations: where one may stand in the tree, and when it may close. Rules beyond what the kind's file says.

mod shape;

use serde_json::{Value, json};

use super::Ctx;
use crate::{
    Error, Result,
    error::FieldError,
    model::{Actor, Data, Id, Record, Scope, org},
    store::{Tx, tables},
};

/// The most steps from an organisation to the maker; a longer way is a loop.
const MAX_DEPTH: usize = 64;

/// Where a new organisation is to be: its record belongs to itself, so that its own people see it, and the kind is as it holds above it.
///
/// # Errors
/// `denied` where the organisation above is not one of the caller's.
pub(super) fn place(tx: &Tx<'_>, ctx: &Ctx, data: &Data) -> Result<Id> {
    match parent_of(data) {
        Some(parent) if is_within(tx, ctx, &parent)? => known(tx, parent),
        Some(parent) => Err(Error::denied(format!("the organisation {parent} is not one of yours"))),
        None => Ok(ctx.org.clone()),
    }
}

/// The nearest organisation upwards that was there before this commit: rights and kinds know no younger one.
fn known(tx: &Tx<'_>, org: Id) -> Result<Id> {
    let mut org = org;
    for _ in 0..MAX_DEPTH {
        if tx.kind_tree().orgs().get(&org).is_some() {
            break;
        }
        let record = tables::record::get(tx, "org", &org, &Scope::All)?;
        match record.and_then(|record| parent_of(&record.data)) {
            Some(parent) => org = parent,
            None => break,
        }
    }
    Ok(org)
}

/// Everything an organisation's record must meet besides its fields' own types.
///
/// # Errors
/// `org.parent` for a place in the tree that is none, `org.busy` for closing with open work, `invalid` for a field.
pub(super) fn check(tx: &Tx<'_>, ctx: &Ctx, record: &Record, old: Option<&Record>) -> Result<()> {
    shape::check(&record.data)?;
    let has_changed = |name: &str| old.is_none_or(|old| old.field(name) != record.field(name));
    if has_changed("parent") || has_changed("type") {
        check_parent(tx, ctx, record)?;
        check_children(tx, record)?;
    }
    let is_closed = |record: &Record| record.text("status") == Some("closed");
    if is_closed(record) && old.is_some_and(|old| !is_closed(old)) {
        check_idle(tx, record)?;
    }
    Ok(())
}

/// An organisation is taken away only before anything belongs to it.
///
/// # Errors
/// `org.busy`.
pub(super) fn check_removal(tx: &Tx<'_>, record: &Record) -> Result<()> {
    let scope = Scope::one(record.id.clone());
    for kind in tx.kinds().values().filter(|kind| kind.kind != "org") {
        let n = tables::record::count_in(tx, &kind.kind, &scope)?;
        if n > 0 {
            return Err(busy(record, "cannot be removed", &[(kind.kind.clone(), n)], "close it instead"));
        }
    }
    Ok(())
}

fn parent_of(data: &Data) -> Option<Id> {
    data.get("parent").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

fn get(tx: &Tx<'_>, id: &Id) -> Result<Option<Record>> {
    tables::record::get(tx, "org", id, &Scope::All)
}

/// Whether an organisation is the caller's, also when it has been made in this very transaction.
pub(super) fn is_within(tx: &Tx<'_>, ctx: &Ctx, org: &Id) -> Result<bool> {
    let mut next = Some(org.clone());
    for _ in 0..MAX_DEPTH {
        let Some(id) = next else { return Ok(false) };
        if ctx.scope.holds(&id) {
            return Ok(true);
        }
        next = get(tx, &id)?.and_then(|org| parent_of(&org.data));
    }
    Ok(false)
}

fn wrong(message: String) -> Error {
    Error::fields(vec![FieldError::field("parent", "org.parent", message)]).coded("org.parent")
}

fn check_parent(tx: &Tx<'_>, ctx: &Ctx, record: &Record) -> Result<()> {
    let r#type = record.text("type").unwrap_or_default();
    let under = org::stands_under(r#type);
    let Some(parent) = parent_of(&record.data) else { return check_top(tx, ctx, record, under) };
    if under.is_empty() {
        return Err(wrong(format!("a {type} is the top of the tree: leave parent out")));
    }
    if !is_within(tx, ctx, &parent)? {
        return Err(Error::denied(format!("the organisation {parent} is not one of yours")));
    }
    // That it is there is checked with all other references.
    let Some(above) = get(tx, &parent)? else { return Ok(()) };
    let above_type = above.text("type").unwrap_or_default();
    if !under.contains(&above_type) {
        let message = format!("a {type} cannot stand under the {above_type} {parent}: it stands under {}", or(under));
        return Err(wrong(message));
    }
    if above.text("status") == Some("closed") && record.text("status") != Some("closed") {
        return Err(wrong(format!("{parent} is closed: choose another organisation, or open it again first")));
    }
    check_loop(tx, record, above)
}

fn check_top(tx: &Tx<'_>, ctx: &Ctx, record: &Record, under: &[&str]) -> Result<()> {
    if !under.is_empty() {
        // The server itself may build a tree from below: sample data, and stores from before there was one.
        if ctx.actor == Actor::System {
            return Ok(());
        }
        return Err(wrong(format!("parent is missing: name the organisation above, {}", or(under))));
    }
    let makers = tables::record::with_value_anywhere(tx, "org", "type", &Value::from("maker"))?;
    match makers.into_iter().find(|maker| maker.id != record.id) {
        Some(maker) => Err(wrong(format!("there is one maker, {}: choose another type", maker.id))),
        None => Ok(()),
    }
}

fn check_loop(tx: &Tx<'_>, record: &Record, above: Record) -> Result<()> {
    let mut next = Some(above);
    for _ in 0..MAX_DEPTH {
        let Some(above) = next else { return Ok(()) };
        if above.id == record.id {
            break;
        }
        next = match parent_of(&above.data) {
            Some(parent) => get(tx, &parent)?,
            None => None,
        };
    }
    Err(wrong(format!("{} would stand under itself: choose an organisation that is not below it", record.id)))
}

/// A changed type must still fit those that stand under it.
fn check_children(tx: &Tx<'_>, record: &Record) -> Result<()> {
    let r#type = record.text("type").unwrap_or_default();
    for (child_type, child) in tables::org::children(tx, &record.id)? {
        if !org::stands_under(&child_type).contains(&r#type) {
            let message = format!("the {child_type} {child} stands under it and cannot stand under a {type}");
            return Err(Error::fields(vec![FieldError::field("type", "org.parent", message)]).coded("org.parent"));
        }
    }
    Ok(())
}

/// Whatever has states says which of them need work; what is open here or below keeps the organisation open.
fn check_idle(tx: &Tx<'_>, record: &Record) -> Result<()> {
    let scope = tables::record::scope(tx, &record.id)?;
    let mut open = Vec::new();
    for kind in tx.kinds().values() {
        let Some(states) = kind.states.as_ref().filter(|states| !states.open.is_empty()) else { continue };
        let n = tables::record::count_with(tx, &kind.kind, &scope, &states.field, &states.open)?;
        if n > 0 {
            open.push((kind.kind.clone(), n));
        }
    }
    let still_open = ["onboarding", "active", "suspended"].map(str::to_owned);
    let n = tables::record::count_with(tx, "org", &scope, "status", &still_open)?;
    // Itself is still written as open.
    if n > 1 {
        open.push(("org".to_owned(), n - 1));
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(busy(record, "cannot be closed", &open, "finish or hand that over first"))
    }
}

/// Named by kind, with counts for screens to word.
fn busy(record: &Record, what: &str, open: &[(String, u64)], remedy: &str) -> Error {
    let name = record.text("name").unwrap_or(record.id.as_str());
    let told: Vec<String> = open.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    let counts: Vec<Value> = open.iter().map(|(kind, n)| json!({ "kind": kind, "n": n })).collect();
    Error::conflict("org.busy", format!("{name} {what}: it still has {}; {remedy}", told.join(", ")))
        .with("open", json!(counts))
}

fn or(types: &[&str]) -> String {
    types.join(" or ")
}
