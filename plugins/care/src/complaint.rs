//! Open complaints: while one is open nothing is sold and no courtesy call is made; when it is over what waits goes on.

use marque_sdk::{Date, Event, Filter, Outcome, Record, Result, Value, info, record, timer, view};

use crate::{
    call::{self, Call},
    desk::Desk,
    reminder, task, texts,
};

const CASE: &str = "complaints.case";
/// States in which a complaint is over.
const OVER: [&str; 5] = ["closed", "archived", "rejected", "withdrawn", "transferred"];
/// A courtesy call is not made up for after so many days.
const STALE_DAYS: i64 = 30;

/// Whether a complaint of the customer is open. Where complaints are not installed, none is.
pub fn is_open(customer: &str) -> Result<bool> {
    let open = Filter::eq("customer", customer).and(Filter::not_in("state", OVER));
    Ok(view::find::<Value>(CASE).filter(open).exists().unwrap_or(false))
}

/// Puts a call off until the complaint is over.
pub fn pause(desk: &Desk, call: &Record<Call>) -> Result<()> {
    record::mov(call::KIND, &call.id, "pause").if_rev(call.rev).field("paused_at", desk.now()).stage()?;
    call::quiet(desk, call, "not_needed")
}

/// A complaint has begun or moved on.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record().filter(|about| about.kind == CASE) else { return Ok(Outcome::Skip) };
    let Some(case) = view::get::<Value>(CASE, &about.id)? else { return Ok(Outcome::Skip) };
    let Some(customer) = case.data["customer"].as_str() else { return Ok(Outcome::Skip) };
    let mut is_heard = false;
    if event.kind == "complaints.case.created" {
        is_heard |= crate::alert::complaint_opened(desk, &case)?;
        is_heard |= hold(desk, customer)?;
    } else if !is_open(customer)? {
        is_heard |= release(desk, customer)?;
    }
    Ok(if is_heard { Outcome::Done } else { Outcome::Skip })
}

fn hold(desk: &Desk, customer: &str) -> Result<bool> {
    let of = Filter::eq("customer", customer).and(Filter::is_in("state", call::LISTED));
    let calls = view::find::<Call>(call::KIND).filter(of).limit(100).page()?.items;
    let mut waits = calls.iter().filter(|call| call::waits_for_complaint(&call.data)).peekable();
    let is_any = waits.peek().is_some();
    waits.try_for_each(|call| pause(desk, call))?;
    Ok(is_any)
}

fn release(desk: &Desk, customer: &str) -> Result<bool> {
    let of = Filter::eq("customer", customer);
    let paused = view::find::<Call>(call::KIND).filter(of.clone().and(Filter::eq("state", "paused")));
    let mut is_any = false;
    for call in paused.limit(100).page()?.items {
        is_any = true;
        go_on(desk, &call)?;
    }
    for reminder in reminder::held(customer)? {
        is_any = true;
        record::change(reminder::KIND, &reminder.id).if_rev(reminder.rev).field("held_at", Value::Null).stage()?;
        timer::set(&format!("reminder:{}", reminder.id), &desk.soon()?)
            .subject(customer)
            .field("reminder", &reminder.id)
            .stage()?;
    }
    Ok(is_any)
}

/// A call whose window has passed meanwhile gets three days more; one that is long past is not made any more.
fn go_on(desk: &Desk, call: &Record<Call>) -> Result<()> {
    let due = Date::of(&call.data.due, &desk.call)?;
    if due.days_until(desk.today) > STALE_DAYS {
        let reason = texts::text(&desk.call.locale, "end.complaint");
        record::mov(call::KIND, &call.id, "cancel")
            .if_rev(call.rev)
            .field("end_reason", reason)
            .field("done_at", desk.now())
            .stage()?;
        return task::end(desk, &call.id, &[task::CALL], "not_needed");
    }
    let mut resume = record::mov(call::KIND, &call.id, "resume").if_rev(call.rev).field("paused_at", Value::Null);
    if call.data.due.as_str() <= desk.now() {
        resume = resume.field("due", info::due(desk.now(), "3d")?);
    }
    resume.stage()?;
    call::ring_at(desk, &call.id, &call.data.customer, &call.data.due_from)
}
