//! Which of two values survives when records become one: the better founded, and of equals the newer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Actor, Data, Time};

/// How well founded a value is, the weakest first (domain C01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nobody said it: the kind's default.
    Assumed,
    /// It came in a file, or was written by the server itself.
    Imported,
    /// Staff typed it.
    Typed,
    /// The customer said it: a form, the portal.
    Stated,
    /// It was proved, as a telephone number is by a call.
    Verified,
}

/// Where a value stands among others: its class, then its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing(pub Class, pub Time);

/// Standings by field.
pub type Standings = BTreeMap<String, Standing>;

/// Where the values of a write come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Source {
    /// From whoever writes, see [`Class::of`].
    #[default]
    Actor,
    /// All from one class.
    Class(Class),
    /// Each from its own: records that were put together.
    Fields(Standings),
}

impl Class {
    /// What somebody writes in their own name: people type, a plugin by itself passes on what customers say.
    pub fn of(actor: &Actor) -> Class {
        Class::of_trace(&actor.trace())
    }

    /// The same from what a revision keeps of the actor, see [`Actor::trace`].
    pub fn of_trace(trace: &str) -> Class {
        if trace.starts_with("user:") || trace.contains("/user:") {
            Class::Typed
        } else if trace.starts_with("plugin:") {
            Class::Stated
        } else {
            Class::Imported
        }
    }
}

/// Which of two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The one that stays.
    This,
    /// The one that is given up.
    Other,
}

/// One of two records to be put together.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its fields.
    pub data: &'a Data,
    /// Where they stand; a field that is not named is taken for the weakest.
    pub standings: &'a Standings,
}

/// Two records put together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// The record that stays.
    pub data: Data,
    /// Where its fields stand.
    pub standings: Standings,
    /// The values that stay, of every field in which the two differ.
    pub kept: Data,
    /// The values that do not.
    pub lost: Data,
}

/// How a customer came and whose it is: facts of the relationship, which the newer record does not know better.
const OF_THE_FIRST: [&str; 3] = ["owner", "source", "first_seen"];
/// A field that says nothing without another follows it.
const FOLLOWS: [(&str, &str); 1] = [("id_type", "id_no")];

/// Put two records together, field by field. What a person chose goes before everything.
///
/// ```
/// use marque::model::{Data, Time, survivorship::{self, Class, Side, Standing}};
/// use serde_json::json;
/// let stored: Data = serde_json::from_value(json!({ "name": "张伟", "city": "武汉" }))?;
/// let other: Data = serde_json::from_value(json!({ "city": "长沙", "email": "z@x.cn" }))?;
/// let typed = [("city".to_owned(), Standing(Class::Typed, Time::from_millis(1)))].into();
/// let imported = [("city".to_owned(), Standing(Class::Imported, Time::from_millis(2)))].into();
/// let settled = survivorship::settle(
///     Side { data: &stored, standings: &typed },
///     Side { data: &other, standings: &imported },
///     &Default::default(),
/// );
/// assert_eq!(settled.data, *json!({ "name": "张伟", "city": "武汉", "email": "z@x.cn" }).as_object().unwrap());
/// assert_eq!(settled.lost, *json!({ "city": "长沙" }).as_object().unwrap());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn settle(this: Side<'_>, other: Side<'_>, choose: &BTreeMap<String, Choice>) -> Settled {
    let names: BTreeSet<&String> = this.data.keys().chain(other.data.keys()).collect();
    let mut settled = Settled::default();
    for name in names {
        let (mine, theirs) = (value(this, name), value(other, name));
        let choice = winner(this, other, name, choose);
        let (wins, loses, side) = match choice {
            Choice::This => (mine, theirs, this),
            Choice::Other => (theirs, mine, other),
        };
        if let Some(wins) = wins {
            settled.data.insert(name.clone(), wins.clone());
            let best =
                if mine == theirs { standing(this, name).max(standing(other, name)) } else { standing(side, name) };
            if let Some(standing) = best {
                settled.standings.insert(name.clone(), standing);
            }
        }
        if mine != theirs {
            settled.kept.extend(wins.map(|value| (name.clone(), value.clone())));
            settled.lost.extend(loses.map(|value| (name.clone(), value.clone())));
        }
    }
    settled
}

/// What of a file's row goes into a record that is known: what fills a gap, and what is newer than an import of before. What
/// anybody typed, said or proved stands above any file.
pub fn of_import(stored: Side<'_>, row: &Data) -> Data {
    // Whatever is in the store already was there before the row.
    let newest = Standing(Class::Imported, Time::from_millis(i64::MAX));
    let standings = row.keys().map(|name| (name.clone(), newest)).collect();
    let settled = settle(stored, Side { data: row, standings: &standings }, &BTreeMap::new());
    settled.data.into_iter().filter(|(name, value)| stored.data.get(name) != Some(value)).collect()
}

fn winner(this: Side<'_>, other: Side<'_>, name: &str, choose: &BTreeMap<String, Choice>) -> Choice {
    if let Some(choice) = choose.get(name) {
        return *choice;
    }
    let has = (value(this, name).is_some(), value(other, name).is_some());
    match has {
        (true, false) => return Choice::This,
        (false, _) => return Choice::Other,
        (true, true) => {}
    }
    if let Some((_, leader)) = FOLLOWS.iter().find(|(follower, _)| *follower == name)
        && value(this, leader) != value(other, leader)
    {
        return winner(this, other, leader, choose);
    }
    if OF_THE_FIRST.contains(&name) || standing(other, name) <= standing(this, name) {
        Choice::This
    } else {
        Choice::Other
    }
}

