//! Tales of plugins: what `marque demo` has people do through a plugin's own actions, told as data in its `demo.json`.
//!
//! A tale is told of some customers, once or again and again until now; each of its steps is an action that somebody takes some time after
//! the step before. The same seed tells the same tale.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Customer, Plan,
    customers::customer,
    dice::Dice,
    network::{self, Staff},
};
use crate::{
    Error, Result,
    model::{Id, Time},
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// Sample dealers keep the time of Beijing.
const BEIJING_MS: i64 = 8 * 3_600_000;
/// Tales are told of at most this many customers: each step is a plugin's own action, in the order of the story.
const MOST_CUSTOMERS: usize = 2_000;

/// The `demo.json` of a plugin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// Its tales.
    pub tales: Vec<Tale>,
}

/// What happens between a dealer and some of its customers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tale {
    /// Whom it is told of.
    pub of: Whom,
    /// Of how many in a hundred of them; of a dealer it is told once.
    #[serde(default = "everybody")]
    pub share: u64,
    /// Of how many at most.
    #[serde(default = "many")]
    pub most: usize,
    /// How many days ago it begins, from the first to the last; not before the customer came.
    pub days_ago: (u64, u64),
    /// It is told again after so many days, until now; absent: once.
    #[serde(default)]
    pub every_days: Option<(u64, u64)>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Whom a tale is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Whoever has a car; their car is known to the tale.
    Owner,
    /// Whoever has none yet.
    Prospect,
    /// Nobody: what a dealer sets up for itself.
    Dealer,
    /// What headquarters sets up, once.
    Maker,
}

/// Something that is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// By whom: the role of one of the dealer's people, of headquarters' where the tale is the maker's.
    pub by: String,
    /// The kind whose action it is; with `on` that record's.
    #[serde(default)]
    pub kind: Option<String>,
    /// The action; `create` where none is said: the record is made as it stands in `input`.
    pub action: String,
    /// The record it is done to: what an earlier step was called.
    #[serde(default)]
    pub on: Option<String>,
    /// Instead of `on`: the first record of the kind that meets this filter by then.
    #[serde(default)]
    pub first: Option<Value>,
    /// What its record is called in later steps.
    #[serde(default, rename = "as")]
    pub called: Option<String>,
    /// How long after the step before: `"2h"`, `"30m"`, `"3d"`, or between two of them.
    #[serde(default)]
    pub after: Option<After>,
    /// In how many of a hundred the tale comes so far; otherwise it ends here.
    #[serde(default = "everybody")]
    pub chance: u64,
    /// Its input. `{"$of":[…]}` is one of several, `{"$between":[1,9]}` a number, `{"$customer":true}` and `{"$vehicle":true}` whom it is of,
    /// `{"$id":"<name>"}` a record of an earlier step, `{"$at":"2h"}` a moment and `{"$day":"3d"}` a day from the step on, `{"$hour":["1d","10:00"]}`
    /// that hour of such a day, `{"$staff":"<role>"}` one of the people, `{"$number":"W"}` a number nobody else has, `{"$grown":[100,30]}` a
    /// hundred and thirty more for each day of the history, `{"$first":{"kind":"…","filter":{…}}}` the first record that meets a filter by then.
    #[serde(default)]
    pub input: Map<String, Value>,
}

/// A span, or one between two.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum After {
    /// Just that.
    Span(String),
    /// Any between.
    Between(String, String),
}

fn everybody() -> u64 {
    100
}

fn many() -> usize {
    usize::MAX
}

/// A step with everything decided but the ids of records that are not made yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When.
    pub at: Time,
    /// The id of a user.
    pub by: String,
    /// The kind.
    pub kind: String,
    /// The action.
    pub action: String,
    /// The input; `$id` and `$vehicle` are still in it.
    pub input: Value,
    /// Which telling it belongs to.
    pub telling: usize,
    /// Name of the record it is done to.
    pub on: Option<String>,
    /// The filter of the record it is done to; `$id` is still in it.
    pub first: Option<Value>,
    /// Name of the record that comes of it.
    pub called: Option<String>,
    /// Whose car `$vehicle` is.
    pub customer: Option<Id>,
}

