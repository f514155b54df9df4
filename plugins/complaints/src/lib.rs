//! Complaints: levels, clocks, escalation, a closed loop. Each action is a rule in a file of its own; this one routes.

mod alarm;
mod analyse;
mod approval;
mod assign;
mod assignee;
mod case;
mod change_level;
mod clock;
mod desk;
mod ending;
mod escalation;
mod execution;
mod flow;
mod forum;
mod fund;
mod handle;
mod judge;
mod level;
mod matter;
mod moment;
mod notes;
mod owner;
mod people;
mod raise;
mod remedy;
mod review;
mod sanbao;
mod settings;
mod step;
mod task;
mod texts;
mod timer;
mod verification;
mod web;

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod shop;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};
use serde::Deserialize;

use crate::{case::Case, desk::Desk, timer::Ring};

struct Complaints;

marque_sdk::plugin!(Complaints: react, act);

impl React for Complaints {
    fn handle(event: &Event) -> Result<Outcome> {
        if event.job() == Some(review::JOB) {
            return review::begin();
        }
        if event.job() == Some(forum::JOB) {
            return forum::watch();
        }
        match event.timer() {
            Some(fired) if fired.key.starts_with("post_") => {
                forum::ring(&Desk::open()?, &forum::Ring::deserialize(&fired.data)?, &fired.due_at)
            }
            Some(fired) => escalation::ring(&Desk::open()?, &Ring::deserialize(&fired.data)?, &fired.due_at),
            None if alarm::ALERTS.contains(&event.kind.as_str()) => alarm::alarmed(&Desk::open()?, event),
            None => Ok(Outcome::Skip),
        }
    }
}

impl Act for Complaints {
    fn run(action: &Action) -> Result<Value> {
        if let Some(visit) = action.page() {
            if forum::PAGES.contains(&visit.page.as_str()) {
                return forum::answer_page(action, &visit);
            }
            return web::answer(action, &visit);
        }
        let desk = Desk::open()?;
        match action.name.as_str() {
            "raise" => return raise::raise(&desk, action.input()?),
            "open_fund" => return fund::open(&desk, action.input()?),
            "pay_in" => return fund::pay_in(&desk, action.target()?, action.input()?),
            "hold" => return review::hold(&desk, action.target()?, action.input()?).map(|()| json!({})),
            "plan" => return review::plan(&desk, action.target()?, action.input()?).map(|()| json!({})),
            _ => {}
        }
        if let Some(reply) = forum::run(&desk, action)? {
            return Ok(reply);
        }
        let case = Case::load(action.target()?)?;
        step(&desk, &case, action)?;
        Ok(case.reply())
    }
}

fn step(desk: &Desk, case: &Case, action: &Action) -> Result<()> {
    match action.name.as_str() {
        "accept" => handle::accept(desk, case, action.input()?),
        "soothe" => handle::soothe(desk, case, action.input()?),
        "answer" => handle::answer(desk, case, action.input()?),
        "first_answer" => handle::first_answer(desk, case, action.input()?),
        "inform" => handle::inform(desk, case, action.input()?),
        "add_note" => handle::add_note(desk, case, action.input()?),
        "analyse" => analyse::analyse(desk, case, action.input()?),
        "propose" => remedy::propose(desk, case, action.input()?),
        "approve" => remedy::approve(desk, case, action.input()?),
        "return_remedy" => remedy::return_remedy(desk, case, action.input()?),
        "agree" => remedy::agree(desk, case, action.input()?),
        "disagree" => remedy::disagree(desk, case, action.input()?),
        "execute" => execution::execute(desk, case, action.input()?),
        "finish" => execution::finish(desk, case, action.input()?),
        "verify" => verification::verify(desk, case, action.input()?),
        "no_answer" => verification::no_answer(desk, case, action.input()?),
        "close" => verification::close(desk, case, action.input()?),
        "archive" => ending::archive(desk, case, action.input()?),
        "reject" => ending::reject(desk, case, action.input()?),
        "withdraw" => ending::withdraw(desk, case, action.input()?),
        "transfer" => ending::transfer(desk, case, action.input()?),
        "change_level" => change_level::change_level(desk, case, action.input()?),
        "spend_goodwill" => fund::spend(desk, case, action.input()?),
        "return_goodwill" => fund::give_back(desk, case, action.input()?),
        "sanbao" => sanbao::sanbao(desk, case, action.input()?),
        "assign" => assign::assign(desk, case, action.input()?),
        other => Err(Fault::not_found(format!("complaints have no action {other:?}"))),
    }
}
