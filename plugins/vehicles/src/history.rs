//! The technical history: what whoever drives or repairs a vehicle may know, without a word about its people.

use marque_sdk::{Data, Filter, Map, Result, Value, json, view};

use crate::{
    odometer,
    vehicle::{File, KIND},
};

/// What describes the vehicle and nobody at it. Plates are left out: they lead to people.
const FIELDS: [&str; 17] = [
    "vin",
    "brand",
    "model",
    "config",
    "model_year",
    "energy",
    "colour_ext",
    "colour_int",
    "production_date",
    "odometer",
    "odometer_at",
    "odometer_flag",
    "warranty_until",
    "warranty_km",
    "sanbao_until",
    "sanbao_km",
    "status",
];
/// What describes a reading and not who took it, nor for whom.
const READING: [&str; 4] = ["km", "at", "source", "lower"];
/// Readings told of, the newest.
const MANY: u32 = 200;

/// Answers the vehicle's technical fields and readings.
pub fn technical(vehicle: &File) -> Result<Value> {
    let file = view::require::<Data>(KIND, &vehicle.id)?.data;
    let readings = view::find::<Data>(odometer::KIND).filter(Filter::eq("vehicle", vehicle.id.as_str()));
    let readings = readings.order("-at").limit(MANY).page()?.items;
    let readings: Vec<_> = readings.iter().map(|reading| pick(&reading.data, &READING)).collect();
    Ok(json!({ "vehicle": pick(&file, &FIELDS), "readings": readings }))
}

fn pick(data: &Data, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), data.get(*name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_personal_is_told() {
        let kind: Value = serde_json::from_str(include_str!("../records/vehicles.vehicle.json")).unwrap();
        for name in FIELDS.iter().filter(|name| **name != "vin") {
            let field = &kind["fields"][name];
            assert!(field.is_object() && field["personal"] != true && field["type"] != "ref", "{name}");
        }
    }
}