impl Book {
    /// Read a plugin's `demo.json`.
    ///
    /// # Errors
    /// `demo.invalid`, saying what is wrong and where.
    pub fn parse(text: &str) -> Result<Book> {
        let book: Book =
            serde_json::from_str(text).map_err(|error| Error::invalid("demo", format!("demo.json: {error}")))?;
        for (n, tale) in book.tales.iter().enumerate() {
            tale.check().map_err(|error| Error::invalid("demo", format!("demo.json: tale {}: {error}", n + 1)))?;
        }
        Ok(book)
    }
}

impl Tale {
    fn check(&self) -> Result<(), String> {
        let mut known: Vec<&str> = Vec::new();
        for (n, step) in self.steps.iter().enumerate() {
            let at = |what: String| format!("step {}: {what}", n + 1);
            match (&step.on, &step.kind) {
                (None, None) => return Err(at("say on which record, or of which kind".into())),
                (Some(on), _) if !known.contains(&on.as_str()) => {
                    return Err(at(format!("no step before it is called {on:?}")));
                }
                _ => {}
            }
            let spans = match &step.after {
                None => Vec::new(),
                Some(After::Span(span)) => vec![span],
                Some(After::Between(least, most)) => vec![least, most],
            };
            if let Some(wrong) = spans.into_iter().find(|text| span(text).is_none()) {
                return Err(at(format!("{wrong:?} is no span like \"2h\", \"30m\" or \"3d\"")));
            }
            known.extend(step.called.as_deref());
        }
        Ok(())
    }

    /// The kind each step is of, an `on` followed back to where its record was made.
    pub fn kind_of<'a>(&'a self, step: &'a Step) -> Option<&'a str> {
        step.kind.as_deref().or_else(|| {
            let named = self.steps.iter().find(|other| other.called.is_some() && other.called == step.on)?;
            self.kind_of(named)
        })
    }
}

/// What the tales of a plugin come to, in the order of time.
pub fn told(plan: &Plan, plugin: &str, book: &Book, first: usize) -> Vec<Told> {
    let dealers = network::dealers(plan);
    let staff = network::staff(plan);
    let mut all = Vec::new();
    let mut telling = first;
    for (n, tale) in book.tales.iter().enumerate() {
        for whom in subjects(plan, &dealers, tale, &format!("{plugin}/{n}")) {
            let mut dice = Dice::new(plan.seed, &format!("{plugin}/{n}/told"), whom.n as u64);
            let mut at = begins(plan, tale, whom.came, &mut dice);
            while at <= plan.now {
                let teller = Teller { plan, tale, whom: &whom, staff: &staff, telling };
                all.extend(teller.tell(at, &mut dice));
                telling += 1;
                let Some((least, most)) = tale.every_days else { break };
                at = in_office(
                    at.plus_millis((least + dice.below(most.saturating_sub(least) + 1)).max(1) as i64 * DAY_MS),
                    &mut dice,
                );
            }
        }
    }
    all.sort_by_key(|told: &Told| (told.at, told.telling));
    all
}

/// Somebody a tale is told of.
struct Subject {
    n: usize,
    org: String,
    customer: Option<Customer>,
    came: Time,
}

