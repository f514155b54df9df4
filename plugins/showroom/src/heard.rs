//! What follows from a step of a visit: clocks and the task to complete it; and what was done with the guest elsewhere.

use marque_sdk::{Data, Date, Event, Filter, Outcome, Result, info, stage, timer, view};

use crate::{
    desk::Desk,
    task,
    visit::{self, KIND, Visit},
};
use marque_sdk::moment;

/// When the day is closed by itself.
const EVENING: &str = "21:30";

/// A visit has taken a step.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    let Some(visit) = view::get::<Data>(KIND, &record.id)?.map(Visit::from) else { return Ok(Outcome::Skip) };
    let (late, forgotten) = (format!("late:{}", visit.id), format!("forgotten:{}", visit.id));
    match event.kind.rsplit('.').next().unwrap_or_default() {
        "created" => {
            let day = Date::of(visit.text("arrived_at").unwrap_or(desk.now()), &desk.call)?;
            let evening = moment::at(day, EVENING, &desk.call)?;
            // A visit taken down later than that closes the day again.
            let close = if evening.as_str() > desk.now() { evening } else { moment::plus(desk.now(), 5)? };
            timer::set(&format!("close:{day}"), &close).field("day", day).stage()?;
            if visit.state() == "present" {
                timer::set(&forgotten, &info::due(desk.now(), &desk.settings.forgotten)?)
                    .field("visit", &visit.id)
                    .stage()?;
            }
        }
        "left" if visit.state() == "left" => {
            let due = visit.text("complete_due").unwrap_or(desk.now());
            stage([timer::cancel(&forgotten)])?;
            timer::set(&late, due).field("visit", &visit.id).stage()?;
            task::complete(desk, &visit, due)?;
        }
        "completed" | "voided" => {
            stage([timer::cancel(&forgotten), timer::cancel(&late)])?;
            task::end(desk, &visit, if visit.state() == "void" { "not_needed" } else { "done" })?;
        }
        "changed" if event.changed("received_by") => task::follow(&visit)?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

/// A guest of today drove a car or got a quote: the visit shows it.
pub fn done_elsewhere(desk: &Desk, event: &Event, what: &str) -> Result<Outcome> {
    let Some(customer) = event.subject.as_deref() else { return Ok(Outcome::Skip) };
    let today = Filter::eq("day", Date::today(&desk.call)?.to_string()).and(Filter::ne("state", "void"));
    let theirs = Filter::eq("customer", customer).and(today);
    let found = view::find::<Data>(KIND).filter(theirs).order("-arrived_at").first()?;
    let Some(visit) = found.map(Visit::from).filter(|visit| !visit.says(what)) else { return Ok(Outcome::Skip) };
    let says = |field: &str| field == what || visit.says(field);
    let reach = visit::reach(visit.says("contact_left"), says("test_drive"), says("quoted"));
    visit.change().field(what, true).field("reach", reach).stage()?;
    Ok(Outcome::Done)
}
