//! Families: who belongs to one household and buys one car is one customer for whoever looks after them.

use marque_sdk::{Data, Filter, Id, Record, Result, view};
use serde::{Deserialize, Serialize};

use crate::lead::{KIND, Lead, open};

const MEMBER: &str = "parties.member";

/// What ties the guest to the customer of a lead: the evidence of a collision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Family {
    /// The household both belong to.
    pub household: Id,
    /// The customer whose lead it is.
    pub customer: Id,
    /// What that customer is in it, `self`.
    pub relation: String,
    /// What the guest is in it, `spouse`.
    pub guest_relation: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Member {
    household: Id,
    customer: Id,
    relation: String,
    to: Option<String>,
}

impl Member {
    /// Spouses, parents and children are confirmed family; whoever merely lives there is not.
    fn is_close(&self) -> bool {
        self.to.is_none() && matches!(self.relation.as_str(), "self" | "spouse" | "child" | "parent")
    }
}

/// More than live in one house.
const MOST: u32 = 50;

/// The open lead of somebody of the customer's household who buys the same car here, the oldest first.
pub fn lead_of(customer: &str, org: &str, model: Option<&str>) -> Result<Option<(Lead, Family)>> {
    // The feature may not be installed; then nobody is known to be family.
    let Ok(mine) = members(Filter::eq("customer", customer)) else { return Ok(None) };
    let Some(me) = mine.into_iter().map(|member| member.data).find(Member::is_close) else { return Ok(None) };
    let others = members(Filter::eq("household", me.household.as_str()))?.into_iter().map(|member| member.data);
    let others: Vec<Member> = others.filter(|other| other.is_close() && other.customer != customer).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let theirs = Filter::is_in("customer", others.iter().map(|other| other.customer.as_str()));
    let leads = open().and(theirs).and(Filter::eq("org", org));
    let leads = view::find::<Data>(KIND).filter(leads).order("created_at").limit(MOST).page()?.items;
    let found = leads.into_iter().map(Lead::from).find(|lead| is_same(lead.text("model"), model));
    Ok(found.and_then(|lead| {
        let other = others.into_iter().find(|other| lead.customer() == Some(&other.customer))?;
        let family = Family {
            household: me.household,
            customer: other.customer,
            relation: other.relation,
            guest_relation: me.relation,
        };
        Some((lead, family))
    }))
}

fn members(of: Filter) -> Result<Vec<Record<Member>>> {
    Ok(view::find::<Member>(MEMBER).filter(of).limit(MOST).page()?.items)
}

/// Two cars are two purchases; where one of the two has not said which, it is taken for the same.
fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    let plain = |model: &str| model.split_whitespace().collect::<String>().to_lowercase();
    match (one.map(plain), other.map(plain).filter(|other| !other.is_empty())) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_car_is_another_purchase() {
        assert!(is_same(Some("C5 X"), Some("c5x")));
        assert!(is_same(Some("C5"), None));
        assert!(is_same(None, Some("C5")));
        assert!(is_same(Some("C5"), Some(" ")));
        assert!(!is_same(Some("C5"), Some("C3")));
    }

    #[test]
    fn who_has_moved_out_or_merely_lives_there_is_no_family() {
        let member = |relation: &str, to: Option<&str>| Member {
            relation: relation.into(),
            to: to.map(str::to_owned),
            ..Member::default()
        };
        assert!(member("spouse", None).is_close());
        assert!(!member("spouse", Some("2026-01-01")).is_close());
        assert!(!member("other", None).is_close());
    }
}
