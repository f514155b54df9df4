//! Points, tiers, referral, rewards, club: what keeps owners coming back. Each rule is a file of its own; this one routes.

mod account;
mod burn;
mod clock;
mod delivery;
mod desk;
mod document;
mod friend;
mod join;
mod ledger;
mod points;
mod referral;
mod refund;
mod report;
mod reward;
mod ring;
mod settings;
mod sums;
mod texts;
mod tier;

#[cfg(test)]
mod random;

use marque_sdk::{Act, Action, Event, Fault, Outcome, React, Result, Value, json};

use crate::{account::Account, desk::Desk};

struct Loyalty;

marque_sdk::plugin!(Loyalty: react, act);

impl React for Loyalty {
    fn handle(event: &Event) -> Result<Outcome> {
        let desk = Desk::open()?;
        if let Some(fired) = event.timer() {
            return match fired.key.split_once(':') {
                Some(("clock", account)) => ring::ring(&desk, account),
                _ => Ok(Outcome::Skip),
            };
        }
        let is_heard = match (event.kind.as_str(), event.record()) {
            ("customer.created", Some(customer)) => referral::heard(&desk, &customer.id)?,
            ("customer.changed", Some(customer)) if event.changed("phone") => referral::heard(&desk, &customer.id)?,
            _ => false,
        };
        Ok(if is_heard { Outcome::Done } else { Outcome::Skip })
    }
}

impl Act for Loyalty {
    fn run(action: &Action) -> Result<Value> {
        let desk = Desk::open()?;
        match action.name.as_str() {
            "join" => join::join(&desk, action.input()?),
            "adopt_suggestion" => join::adopt_suggestion(&desk, action.target()?, &action.input()?),
            "burn" => burn::burn(&desk, action.target()?, &action.input()?),
            "give_back" => burn::give_back(&desk, action.target()?, &action.input()?),
            "adjust" => burn::adjust(&desk, action.target()?, &action.input()?),
            "close" => burn::close(&desk, action.target()?, &action.input()?),
            "statement" => ring::show(&desk, action.target()?),
            "send_statement" => send_statement(&desk, action.target()?),
            "liability" => report::liability(&desk),
            "reconcile" => report::reconcile(action.target()?),
            "post" => document::post(&desk, &action.input()?),
            "refund" => refund::refund(&desk, action.target()?, &action.input()?),
            _ => more(&desk, action),
        }
    }
}

fn more(desk: &Desk, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "register" => referral::register(desk, &action.input()?),
        "order" => referral::order(desk, action.target()?, &action.input()?),
        "cancel_order" => referral::cancel_order(action.target()?),
        "approve" => referral::approve(desk, action.target()?),
        "reject" => referral::reject(desk, action.target()?, &action.input()?),
        "tree" => referral::tree(&action.input::<desk::Whom>()?.customer),
        other => Err(Fault::not_found(format!("loyalty has no action {other:?}"))),
    }
}

fn send_statement(desk: &Desk, id: &str) -> Result<Value> {
    let account = Account::load(id)?;
    account.must_be_open()?;
    ring::state(desk, &account)?;
    Ok(json!({ "queued": true }))
}
