//! Teams: who is a member stands in the team and in each member's own record, and the two always agree.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Ctx,
    record::{note::Note, write},
};
use crate::{
    Error, Result,
    error::FieldError,
    model::{Data, Id, Record, Scope},
    store::{Tx, tables},
};

/// Members work where the team is, or below.
///
/// # Errors
/// `team.elsewhere`, naming the person.
pub(super) fn check(tx: &Tx<'_>, team: &Record, old: Option<&Record>) -> Result<()> {
    let before = old.map(members).unwrap_or_default();
    for id in members(team).difference(&before) {
        let Some(user) = tables::record::get(tx, "user", id, &Scope::All)? else { continue };
        if !is_near(tx, &user, team)? {
            let message = format!("{} does not work at {}: members work where the team is", user.id, team.org);
            return Err(Error::fields(vec![FieldError::field("members", "team.elsewhere", message)]));
        }
    }
    Ok(())
}

/// A person's team is one where they work.
///
/// # Errors
/// `team.elsewhere`.
pub(super) fn check_member(tx: &Tx<'_>, user: &Record, old: Option<&Record>) -> Result<()> {
    let Some(id) = team_of(user).filter(|id| old.and_then(team_of).as_ref() != Some(id)) else { return Ok(()) };
    // That it is there is checked with all other references.
    let Some(team) = tables::record::get(tx, "team", &id, &Scope::All)? else { return Ok(()) };
    if is_near(tx, user, &team)? {
        return Ok(());
    }
    let message = format!("the team {id} is at {}, not at {}: choose one where the person works", team.org, user.org);
    Err(Error::fields(vec![FieldError::field("team", "team.elsewhere", message)]))
}

/// The members' own records follow the team.
///
/// # Errors
/// Those of a change.
pub(super) fn settle(tx: &mut Tx<'_>, ctx: &Ctx, team: &Record, old: Option<&Record>) -> Result<()> {
    let (before, after) = (old.map(members).unwrap_or_default(), members(team));
    for id in after.difference(&before) {
        enrol(tx, ctx, id, |now| (now != Some(&team.id)).then_some(Some(&team.id)))?;
    }
    for id in before.difference(&after) {
        enrol(tx, ctx, id, |now| (now == Some(&team.id)).then_some(None))?;
    }
    Ok(())
}

/// The teams' lists follow the person.
///
/// # Errors
/// Those of a change.
pub(super) fn settle_member(tx: &mut Tx<'_>, ctx: &Ctx, user: &Record, old: Option<&Record>) -> Result<()> {
    let (before, after) = (old.and_then(team_of), team_of(user));
    if before == after {
        return Ok(());
    }
    if let Some(team) = before {
        list(tx, ctx, &team, |members| members.remove(&user.id))?;
    }
    if let Some(team) = after {
        list(tx, ctx, &team, |members| members.insert(user.id.clone()))?;
    }
    Ok(())
}

/// Give a person another team, if `wanted` says so of the one they have.
fn enrol<'a>(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    user: &Id,
    wanted: impl FnOnce(Option<&Id>) -> Option<Option<&'a Id>>,
) -> Result<()> {
    let Some(user) = tables::record::get(tx, "user", user, &ctx.scope)? else { return Ok(()) };
    let Some(team) = wanted(team_of(&user).as_ref()) else { return Ok(()) };
    let mut data = user.data.clone();
    match team {
        Some(team) => data.insert("team".into(), json!(team)),
        None => data.remove("team"),
    };
    change(tx, ctx, &user, data)
}

/// Change a team's list, if `edit` says that it did.
fn list(tx: &mut Tx<'_>, ctx: &Ctx, team: &Id, edit: impl FnOnce(&mut BTreeSet<Id>) -> bool) -> Result<()> {
    let Some(team) = tables::record::get(tx, "team", team, &ctx.scope)? else { return Ok(()) };
    let mut members = members(&team);
    if !edit(&mut members) {
        return Ok(());
    }
    let mut data = team.data.clone();
    if members.is_empty() {
        data.remove("members");
    } else {
        data.insert("members".into(), json!(members));
    }
    change(tx, ctx, &team, data)
}

fn change(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record, data: Data) -> Result<()> {
    let kind = tx.kind_in(&record.kind, &record.org)?;
    write::update(tx, ctx, &kind, record, data, "changed", &Note::default()).map(drop)
}

fn members(team: &Record) -> BTreeSet<Id> {
    let ids = team.field("members").as_array().into_iter().flatten();
    ids.filter_map(Value::as_str).filter_map(|id| id.parse().ok()).collect()
}

fn team_of(user: &Record) -> Option<Id> {
    user.text("team").and_then(|id| id.parse().ok())
}

/// Whether a person works where a team is, or below.
fn is_near(tx: &Tx<'_>, user: &Record, team: &Record) -> Result<bool> {
    Ok(user.org == team.org || tables::record::scope(tx, &team.org)?.holds(&user.org))
}
