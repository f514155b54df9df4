//! A vehicle passes from one owner to the next, and others come to drive it.

use marque_sdk::{Fault, Id, Result, Value, event, json, record};
use serde::Deserialize;

use crate::{
    desk::Desk,
    ownership::{self, Opening, Purchase, Role},
    register,
    vehicle::{self, File, KIND, Vehicle},
    warranty,
};

/// Input of `transfer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    customer: Id,
    date: Option<String>,
    purchase_kind: Option<Purchase>,
    #[serde(default)]
    keep_users: bool,
}

/// Input of `add_user`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddUser {
    customer: Id,
    role: Role,
    from: Option<String>,
}

/// Closes the old ownership and opens the new one, both in one commit. Who drove it for the old owner drives it no
/// more unless told otherwise: nobody of the old owner's house is shown to the new one.
pub fn transfer(desk: &Desk, vehicle: &File, input: Transfer) -> Result<Value> {
    let on = desk.day(input.date.as_deref(), "/date")?;
    let open = ownership::open_at(&vehicle.id)?;
    let old = ownership::owner(&open);
    if old.is_some_and(|old| old.data.customer == input.customer) {
        return Err(Fault::at("owner_same", "/customer", "this customer is the owner already: choose the new one"));
    }
    // A co-owner who takes the whole is not both.
    let stays = |role: Role, customer: &str| input.keep_users && role != Role::Owner && customer != input.customer;
    let (kept, ended): (Vec<_>, Vec<_>) = open.iter().partition(|one| stays(one.data.role, &one.data.customer));
    for one in ended {
        ownership::close(one, on)?;
    }
    let kept = kept.iter().map(|one| (one.data.role, one.data.customer.as_str()));
    // In two steps, so that no revision on the new owner's timeline says who had it before.
    vehicle::save(vehicle, None, vehicle::patch(json!({ "customer": null, "users": ownership::users(kept) })))?;
    record::change(KIND, &vehicle.id).field("customer", &input.customer).stage()?;
    let after = Vehicle { customer: Some(input.customer.clone()), ..vehicle.data.clone() };
    let purchase = Some(input.purchase_kind.unwrap_or(Purchase::Used));
    let opening = Opening { vehicle, customer: &input.customer, role: Role::Owner, from: on, purchase };
    let opened = ownership::open(&opening)?;
    warranty::watch(desk, &vehicle.id, Some(&vehicle.data), &after)?;

    let told = event::raise("vehicles.ownership.transferred").record(&vehicle.named()).subject(&input.customer);
    told.field("ownership", &opened).field("closed", old.map(|old| &old.id)).field("date", on).stage()?;
    Ok(json!({ "id": vehicle.id, "ownership": opened, "closed": old.map(|old| &old.id) }))
}

/// Somebody else comes to the vehicle: a driver, a co-owner, who pays for it, who lets it.
pub fn add_user(desk: &Desk, vehicle: &File, input: AddUser) -> Result<Value> {
    let AddUser { customer, role, from } = input;
    let open = ownership::open_at(&vehicle.id)?;
    // Who owns it all cannot own a part of it besides.
    let holds = |held: Role| held == role || (held == Role::Owner && role == Role::CoOwner);
    if open.iter().any(|one| holds(one.data.role) && one.data.customer == customer) {
        return Err(Fault::at("role_held", "/customer", "this customer has that role at the vehicle already"));
    }
    let from = desk.day(from.as_deref(), "/from")?;
    let mut patch = vehicle::patch(json!({}));
    register::join(vehicle, &customer, role, &mut patch)?;
    vehicle::save(vehicle, None, patch)?;
    let opened = ownership::open(&Opening { vehicle, customer: &customer, role, from, purchase: None })?;
    Ok(json!({ "id": vehicle.id, "ownership": opened }))
}
