//! The clocks of a call: it comes on somebody's list, is late, is given up.

use marque_sdk::{Date, Outcome, Record, Result, info, record, timer, view};

use crate::{
    attempt,
    call::{self, Call, KIND},
    clock::{self, Part},
    complaint,
    desk::Desk,
    people::{self, Wanted},
    task, texts,
};

/// A late call is still made for so many days; then it is given up, so that lists do not rot.
const GIVEN_UP: &str = "5d";

/// The clock of a call has rung.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(call) = view::get::<Call>(KIND, id)? else { return Ok(Outcome::Skip) };
    match call.data.state.as_str() {
        "planned" if call.data.due_from.as_str() > desk.now() => {
            call::ring_at(desk, id, &call.data.customer, &call.data.due_from)?;
        }
        "planned" => begin(desk, &call)?,
        "due" if call.data.due.as_str() <= desk.now() => late(desk, &call)?,
        "overdue" => give_up(desk, &call)?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

/// It comes on the list of whoever calls; or waits, where a complaint is open.
fn begin(desk: &Desk, call: &Record<Call>) -> Result<()> {
    if call::waits_for_complaint(&call.data) && complaint::is_open(&call.data.customer)? {
        return complaint::pause(desk, call);
    }
    let owner = owner(call)?;
    let next = first_try(desk, &call.data)?;
    let mut open = record::mov(KIND, &call.id, "open")
        .if_rev(call.rev)
        .field("next_at", &next)
        .field("rated_on_time", 0)
        .field("rated_success", 0);
    if owner != call.data.owner {
        open = open.field("owner", &owner);
    }
    open.stage()?;
    if let Some(owner) = &owner {
        task::of_call(desk, call, owner, &next)?;
    }
    call::ring_at(desk, &call.id, &call.data.customer, &call.data.due)
}

/// Who was chosen when it was planned, if still here; else somebody else.
fn owner(call: &Record<Call>) -> Result<Option<String>> {
    if let Some(owner) = &call.data.owner
        && people::member(&call.org, owner).is_ok()
        && !call.data.not_allowed.contains(owner)
    {
        return Ok(Some(owner.clone()));
    }
    let roles = [call.data.role.clone()];
    people::choose(&call.org, Wanted { roles: &roles, prefer: None, not_allowed: &call.data.not_allowed })
}

/// When to try first: at the planned time, or in the part of the day the customer likes, if that lies within the window.
fn first_try(desk: &Desk, call: &Call) -> Result<String> {
    let planned = call.next_at.clone().unwrap_or_else(|| call.due_from.clone());
    let planned = if planned.as_str() < desk.now() { desk.now().to_owned() } else { planned };
    let wished = attempt::preferred(&call.customer)?;
    let Some(part) = wished.filter(|part| Ok(*part) != clock::minute(&planned, &desk.call).map(Part::of)) else {
        return within_hours(desk, planned);
    };
    let day = Date::of(&planned, &desk.call)?;
    for day in [day, day.plus_days(1)] {
        let at = clock::at(day, part.minute(), &desk.call)?;
        if at > planned && at <= call.due {
            return Ok(at);
        }
    }
    within_hours(desk, planned)
}

/// The same moment, or the next at which one may call.
fn within_hours(desk: &Desk, at: String) -> Result<String> {
    let (day, minute) = (Date::of(&at, &desk.call)?, clock::minute(&at, &desk.call)?);
    if minute < desk.settings.call_from {
        return clock::at(day, desk.settings.call_from, &desk.call);
    }
    if minute >= desk.settings.call_to {
        return clock::at(day.plus_days(1), desk.settings.call_from, &desk.call);
    }
    Ok(at)
}

/// The window has closed: it is late, and where nobody has tried a manager hears of it.
fn late(desk: &Desk, call: &Record<Call>) -> Result<()> {
    record::mov(KIND, &call.id, "late").if_rev(call.rev).stage()?;
    if call.data.attempts == 0
        && let Some(manager) = people::first_with(&call.org, &["crm_mgr", "gm"], &call.data.not_allowed)?
    {
        let due = info::due(desk.now(), "1d")?;
        let title = texts::text(&desk.call.locale, &format!("kind.{}", call.data.kind));
        let plan =
            task::Plan { step: task::LATE, owner: &manager, due: &due, about_kind: KIND, about: &call.id, held: true };
        task::open(desk, &call.org, &title, Some(&call.data.customer), &call.data.not_allowed, plan)?;
    }
    call::ring_at(desk, &call.id, &call.data.customer, &info::due(desk.now(), GIVEN_UP)?)
}

fn give_up(desk: &Desk, call: &Record<Call>) -> Result<()> {
    let reason = if call.data.attempts == 0 { "end.not_made" } else { "end.not_reached" };
    attempt::fail(desk, call, &texts::text(&desk.call.locale, reason), marque_sdk::Data::new())
}

/// The days in which a customer is tried are over.
pub fn tries_over(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(call) = view::get::<Call>(KIND, id)?.filter(|call| call.data.is_listed()) else {
        return Ok(Outcome::Skip);
    };
    if call.data.attempts >= desk.settings.tries {
        attempt::not_reached(desk, &call, marque_sdk::Data::new())?;
    } else if call.data.state == "due" && call.data.due.as_str() > desk.now() {
        // Too few tries: they go on until the window closes.
        return Ok(Outcome::Skip);
    } else if call.data.state == "due" {
        late(desk, &call)?;
        timer::cancel(&format!("tries:{id}")).stage()?;
    }
    Ok(Outcome::Done)
}
