//! Defeat: asked for with evidence, decided by a manager, looked at again by somebody who was not there.

use marque_sdk::{Data, Date, Decision, Filter, Outcome, Result, decide, json, view};
use serde::Deserialize;

use crate::{
    contact,
    desk::{Desk, refuse, refuse_at},
    flow::{self, Onward},
    lead::{KIND, Lead, patch},
    moment, people, pool, route, task,
};

/// Input of `request_defeat`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    reason: String,
    note: Option<String>,
    competitor_bought: Option<String>,
}

/// Input of `approve_defeat` and `reject_defeat`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    note: Option<String>,
}

/// What has to be shown before a lead may be lost.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Evidence {
    attempts: i64,
    days: i64,
    connected: i64,
}

/// The share of defeats somebody else asks about again, in percent, and how many at least.
const REVIEWED_PERCENT: usize = 10;
const REVIEWED_LEAST: usize = 5;

/// Asks a manager to give a lead up.
pub fn request(desk: &Desk, lead: &Lead, input: Request) -> Result<()> {
    flow::must_be_ours(desk, lead)?;
    flow::must_be(lead, &["attempted", "contacted", "qualified", "out_of_reach"])?;
    is_shown(desk, lead, &input.reason)?;
    let staff = people::staff(&lead.org)?;
    let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles) else {
        return refuse("owner_missing", "nobody here can decide on a defeat: give somebody the role sales_mgr or gm");
    };
    let due = moment::after(desk.now(), &desk.settings.defeat_review)?;
    let data = patch(json!({
        "defeat_reason": input.reason, "defeat_note": input.note, "competitor_bought": input.competitor_bought,
        "defeat_requested_at": desk.now(), "defeat_by": desk.me(), "defeat_from": lead.state(),
    }));
    let next = Some(task::Plan { step: "leads.approve_defeat", owner: &manager.id, due: &due });
    flow::go(desk, lead, Onward { transition: Some("request_defeat"), data, next, ..Onward::default() }).map(drop)
}

fn is_shown(desk: &Desk, lead: &Lead, reason: &str) -> Result<()> {
    let days = lead.list("attempt_days").len() as i64;
    let asked = json!({
        "reason": reason, "level": lead.text("level").unwrap_or_default(), "attempts": lead.number("attempts"), "days": days,
        "connected": lead.number("connected"), "least_attempts": desk.settings.defeat_attempts, "least_days": desk.settings.defeat_days,
        "lost_attempts": desk.settings.attempts_lost, "lost_days": desk.settings.days_lost, "now": desk.now(),
    });
    let Decision { output: needed, .. } = decide::<Evidence>("defeat.validate", &asked)?;
    let has = Evidence { attempts: lead.number("attempts"), days, connected: lead.number("connected") };
    if has.attempts >= needed.attempts && has.days >= needed.days && has.connected >= needed.connected {
        return Ok(());
    }
    let message = format!(
        "the evidence does not suffice: {} of {} attempts, on {} of {} days, {} of {} answered",
        has.attempts, needed.attempts, has.days, needed.days, has.connected, needed.connected
    );
    refuse_at("evidence_missing", "/reason", message)
}

/// A manager agrees: the lead is lost.
pub fn approve(desk: &Desk, lead: &Lead, input: Decide) -> Result<()> {
    desk.manager_only()?;
    flow::must_be(lead, &["defeat_requested"])?;
    let mut data = patch(json!({ "defeated_at": desk.now(), "ended_at": desk.now(), "decided_by": desk.me() }));
    data.extend(input.note.map(|note| ("end_note".to_owned(), note.into())));
    flow::go(desk, lead, Onward { transition: Some("approve_defeat"), data, ..Onward::default() }).map(drop)
}

/// A manager does not: the consultant goes on, today.
pub fn reject(desk: &Desk, lead: &Lead, input: Decide) -> Result<()> {
    desk.manager_only()?;
    flow::must_be(lead, &["defeat_requested"])?;
    let Some(note) = input.note.filter(|note| !note.trim().is_empty()) else {
        return refuse_at("reason_missing", "/note", "say what is still to be tried");
    };
    let due = moment::end_of(Date::today(&desk.call)?, &desk.call)?;
    let data = patch(json!({ "defeat_note": note, "decided_by": desk.me() }));
    let next = Some(task::Plan { step: "leads.follow_up", owner: lead.owner(), due: &due });
    flow::go(desk, lead, Onward { transition: Some("reject_defeat"), data, next, ..Onward::default() }).map(drop)
}

/// The customer is interested after all: somebody else gets the lead.
pub fn reopen(desk: &Desk, lead: &Lead) -> Result<()> {
    if !desk.is_manager() && !desk.call.has_role("crm_officer") {
        return Err(marque_sdk::Fault::denied("a customer-relationship officer or a manager reopens a lost lead"));
    }
    flow::must_be(lead, &["defeated"])?;
    let Some(route) = route::choose(desk, lead, &[lead.owner()], &[])? else {
        return refuse(
            "owner_missing",
            "nobody here can own this lead: give somebody the role consultant, sales_mgr or gm",
        );
    };
    task::end(desk, lead, &["leads.review"], "done")?;
    let mut data = patch(json!({
        "defeated_at": null, "ended_at": null, "contacted_at": null, "first_attempt_at": null, "hq_alarm_at": null,
        "former_owner": lead.owner(), "missed": 0, "missed_days": [], "day_parts": [],
    }));
    data.extend(crate::clock::start_for_headquarters(desk, desk.now())?);
    pool::hand(desk, lead, &route, Some("reopen"), data)
}

/// Once a month some of last month's defeats are asked about again, by somebody who did not lose them.
pub fn review(desk: &Desk) -> Result<Outcome> {
    let staff = people::staff(&desk.call.org)?;
    let Some(officer) = people::first_with(&staff, &["crm_officer", "crm_mgr"]) else { return Ok(Outcome::Skip) };
    let since = moment::begin_of(Date::today(&desk.call)?.plus_months(-1), &desk.call)?;
    let lost = Filter::eq("state", "defeated").and(Filter::gte("defeated_at", since));
    let lost = lost.and(Filter::eq("org", desk.call.org.as_str()));
    let mut lost = view::find::<Data>(KIND).filter(lost).limit(500).page()?.items;
    // The end of an id is drawn by lot, so whoever loses a lead cannot know whether it is asked about.
    lost.sort_by_key(|lead| lead.id.chars().rev().collect::<String>());
    let n = (lost.len() * REVIEWED_PERCENT).div_ceil(100).max(REVIEWED_LEAST).min(lost.len());
    let due = contact::progress_due(desk)?;
    for lead in lost.into_iter().take(n).map(Lead::from) {
        task::open(desk, &lead, task::Plan { step: "leads.review", owner: &officer.id, due: &due })?;
    }
    Ok(Outcome::Done)
}
