//! Timers: a piece of a round, or of a grading run.

use marque_sdk::{Outcome, Result, event::Fired};

use crate::{close, collect, desk::Desk, round, run, score};

/// Does the piece that a timer is for.
pub fn ring(desk: &Desk, fired: &Fired) -> Result<Outcome> {
    if fired.key.starts_with("round:") {
        return round::ring(desk, fired);
    }
    let Some((run, place)) = run::at(fired)? else { return Ok(Outcome::Skip) };
    match run.data.state.as_str() {
        "collecting" => collect::piece(desk, &run, place)?,
        "scoring" => score::piece(desk, &run, place)?,
        "closing" => close::piece(desk, &run, place)?,
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}
