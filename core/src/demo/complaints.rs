//! Complaints as customers word them, for the complaints plugin's own actions to raise.

mod texts;

use serde_json::{Value, json};

use crate::{
    demo::{Plan, customers::customer, dice::Dice, network, numbers},
    model::Time,
};

/// How many complaints a plan has at most; fewer when it has fewer customers.
pub const MOST: usize = 60;
/// They reach this far back: older ones would all be long closed.
const REACH_DAYS: u64 = 45;
const DAY_MS: i64 = 86_400_000;

/// A complaint to raise, and how far it has come since.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// Index of the customer in the plan.
    pub customer: usize,
    /// The customer's id.
    pub customer_id: String,
    /// The dealer it is raised at.
    pub org: String,
    /// Who hears it: the id of a user of that dealer.
    pub by: String,
    /// When.
    pub at: Time,
    /// The input of the action `raise` on `complaints.case`.
    pub input: Value,
    /// The level its words deserve; the built-in rule should say the same.
    pub level: &'static str,
    /// How many steps of the main road it has gone, 0 to 9: received … archived.
    pub steps: usize,
}

/// One complaint's words.
struct Text {
    kind: &'static str,
    level: &'static str,
    channel: &'static str,
    facts: &'static str,
    /// Empty: nothing is demanded, it is a grumble.
    demand: &'static str,
}

/// The complaints of a plan, oldest first.
pub fn complaints(plan: &Plan) -> Vec<Complaint> {
    let dealers = network::dealers(plan);
    let n = MOST.min(plan.customers);
    let mut found: Vec<Complaint> = (0..n)
        .map(|nth| {
            let mut dice = Dice::new(plan.seed, "complaint", nth as u64);
            // Among the earlier nine tenths, so that the customer was there before the complaint.
            let index = (nth * 7_919 + 13) % (plan.customers * 9 / 10).max(1);
            let customer = customer(plan, &dealers, index);
            let age_ms = dice.below(REACH_DAYS * DAY_MS as u64) as i64;
            let at = plan.now.plus_millis(-age_ms).max(customer.at.plus_millis(3_600_000));
            let text = &texts::ALL[nth % texts::ALL.len()];
            Complaint {
                customer: index,
                customer_id: customer.id.to_string(),
                org: customer.org.clone(),
                by: format!("{}-{}", customer.org, dice.pick(&["wang", "lin", "xu"])),
                at,
                input: input(text, customer.id.as_str(), dealers[customer.dealer].city.plate, nth, &mut dice),
                level: text.level,
                steps: steps(plan.now - at, &mut dice),
            }
        })
        .collect();
    found.sort_by_key(|complaint| complaint.at);
    found
}

fn input(text: &Text, customer: &str, plate_prefix: &str, nth: usize, dice: &mut Dice) -> Value {
    let mut input = json!({
        "customer": customer,
        "kind": text.kind,
        "channel": text.channel,
        "facts": text.facts,
        "is_grumble": text.demand.is_empty(),
    });
    if !text.demand.is_empty() {
        input["demand"] = text.demand.into();
    }
    // Sales talks and privacy have no car yet; most others do.
    if !matches!(text.kind, "sales_process" | "data_privacy" | "delivery_delay") {
        input["plate"] = numbers::plate(plate_prefix, dice).into();
        input["vin"] = numbers::vin("613P2", 'T', 20_000 + nth as u64).into();
    }
    input
}

/// The older, the further: about a step a day and a half, some stuck on the way.
fn steps(age_ms: i64, dice: &mut Dice) -> usize {
    let days = (age_ms / DAY_MS).max(0) as u64;
    let furthest = (days * 2 / 3).min(9);
    let is_stuck = dice.chance(30);
    (if is_stuck { dice.below(furthest + 1) } else { furthest }) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sixty_complaints_of_every_kind_and_level_by_different_customers() {
        let all = complaints(&Plan::example());
        let distinct = |field: &dyn Fn(&Complaint) -> String| all.iter().map(field).collect::<HashSet<_>>().len();
        assert_eq!(all.len(), MOST);
        assert_eq!(distinct(&|complaint| complaint.customer.to_string()), MOST);
        assert_eq!(distinct(&|complaint| complaint.input["kind"].to_string()), 11);
        assert_eq!(distinct(&|complaint| complaint.level.to_owned()), 4);
        assert!(distinct(&|complaint| complaint.input["channel"].to_string()) >= 12);
        assert!(distinct(&|complaint| complaint.input["facts"].to_string()) >= 40);
        assert!(distinct(&|complaint| complaint.steps.to_string()) >= 8);
    }

    #[test]
    fn a_complaint_comes_after_its_customer_and_before_the_end() {
        let plan = Plan::example();
        let dealers = network::dealers(&plan);
        for complaint in complaints(&plan) {
            let customer = customer(&plan, &dealers, complaint.customer);
            assert_eq!(complaint.customer_id, customer.id.to_string());
            assert!(customer.at < complaint.at && complaint.at <= plan.now, "{complaint:?}");
        }
    }

    #[test]
    fn few_customers_have_few_complaints() {
        let plan = Plan { customers: 5, ..Plan::example() };
        assert!(complaints(&plan).len() <= 5);
        assert!(complaints(&Plan { customers: 0, ..plan }).is_empty());
    }

    #[test]
    fn most_are_general_and_the_gravest_are_rare() {
        let all = complaints(&Plan::example());
        let n = |level: &str| all.iter().filter(|complaint| complaint.level == level).count();
        assert!(n("general") > n("escalated") && n("escalated") >= n("important_urgent"), "{}", n("general"));
        assert!(n("important_urgent") >= 2);
    }
}
