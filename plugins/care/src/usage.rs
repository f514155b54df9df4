//! How much a vehicle is driven, as its customer says: what counts until two readings tell.

use marque_sdk::{Fault, Filter, Id, Outcome, Result, Value, json, new_id, record, timer, view};
use serde::Deserialize;

use crate::{desk::Desk, reminder, vehicle};

const KIND: &str = "care.usage";

#[derive(Debug, Deserialize)]
struct Usage {
    km_day: i64,
}

/// Input of `state_usage`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    vehicle: Id,
    km_day: i64,
}

/// What the customer has said, if anything.
pub fn stated(vehicle: &str) -> Result<Option<i64>> {
    let of = Filter::eq("vehicle", vehicle);
    Ok(view::find::<Usage>(KIND).filter(of).first()?.map(|usage| usage.data.km_day))
}

/// Writes it down; what is due is worked out again.
pub fn state(desk: &Desk, input: &State) -> Result<Value> {
    let unknown = || Fault::at("vehicle_unknown", "/vehicle", "there is no such vehicle here");
    let file = vehicle::load(&input.vehicle)?.ok_or_else(unknown)?;
    let before = view::find::<Usage>(KIND).filter(Filter::eq("vehicle", input.vehicle.as_str())).first()?;
    let id = before.as_ref().map_or_else(new_id, |before| before.id.clone());
    let mut write = match &before {
        Some(before) => record::change(KIND, &before.id).if_rev(before.rev),
        None => record::create(KIND)
            .id(id.as_str())
            .org(&file.org)
            .field("vehicle", &input.vehicle)
            .field("slot", format!("usage:{}", input.vehicle)),
    };
    write = write.field("km_day", input.km_day).field("stated_at", desk.now());
    desk.me().into_iter().fold(write, |write, me| write.field("by", me)).stage()?;
    again(desk, &file.id, file.data.customer.as_deref())?;
    Ok(json!({ "id": id }))
}

/// What was just written is not read in the same call: a minute later the vehicle is looked at again.
fn again(desk: &Desk, vehicle: &str, customer: Option<&str>) -> Result<()> {
    let timer = timer::set(&format!("follow:{vehicle}"), &desk.soon()?).field("vehicle", vehicle);
    customer.into_iter().fold(timer, |timer, customer| timer.subject(customer)).stage()
}

/// That minute is over.
pub fn follow(desk: &Desk, vehicle: &str) -> Result<Outcome> {
    let Some(file) = vehicle::load(vehicle)? else { return Ok(Outcome::Skip) };
    reminder::follow(desk, &file)?;
    Ok(Outcome::Done)
}
