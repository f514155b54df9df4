//! Surveys: what is asked, whom, whether the answers count, what they come to, what is done about it. This file routes.

mod answer;
mod call;
mod desk;
mod dice;
mod fieldwork;
mod form;
mod index;
mod inspection;
mod invite;
mod judge;
mod lint;
mod logic;
mod moment;
mod page;
mod plan;
mod question;
mod questionnaire;
mod sample;
mod score;
mod settings;
mod source;
mod study;
mod template;
mod texts;
mod validity;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value};

use crate::desk::Desk;

struct Surveys;

marque_sdk::plugin!(Surveys: react, act);

impl React for Surveys {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        match event.kind.as_str() {
            "timer.fired" => ring(&desk, event),
            "job.due" => inspection::monthly(&desk),
            "surveys.answer.answered" => judge::answered(&desk, event),
            "complaints.case.created" => judge::complaint_opened(event),
            "message.suppressed" | "message.failed" => {
                let Some(message) = event.record() else { return Ok(Outcome::Skip) };
                let reason = if event.kind == "message.failed" { "failed" } else { "suppressed" };
                invite::stopped(&message.id, reason)
            }
            _ => Ok(Outcome::Skip),
        }
    }
}

/// Timers by what stands before the colon of their key.
fn ring(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(fired) = event.timer() else { return Ok(Outcome::Skip) };
    let Some((what, id)) = fired.key.split_once(':') else { return Ok(Outcome::Skip) };
    match what {
        "invite" => invite::next(desk, id)?,
        "close" => drop(fieldwork::close(desk, id)?),
        "settle" => fieldwork::settle(desk, id)?,
        "report" => drop(score::report(desk, id)?),
        "next" => return invite::ring(desk, &serde_json::from_value(fired.data)?),
        "alert" => return judge::overdue(desk, id),
        "plan" => return plan::ring(id, fired.data["step"].as_str().unwrap_or_default()),
        _ => return Ok(Outcome::Skip),
    }
    Ok(Outcome::Done)
}

impl Act for Surveys {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        // Names are told apart without their kinds: no two kinds of ours have an action of the same name but these.
        match action.name.as_str() {
            "generate" => questionnaire::generate(&desk, action.input()?),
            "write" => questionnaire::write(&desk, action.input()?),
            "check" => questionnaire::check(&desk, action.target()?),
            "pilot" => questionnaire::pilot(&desk, action.target()?),
            "publish" => questionnaire::publish(&desk, action.target()?),
            "rework" => questionnaire::rework(action.target()?),
            "revise" => questionnaire::revise(&desk, action.target()?),
            "retire" => questionnaire::retire(action.target()?),
            "plan_study" => study::plan(&desk, action.raw_input()),
            "start" => fieldwork::start(&desk, action.target()?, &action.input()?),
            "close" => fieldwork::close(&desk, action.target()?),
            "report" => score::report(&desk, action.target()?),
            "open" => page::open(&desk, action.target()?),
            "fill" => page::fill(&desk, action.target()?, action.input()?),
            "refuse" => page::refuse(&desk, action.target()?),
            "exclude" => page::exclude(action.target()?, action.raw_input()["end_note"].as_str().unwrap_or_default()),
            "begin_call" => call::begin(&desk, action.target()?, &action.input()?),
            "end_call" => call::end(&desk, action.target()?, action.input()?),
            "no_answer" => call::no_answer(&desk, action.target()?),
            "sample" => inspection::sample(&desk, &action.input()?),
            "judge" => inspection::judge(&desk, action.target()?, action.input()?),
            "begin_plan" => plan::begin(&desk, &action.input()?),
            "finish" | "drop" => plan::end(&desk, action.target()?, &action.name, &action.input()?),
            other => Err(Fault::not_found(format!("surveys have no action {other:?}"))),
        }
    }
}
