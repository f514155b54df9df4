//! Levels of intent: what one means for the clocks, and when it runs out.

use marque_sdk::{Data, Date, Outcome, Result, json};
use serde::Deserialize;

use crate::{
    contact,
    desk::{Desk, refuse, refuse_at},
    flow::{self, Onward},
    lead::{Lead, patch},
    moment, people,
    settings::Level,
    task,
};

/// Input of `set_level`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLevel {
    level: String,
    reason: String,
}

/// Input of `re_evaluate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReEvaluate {
    level: Option<String>,
    reason: String,
}

/// The fields of a level just set. It runs out on the morning of the day its window ends.
pub fn set(desk: &Desk, code: &str) -> Result<Data> {
    let Some(level) = desk.settings.level(code) else {
        return refuse_at("level_unknown", "/level", format!("there is no level {code:?}: see the setting \"levels\""));
    };
    let due = Date::today(&desk.call)?.plus_days(level.window_days).morning();
    Ok(patch(json!({ "level": code, "level_set_at": desk.now(), "level_due": due, "extensions": 0 })))
}

/// The level of a lead; the coolest where it has none that is known.
pub fn of<'a>(desk: &'a Desk, lead: &Lead) -> Option<&'a Level> {
    lead.text("level").and_then(|code| desk.settings.level(code)).or(desk.settings.levels.last())
}

/// The owner is protected to the end of the last day of it.
pub fn protected_until(desk: &Desk, lead: &Lead) -> Result<Option<String>> {
    let Some(level) = of(desk, lead) else { return Ok(None) };
    Ok(Some(moment::end_of(Date::today(&desk.call)?.plus_days(level.protection_days), &desk.call)?))
}

/// A person sets another level, with a reason. The clocks follow it.
pub fn set_level(desk: &Desk, lead: &Lead, input: SetLevel) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    if lead.text("level") == Some(input.level.as_str()) {
        return refuse_at("level_same", "/level", format!("the level is {} already", input.level));
    }
    change(desk, lead, &input.level, &input.reason)
}

/// The window has passed: kept once more, or another level. Kept too often it drops by itself.
pub fn re_evaluate(desk: &Desk, lead: &Lead, input: ReEvaluate) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    match input.level.filter(|level| lead.text("level") != Some(level)) {
        Some(level) => change(desk, lead, &level, &input.reason),
        None => extend(desk, lead, &input.reason),
    }
}

fn change(desk: &Desk, lead: &Lead, code: &str, reason: &str) -> Result<()> {
    let mut data = set(desk, code)?;
    data.insert("level_proposed".into(), marque_sdk::Value::Null);
    raise(desk, lead, code, reason)?;
    task::end(desk, lead, &["leads.re_evaluate"], "done")?;
    go_on(desk, lead, data)
}

fn extend(desk: &Desk, lead: &Lead, reason: &str) -> Result<()> {
    let n = lead.number("extensions") + 1;
    let Some(level) = of(desk, lead) else { return refuse("level_unknown", "the lead has no level: set one") };
    if n > desk.settings.most_extensions {
        let lower = lower(desk, &level.code).to_owned();
        return change(desk, lead, &lower, reason);
    }
    let due = Date::today(&desk.call)?.plus_days(level.window_days).morning();
    task::end(desk, lead, &["leads.re_evaluate"], "done")?;
    go_on(desk, lead, patch(json!({ "extensions": n, "level_due": due })))
}

/// The follow-up is due as the level has it, whichever level that is now.
fn go_on(desk: &Desk, lead: &Lead, data: Data) -> Result<()> {
    let after = lead.with(&data);
    if lead.state() != "qualified" {
        return flow::go(desk, lead, Onward { data, ..Onward::default() }).map(drop);
    }
    let due = contact::follow_up_due(desk, &after)?;
    let mut data = data;
    data.insert("due".into(), due.as_str().into());
    task::shift(lead, &["leads.follow_up"], None, Some(&due))?;
    flow::go(desk, lead, Onward { data, ..Onward::default() }).map(drop)
}

/// The next cooler level, or the coolest.
fn lower<'a>(desk: &'a Desk, code: &'a str) -> &'a str {
    let at = desk.settings.levels.iter().position(|level| level.code == code).unwrap_or(0);
    desk.settings.levels.get(at + 1).or(desk.settings.levels.last()).map_or(code, |level| &level.code)
}

fn raise(desk: &Desk, lead: &Lead, code: &str, reason: &str) -> Result<()> {
    let is_said = !reason.trim().is_empty();
    if !is_said {
        return refuse_at("reason_missing", "/reason", "say why the level changes");
    }
    desk.raise("leads.lead.level_changed", lead, json!({ "level": code, "old": lead.text("level") }))
}

/// The window of the level has passed without an order: somebody looks at it today.
pub fn ring(desk: &Desk, lead: &Lead, due: &str) -> Result<Outcome> {
    if lead.state() != "qualified" || lead.text("level_due") != Some(due) {
        return Ok(Outcome::Skip);
    }
    if task::is_open(lead, &["leads.re_evaluate"])? {
        return Ok(Outcome::Skip);
    }
    let end = moment::end_of(Date::today(&desk.call)?, &desk.call)?;
    // Whoever has left since does not look at anything: then a manager does.
    let staff = people::staff(&lead.org)?;
    let is_here = staff.iter().any(|person| person.id == lead.owner());
    let manager = people::first_with(&staff, &desk.settings.manager_roles).filter(|_| !is_here);
    let owner = manager.map_or(lead.owner(), |person| &person.id);
    task::open(desk, lead, task::Plan { step: "leads.re_evaluate", owner, due: &end })?;
    Ok(Outcome::Done)
}
