//! Relations: who referred whom, who is married to whom, who drives for whom.

use marque_sdk::{Date, Fault, Id, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::desk::{self, Desk};

/// The kind's name.
const KIND: &str = "parties.relation";

/// What the customer is to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bond {
    Referred,
    Spouse,
    Parent,
    Colleague,
    Employer,
    DriverOf,
    Friend,
    Influencer,
}

impl Bond {
    /// Whether it holds the other way round as well, and so stands once between two.
    fn is_mutual(self) -> bool {
        matches!(self, Bond::Spouse | Bond::Colleague | Bond::Friend)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Bond::Referred => ("referred", "推荐"),
            Bond::Spouse => ("spouse", "配偶"),
            Bond::Parent => ("parent", "父母"),
            Bond::Colleague => ("colleague", "同事"),
            Bond::Employer => ("employer", "雇主"),
            Bond::DriverOf => ("driver_of", "司机"),
            Bond::Friend => ("friend", "朋友"),
            Bond::Influencer => ("influencer", "影响"),
        }
    }

    /// The same for the same two people, in whichever order a mutual bond is told.
    fn slot(self, customer: &str, other: &str) -> String {
        let (one, two) = if self.is_mutual() && other < customer { (other, customer) } else { (customer, other) };
        format!("{one}:{}:{two}", self.words().0)
    }
}

/// Input of `relate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relate {
    customer: Id,
    kind: Bond,
    other: Id,
    since: Option<String>,
    proof: Option<String>,
}

#[derive(Deserialize)]
struct Relation {
    until: Option<Date>,
}

/// Notes that the customer is something to the other.
pub fn relate(desk: &Desk, input: Relate) -> Result<Value> {
    let Relate { customer, kind, other, since, proof } = input;
    if customer == other {
        return Err(Fault::at(
            "relation_to_self",
            "/other",
            "choose another customer: nobody is related to themselves",
        ));
    }
    let (person, to) = (desk::customer(&customer, "/customer")?, desk::customer(&other, "/other")?);
    let slot = kind.slot(&customer, &other);
    let known = view::find::<Relation>(KIND).filter(marque_sdk::Filter::eq("slot", slot.as_str()));
    if known.exists()? {
        return Err(Fault::at("relation_known", "/other", "this relation stands between the two already"));
    }
    let since = since.as_deref().map(|since| past(desk, since)).transpose()?;
    let id = new_id();
    let create = record::create(KIND)
        .id(&id)
        .org(&person.org)
        .field("title", format!("{} {} {}", person.data.name, kind.words().1, to.data.name))
        .field("customer", customer)
        .field("kind", kind)
        .field("other", other)
        .field("slot", slot);
    let create = since.iter().fold(create, |create, since| create.field("since", since));
    proof.iter().fold(create, |create, proof| create.field("proof", proof)).stage()?;
    Ok(json!({ "relation": id }))
}

fn past(desk: &Desk, text: &str) -> Result<Date> {
    let day: Date = text.parse().map_err(|fault: Fault| Fault::at("date_invalid", "/since", fault.message))?;
    if day > desk.today {
        return Err(Fault::at("date_in_future", "/since", format!("{day} has not come yet")));
    }
    Ok(day)
}

/// It holds no more.
pub fn end(desk: &Desk, id: &str) -> Result<Value> {
    let relation = view::require::<Relation>(KIND, id)?;
    if let Some(until) = relation.data.until {
        return Err(Fault::new("relation_ended", format!("this relation ended on {until}")));
    }
    record::change(KIND, id).if_rev(relation.rev).field("until", desk.today).field("slot", Value::Null).stage()?;
    Ok(json!({ "relation": id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marriage_is_one_whoever_tells_of_it_and_a_referral_is_not() {
        assert_eq!(Bond::Spouse.slot("c1", "c2"), Bond::Spouse.slot("c2", "c1"));
        assert_eq!(Bond::Friend.slot("c1", "c2"), Bond::Friend.slot("c2", "c1"));
        assert_ne!(Bond::Referred.slot("c1", "c2"), Bond::Referred.slot("c2", "c1"));
        assert_ne!(Bond::Parent.slot("c1", "c2"), Bond::Parent.slot("c2", "c1"));
        assert_ne!(Bond::Spouse.slot("c1", "c2"), Bond::Friend.slot("c1", "c2"));
    }

    #[test]
    fn the_bonds_are_those_of_the_kind() {
        let kind: Value = serde_json::from_str(include_str!("../records/parties.relation.json")).unwrap();
        for value in kind["fields"]["kind"]["values"].as_array().unwrap() {
            let bond = Bond::deserialize(&value["value"]).unwrap();
            assert_eq!(value["value"], bond.words().0);
        }
    }
}
