//! What happens when a clock rings: the owner is reminded, the manager told, the lead taken back, headquarters told.

use marque_sdk::{Data, Outcome, Result, Value, event::Fired, json, view};

use crate::{
    clock,
    desk::Desk,
    flow::{self, Onward},
    freeze,
    lead::{KIND, Lead, patch},
    level,
    moment::after,
    people, pool, promise,
    route::{self, Route},
    task,
};

/// Answers a timer. One that was set for another due time than the lead has now is late and says nothing.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let text = |name: &str| fired.data.get(name).and_then(Value::as_str).unwrap_or_default();
    let clock = fired.key.split_once(':').map_or("", |(clock, _)| clock);
    if clock == "promise" {
        return promise::ring(desk, text("promise"));
    }
    let Some(lead) = view::get::<Data>(KIND, text("lead"))?.map(Lead::from) else { return Ok(Outcome::Skip) };
    match clock {
        "answer" => answer(desk, &lead, text("due")),
        "hq" => headquarters(desk, &lead),
        "level" => level::ring(desk, &lead, text("due")),
        "wake" => freeze::ring(desk, &lead),
        _ => Ok(Outcome::Skip),
    }
}

fn answer(desk: &Desk, lead: &Lead, due: &str) -> Result<Outcome> {
    let missed = clock::LIMITS.iter().find(|(field, n)| lead.text(field) == Some(due) && lead.number("breach") < *n);
    let Some((_, n)) = missed.filter(|_| clock::is_running(lead)) else { return Ok(Outcome::Skip) };
    // Whoever has tried keeps the lead: taking it back is for leads that nobody has touched.
    if *n == 3 && lead.state() == "assigned" {
        return reclaim(desk, lead);
    }
    miss(desk, lead, *n)
}

/// Says that a limit was missed; at the second a manager has to look.
fn miss(desk: &Desk, lead: &Lead, n: i64) -> Result<Outcome> {
    let late = flow::go(desk, lead, Onward { data: patch(json!({ "breach": n })), ..Onward::default() })?;
    desk.raise("leads.lead.breached", &late, json!({ "breach": n, "owner": late.owner() }))?;
    let staff = people::staff(&lead.org)?;
    if let Some(manager) = people::first_with(&staff, &desk.settings.manager_roles).filter(|_| n == 2) {
        let due = after(desk.now(), &desk.settings.first_contact)?;
        task::open(desk, &late, task::Plan { step: "leads.alert", owner: &manager.id, due: &due })?;
    }
    Ok(Outcome::Done)
}

/// Takes the lead back and gives it to somebody else; the one who had it may not have it again for a while.
fn reclaim(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    let former = lead.owner().to_owned();
    let Some(chosen) = route::choose(desk, lead, &[&former], &[])? else {
        // Nobody else is here at all: whoever has it keeps it, and the limit stays missed.
        return miss(desk, lead, 3);
    };
    let may_go_on = lead.number("reassigned") < desk.settings.most_reassigned;
    let route = if may_go_on { chosen } else { to_manager(desk, lead, chosen)? };
    let data = patch(json!({
        "former_owner": former,
        "barred_until": after(desk.now(), &desk.settings.bar)?,
        "reassigned": lead.number("reassigned") + 1,
    }));
    desk.raise("leads.lead.reclaimed", lead, json!({ "former_owner": former, "owner": route.owner }))?;
    task::end(desk, lead, &["leads.alert"], "handed_on")?;
    let transition = if route.is_pool { "pool" } else { "assign" };
    pool::hand(desk, lead, &route, Some(transition), data)?;
    Ok(Outcome::Done)
}

/// After so many hands the lead waits in the pool, and a manager sees to it.
fn to_manager(desk: &Desk, lead: &Lead, otherwise: Route) -> Result<Route> {
    let staff = people::staff(&lead.org)?;
    let manager = people::first_with(&staff, &desk.settings.manager_roles);
    Ok(manager.map_or(otherwise, |manager| Route { is_pool: true, ..Route::to(&manager.id) }))
}

/// A day has passed and nobody has spoken to the customer: headquarters sees it, the general manager has to act.
fn headquarters(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    let is_due = lead.text("hq_due").is_some_and(|due| due <= desk.now());
    if !is_due || !clock::is_running(lead) || lead.text("hq_alarm_at").is_some() {
        return Ok(Outcome::Skip);
    }
    let data = patch(json!({ "hq_alarm_at": desk.now() }));
    let late = flow::go(desk, lead, Onward { data, ..Onward::default() })?;
    let told = json!({ "owner": late.owner(), "reassigned": late.number("reassigned") });
    desk.raise("leads.lead.hq_alarmed", &late, told)?;
    let staff = people::staff(&lead.org)?;
    if let Some(gm) = people::first_with(&staff, &["gm"]).or(people::first_with(&staff, &desk.settings.manager_roles)) {
        let due = after(desk.now(), &desk.settings.first_contact)?;
        task::open(desk, &late, task::Plan { step: "leads.hq_alarm", owner: &gm.id, due: &due })?;
    }
    Ok(Outcome::Done)
}
