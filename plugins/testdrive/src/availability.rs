//! Which times of a day are free, car by car: what a desk looks at with the customer on the telephone, and what the page offers.

use marque_sdk::{Date, Id, Record, Result, Value, json};
use serde::Deserialize;

use crate::{
    car::{self, Car},
    desk::Desk,
    slot::Slot,
};
use marque_sdk::moment;

/// Input of `free`; see plugin.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Free {
    model: String,
    day: Date,
    minutes: Option<i64>,
}

/// The times at which somebody can begin, car by car.
pub fn free(desk: &Desk, input: &Free) -> Result<Value> {
    let minutes = input.minutes.unwrap_or(desk.settings.drive_minutes);
    let mut items = Vec::new();
    for one in car::of_model(&desk.call.org, &input.model)? {
        let id: Id = one.id.clone();
        let name = one.data.name.clone();
        let times = times(desk, &[one], input.day, minutes)?;
        items.push(json!({ "car": id, "name": name, "times": times }));
    }
    Ok(json!({ "day": input.day, "items": items }))
}

/// The times of a day that the house offers and at which one of these cars is free.
pub fn times(desk: &Desk, cars: &[Record<Car>], day: Date, minutes: i64) -> Result<Vec<String>> {
    let mut times = Vec::new();
    for time in &desk.settings.page_times {
        let slot = Slot::new(&moment::at(day, time, &desk.call)?, minutes)?;
        if slot.start.as_str() > desk.now() && car::is_any_free(desk, cars, &slot)? {
            times.push(time.clone());
        }
    }
    Ok(times)
}
