//! Complaints as customers word them, for the complaints plugin's own actions to raise.

mod texts;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    demo::{Customer, Plan, customers::customer, dice::Dice, network, numbers},
    model::Time,
};

/// How many complaints a plan has at most; fewer when it has fewer customers.
pub const MOST: usize = 60;
/// They reach this far back: older ones would all be long closed.
const REACH_DAYS: u64 = 45;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A complaint to raise, and what was done about it since.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// Index of the customer in the plan.
    pub customer: usize,
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
    /// What was done since, in order.
    pub then: Vec<Move>,
}

/// One action on the case, as a person did it.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// The id of the user who did it.
    pub by: String,
    /// The action of `complaints.case`.
    pub action: &'static str,
    /// Its input.
    pub input: Value,
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
    let mut found: Vec<Complaint> = complainers(plan, &dealers)
        .into_iter()
        .enumerate()
        .map(|(nth, (index, customer))| {
            let mut dice = Dice::new(plan.seed, "complaint", nth as u64);
            let age_ms = dice.below(REACH_DAYS * DAY_MS as u64) as i64;
            let at = plan.now.plus_millis(-age_ms).max(customer.at.plus_millis(HOUR_MS)).min(plan.now);
            let text = &texts::ALL[nth % texts::ALL.len()];
            let officer = dice.pick(&["wang", "lin"]);
            Complaint {
                customer: index,
                by: format!("{}-{officer}", customer.org),
                at,
                input: input(text, &customer, dealers[customer.dealer].city.plate, nth, &mut dice),
                level: level(text, &customer),
                then: moves(text, &customer.org, at, plan.now, &mut dice),
                org: customer.org,
            }
        })
        .collect();
    found.sort_by_key(|complaint| complaint.at);
    found
}

/// Those who complain: owners spread over the first nine tenths, so that each was a customer before.
fn complainers(plan: &Plan, dealers: &[network::Dealer]) -> Vec<(usize, Customer)> {
    let n_early = plan.customers * 9 / 10;
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for nth in 0..MOST.min(n_early) {
        let first = nth * n_early / MOST.min(n_early);
        let owner = (first..n_early)
            .filter(|index| !taken.contains(index))
            .map(|index| (index, customer(plan, dealers, index)))
            .find(|(_, customer)| customer.data["type"] == "owner");
        found.extend(owner.inspect(|(index, _)| {
            taken.insert(*index);
        }));
    }
    found
}

fn input(text: &Text, customer: &Customer, plate_prefix: &str, nth: usize, dice: &mut Dice) -> Value {
    let mut input = json!({
        "customer": customer.id,
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

/// What the words deserve; an important person's complaint is important whatever it says.
fn level(text: &Text, customer: &Customer) -> &'static str {
    let is_vip = customer.data.get("tags").and_then(Value::as_str).is_some_and(|tags| tags.contains("VIP"));
    if is_vip && matches!(text.level, "general" | "escalated") { "important" } else { text.level }
}

/// Calls afterwards to ask how it was: either officer may own the case, and the sales manager has no hand in it.
const VERIFIER: &str = "chen";

/// The main road as far as time and luck allow: the older the complaint, the further; some are stuck.
fn moves(text: &Text, org: &str, raised: Time, now: Time, dice: &mut Dice) -> Vec<Move> {
    let remedy = texts::remedy(text.kind);
    let cost_fen = if text.level == "general" { remedy.cost_fen } else { 0 };
    let fee = json!({ "decision": remedy.decision, "remedy": remedy.remedy, "remedy_cost": cost_fen });
    let is_satisfied = dice.chance(85);
    let answer = if is_satisfied {
        json!({ "satisfaction": 4 + dice.below(2), "customer_words": "处理得还可以，谢谢。" })
    } else {
        json!({ "satisfaction": 2, "customer_words": "问题没有彻底解决，又出现了。" })
    };
    let road: [(&str, &str, i64, Value); 9] = [
        ("accept", "zhao", 2, json!({ "informed_by": "phone" })),
        ("soothe", "zhao", 3, json!({ "comfort": ["apology"], "note": "已致电客户，致歉并说明后续安排。" })),
        ("analyse", "liu", 20, json!({ "cause": remedy.cause, "cause_note": remedy.cause_note })),
        ("propose", "zhao", 22, fee),
        ("agree", "zhao", 6, json!({ "customer_answer": "同意，希望尽快处理。" })),
        ("execute", "zhao", 3, json!({})),
        ("finish", "zhao", 40, json!({ "proof": remedy.proof })),
        ("verify", VERIFIER, 20, answer),
        ("archive", "zhao", 60, json!({ "lessons": remedy.lesson })),
    ];
    // Three in ten have come to a stop somewhere.
    let furthest = if dice.chance(30) { dice.below(8) as usize } else { road.len() };
    // A customer who is not satisfied reopens the case, and there it stands.
    let furthest = furthest.min(if is_satisfied { road.len() } else { road.len() - 1 });
    let mut at = raised;
    let mut moves = Vec::new();
    for (action, login, hours, input) in road.into_iter().take(furthest) {
        at = at.plus_millis(hours * HOUR_MS / 2 + dice.below((hours * HOUR_MS) as u64) as i64);
        if at > now {
            break;
        }
        moves.push(Move { at, by: format!("{org}-{login}"), action, input });
    }
    moves
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
        assert!(distinct(&|complaint| complaint.then.len().to_string()) >= 8);
    }

    #[test]
    fn a_complaint_comes_after_its_customer_and_its_moves_follow_in_order() {
        let plan = Plan::example();
        let dealers = network::dealers(&plan);
        for complaint in complaints(&plan) {
            let customer = customer(&plan, &dealers, complaint.customer);
            assert_eq!(complaint.input["customer"], json!(customer.id));
            let times = [customer.at, complaint.at].into_iter().chain(complaint.then.iter().map(|step| step.at));
            assert!(times.clone().is_sorted() && times.into_iter().all(|at| at <= plan.now), "{complaint:?}");
        }
    }

    #[test]
    fn whoever_verifies_had_no_hand_in_it() {
        for complaint in complaints(&Plan::example()) {
            if let Some(verify) = complaint.then.iter().find(|step| step.action == "verify") {
                let others = complaint.then.iter().filter(|step| step.action != "verify");
                assert!(others.map(|step| &step.by).chain([&complaint.by]).all(|by| *by != verify.by), "{complaint:?}");
            }
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
