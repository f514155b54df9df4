//! Clocks: the due times of a case, counted in the organisation's calendar.

use marque_sdk::{Data, Result, info, json};

use crate::{
    case::{Case, State, patch},
    desk::Desk,
    level::Level,
    moment::Moment,
    settings::Settings,
};

/// What the law gives at most; a dealer may be quicker, not slower.
const LEGAL: &str = "7wd";

/// The clocks of a case just received. `response` is a shorter response limit that the level rule has asked for.
pub fn received(desk: &Desk, level: Level, channel: Option<&str>, at: Moment, response: Option<&str>) -> Result<Data> {
    let mut first = after(at, desk.settings.response(level))?;
    if let Some(span) = response {
        first = first.min(after(at, span)?);
    }
    let legal = after(at, LEGAL)?.min(after(at, &desk.settings.legal)?);
    let mut clocks = patch(json!({ "response_due": first.to_string(), "legal_due": legal.to_string() }));
    if matches!(channel, Some("forum" | "social")) {
        clocks.insert("first_due".into(), after(at, &desk.settings.first_answer)?.to_string().into());
        clocks.insert("contact_due".into(), after(at, &desk.settings.contact)?.to_string().into());
        clocks.insert("answer_due".into(), after(at, &desk.settings.answer)?.to_string().into());
    }
    clocks.extend(round(&desk.settings, level, at)?);
    Ok(clocks)
}

/// The clocks of one round of analysis, decision and execution, begun on receipt or on reopening.
pub fn round(settings: &Settings, level: Level, from: Moment) -> Result<Data> {
    let analysis = after(from, settings.analysis(level))?;
    let decision = after(analysis, &settings.decision)?;
    let execution = after(from, settings.execution(level))?;
    Ok(patch(json!({
        "clock_from": from.to_string(),
        "analysis_due": analysis.to_string(),
        "decision_from": analysis.to_string(),
        "decision_due": decision.to_string(),
        "execution_due": execution.to_string(),
    })))
}

/// Another remedy is to be found: a fresh decision clock; the time for execution stays what the customer was promised.
pub fn another_decision(desk: &Desk) -> Result<Data> {
    let due = after(desk.now, &desk.settings.decision)?;
    Ok(patch(json!({ "decision_from": desk.call.now, "decision_due": due.to_string() })))
}

/// The clocks that still run, for another level. A higher level never makes the response later.
pub fn at_level(case: &Case, level: Level, settings: &Settings) -> Result<Data> {
    let mut clocks = Data::new();
    let state = case.state();
    if let (State::Received | State::Accepted, Some(received)) = (state, case.moment("received_at")) {
        let mut due = after(received, settings.response(level))?;
        if let Some(old) = case.moment("response_due").filter(|_| level > case.level()) {
            due = due.min(old);
        }
        clocks.insert("response_due".into(), due.to_string().into());
    }
    let Some(from) = case.moment("clock_from") else { return Ok(clocks) };
    let round = round(settings, level, from)?;
    let running: &[&str] = match state {
        State::Received | State::Accepted | State::Soothed | State::Reopened => {
            &["analysis_due", "decision_from", "decision_due", "execution_due"]
        }
        State::Analysing | State::Proposed | State::Agreed | State::Executing => &["execution_due"],
        _ => &[],
    };
    clocks.extend(round.into_iter().filter(|(field, _)| running.contains(&field.as_str())));
    Ok(clocks)
}

/// A moment a span later, in the organisation's calendar.
pub fn after(start: Moment, span: &str) -> Result<Moment> {
    info::due(&start.to_string(), span)?.parse()
}

/// Whole minutes between two fields, at least one: the length of a limit, for escalation by shares of it.
pub fn minutes_between(case: &Case, start: &str, due: &str) -> i64 {
    match (case.moment(start), case.moment(due)) {
        (Some(start), Some(due)) => due.minutes_since(start).max(1),
        _ => 1,
    }
}
