//! What stands between the contract's types and a plugin's traits; called by the macro only.

use std::sync::Once;

use crate::{
    Act, Action, Event, Fault, Outcome, React, Upkeep, Verdict,
    bind::{RawEvent, RawFault, RawOutcome, RawVerdict},
    log,
};

/// Runs [`React::handle_batch`].
pub fn react<P: React>(batch: Vec<RawEvent>) -> Result<Vec<RawVerdict>, RawFault> {
    start();
    let events = batch.into_iter().map(Event::from_raw).collect::<Result<Vec<_>, _>>()?;
    let verdicts = P::handle_batch(&events)?;
    Ok(verdicts.into_iter().map(RawVerdict::from).collect())
}

/// Runs [`Act::run`].
pub fn act<P: Act>(name: String, target: Option<String>, input: &str) -> Result<String, RawFault> {
    start();
    let input = serde_json::from_str(input).map_err(Fault::from)?;
    Ok(P::run(&Action::new(name, target, input))?.to_string())
}

/// Runs [`Upkeep::migrate`].
pub fn upkeep<P: Upkeep>(old: &str, new: &str) -> Result<(), RawFault> {
    start();
    Ok(P::migrate(old, new)?)
}

/// A panic is a trap, and a trap has no words: so they go to the log first.
fn start() {
    static HOOK: Once = Once::new();
    if cfg!(target_arch = "wasm32") {
        HOOK.call_once(|| std::panic::set_hook(Box::new(|panic| log::error(&panic.to_string()))));
    }
}

impl From<Verdict> for RawVerdict {
    fn from(verdict: Verdict) -> RawVerdict {
        let outcome = match verdict.outcome {
            Outcome::Done => RawOutcome::Done,
            Outcome::Skip => RawOutcome::Skip,
            Outcome::Park => RawOutcome::Park,
        };
        RawVerdict { seq: verdict.seq, outcome, note: verdict.note }
    }
}
