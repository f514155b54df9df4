//! Who has which role at a vehicle: opened, closed, never two owners at once.

use marque_sdk::{Date, Fault, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    people,
    vehicle::{self, File, Vehicle},
    warranty,
};

/// The kind's name.
pub const KIND: &str = "vehicles.ownership";
/// More people than ever had to do with one vehicle at a time.
const MANY: u32 = 200;

/// What of an ownership counts here.
#[derive(Clone, Debug, Deserialize)]
pub struct Ownership {
    /// The vehicle.
    pub vehicle: Id,
    /// The person or company.
    pub customer: Id,
    /// As what.
    pub role: Role,
    /// Since when.
    pub from: Date,
    /// Until when.
    pub to: Option<Date>,
}

/// What somebody is at a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one it is registered to.
    Owner,
    /// Owns it too.
    CoOwner,
    /// Drives it.
    Driver,
    /// Pays for its use.
    Lessee,
    /// Lets it.
    LeasingCompany,
}

impl Role {
    /// Whether it makes a customer an owner.
    pub fn owns(self) -> bool {
        matches!(self, Role::Owner | Role::CoOwner)
    }

    fn code(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::CoOwner => "co_owner",
            Role::Driver => "driver",
            Role::Lessee => "lessee",
            Role::LeasingCompany => "leasing_company",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Role::Owner => "车主",
            Role::CoOwner => "共有人",
            Role::Driver => "驾驶人",
            Role::Lessee => "承租人",
            Role::LeasingCompany => "租赁公司",
        }
    }

    /// What no two open ownerships share, which the core sees to: one owner a vehicle, each other role once a person.
    fn slot(self, vehicle: &str, customer: &str) -> String {
        match self {
            Role::Owner => format!("{vehicle}:owner"),
            other => format!("{vehicle}:{}:{customer}", other.code()),
        }
    }
}

/// How a vehicle was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purchase {
    /// Their first.
    First,
    /// One more.
    Additional,
    /// In place of another.
    Replacement,
    /// From somebody else.
    Used,
}

/// The open roles at a vehicle.
pub fn open_at(vehicle: &str) -> Result<Vec<Record<Ownership>>> {
    let open = Filter::eq("vehicle", vehicle).and(Filter::empty("to"));
    Ok(view::find(KIND).filter(open).limit(MANY).page()?.items)
}

/// The open owner among some roles.
pub fn owner(open: &[Record<Ownership>]) -> Option<&Record<Ownership>> {
    open.iter().find(|one| one.data.role == Role::Owner)
}

/// A role to be opened.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The vehicle.
    pub vehicle: &'a File,
    /// For whom.
    pub customer: &'a str,
    /// As what.
    pub role: Role,
    /// Since when.
    pub from: Date,
    /// How it was bought, if that is known; for owners it is found out otherwise.
    pub purchase: Option<Purchase>,
}

/// Opens a role; answers the id of the ownership.
pub fn open(opening: &Opening<'_>) -> Result<Id> {
    let Opening { vehicle, customer, role, from, purchase } = *opening;
    let person = people::load(customer)?;
    let purchase = match (role, purchase) {
        (Role::Owner, None) => Some(find_out(vehicle, customer)?),
        (_, given) => given,
    };
    let id = new_id();
    let create = record::create(KIND)
        .id(&id)
        .org(&person.org)
        .field("title", format!("{} {}", vehicle.data.title(), role.label()))
        .field("vehicle", &vehicle.id)
        .field("customer", customer)
        .field("role", role)
        .field("from", from)
        .field("slot", role.slot(&vehicle.id, customer));
    purchase.iter().fold(create, |create, purchase| create.field("purchase_kind", purchase)).stage()?;
    people::has_taken(&person, role)?;
    Ok(id)
}

/// A vehicle that had an owner is used; who has another open one has bought one more.
fn find_out(vehicle: &File, customer: &str) -> Result<Purchase> {
    let had_owner = Filter::eq("vehicle", vehicle.id.as_str()).and(Filter::eq("role", Role::Owner.code()));
    if view::find::<Ownership>(KIND).filter(had_owner).exists()? {
        return Ok(Purchase::Used);
    }
    let has_another =
        Filter::eq("customer", customer).and(Filter::empty("to")).and(Filter::eq("role", Role::Owner.code()));
    let has_another = view::find::<Ownership>(KIND).filter(has_another).exists()?;
    Ok(if has_another { Purchase::Additional } else { Purchase::First })
}

