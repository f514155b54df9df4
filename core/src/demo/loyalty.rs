//! What sample owners did as members of the club, for the loyalty plugin's own actions to post.

use serde_json::{Value, json};

use crate::{
    demo::{Plan, customers::customer, dice::Dice, network},
    model::Time,
};

/// A store with fewer customers is made for a test, which counts what it finds.
const FEWEST_CUSTOMERS: usize = 20;
/// Members are made up among at most this many customers: each document is posted by its plugin, in the order of the story.
const MOST_CUSTOMERS: usize = 600;
const DAY_MS: i64 = 86_400_000;

/// One thing a member or the club did.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// When.
    pub at: Time,
    /// The id of the user who entered it.
    pub by: String,
    /// The kind whose action it is.
    pub kind: &'static str,
    /// The action.
    pub action: &'static str,
    /// Its input.
    pub input: Value,
}

/// The club's life over a plan, in the order of time.
pub fn club(plan: &Plan) -> Vec<Deed> {
    if plan.customers < FEWEST_CUSTOMERS {
        return Vec::new();
    }
    let dealers = network::dealers(plan);
    let mut deeds: Vec<Deed> = dealers.iter().enumerate().flat_map(|(n, dealer)| shop(plan, n, &dealer.id)).collect();
    for n in 0..plan.customers.min(MOST_CUSTOMERS) {
        let owner = customer(plan, &dealers, n);
        if owner.data.get("type").and_then(Value::as_str) == Some("owner") {
            let by = format!("{}-wang", dealers[owner.dealer].id);
            deeds.extend(member(plan, n, &owner.id.to_string(), owner.at, &by));
        }
    }
    deeds.retain(|deed| deed.at <= plan.now);
    deeds.sort_by_key(|deed| deed.at);
    deeds
}

/// What the shop offers, and a drive in a fortnight.
fn shop(plan: &Plan, n: usize, dealer: &str) -> Vec<Deed> {
    // Ids derive from the moment and the words: no two dealers do the same at the same moment.
    let later = n as i64 * 1_000;
    let by = format!("{dealer}-wang");
    let rewards = [
        ("基础保养一次", "service", 38_000, 60),
        ("车载香氛", "goods", 1_200, 200),
        ("洗车券五张", "voucher", 2_000, 120),
    ];
    let offer = |(name, category, points, stock): (&str, &str, i64, i64)| Deed {
        at: plan.now.plus_millis(later - 400 * DAY_MS),
        by: by.clone(),
        kind: "loyalty.reward",
        action: "offer",
        input: json!({ "name": name, "category": category, "points": points, "stock": stock }),
    };
    let drive = Deed {
        at: plan.now.plus_millis(later - 2 * DAY_MS),
        by: by.clone(),
        kind: "loyalty.activity",
        action: "plan",
        input: json!({
            "name": "周末自驾游", "kind": "drive", "starts_at": plan.now.plus_millis(14 * DAY_MS), "place": "门店集合",
            "capacity": 30, "budget": 600_000,
        }),
    };
    rewards.into_iter().map(offer).chain([drive]).collect()
}

/// One owner in five joins a month after they came, is here every hundred days, and uses points when there are enough.
fn member(plan: &Plan, n: usize, customer: &str, came: Time, by: &str) -> Vec<Deed> {
    let mut dice = Dice::new(plan.seed, "member", n as u64);
    if !dice.chance(20) {
        return Vec::new();
    }
    let deed = |at, kind, action, input| Deed { at, by: by.to_owned(), kind, action, input };
    let mut at = came.plus_millis(45 * DAY_MS);
    let mut deeds = vec![deed(at, "loyalty.account", "join", json!({ "customer": customer }))];
    let mut points = 0;
    for visit in 0.. {
        at = at.plus_millis((70 + dice.below(60) as i64) * DAY_MS);
        if at > plan.now {
            break;
        }
        let yuan = 300 + dice.below(1_500) as i64;
        let input = json!({
            "number": format!("W{n:05}-{visit}"), "customer": customer, "kind": "service",
            "lines": [{ "kind": "maintenance", "amount": yuan * 100 }],
        });
        deeds.push(deed(at, "loyalty.document", "post", input));
        points += yuan;
        if points >= 1_500 && dice.chance(30) {
            let input = json!({ "customer": customer, "points": 1_000, "against": "repair" });
            deeds.push(deed(at.plus_millis(60_000), "loyalty.account", "use_points", input));
            points -= 1_000;
        }
    }
    deeds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_join_before_they_earn_and_never_use_what_they_have_not() {
        let plan = Plan { customers: 200, ..Plan::example() };
        let deeds = club(&plan);
        let mut points = std::collections::BTreeMap::new();
        for deed in deeds.iter().filter(|deed| deed.input.get("customer").is_some()) {
            let have = points.entry(deed.input["customer"].to_string());
            match deed.action {
                "join" => _ = have.or_insert(20),
                "post" => *have.or_insert(i64::MIN) += deed.input["lines"][0]["amount"].as_i64().expect("fen") / 100,
                _ => *have.or_insert(i64::MIN) -= 1_000,
            }
        }
        assert!(points.len() > 5, "{}", points.len());
        assert!(points.values().all(|points| *points >= 0), "{points:?}");
        assert!(deeds.is_sorted_by_key(|deed| deed.at));
    }

    #[test]
    fn a_small_store_has_no_club() {
        assert_eq!(club(&Plan { customers: 4, ..Plan::example() }), []);
    }
}
