//! Inspection: a share of every caller's calls is listened to or called back; one fake brings the whole month under inspection.

use std::collections::BTreeMap;

use marque_sdk::{Date, Fault, Filter, Id, Outcome, Record, Result, Value, info, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    call::{self, Call},
    desk::Desk,
    people,
    settings::Settings,
    task,
};

/// The kind's name.
pub const KIND: &str = "care.check";
/// More calls than one dealer makes in a month.
const MOST: usize = 20_000;
/// How long an inspector has.
const WITHIN: &str = "7d";

#[derive(Clone, Debug, Deserialize)]
struct Check {
    call: Id,
    caller: Id,
    month: String,
    state: String,
}

/// Input of `judge`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    result: String,
    method: String,
    note: Option<String>,
}

/// How many of `n` calls are inspected: the share, rounded up, and at least the least; all if there are fewer.
fn quota(n: usize, settings: &Settings) -> usize {
    let least = usize::try_from(settings.check_least).unwrap_or_default();
    let percent = usize::try_from(settings.check_percent).unwrap_or_default();
    (n * percent).div_ceil(100).max(least).min(n)
}

/// Spread over the month: every so-manieth call, so that nobody knows beforehand which.
fn spread<T: Clone>(calls: &[T], n: usize) -> Vec<T> {
    (0..n).filter_map(|i| calls.get((i * calls.len() + calls.len() / 2) / n.max(1)).cloned()).collect()
}

/// Last month, on the first of this one.
pub fn monthly(desk: &Desk) -> Result<Outcome> {
    let last = desk.today.plus_months(-1).to_string();
    draw(desk, last.get(..7).unwrap_or_default())?;
    Ok(Outcome::Done)
}

/// Draws the inspections of a month, for each caller who has none yet.
pub fn draw(desk: &Desk, month: &str) -> Result<Value> {
    if format!("{month}-01").parse::<Date>().is_err() {
        return Err(Fault::at("month_invalid", "/month", format!("{month:?} is not a month: write it like 2026-03")));
    }
    let made = Filter::eq("call_month", month).and(Filter::eq("state", "done"));
    let mut callers: BTreeMap<(Id, Id), Vec<Record<Call>>> = BTreeMap::new();
    for call in view::find::<Call>(call::KIND).filter(made).order("created_at").up_to(MOST)? {
        if let Some(caller) = call.data.done_by.clone() {
            callers.entry((call.org.clone(), caller)).or_default().push(call);
        }
    }
    let mut n_drawn = 0;
    for ((org, caller), calls) in callers {
        let before = Filter::eq("caller", caller.as_str()).and(Filter::eq("month", month));
        if view::find::<Value>(KIND).filter(before).exists()? {
            continue;
        }
        for call in spread(&calls, quota(calls.len(), &desk.settings)) {
            n_drawn += usize::from(create(desk, &org, &call, &caller, month, false)?);
        }
    }
    Ok(json!({ "n_drawn": n_drawn }))
}

/// One inspection with its task, for somebody who did not make the call.
fn create(desk: &Desk, org: &str, call: &Record<Call>, caller: &str, month: &str, is_all: bool) -> Result<bool> {
    let except = [caller.to_owned()];
    let Some(inspector) = people::first_with(org, &["crm_mgr", "gm", "crm_officer"], &except)? else {
        return Ok(false);
    };
    let id = new_id();
    record::create(KIND)
        .id(id.as_str())
        .org(org)
        .field("call", &call.id)
        .field("caller", caller)
        .field("month", month)
        .field("owner", &inspector)
        .field("is_all", is_all)
        .stage()?;
    let due = info::due(desk.now(), WITHIN)?;
    let name = task::name_of(&call.data.customer)?;
    let plan = task::Plan { step: task::CHECK, owner: &inspector, due: &due, about_kind: KIND, about: &id, held: true };
    task::open(desk, org, &name, Some(&call.data.customer), &except, plan)?;
    Ok(true)
}

/// What the inspector has found. After a fake the rest of the caller's month is inspected too.
pub fn judge(desk: &Desk, id: &str, input: &Judgement) -> Result<Value> {
    let check = view::require::<Check>(KIND, id)?;
    if check.data.state != "open" {
        return Err(Fault::new("check_done", "this inspection is done already"));
    }
    if desk.me() == Some(check.data.caller.as_str()) {
        return Err(Fault::new("own_call", "whoever made the call does not inspect it: ask a colleague"));
    }
    if input.result != "true" && input.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
        return Err(Fault::at("note_missing", "/note", "say what did not fit"));
    }
    let mut finish = record::mov(KIND, id, "finish")
        .if_rev(check.rev)
        .field("result", &input.result)
        .field("method", &input.method)
        .field("done_at", desk.now());
    finish = input.note.iter().fold(finish, |finish, note| finish.field("note", note.trim()));
    desk.me().into_iter().fold(finish, |finish, me| finish.field("done_by", me)).stage()?;
    task::end(desk, id, &[task::CHECK], "done")?;
    let n_added = if input.result == "fake" { all_of(desk, &check)? } else { 0 };
    Ok(json!({ "id": id, "n_added": n_added }))
}

fn all_of(desk: &Desk, check: &Record<Check>) -> Result<usize> {
    let data = &check.data;
    let of_month = Filter::eq("caller", data.caller.as_str()).and(Filter::eq("month", data.month.as_str()));
    let drawn = view::find::<Check>(KIND).filter(of_month).up_to(MOST)?;
    let made = Filter::eq("call_month", data.month.as_str())
        .and(Filter::eq("state", "done"))
        .and(Filter::eq("done_by", data.caller.as_str()));
    let mut n_added = 0;
    for call in view::find::<Call>(call::KIND).filter(made).up_to(MOST)? {
        if drawn.iter().all(|known| known.data.call != call.id) {
            n_added += usize::from(create(desk, &check.org, &call, &data.caller, &data.month, true)?);
        }
    }
    Ok(n_added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::unit::defaults;

    #[test]
    fn a_tenth_is_inspected_and_at_least_five() {
        let settings = defaults();
        assert_eq!([3, 5, 40, 51, 100, 101].map(|n| quota(n, &settings)), [3, 5, 5, 6, 10, 11]);
    }

    #[test]
    fn the_drawn_ones_are_spread_and_different() {
        let calls: Vec<usize> = (0..40).collect();
        assert_eq!(spread(&calls, 5), [4, 12, 20, 28, 36]);
        assert_eq!(spread(&calls[..3], 3), [0, 1, 2]);
        assert!(spread(&calls, 0).is_empty());
    }
}
