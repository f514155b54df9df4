//! Figures, targets, alerts: every number opens the rows it counts. Each rule is a file of its own; this one routes.

mod alert;
mod catalogue;
mod close;
mod count;
mod custom;
mod definition;
mod desk;
mod figure;
mod input;
mod org;
mod period;
mod rank;
mod round;
mod rows;
mod share;
mod shown;
mod span;
mod status;
mod target;
mod term;
mod texts;
mod tokens;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::desk::Desk;

struct Kpi;

marque_sdk::plugin!(Kpi: react, act);

impl React for Kpi {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(job) = event.job() {
            match job {
                "count" => round::begin(&desk)?,
                "week" => round::begin_week(&desk)?,
                "close" => close::begin(&desk)?,
                "rank" => rank::next(&desk, 0)?,
                _ => return Ok(Outcome::Skip),
            }
            return Ok(Outcome::Done);
        }
        match event.kind.as_str() {
            "timer.fired" => ring(&desk, event),
            "kpi.period.created" => counted(&desk, event),
            "kpi.period.changed" if event.changed("wanted_at") => counted(&desk, event),
            "leads.lead.attempted" | "leads.lead.contacted" => span::answered(event),
            _ => Ok(Outcome::Skip),
        }
    }
}

fn counted(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(period) = event.record() else { return Ok(Outcome::Skip) };
    round::piece(desk, &period.id, 0)?;
    Ok(Outcome::Done)
}

/// Timers by what stands before the colon of their key.
fn ring(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(fired) = event.timer() else { return Ok(Outcome::Skip) };
    let next = fired.data["next"].as_u64().unwrap_or_default() as usize;
    match fired.key.split_once(':') {
        Some(("count", period)) => round::piece(desk, period, next)?,
        Some(("end", period)) => round::end(desk, period)?,
        Some(("rank", _)) => rank::next(desk, next)?,
        Some(("bring", _)) => catalogue::bring(desk, next)?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

impl Act for Kpi {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "define" => definition::define(&desk, action.raw_input()),
            "revise" => definition::revise(&desk, action.target()?, action.input()?),
            "retire" | "reinstate" => definition::turn(&desk, action.target()?, &action.name),
            "try" => round::attempt(&desk, action.target()?, action.input()?),
            "set" => target::set(&desk, action.input()?),
            "share_out" => share::share_out(&desk, action.target()?, &action.input()?),
            "check_sum" => share::check_one(&desk, action.target()?),
            "count_now" => round::again(&desk, action.target()?),
            "count_month" => round::month(&desk, action.input()?),
            "close_month" => close::by_hand(&desk, action.target()?),
            "enter" => input::enter(&desk, action.input()?),
            "explain" => alert::explain(&desk, action.target()?, action.input()?),
            "finish" => alert::finish(&desk, action.target()?, &action.input()?),
            other => Err(Fault::not_found(format!("kpi has no action {other:?}"))),
        }
    }
}
