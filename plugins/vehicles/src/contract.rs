//! Service contracts: so many visits or until a day, whichever comes first.

use marque_sdk::{Date, Fault, Id, Outcome, Result, Value, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{
    desk::{self, Desk},
    people,
    vehicle::File,
};

/// The kind's name.
pub const KIND: &str = "vehicles.contract";

/// What of a contract counts here.
#[derive(Debug, Deserialize)]
struct Contract {
    state: String,
    to: Date,
    visits_left: Option<i64>,
}

/// Input of `sign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    vehicle: Id,
    customer: Option<Id>,
    kind: String,
    name: String,
    from: Option<String>,
    to: String,
    km: Option<i64>,
    visits: Option<i64>,
}

/// Input of `end`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    reason: String,
}

/// Makes a contract with the vehicle's owner, or somebody else who pays.
pub fn sign(desk: &Desk, input: Sign) -> Result<Value> {
    let vehicle = File::load(&input.vehicle)?;
    if vehicle.data.is_gone() {
        let message = format!("the vehicle is {}: there is nothing left to serve", vehicle.data.status);
        return Err(Fault::at("vehicle_gone", "/vehicle", message));
    }
    let Some(customer) = input.customer.as_ref().or(vehicle.data.customer.as_ref()) else {
        return Err(Fault::at("customer_missing", "/customer", "nobody owns this vehicle: say whose contract it is"));
    };
    let person = people::load(customer)?;
    let from = match &input.from {
        Some(text) => desk::day(text, "/from")?,
        None => desk.today,
    };
    let to = desk::day(&input.to, "/to")?;
    if to < from.max(desk.today) {
        return Err(Fault::at("contract_over", "/to", format!("the contract ends on {to}: choose a day to come")));
    }
    let id = new_id();
    let create = record::create(KIND)
        .id(&id)
        .org(&person.org)
        .field("name", input.name.trim())
        .field("vehicle", &vehicle.id)
        .field("customer", customer)
        .field("kind", &input.kind)
        .field("from", from)
        .field("to", to);
    let create = input.km.iter().fold(create, |create, km| create.field("km", km));
    let visits = input.visits.iter();
    visits.fold(create, |create, visits| create.field("visits", visits).field("visits_left", visits)).stage()?;
    timer::set(&format!("contract:{id}"), &to.plus_days(1).morning()).subject(customer.as_str()).stage()?;
    Ok(json!({ "contract": id }))
}

/// One visit less; the last one uses it up.
pub fn use_visit(id: &str) -> Result<Value> {
    let contract = view::require::<Contract>(KIND, id)?;
    let Some(left) = contract.data.visits_left else {
        return Err(Fault::new(
            "visits_not_counted",
            "this contract does not count visits: it runs until its last day",
        ));
    };
    let (left, write) = match left - 1 {
        0 => (0, record::mov(KIND, id, "use_up")),
        left => (left, record::change(KIND, id)),
    };
    write.if_rev(contract.rev).field("visits_left", left).stage()?;
    if left == 0 {
        timer::cancel(&format!("contract:{id}")).stage()?;
    }
    Ok(json!({ "contract": id, "visits_left": left }))
}

/// Ends it before its time.
pub fn end(id: &str, input: End) -> Result<Value> {
    let reason = input.reason.trim();
    if reason.is_empty() {
        return Err(Fault::at("reason_missing", "/reason", "say why the contract ends"));
    }
    record::mov(KIND, id, "end").field("end_reason", reason).stage()?;
    timer::cancel(&format!("contract:{id}")).stage()?;
    Ok(json!({ "contract": id }))
}

/// Its last day is over.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    match view::get::<Contract>(KIND, id)? {
        Some(contract) if contract.data.state == "active" && contract.data.to < desk.today => {
            record::mov(KIND, id, "expire").if_rev(contract.rev).stage()?;
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::Skip),
    }
}
