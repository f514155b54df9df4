//! Points, tiers, referral, rewards, club: what keeps owners coming back. Each rule is a file of its own; this one routes.

mod account;
mod activity;
mod burn;
mod clock;
mod delivery;
mod desk;
mod document;
mod friend;
mod heard;
mod join;
mod ledger;
mod merge;
mod offers;
mod part;
mod points;
mod referral;
mod refund;
mod report;
mod reward;
mod ring;
mod settings;
mod shop;
mod sign_up;
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
                Some(("remind", activity)) => activity::remind(&desk, activity),
                _ => Ok(Outcome::Skip),
            };
        }
        let is_heard = match (event.kind.as_str(), event.record()) {
            ("customer.created", Some(customer)) => referral::heard(&desk, &customer.id)?,
            ("customer.changed", Some(customer)) if event.changed("phone") => referral::heard(&desk, &customer.id)?,
            ("customer.merged", _) => merge::merged(&desk, event.subject()?)?,
            ("customer.unmerged", _) => part::parted(&desk, event)?,
            ("vehicles.vehicle.handed_over", Some(vehicle)) => heard::handed_over(&desk, &vehicle.id)?,
            (kind, _) if heard::SETTLED.contains(&kind) => heard::settled(&desk, event)?,
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
            "use_points" => burn::use_points(&desk, &action.input()?),
            "give_back" => burn::give_back(&desk, action.target()?, &action.input()?),
            "adjust" => burn::adjust(&desk, action.target()?, &action.input()?),
            "close" => burn::close(&desk, action.target()?, &action.input()?),
            "statement" => ring::show(&desk, action.target()?),
            "send_statement" => send_statement(&desk, action.target()?),
            "liability" => report::liability(&desk),
            "reconcile" => report::reconcile(action.target()?),
            "post" => document::post(&desk, &action.input()?),
            "refund" => refund::refund(&desk, action.target()?, &action.input()?),
            _ => referrals(&desk, action),
        }
    }
}

/// The referrals' actions; what is none of them is the shop's or the club's.
fn referrals(desk: &Desk, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "register" => referral::register(desk, &action.input()?),
        "order" => referral::order(desk, action.target()?, &action.input()?),
        "cancel_order" => referral::cancel_order(action.target()?),
        "approve" => referral::approve(desk, action.target()?),
        "reject" => referral::reject(desk, action.target()?, &action.input()?),
        "tree" => referral::tree(&action.input::<desk::Whom>()?.customer),
        _ => club(desk, action),
    }
}

fn club(desk: &Desk, action: &Action) -> Result<Value> {
    match action.name.as_str() {
        "offer" => shop::offer(desk, &action.input()?),
        "restock" => shop::restock(action.target()?, &action.input()?),
        "withdraw" | "reinstate" => shop::turn(action.target()?, &action.name),
        "redeem" => shop::redeem(desk, &action.input()?),
        "hand_over" => shop::hand_over(desk, action.target()?),
        "cancel_redemption" => shop::cancel(desk, action.target()?, &action.input()?),
        "plan" => activity::plan(desk, &action.input()?),
        "change_plan" => activity::change(desk, action.target()?, &action.input()?),
        "add_cost" => activity::add_cost(desk, action.target()?, &action.input()?),
        "hold" => activity::hold(desk, action.target()?),
        "cancel_activity" => activity::cancel(desk, action.target()?, &action.input()?),
        "evaluate" => activity::evaluate(desk, action.target()?),
        "sign_up" => sign_up::sign_up(desk, &action.input()?),
        "cancel_sign_up" => sign_up::cancel(desk, action.target()?),
        "check_in" => sign_up::check_in(desk, action.target()?),
        "give_feedback" => sign_up::give_feedback(action.target()?, &action.input()?),
        other => Err(Fault::not_found(format!("loyalty has no action {other:?}"))),
    }
}

fn send_statement(desk: &Desk, id: &str) -> Result<Value> {
    let account = Account::load(id)?;
    account.must_be_open()?;
    ring::state(desk, &account)?;
    Ok(json!({ "queued": true }))
}