fn value<'a>(side: Side<'a>, name: &str) -> Option<&'a Value> {
    side.data.get(name).filter(|value| !value.is_null())
}

fn standing(side: Side<'_>, name: &str) -> Option<Standing> {
    side.standings.get(name).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Data {
        value.as_object().cloned().expect("an object")
    }

    fn all(data: &Data, class: Class, at: i64) -> Standings {
        data.keys().map(|name| (name.clone(), Standing(class, Time::from_millis(at)))).collect()
    }

    fn city(a: (Class, i64), b: (Class, i64)) -> String {
        let (mine, theirs) = (data(json!({ "city": "this" })), data(json!({ "city": "other" })));
        let (here, there) = (all(&mine, a.0, a.1), all(&theirs, b.0, b.1));
        let settled =
            settle(Side { data: &mine, standings: &here }, Side { data: &theirs, standings: &there }, &BTreeMap::new());
        settled.data["city"].as_str().expect("a text").to_owned()
    }

    #[test]
    fn the_better_founded_value_survives_and_of_equals_the_newer() {
        use Class::{Assumed, Imported, Stated, Typed, Verified};
        let classes = [Assumed, Imported, Typed, Stated, Verified];
        for (n, weaker) in classes.iter().enumerate() {
            for stronger in &classes[n + 1..] {
                assert_eq!(city((*weaker, 9), (*stronger, 1)), "other");
                assert_eq!(city((*stronger, 1), (*weaker, 9)), "this");
            }
            assert_eq!(city((*weaker, 1), (*weaker, 2)), "other");
            assert_eq!(city((*weaker, 2), (*weaker, 1)), "this");
            assert_eq!(city((*weaker, 1), (*weaker, 1)), "this");
        }
    }

    #[test]
    fn whose_the_customer_is_and_how_it_came_stays() {
        let mine = data(json!({ "owner": "li", "source": "到店", "city": "武汉" }));
        let theirs = data(json!({ "owner": "wang", "source": "车展", "city": "长沙" }));
        let (here, there) = (all(&mine, Class::Typed, 1), all(&theirs, Class::Typed, 2));
        let (this, other) = (Side { data: &mine, standings: &here }, Side { data: &theirs, standings: &there });
        let settled = settle(this, other, &BTreeMap::new());
        assert_eq!(settled.data, data(json!({ "owner": "li", "source": "到店", "city": "长沙" })));
        assert_eq!(settled.lost, data(json!({ "owner": "wang", "source": "车展", "city": "武汉" })));
        let chosen = settle(this, other, &[("owner".to_owned(), Choice::Other)].into());
        assert_eq!(chosen.data["owner"], "wang", "a person may decide otherwise");
    }

    #[test]
    fn the_type_of_a_document_goes_with_its_number() {
        let mine = data(json!({ "id_no": "E1", "id_type": "passport" }));
        let theirs = data(json!({ "id_no": "11010519491231002X", "id_type": "id_card" }));
        let here = [("id_no".to_owned(), Standing(Class::Imported, Time::from_millis(1)))].into();
        let there = [("id_no".to_owned(), Standing(Class::Typed, Time::from_millis(1)))].into();
        let (this, other) = (Side { data: &mine, standings: &here }, Side { data: &theirs, standings: &there });
        assert_eq!(settle(this, other, &BTreeMap::new()).data, theirs);
        assert_eq!(settle(other, this, &BTreeMap::new()).data, theirs);
    }

    #[test]
    fn people_type_and_plugins_pass_on() {
        let person =
            Actor::User { id: Id::admin(), name: "a".into(), org: Id::hq(), roles: Vec::new(), scopes: Vec::new() };
        let plugin = |on_behalf| Actor::Plugin { name: "portal".into(), version: "1.0.0".into(), on_behalf };
        assert_eq!(Class::of(&person), Class::Typed);
        assert_eq!(Class::of(&plugin(Some(Box::new(person)))), Class::Typed);
        assert_eq!(Class::of(&plugin(None)), Class::Stated);
        assert_eq!(Class::of(&Actor::System), Class::Imported);
    }

    use crate::model::Id;

    prop_compose! {
        fn side()(values in prop::collection::btree_map("[a-d]", (0u8..3, 0i64..3, 0usize..5), 0..4)) -> (Data, Standings) {
            let classes = [Class::Assumed, Class::Imported, Class::Typed, Class::Stated, Class::Verified];
            let data = values.iter().map(|(name, (value, ..))| (name.clone(), json!(value))).collect();
            let standing = |at: &i64, class: &usize| Standing(classes[*class], Time::from_millis(*at));
            (data, values.iter().map(|(name, (_, at, class))| (name.clone(), standing(at, class))).collect())
        }
    }

    proptest! {
        #[test]
        fn no_value_goes_unaccounted_for((mine, here) in side(), (theirs, there) in side()) {
            let this = Side { data: &mine, standings: &here };
            let other = Side { data: &theirs, standings: &there };
            let settled = settle(this, other, &BTreeMap::new());
            for (name, value) in mine.iter().chain(theirs.iter()) {
                let is_there = settled.data.get(name) == Some(value) || settled.lost.get(name) == Some(value);
                prop_assert!(is_there, "{} {}", name, value);
            }
        }
    }
}
