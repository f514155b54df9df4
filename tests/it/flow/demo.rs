//! Sample data: what `marque demo` makes is what the plan says, in every state, and people can sign in to it.

use std::collections::{BTreeMap, BTreeSet};

use marque::demo::{Complaint, Plan, complaints, leads};
use serde_json::{Value, json};

use crate::support::{Server, Setup};

const UNTIL: &str = "2026-03-13T10:00:00+08:00";
const CUSTOMERS: u32 = 150;

fn plan() -> Plan {
    let now = UNTIL.parse().expect("a moment");
    Plan { customers: CUSTOMERS as usize, dealers: 1, seed: 7, now }
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case["data"][field].as_str().unwrap_or_else(|| panic!("no {field} in {case}"))
}

#[test]
fn a_made_up_dealer_has_its_customers_its_people_and_complaints_in_many_states() {
    let server = Server::with(Setup { clock: Some(UNTIL), customers: Some(CUSTOMERS), ..Setup::default() });
    for name in ["li", "wang", "zhao", "chen", "liu", "sun", "zhou", "deng"] {
        server.staff(name);
    }
    let manager = server.staff("zhao");
    let body = manager.get("/records/customer?limit=1&count=exact").ok(200);
    // Who has enquired is a customer from then on, if not before.
    let (n, enquiries) = (body["count"].as_u64().expect("a number"), leads(&plan()).len() as u64);
    assert!((u64::from(CUSTOMERS)..=u64::from(CUSTOMERS) + enquiries).contains(&n), "{body}");

    let mut cases = manager.list("complaints.case", &json!({}));
    let planned = complaints(&plan());
    // Those whom a survey or a call found unhappy come on top.
    let facts: BTreeSet<&str> = planned.iter().filter_map(|planned| planned.input["facts"].as_str()).collect();
    cases.retain(|case| facts.contains(text(case, "facts")));
    assert_eq!(cases.len(), planned.len());
    assert!(planned.len() >= 40, "{}", planned.len());
    let states: BTreeSet<&str> = cases.iter().map(|case| text(case, "state")).collect();
    assert!(states.len() >= 7, "{states:?}");

    // The story says how grave each complaint is; the rule that ships with the plugin must agree.
    let planned: BTreeMap<String, &Complaint> =
        planned.iter().map(|planned| (planned.input["customer"].to_string(), planned)).collect();
    for case in &cases {
        let planned = planned[&case["data"]["customer"].to_string()];
        let (level, facts) = (text(case, "level"), text(case, "facts"));
        assert_eq!(facts, planned.input["facts"]);
        // A verdict of 1 or 2 raises the level by one afterwards.
        let is_reopened = text(case, "state") == "reopened";
        assert!(level == planned.level || is_reopened, "{facts}: {level}, planned {}", planned.level);
    }
}
