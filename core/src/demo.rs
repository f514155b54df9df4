//! Sample data: a network of dealers and their customers over two years, the same for the same seed.
//!
//! Plain data: `marque demo` sends it through the same commands as everyone else's.

pub mod complaints;
mod consents;
pub mod customers;
pub mod dice;
pub mod leads;
mod loyalty;
pub mod names;
pub mod network;
pub mod numbers;
mod surveys;
pub mod tale;
pub mod vehicles;
pub mod work;

use serde_json::{Value, json};

use crate::model::{Command, Data, Time};

pub use complaints::{Complaint, complaints};
pub use consents::consents;
pub use customers::{Customer, customer};
pub use leads::{Lead, leads};
pub use loyalty::{Deed, club};
pub use surveys::surveys;
pub use tale::{Book, Told, told};
pub use vehicles::{Car, cars};

/// The password of every person in the sample data.
pub const PASSWORD: &str = "marque-demo";

/// How far back the history reaches.
const HISTORY_DAYS: i64 = 730;
const DAY_MS: i64 = 86_400_000;

/// What to make up.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many customers, at most [`numbers::MOST_PHONES`] less the staff.
    pub customers: usize,
    /// How many dealers, at least one.
    pub dealers: usize,
    /// Another seed, other people.
    pub seed: u64,
    /// The day the history ends.
    pub now: Time,
}

/// One command and the moment it happened in the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When; never earlier than the step before.
    pub at: Time,
    /// What.
    pub command: Command,
}

impl Plan {
    /// The first moment of the history.
    pub fn begin(&self) -> Time {
        self.now.plus_millis(-HISTORY_DAYS * DAY_MS)
    }

    /// How many commands [`Plan::steps`] yields, for a progress bar.
    pub fn n_steps(&self) -> usize {
        let dealers = network::dealers(self);
        let n_teams = dealers.len() * work::TEAMS.len();
        network::regions(&dealers).len() + dealers.len() + n_teams + network::staff(self).len() + self.customers
    }

    /// Everything in order: regions, dealers, teams, staff, then customers as they came. The maker `hq` is there already.
    pub fn steps(&self) -> impl Iterator<Item = Step> + use<> {
        let plan = *self;
        let begin = plan.begin();
        let dealers = network::dealers(&plan);
        let staff = network::staff(&plan);
        let fixed: Vec<Command> = network::regions(&dealers)
            .into_iter()
            .map(region)
            .chain(dealers.iter().map(dealer))
            .chain(dealers.iter().flat_map(|dealer| work::TEAMS.iter().map(|team| self::team(&dealer.id, team))))
            .chain(staff.iter().map(|person| self::person(&plan, person)))
            .collect();
        let fixed = fixed.into_iter().map(move |command| Step { at: begin, command });
        fixed.chain((0..plan.customers).map(move |n| customer(&plan, &dealers, n).step()))
    }

    /// The same in portions for one commit each.
    pub fn chunks(&self, size: usize) -> impl Iterator<Item = Vec<Step>> + use<> {
        let mut steps = self.steps();
        std::iter::from_fn(move || {
            let chunk: Vec<Step> = steps.by_ref().take(size.max(1)).collect();
            (!chunk.is_empty()).then_some(chunk)
        })
    }

    #[cfg(test)]
    pub(crate) fn example() -> Plan {
        Plan { customers: 2_000, dealers: 3, seed: 7, now: Time::from_millis(1_773_367_200_000) }
    }
}

// An organisation's record belongs to itself, so that its own people see it.
fn region((id, name): (&str, &str)) -> Command {
    create("org", id, id, json!({ "type": "region", "code": id, "name": name, "parent": "hq" }))
}

fn dealer(dealer: &network::Dealer) -> Command {
    let (region, _) = network::REGIONS[dealer.city.region];
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours: Data = days.into_iter().map(|day| (day.into(), json!([[dealer.hours.0, dealer.hours.1]]))).collect();
    let data = json!({
        "type": "dealer", "code": dealer.id, "name": dealer.name, "parent": region, "city": dealer.city.name,
        "time_zone": dealer.time_zone, "opening_hours": hours,
        "calendar": { "holidays": network::HOLIDAYS, "working": network::WORKING_WEEKENDS },
    });
    create("org", &dealer.id, &dealer.id, data)
}

// Whoever joins is put on its list.
fn team(dealer: &str, team: &work::Team) -> Command {
    let id = team.id(dealer);
    create("team", &id, dealer, json!({ "name": team.name, "code": id, "kind": team.kind }))
}

fn person(plan: &Plan, person: &network::Staff) -> Command {
    let mut data = json!({ "name": person.name, "login": person.login, "roles": [person.role], "phone": person.phone });
    for (name, value) in work::of(plan, person) {
        data[name] = value;
    }
    create("user", &person.id, &person.org, data)
}

fn create(kind: &str, id: &str, org: &str, data: Value) -> Command {
    Command::new("record.create", json!({ "kind": kind, "id": id, "org": org, "data": data }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_plan_makes_the_same_data() {
        let plan = Plan { customers: 300, ..Plan::example() };
        assert!(plan.steps().eq(plan.steps()));
        let other = Plan { seed: 8, ..plan };
        assert!(!plan.steps().eq(other.steps()));
    }

    #[test]
    fn chunks_hold_all_steps_in_order() {
        let plan = Plan { customers: 300, ..Plan::example() };
        assert_eq!(plan.steps().count(), plan.n_steps());
        assert!(plan.chunks(64).all(|chunk| (1..=64).contains(&chunk.len())));
        assert!(plan.chunks(64).flatten().eq(plan.steps()));
    }

    #[test]
    fn time_never_runs_backwards() {
        let steps: Vec<Step> = Plan::example().steps().collect();
        assert!(steps.is_sorted_by_key(|step| step.at));
        let last = steps.last().expect("there are steps").at;
        assert!(last <= Plan::example().now && Plan::example().now - last < 7 * DAY_MS, "{last}");
    }

    #[test]
    fn what_is_referred_to_has_been_made_before() {
        let mut known = HashSet::from(["hq".to_owned()]);
        for step in Plan::example().steps() {
            let body = &step.command.body;
            let id = body["id"].as_str().expect("every step has an id");
            assert!(known.insert(id.to_owned()), "{id} twice");
            let refs = [&body["org"], &body["data"]["parent"], &body["data"]["owner"], &body["data"]["team"]];
            for id in refs.into_iter().filter_map(Value::as_str) {
                assert!(known.contains(id), "{id} is not there yet: {body}");
            }
        }
    }
}
