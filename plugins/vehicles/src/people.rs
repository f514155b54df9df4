//! What a customer becomes with a vehicle, and without it: owner, past owner, user.

use marque_sdk::{Fault, Filter, Record, Result, record, view};
use serde::Deserialize;

use crate::ownership::{self, Ownership, Role};

/// What of a customer counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// `prospect`, `owner` … Companies and partners stay what they are.
    #[serde(default)]
    pub r#type: String,
}

const KIND: &str = "customer";

/// A customer of these organisations.
pub fn load(id: &str) -> Result<Record<Person>> {
    view::get(KIND, id)?.ok_or_else(|| {
        Fault::at("customer_unknown", "/customer", format!("there is no customer {id:?} here: choose one of yours"))
    })
}

/// Somebody has taken a role at a vehicle.
pub fn has_taken(person: &Record<Person>, role: Role) -> Result<()> {
    match after_taking(&person.data.r#type, role) {
        Some(r#type) => record::change(KIND, &person.id).field("type", r#type).stage(),
        None => Ok(()),
    }
}

/// Somebody owns a vehicle no more. Who owns another one still, stays an owner.
pub fn has_left(id: &str, ended: &str) -> Result<()> {
    let Some(person) = view::get::<Person>(KIND, id)?.filter(|person| person.data.r#type == "owner") else {
        return Ok(());
    };
    let open = Filter::eq("customer", id).and(Filter::empty("to")).and(Filter::is_in("role", ["owner", "co_owner"]));
    let open = view::find::<Ownership>(ownership::KIND).filter(open).limit(2).page()?.items;
    if open.iter().any(|other| other.id != ended) {
        return Ok(());
    }
    record::change(KIND, &person.id).field("type", "past_owner").stage()
}

fn after_taking(r#type: &str, role: Role) -> Option<&'static str> {
    match (r#type, role) {
        ("prospect" | "past_owner" | "user", Role::Owner | Role::CoOwner) => Some("owner"),
        ("prospect", Role::Driver | Role::Lessee) => Some("user"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vehicle_makes_an_owner_and_a_wheel_a_user() {
        assert_eq!(after_taking("prospect", Role::Owner), Some("owner"));
        assert_eq!(after_taking("past_owner", Role::CoOwner), Some("owner"));
        assert_eq!(after_taking("prospect", Role::Driver), Some("user"));
        assert_eq!(after_taking("owner", Role::Driver), None, "an owner who drives another's car stays one");
        assert_eq!(after_taking("past_owner", Role::Driver), None);
    }

    #[test]
    fn companies_and_partners_stay_what_they_are() {
        for r#type in ["company", "partner", "dealer_as_customer"] {
            assert_eq!(after_taking(r#type, Role::Owner), None, "{type}");
        }
    }
}
