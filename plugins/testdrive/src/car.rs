//! Demo cars: which one is there for a slot, and the guard that keeps two desks from taking it at once.

use marque_sdk::{Date, Filter, Id, Record, Result, record, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse_at},
    drive, log_use,
    slot::{Slot, free_from},
};
use marque_sdk::moment;

/// The kind's name.
pub const KIND: &str = "testdrive.car";
/// More than any dealer has.
const MANY: usize = 500;
/// No drive or use of a car is longer than this, in minutes; set by the forms.
const LONGEST: i64 = 31 * 1_440;

/// What of a car counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Car {
    /// What people call it.
    pub name: String,
    /// What it is.
    pub model: String,
    /// `in_use`, `out_of_service`, `retired`.
    pub status: String,
    /// `automatic` or `manual`.
    pub gearbox: String,
    /// What it has run.
    pub odometer: Option<i64>,
    insured_until: Option<Date>,
    inspected_until: Option<Date>,
}

impl Car {
    /// Why it may not be driven on a day.
    fn barred(&self, day: Date) -> Option<&'static str> {
        let is_over = |until: Option<Date>| until.is_some_and(|until| until < day);
        if self.status != "in_use" {
            Some("car_out_of_service")
        } else if is_over(self.insured_until) {
            Some("car_uninsured")
        } else if is_over(self.inspected_until) {
            Some("car_uninspected")
        } else {
            None
        }
    }
}

/// A car by its id.
pub fn load(pointer: &str, id: &str) -> Result<Record<Car>> {
    match view::get(KIND, id)? {
        Some(car) => Ok(car),
        None => refuse_at("car_unknown", pointer, format!("there is no demo car {id:?} here")),
    }
}

/// Cars of a model at a dealer that are in use.
pub fn of_model(org: &str, model: &str) -> Result<Vec<Record<Car>>> {
    let here = Filter::eq("org", org).and(Filter::eq("status", "in_use"));
    let mut cars = view::find::<Car>(KIND).filter(here).order("name").up_to(MANY)?;
    cars.retain(|car| car.data.model == model);
    Ok(cars)
}

/// The times in which a car is taken around a slot, but for one drive.
pub fn taken(desk: &Desk, car: &str, around: &Slot, but: Option<&str>) -> Result<Vec<Slot>> {
    let (from, to) = (moment::plus(&around.start, -LONGEST)?, moment::plus(&around.end, LONGEST)?);
    let mut taken = drive::slots_of(desk, car, &from, &to, but)?;
    taken.extend(log_use::slots_of(desk, car, &from, &to)?);
    Ok(taken)
}

/// When a car is free for as long as the slot; the slot's own beginning if it is free then.
pub fn when_free(desk: &Desk, car: &str, slot: &Slot, but: Option<&str>) -> Result<String> {
    free_from(slot, &taken(desk, car, slot, but)?, desk.settings.turnaround_minutes)
}

/// Takes a car for a slot, or says from when it is free. The touch lets one of two desks through that ask at the same time.
pub fn take(desk: &Desk, pointer: &str, car: &Record<Car>, slot: &Slot, but: Option<&str>) -> Result<()> {
    if let Some(code) = car.data.barred(Date::of(&slot.start, &desk.call)?) {
        return refuse_at(code, pointer, format!("{} may not be driven then: choose another car", car.data.name));
    }
    let from = when_free(desk, &car.id, slot, but)?;
    if from != slot.start {
        let when = moment::told(&from, &desk.call)?;
        let message = format!("{} is taken then: it is free from {when} ({from})", car.data.name);
        return refuse_at("car_busy", pointer, message);
    }
    record::touch(KIND, &car.id, car.rev).stage()
}

/// The first car of a model that is free, taken; none if there is none.
pub fn take_one(desk: &Desk, org: &str, model: &str, slot: &Slot) -> Result<Option<Id>> {
    let day = Date::of(&slot.start, &desk.call)?;
    for car in of_model(org, model)? {
        if car.data.barred(day).is_none() && when_free(desk, &car.id, slot, None)? == slot.start {
            record::touch(KIND, &car.id, car.rev).stage()?;
            return Ok(Some(car.id));
        }
    }
    Ok(None)
}

/// Whether any car of a model is free for a slot.
pub fn is_any_free(desk: &Desk, cars: &[Record<Car>], slot: &Slot) -> Result<bool> {
    let day = Date::of(&slot.start, &desk.call)?;
    for car in cars.iter().filter(|car| car.data.barred(day).is_none()) {
        if when_free(desk, &car.id, slot, None)? == slot.start {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_car_is_driven_on_the_last_day_of_its_insurance_and_not_after() {
        let car = Car { status: "in_use".into(), insured_until: "2026-06-06".parse().ok(), ..Car::default() };
        assert_eq!(car.barred("2026-06-06".parse().unwrap()), None);
        assert_eq!(car.barred("2026-06-07".parse().unwrap()), Some("car_uninsured"));
        let car = Car { status: "retired".into(), ..Car::default() };
        assert_eq!(car.barred("2026-06-06".parse().unwrap()), Some("car_out_of_service"));
    }
}
