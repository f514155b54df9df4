//! What happens when a clock rings: the owner is reminded, the manager told, the lead taken back, headquarters told.

use marque_sdk::{Outcome, Result, Value, event::Fired, json};

use crate::{
    clock,
    desk::Desk,
    intake,
    lead::{Lead, patch},
    moment::after,
    people, route, task,
};

/// Answers a timer. One that was set for another due time than the lead has now is late and says nothing.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    let text = |name: &str| fired.data.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(lead) = marque_sdk::view::get(crate::lead::KIND, text("lead"))?.map(Lead::from) else {
        return Ok(Outcome::Skip);
    };
    match fired.key.split_once(':').map(|(clock, _)| clock) {
        Some("answer") => answer(desk, &lead, text("due")),
        Some("hq") => headquarters(desk, &lead),
        _ => Ok(Outcome::Skip),
    }
}

fn answer(desk: &Desk, lead: &Lead, due: &str) -> Result<Outcome> {
    let missed = clock::LIMITS.iter().find(|(field, n)| lead.text(field) == Some(due) && lead.number("breach") < *n);
    let Some((_, n)) = missed.filter(|_| clock::is_running(lead)) else { return Ok(Outcome::Skip) };
    // Whoever has tried keeps the lead: taking it back is for leads that nobody has touched.
    let is_untouched = lead.text("first_attempt_at").is_none_or(|at| Some(at) < lead.text("assigned_at"));
    if *n == 3 && is_untouched {
        return reclaim(desk, lead);
    }
    let data = patch(json!({ "breach": n }));
    let late = lead.with(&data);
    lead.change(&data).stage()?;
    clock::follow(&late)?;
    tell(desk, &late, *n)?;
    Ok(Outcome::Done)
}

/// Says that a limit was missed; from the second on a manager has to look.
fn tell(desk: &Desk, lead: &Lead, n: i64) -> Result<()> {
    desk.raise("leads.lead.breached", lead, json!({ "breach": n, "owner": lead.owner() }))?;
    let staff = people::staff(&lead.org)?;
    let manager = people::first_with(&staff, &desk.settings.manager_roles);
    match manager.filter(|_| n == 2) {
        Some(manager) => {
            let due = after(desk.now(), &desk.settings.first_contact)?;
            task::open(desk, lead, task::Plan { step: "leads.alert", owner: &manager.id, due: &due }).map(drop)
        }
        None => Ok(()),
    }
}

/// Takes the lead back and gives it to somebody else; the one who had it may not have it again for a while.
fn reclaim(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    let former = lead.owner().to_owned();
    let may_go_on = lead.number("reassigned") < desk.settings.most_reassigned;
    let chosen = route::choose(desk, lead, &[&former], &[])?;
    let Some(route) = chosen else {
        // Nobody else is here at all: whoever has it keeps it, and the limit stays missed.
        lead.change(&patch(json!({ "breach": 3 }))).stage()?;
        desk.raise("leads.lead.breached", lead, json!({ "breach": 3, "owner": former }))?;
        return Ok(Outcome::Done);
    };
    let route = if may_go_on { route } else { to_manager(desk, lead, route)? };
    let mut data = intake::given_to(desk, &route)?;
    data.extend(patch(json!({
        "former_owner": former,
        "barred_until": after(desk.now(), &desk.settings.bar)?,
        "reassigned": lead.number("reassigned") + 1,
    })));
    desk.raise("leads.lead.reclaimed", lead, json!({ "former_owner": former, "owner": route.owner }))?;
    give(desk, lead, &route, data)?;
    Ok(Outcome::Done)
}

/// After so many hands the lead waits in the pool, and a manager sees to it.
fn to_manager(desk: &Desk, lead: &Lead, otherwise: route::Route) -> Result<route::Route> {
    let staff = people::staff(&lead.org)?;
    let manager = people::first_with(&staff, &desk.settings.manager_roles);
    Ok(manager.map_or(otherwise, |manager| route::Route { is_pool: true, ..route::Route::to(&manager.id) }))
}

/// Gives a lead to somebody, with a task and clocks of their own.
pub fn give(desk: &Desk, lead: &Lead, route: &route::Route, data: marque_sdk::Data) -> Result<()> {
    let mut after = lead.with(&data);
    task::end(desk, lead, &task::STEPS, "handed_on")?;
    let due = after.text("first_due").unwrap_or(desk.now()).to_owned();
    let step = if route.is_pool { "leads.assign" } else { "leads.first_contact" };
    let id = task::open(desk, &after, task::Plan { step, owner: &route.owner, due: &due })?;
    let mut data = data;
    data.extend(patch(json!({ "task": id, "due": due })));
    after = after.with(&data);
    let transition = if route.is_pool { "pool" } else { "assign" };
    let is_in_pool = lead.state() == "pool";
    let write = if route.is_pool && is_in_pool { lead.change(&data) } else { lead.move_to(transition, &data) };
    route.receipt.iter().fold(write, |write, receipt| write.receipt("owner", receipt)).stage()?;
    after.data.insert("state".into(), if route.is_pool { "pool" } else { "assigned" }.into());
    if let Some(customer) = lead.customer().map(crate::customer::load).transpose()?.flatten() {
        crate::customer::hand_over(&customer, &route.owner)?;
    }
    clock::follow(&after)
}

/// A day has passed and nobody has spoken to the customer: headquarters sees it, the general manager has to act.
fn headquarters(desk: &Desk, lead: &Lead) -> Result<Outcome> {
    if !clock::is_running(lead) || lead.text("hq_alarm_at").is_some() {
        return Ok(Outcome::Skip);
    }
    lead.change(&patch(json!({ "hq_alarm_at": desk.now() }))).stage()?;
    desk.raise("leads.lead.hq_alarmed", lead, json!({ "owner": lead.owner(), "reassigned": lead.number("reassigned") }))?;
    let staff = people::staff(&lead.org)?;
    if let Some(gm) = people::first_with(&staff, &["gm"]).or(people::first_with(&staff, &desk.settings.manager_roles)) {
        let due = after(desk.now(), &desk.settings.first_contact)?;
        task::open(desk, lead, task::Plan { step: "leads.hq_alarm", owner: &gm.id, due: &due })?;
    }
    Ok(Outcome::Done)
}
