//! What customers of the sample data have said of being contacted: most were asked, some refused, a few took it back.

use serde_json::json;

use super::{Plan, Step, customer, dice::Dice, network};
use crate::model::{Command, Id, Time};

/// The first who came, before the house began to ask.
const NOT_ASKED: usize = 8;
/// Of very large samples the newest alone were asked: the rest would double the time it takes to make one.
const MOST: usize = 20_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The wording people agreed to.
const TEXT: &str = "2024-05";

/// Everything said, in the order of time.
pub fn consents(plan: &Plan) -> Vec<Step> {
    let dealers = network::dealers(plan);
    let first = plan.customers.saturating_sub(MOST).max(NOT_ASKED);
    let mut steps: Vec<Step> = (first..plan.customers)
        .flat_map(|n| {
            let came = customer(plan, &dealers, n);
            of_one(plan, n, &came.id, came.at)
        })
        .filter(|step| step.at <= plan.now)
        .collect();
    steps.sort_by_key(|step| step.at);
    steps
}

fn of_one(plan: &Plan, n: usize, id: &Id, came: Time) -> Vec<Step> {
    let mut dice = Dice::new(plan.seed, "consent", n as u64);
    if !dice.chance(72) {
        return Vec::new();
    }
    let asked = came.plus_millis(HOUR_MS);
    let how = dice.pick(&["paper", "web_tick", "in_person", "app"]);
    let mut steps = Vec::new();
    for (channel, percent) in [("sms", 90), ("call", 55), ("wechat", 45), ("email", 20)] {
        if !dice.chance(percent) {
            continue;
        }
        let state = if dice.chance(84) { "granted" } else { "refused" };
        let said = json!({
            "customer": id, "purpose": "marketing", "channel": channel, "state": state, "how": how, "text_version": TEXT,
        });
        steps.push(Step { at: asked, command: Command::new("consent.give", said) });
        if state == "granted" && dice.chance(9) {
            let days = 20 + dice.below(300) as i64;
            let said = json!({ "customer": id, "purpose": "marketing", "channel": channel, "how": "sms_reply" });
            let at = asked.plus_millis(days * DAY_MS);
            steps.push(Step { at, command: Command::new("consent.withdraw", said) });
        }
    }
    if dice.chance(45) {
        let said =
            json!({ "customer": id, "purpose": "share_maker", "state": "granted", "how": how, "text_version": TEXT });
        steps.push(Step { at: asked, command: Command::new("consent.give", said) });
    }
    steps
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn most_were_asked_some_said_no_and_a_few_took_it_back() {
        let plan = Plan::example();
        let steps = consents(&plan);
        assert_eq!(steps, consents(&plan));
        assert!(steps.is_sorted_by_key(|step| step.at));
        let of = |name: &str, state: Option<&str>| -> HashSet<&str> {
            let is_so = |step: &&Step| {
                step.command.name == name && state.is_none_or(|state| step.command.body["state"] == state)
            };
            steps.iter().filter(is_so).filter_map(|step| step.command.body["customer"].as_str()).collect()
        };
        let percent = |n: usize| n * 100 / plan.customers;
        let (yes, no, back) =
            (of("consent.give", Some("granted")), of("consent.give", Some("refused")), of("consent.withdraw", None));
        assert!((50..75).contains(&percent(yes.len())), "{}", yes.len());
        assert!((10..35).contains(&percent(no.len())), "{}", no.len());
        assert!((3..20).contains(&percent(back.len())), "{}", back.len());
    }

    #[test]
    fn a_small_sample_has_asked_nobody() {
        assert!(consents(&Plan { customers: NOT_ASKED, ..Plan::example() }).is_empty());
    }
}