fn subjects(plan: &Plan, dealers: &[network::Dealer], tale: &Tale, name: &str) -> Vec<Subject> {
    let set_up = |(n, org): (usize, String)| Subject { n, org, customer: None, came: plan.begin() };
    let is_one = |customer: &Customer| {
        let r#type = customer.data.get("type").and_then(Value::as_str).unwrap_or_default();
        match tale.of {
            Whom::Owner => matches!(r#type, "owner" | "company"),
            _ => r#type == "prospect",
        }
    };
    match tale.of {
        Whom::Maker => vec![set_up((0, "hq".into()))],
        Whom::Dealer => dealers.iter().map(|dealer| dealer.id.clone()).enumerate().map(set_up).collect(),
        Whom::Owner | Whom::Prospect => (0..plan.customers.min(MOST_CUSTOMERS))
            .filter(|n| Dice::new(plan.seed, name, *n as u64).chance(tale.share))
            .map(|n| (n, customer(plan, dealers, n)))
            .filter(|(_, customer)| is_one(customer))
            .map(|(n, customer)| Subject { n, org: customer.org.clone(), came: customer.at, customer: Some(customer) })
            .take(tale.most)
            .collect(),
    }
}

fn begins(plan: &Plan, tale: &Tale, came: Time, dice: &mut Dice) -> Time {
    let (first, last) = tale.days_ago;
    let days = last + dice.below(first.saturating_sub(last) + 1);
    let at = plan.now.plus_millis(-(days as i64) * DAY_MS);
    // A car is handed over some weeks after its owner came.
    let earliest = if tale.of == Whom::Owner { came.plus_millis(46 * DAY_MS) } else { came.plus_millis(MINUTE_MS) };
    in_office(at.max(earliest), dice)
}

/// The same day between nine and five.
fn in_office(at: Time, dice: &mut Dice) -> Time {
    let midnight = (at.millis() + BEIJING_MS).div_euclid(DAY_MS) * DAY_MS - BEIJING_MS;
    Time::from_millis(midnight + (9 * 60 + dice.below(8 * 60) as i64) * MINUTE_MS)
}

struct Teller<'a> {
    plan: &'a Plan,
    tale: &'a Tale,
    whom: &'a Subject,
    staff: &'a [Staff],
    telling: usize,
}

impl Teller<'_> {
    fn tell(&self, begin: Time, dice: &mut Dice) -> Vec<Told> {
        let mut at = begin;
        let mut told = Vec::new();
        for (n, step) in self.tale.steps.iter().enumerate() {
            at = at.plus_millis(self.pause(step, dice));
            let (Some(by), Some(kind)) = (self.one_of(&step.by, dice), self.tale.kind_of(step)) else { break };
            if at > self.plan.now || !dice.chance(step.chance) {
                break;
            }
            let input = step.input.iter().map(|(name, value)| (name.clone(), self.value(value, at, n, dice)));
            told.push(Told {
                at,
                by,
                kind: kind.to_owned(),
                action: step.action.clone(),
                input: Value::Object(input.collect()),
                telling: self.telling,
                on: step.on.clone(),
                first: step.first.as_ref().map(|filter| self.value(filter, at, n, dice)),
                called: step.called.clone(),
                customer: self.whom.customer.as_ref().map(|customer| customer.id.clone()),
            });
        }
        told
    }

    fn pause(&self, step: &Step, dice: &mut Dice) -> i64 {
        match &step.after {
            None => MINUTE_MS,
            Some(After::Span(text)) => span(text).unwrap_or(MINUTE_MS),
            Some(After::Between(least, most)) => {
                let (least, most) = (span(least).unwrap_or(0), span(most).unwrap_or(0));
                least + dice.below((most - least).max(0) as u64 / MINUTE_MS as u64 + 1) as i64 * MINUTE_MS
            }
        }
    }

    /// Somebody of the place with the role.
    fn one_of(&self, role: &str, dice: &mut Dice) -> Option<String> {
        let people: Vec<&Staff> =
            self.staff.iter().filter(|person| person.org == self.whom.org && person.role == role).collect();
        let n = dice.below(people.len() as u64) as usize;
        people.get(n).map(|person| person.id.clone())
    }

    fn value(&self, value: &Value, at: Time, step: usize, dice: &mut Dice) -> Value {
        let fields = match value {
            Value::Array(items) => return items.iter().map(|item| self.value(item, at, step, dice)).collect(),
            Value::Object(fields) => fields,
            plain => return plain.clone(),
        };
        let Some((name, said)) = fields.iter().next().filter(|(name, _)| fields.len() == 1 && name.starts_with('$'))
        else {
            let inner = fields.iter().map(|(name, value)| (name.clone(), self.value(value, at, step, dice)));
            return Value::Object(inner.collect());
        };
        let text = said.as_str().unwrap_or_default();
        match name.as_str() {
            "$of" => {
                let items = said.as_array().map(Vec::as_slice).unwrap_or_default();
                let chosen = items.get(dice.below(items.len() as u64) as usize).cloned().unwrap_or_default();
                self.value(&chosen, at, step, dice)
            }
            "$between" => {
                let end = |n: usize| said.get(n).and_then(Value::as_i64).unwrap_or_default();
                json!(end(0) + dice.below((end(1) - end(0)).max(0) as u64 + 1) as i64)
            }
            "$customer" => json!(self.whom.customer.as_ref().map(|customer| &customer.id)),
            "$org" => json!(self.whom.org),
            "$at" => json!(at.plus_millis(span(text).unwrap_or(0))),
            "$day" => json!(at.plus_millis(span(text).unwrap_or(0) + BEIJING_MS).to_string()[..10]),
            "$hour" => {
                let day = at.plus_millis(said.get(0).and_then(Value::as_str).and_then(span).unwrap_or(0) + BEIJING_MS);
                let hour = said.get(1).and_then(Value::as_str).unwrap_or("10:00");
                json!(format!("{}T{hour}:00+08:00", &day.to_string()[..10]))
            }
            "$grown" => {
                let part = |n: usize| said.get(n).and_then(Value::as_i64).unwrap_or_default();
                json!(part(0) + part(1) * (at.millis() - self.plan.begin().millis()) / DAY_MS)
            }
            "$first" => json!({ "$first": self.value(said, at, step, dice) }),
            "$staff" => json!(self.one_of(text, dice)),
            "$number" => json!(format!("{text}{:05}-{step}", self.telling)),
            // What is known only when it happens.
            _ => value.clone(),
        }
    }
}

