//! Timers: one for the current step, one to remind before it, and one for each promise made to the public and by law.

use marque_sdk::{Result, stage, timer};
use serde::{Deserialize, Serialize};

use crate::{case::Case, desk::Desk, step::Step};

/// A promise that runs beside the steps: its name, when it is due, what says that it was kept.
pub const PROMISES: [(&str, &str, &str); 4] = [
    ("first", "first_due", "first_answered_at"),
    ("contact", "contact_due", "contacted_at"),
    ("answer", "answer_due", "answered_at"),
    ("legal", "legal_due", "informed_at"),
];

/// What a timer says when it rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The case.
    pub case: String,
    /// The step or promise it measures.
    pub clock: String,
    /// The due time it was set for; another one means that the clock has moved on.
    pub due: String,
    /// How often somebody was told already; none when it only reminds.
    pub stage: Option<i64>,
}

/// Sets and cancels timers after a case has changed.
pub fn follow(desk: &Desk, before: Option<&Case>, after: &Case) -> Result<()> {
    follow_step(desk, after)?;
    keep_promises(before, after)
}

/// Cancels the timers of promises that were kept, and sets those of promises just made.
pub fn keep_promises(before: Option<&Case>, after: &Case) -> Result<()> {
    PROMISES.into_iter().try_for_each(|promise| follow_promise(before, after, promise))
}

/// Sets the timer of a clock for a stage.
pub fn set(case: &Case, ring: &Ring, at: &str) -> Result<()> {
    stage([timer::set(&key(ring), at).subject(case.customer()).data(ring)])
}

fn key(ring: &Ring) -> String {
    let is_promise = PROMISES.iter().any(|(name, _, _)| *name == ring.clock);
    match ring.stage {
        None => format!("warn:{}", ring.case),
        Some(_) if is_promise => format!("{}:{}", ring.clock, ring.case),
        Some(_) => format!("step:{}", ring.case),
    }
}

/// Sets the timers of the step a case stands in, or cancels them when none is left.
pub fn follow_step(desk: &Desk, case: &Case) -> Result<()> {
    let Some(step) = Step::of(case) else {
        return stage([timer::cancel(&format!("step:{}", case.id)), timer::cancel(&format!("warn:{}", case.id))]);
    };
    let due = step.due(case).to_owned();
    let ring = Ring { case: case.id.clone(), clock: step.code().into(), due: due.clone(), stage: Some(0) };
    set(case, &ring, &due)?;
    let warn_at = match (case.moment(step.start_field()), case.moment(step.due_field())) {
        (Some(start), Some(due)) => Some(start.share_until(due, desk.settings.warn_percent)),
        _ => None,
    };
    match warn_at.filter(|at| *at > desk.now) {
        Some(at) => set(case, &Ring { stage: None, ..ring }, &at.to_string()),
        None => timer::cancel(&format!("warn:{}", case.id)).stage(),
    }
}

/// A promise's timer runs from receipt until it is kept. The law's outlives the case; nobody waits for a call about one that is over.
fn follow_promise(before: Option<&Case>, after: &Case, (name, due_field, met_field): (&str, &str, &str)) -> Result<()> {
    let is_owed = |case: &Case| {
        case.text(due_field).is_some() && case.text(met_field).is_none() && (case.is_open() || name == "legal")
    };
    match (before.is_some_and(is_owed), is_owed(after)) {
        (false, true) => {
            let due = after.text(due_field).unwrap_or_default().to_owned();
            let ring = Ring { case: after.id.clone(), clock: name.into(), due: due.clone(), stage: Some(0) };
            set(after, &ring, &due)
        }
        (true, false) => timer::cancel(&format!("{name}:{}", after.id)).stage(),
        _ => Ok(()),
    }
}
