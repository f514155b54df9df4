//! Asking the customer whether it helped: by somebody uninvolved, answered 1 to 5, or not reached.

use marque_sdk::{Data, Fault, Result, json};
use serde::Deserialize;

use crate::{
    assignee,
    case::{Case, State, patch},
    change_level, clock,
    desk::{Desk, refuse},
    flow::{self, Turn},
    handle::{self, Note},
    level::Level,
    notes, people,
};

/// Input of `verify`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    satisfaction: i64,
    customer_words: Option<String>,
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// 4 or 5.
    Content,
    /// 3: reopened.
    NotContent,
    /// 1 or 2: reopened, and the level rises by one.
    Angry,
}

impl Answer {
    fn of(satisfaction: i64) -> Option<Answer> {
        match satisfaction {
            4 | 5 => Some(Answer::Content),
            3 => Some(Answer::NotContent),
            1 | 2 => Some(Answer::Angry),
            _ => None,
        }
    }

    fn level(self, level: Level) -> Level {
        if self == Answer::Angry { level.raised() } else { level }
    }
}

/// Records the customer's answer: 4 and 5 close the case, 1 to 3 reopen it.
pub fn verify(desk: &Desk, case: &Case, input: Verify) -> Result<()> {
    case.must_be(&[State::Verifying])?;
    must_be_uninvolved(desk, case)?;
    let Some(answer) = Answer::of(input.satisfaction) else {
        let message = "satisfaction is a whole number from 1 to 5";
        return Err(Fault::new("satisfaction_invalid", message).and("/satisfaction", "satisfaction_invalid", message));
    };
    let mut patch = patch(json!({
        "satisfaction_after": input.satisfaction,
        "customer_words": input.customer_words,
        "verified_at": desk.call.now,
        "verified_by": desk.me(),
    }));
    if case.text("informed_at").is_none() {
        patch.insert("informed_at".into(), desk.call.now.as_str().into());
    }
    match answer {
        Answer::Content if desk.settings.manager_closes => flow::go(desk, case, Turn::stay(case, patch)).map(drop),
        Answer::Content => finish(desk, case, patch, "done"),
        answer => reopen(desk, case, patch, answer.level(case.level())),
    }
}

/// Records a call without answer; after three the case may rest.
pub fn no_answer(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    case.must_be(&[State::Verifying])?;
    must_be_uninvolved(desk, case)?;
    let tries = case.number("verify_tries") + 1;
    let mut patch = patch(json!({ "verify_tries": tries }));
    notes::add(desk, case, &mut patch, input.note.as_deref());
    if tries >= desk.settings.verify_tries {
        return finish(desk, case, patch, "no_answer");
    }
    handle::keep(case, patch)
}

/// A manager closes after a good answer, where the dealer wants it so.
pub fn close(desk: &Desk, case: &Case, input: Note) -> Result<()> {
    case.must_be(&[State::Verifying])?;
    people::may_handle(desk, case)?;
    if !desk.person.as_ref().is_none_or(|person| person.may_as(&assignee::CLOSERS)) {
        return Err(Fault::denied(
            "closing is for the customer-relationship manager, the general manager or headquarters",
        ));
    }
    if case.number("satisfaction_after") < 4 {
        return refuse("not_verified", "record the customer's answer, or three calls without one, before closing");
    }
    let mut patch = Data::new();
    notes::add(desk, case, &mut patch, input.note.as_deref());
    finish(desk, case, patch, "done")
}

fn finish(desk: &Desk, case: &Case, mut patch: Data, outcome: &str) -> Result<()> {
    patch.insert("closed_at".into(), desk.call.now.as_str().into());
    patch.insert("archive_due".into(), clock::after(desk.now, &desk.settings.archive)?.to_string().into());
    flow::go(desk, case, Turn { outcome, ..Turn::take("close", State::Closed, patch) }).map(drop)
}

/// A new round with new clocks, counted from the answer.
fn reopen(desk: &Desk, case: &Case, mut patch: Data, level: Level) -> Result<()> {
    patch.insert("reopened_count".into(), (case.number("reopened_count") + 1).into());
    patch.insert("level".into(), json!(level));
    patch.extend(clock::round(&desk.settings, level, desk.now)?);
    let after = flow::go(desk, case, Turn::take("reopen", State::Reopened, patch))?;
    change_level::tell(desk, case, &after)
}

fn must_be_uninvolved(desk: &Desk, case: &Case) -> Result<()> {
    let Some(person) = &desk.person else { return Ok(()) };
    if people::involved(case).contains(&person.id.as_str()) {
        let why = if case.accused() == Some(&person.id) {
            "is the person complained about"
        } else {
            "was involved in handling it"
        };
        return refuse("verifier_involved", format!("{} {why}: somebody else has to ask the customer", person.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_three_reopens_and_one_to_two_raises_the_level() {
        let levels = [1, 2, 3, 4, 5].map(|n| Answer::of(n).unwrap()).map(|answer| answer.level(Level::General));
        assert_eq!(levels, [Level::Escalated, Level::Escalated, Level::General, Level::General, Level::General]);
        assert_eq!([3, 4].map(|n| Answer::of(n).unwrap()), [Answer::NotContent, Answer::Content]);
        assert_eq!([0, 6].map(Answer::of), [None, None]);
    }
}
