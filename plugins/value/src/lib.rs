//! What a customer is worth: value, 4V grades, churn and win-back. Each rule is a file of its own; this one routes.

mod abc;
mod appeal;
mod churn;
mod close;
mod collect;
mod customer;
mod dealers;
mod desk;
mod feed;
mod gather;
mod inputs;
mod model;
mod moment;
mod month;
mod people;
mod profile;
mod quarter;
mod rank;
mod ring;
mod round;
mod run;
mod score;
mod settings;
mod texts;
mod winback;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, Verdict};

use crate::desk::Desk;

struct Worth;

marque_sdk::plugin!(Worth: react, act);

/// A fact came in.
const FACT_CREATED: &str = "value.fact.created";

impl React for Worth {
    /// Facts come in crowds: the customers of a batch are read together and each worked out once.
    fn handle_batch(events: &[Event]) -> Result<Vec<Verdict>> {
        let (facts, others): (Vec<&Event>, Vec<&Event>) = events.iter().partition(|event| event.kind == FACT_CREATED);
        if let Some(first) = facts.first() {
            profile::heard(&Desk::hearing(first)?, &facts)?;
        }
        let of_facts = facts.into_iter().map(|event| Ok(Verdict::new(event, Outcome::Done)));
        of_facts.chain(others.into_iter().map(|event| Ok(Verdict::new(event, Self::handle(event)?)))).collect()
    }

    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::hearing(event)?;
        if let Some(fired) = event.timer() {
            return ring::ring(&desk, &fired);
        }
        match (event.kind.as_str(), event.job()) {
            (_, Some("nightly")) => round::begin(&desk),
            (_, Some("quarter")) => run::begin(&desk),
            ("value.round.created", _) => round::heard(&desk, event),
            (FACT_CREATED, _) => profile::heard(&desk, &[event]),
            ("customer.merged", _) => profile::merged(&desk, event),
            ("record.ranked", _) => rank::heard(&desk, event),
            _ => feed::heard(&desk, event),
        }
    }
}

impl Act for Worth {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "add_fact" => feed::add(&desk, action.input()?),
            "recompute" => profile::recompute(&desk, action.target()?, marque_sdk::Data::new()),
            "recompute_all" => round::ask(&desk),
            "estimate" => customer::estimate(&desk, action.target()?, action.raw_input()),
            "mark_left" => customer::mark_left(&desk, action.target()?, action.input()?),
            "facts" => customer::facts(&desk, action.target()?),
            "month" => month::ask(&desk, action.input()?),
            _ => grading(&desk, action),
        }
    }
}

/// Models, runs and appeals; what is none of them is about winning back.
fn grading(desk: &Desk, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "draft" => model::draft(desk, action.input()?),
        "revise" => model::revise(desk, action.target()?, action.input()?),
        "publish" => model::publish(desk, action.target()?),
        "start" => run::start(desk, action.input()?),
        "rerun" => run::rerun(desk, action.target()?, action.input()?),
        "resume" => run::resume(desk, action.target()?),
        "stop" => run::stop(desk, action.target()?),
        "appeal" => appeal::raise(desk, action.target()?, action.input()?),
        "decide_appeal" => appeal::decide(desk, action.target()?, action.input()?),
        "cause" => winback::cause(desk, action.target()?, action.input()?),
        "start_winback" => winback::start(desk, action.target()?, action.input()?),
        "spend" => winback::spend(desk, action.target()?, action.input()?),
        "fail" => winback::fail(desk, action.target()?, action.input()?),
        "hand_over" => winback::hand_over(desk, action.target()?, action.input()?),
        other => Err(Fault::not_found(format!("value has no action {other:?}"))),
    }
}