/// Closes a role as of a day, and sees to what the customer is from then on.
pub fn close(one: &Record<Ownership>, to: Date) -> Result<()> {
    if to < one.data.from {
        let message = format!("the role began on {}: it cannot end on {to}, choose a later day", one.data.from);
        return Err(Fault::at("to_before_from", "/date", message));
    }
    record::change(KIND, &one.id).if_rev(one.rev).field("to", to).field("slot", Value::Null).stage()?;
    if one.data.role.owns() {
        people::has_left(&one.data.customer, &one.id)?;
    }
    Ok(())
}

/// The people besides the owner, each once, as the vehicle shows them.
pub fn users<'a>(open: impl Iterator<Item = (Role, &'a str)>) -> Vec<&'a str> {
    let mut users: Vec<&str> = Vec::new();
    for (role, customer) in open {
        if role != Role::Owner && !users.contains(&customer) {
            users.push(customer);
        }
    }
    users
}

/// Roles as pairs, for [`users`].
pub fn pairs(open: &[Record<Ownership>]) -> impl Iterator<Item = (Role, &str)> {
    open.iter().map(|one| (one.data.role, one.data.customer.as_str()))
}

/// Input of `end_role`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndRole {
    date: Option<String>,
}

/// Ends the role of somebody who is not the owner.
pub fn end_role(desk: &Desk, id: &str, input: EndRole) -> Result<Value> {
    let one = view::require::<Ownership>(KIND, id)?;
    if one.data.to.is_some() {
        return Err(Fault::new("role_ended", "this role has ended already"));
    }
    if one.data.role == Role::Owner {
        return Err(Fault::new(
            "owner_stays",
            "an owner gives a vehicle up by transfer, trade-in, scrapping or export",
        ));
    }
    let to = desk.day(input.date.as_deref(), "/date")?;
    let vehicle = File::load(&one.data.vehicle)?;
    let left = open_at(&vehicle.id)?.into_iter().filter(|other| other.id != one.id).collect::<Vec<_>>();
    close(&one, to)?;
    vehicle::save(&vehicle, None, vehicle::patch(json!({ "users": users(pairs(&left)) })))?;
    Ok(json!({ "ownership": one.id }))
}

/// Closes every open role at a vehicle, as it leaves its people.
pub fn close_all(desk: &Desk, vehicle: &File, to: Date, status: &str) -> Result<()> {
    for one in open_at(&vehicle.id)? {
        close(&one, to)?;
    }
    let after = Vehicle { status: status.into(), customer: None, ..vehicle.data.clone() };
    warranty::watch(desk, &vehicle.id, Some(&vehicle.data), &after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roles_are_those_of_the_kind() {
        let kind: Value = serde_json::from_str(include_str!("../records/vehicles.ownership.json")).unwrap();
        let known = kind["fields"]["role"]["values"].as_array().unwrap();
        let roles = [Role::Owner, Role::CoOwner, Role::Driver, Role::Lessee, Role::LeasingCompany];
        for (value, role) in known.iter().zip(roles) {
            assert_eq!(value["value"], role.code());
            assert_eq!(value["label"]["zh-CN"], role.label());
            assert_eq!(json!(role), role.code());
        }
        assert_eq!(known.len(), roles.len());
    }

    #[test]
    fn a_vehicle_has_one_place_for_an_owner_and_one_for_each_driver() {
        assert_eq!(Role::Owner.slot("v1", "c1"), Role::Owner.slot("v1", "c2"));
        assert_ne!(Role::Driver.slot("v1", "c1"), Role::Driver.slot("v1", "c2"));
        assert_ne!(Role::Driver.slot("v1", "c1"), Role::Lessee.slot("v1", "c1"));
    }

    #[test]
    fn a_driver_who_leases_it_too_is_one_person() {
        let open = [(Role::Owner, "c1"), (Role::Driver, "c2"), (Role::Lessee, "c2"), (Role::CoOwner, "c3")];
        assert_eq!(users(open.into_iter()), ["c2", "c3"]);
    }
}
