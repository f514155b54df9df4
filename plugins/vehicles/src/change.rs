//! What is said of a vehicle itself: model, colours, dates. The dates move its warranties.

use marque_sdk::{Data, Result, Value, json};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{self, Desk},
    vehicle::{self, File},
    warranty,
};

/// Facts as they are typed; an empty text takes one away.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    brand: Option<String>,
    model: Option<String>,
    config: Option<String>,
    model_year: Option<i64>,
    energy: Option<String>,
    colour_ext: Option<String>,
    colour_int: Option<String>,
    engine_no: Option<String>,
    production_date: Option<String>,
    wholesale_dealer: Option<String>,
    /// When it was invoiced first.
    pub invoice_date: Option<String>,
    /// When it was handed over first.
    pub delivery_date: Option<String>,
    telematics_consent: Option<bool>,
    note: Option<String>,
}

const DATES: [&str; 3] = ["production_date", "invoice_date", "delivery_date"];

impl Facts {
    /// What was given, as fields to change.
    pub fn patch(&self, desk: &Desk) -> Result<Data> {
        let mut patch = vehicle::patch(serde_json::to_value(self)?);
        patch.retain(|_, value| !value.is_null());
        for (name, value) in &mut patch {
            match value.as_str().map(str::trim) {
                Some("") => *value = Value::Null,
                Some(text) if DATES.contains(&name.as_str()) => {
                    let pointer = format!("/{name}");
                    *value = json!(desk.past(desk::day(text, &pointer)?, &pointer)?);
                }
                Some(text) => *value = json!(text),
                None => {}
            }
        }
        Ok(patch)
    }
}

/// Changes facts of a vehicle.
pub fn change(desk: &Desk, vehicle: &File, facts: Facts) -> Result<Value> {
    let mut patch = facts.patch(desk)?;
    settle(desk, vehicle, &mut patch)?;
    vehicle::save(vehicle, None, patch)?;
    Ok(json!({ "id": vehicle.id }))
}

/// Adds to changed facts what follows from them, and refuses what cannot be.
pub fn settle(desk: &Desk, vehicle: &File, patch: &mut Data) -> Result<()> {
    let after = vehicle.data.with(patch)?;
    vehicle::check_dates(&after)?;
    warranty::follow(&desk.settings, Some(&vehicle.data), &after, patch);
    warranty::watch(desk, &vehicle.id, Some(&vehicle.data), &vehicle.data.with(patch)?)
}
