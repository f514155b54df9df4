//! Plates: which one is on a vehicle, which ones it had. One plate is on one vehicle at a time.

use marque_sdk::{Data, Date, Fault, Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    vehicle::{self, File, KIND, PlateSpan, Vehicle},
};

/// Input of `change_plate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePlate {
    plate: Option<String>,
    date: Option<String>,
    #[serde(default)]
    take_over: bool,
    plate_reason: Option<String>,
}

/// As the core stores it: upper case, half width, without the dot.
pub fn normal(text: &str) -> Option<String> {
    let is_kept = |c: &char| !matches!(c, '·' | '•' | '.' | '・' | '‧' | '∙');
    let plate: String = crate::vin::normal(text).chars().filter(is_kept).collect();
    (!plate.is_empty()).then_some(plate)
}

/// Puts another plate on, or takes it off.
pub fn change_plate(desk: &Desk, vehicle: &File, input: ChangePlate) -> Result<Value> {
    let plate = input.plate.as_deref().and_then(normal);
    if plate == vehicle.data.plate {
        let message = match &plate {
            Some(plate) => format!("{plate} is on this vehicle already"),
            None => "this vehicle has no plate: write the one it gets".into(),
        };
        return Err(Fault::at("plate_same", "/plate", message));
    }
    let on = desk.day(input.date.as_deref(), "/date")?;
    if let Some(plate) = &plate {
        free(plate, &vehicle.id, on, input.take_over)?;
    }
    let mut patch = Data::new();
    put(&vehicle.data, plate, Some(on), &mut patch);
    vehicle::save_because(vehicle, None, patch, input.plate_reason.as_deref())?;
    Ok(json!({ "id": vehicle.id }))
}

/// Sees to it that no other vehicle on the road has this plate: takes it off there if told to, else refuses.
pub fn free(plate: &str, vehicle: &str, on: Date, take_over: bool) -> Result<()> {
    let holders = Filter::eq("plate", plate).and(Filter::not_in("status", ["scrapped", "exported"]));
    for holder in view::find::<Vehicle>(KIND).filter(holders).limit(10).page()?.items {
        let holder = File::from(holder);
        if holder.id == vehicle {
            continue;
        }
        if !take_over {
            let message = format!("{plate} is on {}: tick that it comes from there, or correct it", holder.data.vin);
            return Err(Fault::at("plate_taken", "/plate", message));
        }
        let mut patch = Data::new();
        put(&holder.data, None, Some(on), &mut patch);
        vehicle::save(&holder, None, patch)?;
    }
    Ok(())
}

/// The plate and its history as fields to change.
pub fn put(vehicle: &Vehicle, plate: Option<String>, on: Option<Date>, patch: &mut Data) {
    let history = history(&vehicle.plate_history, plate.as_deref(), on);
    patch.insert("plate".into(), json!(plate));
    patch.insert("plate_history".into(), json!(history));
}

fn history(before: &[PlateSpan], plate: Option<&str>, on: Option<Date>) -> Vec<PlateSpan> {
    let mut spans = before.to_vec();
    if let Some(last) = spans.last_mut().filter(|last| last.to.is_none()) {
        last.to = on;
    }
    spans.extend(plate.map(|plate| PlateSpan { plate: plate.into(), from: on, to: None }));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_looked_up_as_it_is_stored() {
        assert_eq!(normal("鄂A·12345").as_deref(), Some("鄂A12345"));
        assert_eq!(normal(" 鄂a d12345 ").as_deref(), Some("鄂AD12345"));
        assert_eq!(normal(" · "), None);
    }

    #[test]
    fn the_history_tells_which_plate_was_on_when() {
        let day = |text: &str| Some(text.parse().unwrap());
        let first = history(&[], Some("鄂A12345"), None);
        let second = history(&first, Some("鄂AD12345"), day("2026-03-13"));
        let off = history(&second, None, day("2026-04-01"));
        assert_eq!(
            json!(off),
            json!([
                { "plate": "鄂A12345", "to": "2026-03-13" },
                { "plate": "鄂AD12345", "from": "2026-03-13", "to": "2026-04-01" },
            ])
        );
    }
}