/// `30m`, `2h`, `3d`, with a `-` for before.
fn span(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        'm' => MINUTE_MS,
        'h' => 60 * MINUTE_MS,
        'd' => DAY_MS,
        _ => return None,
    };
    text[..text.len() - 1].trim_start_matches('+').parse::<i64>().ok()?.checked_mul(unit)
}

/// What is known only when a step happens.
pub struct Known<'a> {
    /// The id of a record that an earlier step has made.
    pub id_of: &'a dyn Fn(&str) -> Option<Id>,
    /// The id of the first record of a kind that meets a filter.
    pub first: &'a dyn Fn(&str, &Value) -> Option<Id>,
    /// The car of whom the tale is told of.
    pub vehicle: Option<&'a Id>,
}

impl Known<'_> {
    /// Put ids in where they are known now; `None` when one is not, for a step before it came to nothing.
    pub fn put_into(&self, input: &Value) -> Option<Value> {
        let fields = match input {
            Value::Array(items) => return items.iter().map(|item| self.put_into(item)).collect(),
            Value::Object(fields) => fields,
            plain => return Some(plain.clone()),
        };
        let only = fields.iter().next().filter(|_| fields.len() == 1);
        match only.map(|(name, said)| (name.as_str(), said)) {
            Some(("$id", name)) => (self.id_of)(name.as_str()?).map(|id| json!(id)),
            Some(("$vehicle", _)) => self.vehicle.map(|id| json!(id)),
            Some(("$first", of)) => {
                let filter = self.put_into(&of["filter"])?;
                (self.first)(of["kind"].as_str()?, &filter).map(|id| json!(id))
            }
            _ => {
                let inner = fields.iter().map(|(name, value)| Some((name.clone(), self.put_into(value)?)));
                inner.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        let text = json!({ "tales": [{
            "of": "owner", "share": 50, "days_ago": [300, 200], "every_days": [60, 90],
            "steps": [
                { "by": "advisor", "kind": "workshop.order", "action": "open", "as": "order",
                  "input": { "customer": { "$customer": true }, "vehicle": { "$vehicle": true }, "km": { "$between": [10, 20] }, "number": { "$number": "W" } } },
                { "by": "service_mgr", "on": "order", "action": "settle", "after": ["1h", "4h"], "chance": 80,
                  "input": { "order": { "$id": "order" }, "on": { "$day": "-1d" } } }
            ]
        }] });
        Book::parse(&text.to_string()).expect("a book")
    }

    #[test]
    fn the_same_plan_tells_the_same_and_nothing_of_the_future() {
        let plan = Plan { customers: 300, ..Plan::example() };
        let all = told(&plan, "workshop", &book(), 0);
        assert_eq!(all, told(&plan, "workshop", &book(), 0));
        assert!(all.len() > 50 && all.is_sorted_by_key(|told| told.at), "{}", all.len());
        assert!(all.iter().all(|told| told.at <= plan.now));
        let n_settled = all.iter().filter(|told| told.action == "settle").count();
        assert!(n_settled > 0 && n_settled * 2 < all.len(), "some tales end early");
        for told in &all {
            assert_eq!(told.kind, "workshop.order", "a step on a record is of its kind");
            let minute = (told.at.millis() + BEIJING_MS).rem_euclid(DAY_MS) / MINUTE_MS;
            assert!((9 * 60..21 * 60 + 1).contains(&minute), "{}", told.at);
        }
        let numbers: Vec<&Value> =
            all.iter().map(|told| &told.input["number"]).filter(|number| !number.is_null()).collect();
        let different: std::collections::BTreeSet<String> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), numbers.len(), "nobody has a number twice");
    }

    #[test]
    fn ids_are_put_in_when_they_are_known_and_a_step_without_them_is_left_out() {
        let input = json!({ "order": { "$id": "order" }, "lines": [{ "car": { "$vehicle": true } }], "n": 1,
            "price": { "$first": { "kind": "quotes.price", "filter": { "of": { "$id": "order" } } } } });
        let order = |name: &str| (name == "order").then(|| "o1".parse().expect("an id"));
        let price = |kind: &str, filter: &Value| {
            (kind == "quotes.price" && *filter == json!({ "of": "o1" })).then(|| "p1".parse().expect("an id"))
        };
        let car: Id = "v1".parse().expect("an id");
        let known = Known { id_of: &order, first: &price, vehicle: Some(&car) };
        let full = json!({ "order": "o1", "lines": [{ "car": "v1" }], "n": 1, "price": "p1" });
        assert_eq!(known.put_into(&input), Some(full));
        assert_eq!(Known { vehicle: None, ..known }.put_into(&input), None);
        assert_eq!(Known { first: &|_, _| None, vehicle: Some(&car), id_of: &order }.put_into(&input), None);
        assert_eq!(Known { id_of: &|_| None, first: &price, vehicle: Some(&car) }.put_into(&input), None);
    }

    #[test]
    fn hours_stand_and_what_grows_grows_with_the_days() {
        let plan = Plan::example();
        let text = json!({ "tales": [{ "of": "dealer", "days_ago": [100, 100], "steps": [{
            "by": "gm", "kind": "x.y", "action": "go", "first": { "org": { "$org": true } },
            "input": { "slot": { "$hour": ["1d", "10:00"] }, "km": { "$grown": [100, 30] } } }] }] });
        let all = told(&plan, "x", &Book::parse(&text.to_string()).expect("a book"), 0);
        assert!(!all.is_empty());
        for told in &all {
            let day = told.at.plus_millis(BEIJING_MS + DAY_MS).to_string();
            assert_eq!(told.input["slot"], json!(format!("{}T10:00:00+08:00", &day[..10])));
            let km = told.input["km"].as_i64().expect("a number");
            assert!((100 + 629 * 30..=100 + 631 * 30).contains(&km), "{km}");
            assert!(told.first.as_ref().is_some_and(|filter| filter["org"].is_string()), "{:?}", told.first);
        }
    }

    #[test]
    fn what_cannot_be_told_is_refused_with_its_place() {
        let wrong = |step: Value| {
            let text = json!({ "tales": [{ "of": "owner", "days_ago": [9, 1], "steps": [step] }] });
            Book::parse(&text.to_string()).map(drop).expect_err("refused").message
        };
        assert!(wrong(json!({ "by": "advisor", "action": "open" })).contains("tale 1: step 1: say on which"));
        assert!(wrong(json!({ "by": "advisor", "action": "open", "on": "order" })).contains("called \"order\""));
        assert!(
            wrong(json!({ "by": "advisor", "action": "open", "kind": "x.y", "after": "soon" })).contains("no span")
        );
        assert!(wrong(json!({ "by": "advisor", "action": "open", "kind": "x.y", "afer": "1h" })).contains("afer"));
    }
}
