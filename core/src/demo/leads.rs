//! Enquiries of the last weeks and what the sales desk made of them, for the leads plugin's own actions to take in.

use serde_json::{Value, json};

use crate::{
    demo::{
        Plan,
        complaints::Move,
        dice::Dice,
        names::{self, Gender},
        network, numbers,
    },
    model::Time,
};

/// How many leads a plan has at most; one for twenty customers, none where there are few.
pub const MOST: usize = 60;
/// They reach this far back.
const REACH_DAYS: u64 = 40;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Numbers of theirs lie behind those of the staff, so that no customer has the same.
const PHONES_FROM: u64 = numbers::MOST_PHONES - 20_000;

/// An enquiry to take in, and what was done about it since.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Who takes it down: the id of a user of the dealer.
    pub by: String,
    /// When.
    pub at: Time,
    /// The input of the action `receive` on `leads.lead`.
    pub input: Value,
    /// What was done since, in order.
    pub then: Vec<Move>,
}

const MODELS: [&str; 6] = ["C5", "C6", "凡尔赛 C5 X", "天逸", "C3-XR", "世嘉"];
const WINDOWS: [&str; 5] = ["d7", "d15", "d30", "d90", "later"];
/// Channel, source, and how many in a hundred come that way.
const WAYS: [(&str, &str, u64); 6] = [
    ("web_form", "internet", 30),
    ("walk_in", "passing_by", 25),
    ("phone", "internet", 20),
    ("partner", "internet", 10),
    ("referral", "owner_referral", 10),
    ("event", "roadshow", 5),
];

/// The leads of a plan, oldest first.
pub fn leads(plan: &Plan) -> Vec<Lead> {
    let dealers = network::dealers(plan);
    let n_leads = (plan.customers / 20).min(MOST);
    let mut found: Vec<Lead> = (0..n_leads).map(|nth| lead(plan, &dealers[nth % dealers.len()].id, nth)).collect();
    found.sort_by_key(|lead| lead.at);
    found
}

fn lead(plan: &Plan, dealer: &str, nth: usize) -> Lead {
    let mut dice = Dice::new(plan.seed, "lead", nth as u64);
    let age_ms = dice.below(REACH_DAYS * DAY_MS as u64) as i64;
    let at = plan.now.plus_millis(-age_ms);
    let gender = if dice.chance(60) { Gender::Male } else { Gender::Female };
    let born = 1970 + dice.below(32) as i16;
    let (channel, source) = way(&mut dice);
    let window = dice.pick(&WINDOWS);
    let mut input = json!({
        "name": names::person(&mut dice, gender, born),
        "phone": numbers::phone(plan.seed, PHONES_FROM + nth as u64),
        "channel": channel,
        "source": source,
        "model": dice.pick(&MODELS),
        "window": window,
        "trade_in": dice.chance(30),
    });
    if channel == "partner" {
        input["provider"] = dice.pick(&["汽车之家", "懂车帝", "易车"]).into();
        input["external_id"] = format!("P{:06}", nth + 1).into();
    }
    if dice.chance(40) {
        let price = 12_000_000 + 1_000_000 * dice.below(9) as i64;
        input["price"] = price.into();
        input["budget"] = (price - 500_000).into();
    }
    Lead { by: format!("{dealer}-xu"), at, input, then: moves(dealer, at, plan.now, window, &mut dice) }
}

fn way(dice: &mut Dice) -> (&'static str, &'static str) {
    let mut drawn = dice.below(WAYS.iter().map(|(_, _, share)| share).sum());
    for (channel, source, share) in WAYS {
        if drawn < share {
            return (channel, source);
        }
        drawn -= share;
    }
    ("web_form", "internet")
}

/// The main road as far as time and luck allow. The sales manager does it: whose lead it is the rule decides.
fn moves(dealer: &str, received: Time, now: Time, window: &str, dice: &mut Dice) -> Vec<Move> {
    let talked =
        json!({ "outcome": "connected", "note": "介绍了配置和优惠，客户约周末看车。", "next_note": "周末到店看车" });
    let visited = json!({ "outcome": "visit", "note": "到店看车，比较满意。", "next_note": "报价并约试驾" });
    let road: [(&str, i64, Value); 8] = [
        ("contact", 1, json!({ "outcome": "connected", "note": "客户确有购车意向。" })),
        ("qualify", 1, json!({ "window": window, "amount": 15_000_000, "next_note": "发送配置表" })),
        ("contact", 30, talked),
        ("contact", 40, visited),
        ("advance", 1, json!({ "stage": "test_drive" })),
        ("advance", 24, json!({ "stage": "quote", "amount": 15_800_000, "probability": 60 })),
        ("order", 48, json!({ "amount": 15_600_000 })),
        ("deliver", 200, json!({})),
    ];
    // One in eight nobody calls in time, as it happens; the others come to a stop somewhere.
    let furthest = if dice.chance(12) { 0 } else { 2 + dice.below(road.len() as u64 - 1) as usize };
    let mut at = received;
    let mut moves = Vec::new();
    for (action, hours, input) in road.into_iter().take(furthest) {
        at = at.plus_millis(hours * HOUR_MS / 2 + dice.below((hours * HOUR_MS) as u64) as i64);
        if at > now {
            break;
        }
        moves.push(Move { at, by: format!("{dealer}-chen"), action, input });
    }
    moves
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn leads_are_of_different_people_and_lie_in_the_last_weeks() {
        let plan = Plan::example();
        let all = leads(&plan);
        assert_eq!(all.len(), MOST);
        let phones: HashSet<&str> = all.iter().filter_map(|lead| lead.input["phone"].as_str()).collect();
        assert_eq!(phones.len(), MOST);
        for lead in &all {
            assert!(
                lead.at <= plan.now && lead.then.iter().all(|step| step.at > lead.at && step.at <= plan.now),
                "{lead:?}"
            );
        }
        assert!(all.iter().any(|lead| lead.then.is_empty()), "some are not called");
        assert!(all.iter().any(|lead| lead.then.iter().any(|step| step.action == "order")), "some order");
    }

    #[test]
    fn the_same_seed_tells_the_same_story_and_few_customers_none() {
        let plan = Plan::example();
        assert_eq!(leads(&plan), leads(&plan));
        assert_eq!(leads(&Plan { customers: 19, ..plan }), Vec::new());
    }
}
