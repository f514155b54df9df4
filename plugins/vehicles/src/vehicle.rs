//! A vehicle as read, and how a change of it is put together.

use marque_sdk::{Data, Date, Fault, Filter, Id, Record, RecordRef, Result, Value, json, record, view};
use serde::{Deserialize, Serialize};

use crate::vin;

/// The kind's name.
pub const KIND: &str = "vehicles.vehicle";

/// What of a vehicle counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vehicle {
    /// Its number.
    pub vin: String,
    /// Its plate.
    pub plate: Option<String>,
    /// Where it stands; the moves are in records/vehicles.vehicle.json.
    pub status: String,
    /// Its owner.
    pub customer: Option<Id>,
    /// Others with an open role at it.
    pub users: Vec<Id>,
    /// What it is called.
    pub model: Option<String>,
    /// When it was produced.
    pub production_date: Option<Date>,
    /// When it was invoiced first.
    pub invoice_date: Option<Date>,
    /// When it was handed over first.
    pub delivery_date: Option<Date>,
    /// Its last reading.
    pub odometer: Option<i64>,
    /// How long the maker repairs for nothing.
    pub warranty_until: Option<Date>,
    /// Or so far.
    pub warranty_km: Option<i64>,
    /// The plates it had, the last one without an end.
    pub plate_history: Vec<PlateSpan>,
}

/// A plate and how long it was on the vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateSpan {
    /// The plate.
    pub plate: String,
    /// From when, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Until when; none while it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// A vehicle with its id.
#[derive(Clone, Debug)]
pub struct File {
    /// Its id.
    pub id: Id,
    /// The revision it was read at; none for one that this very call makes.
    pub rev: Option<u32>,
    /// Whose it is.
    pub org: Id,
    /// Its fields.
    pub data: Vehicle,
}

impl From<Record<Vehicle>> for File {
    fn from(Record { id, rev, org, data, .. }: Record<Vehicle>) -> File {
        File { id, rev: Some(rev), org, data }
    }
}

impl File {
    /// A vehicle that must be there.
    pub fn load(id: &str) -> Result<File> {
        view::require(KIND, id).map(File::from)
    }

    /// The vehicle with this number in an organisation.
    pub fn by_vin(vin: &str, org: &Id) -> Result<Option<File>> {
        let own = Filter::eq("vin", vin).and(Filter::eq("org", org.clone()));
        Ok(view::find(KIND).filter(own).first()?.map(File::from))
    }

    /// As events name it.
    pub fn named(&self) -> RecordRef {
        RecordRef { kind: KIND.into(), id: self.id.clone(), rev: self.rev.unwrap_or(1) }
    }
}

impl Vehicle {
    /// Whether it is gone for good.
    pub fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "scrapped" | "exported")
    }

    /// Whether it runs with a customer, who cares about its warranty.
    pub fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "sold" | "owned")
    }

    /// What people call it: `鄂A12345 朗逸`, or the last six of the VIN.
    pub fn title(&self) -> String {
        let name = self.plate.clone().unwrap_or_else(|| vin::tail(&self.vin));
        self.model.iter().fold(name, |name, model| format!("{name} {model}"))
    }

    /// The same with changed fields; `null` takes a value away.
    pub fn with(&self, patch: &Data) -> Result<Vehicle> {
        let mut after = self.clone();
        for (name, value) in patch {
            after.set(name, value)?;
        }
        Ok(after)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<()> {
        match name {
            "plate" => self.plate = Option::deserialize(value)?,
            "model" => self.model = Option::deserialize(value)?,
            "status" => self.status = String::deserialize(value)?,
            "customer" => self.customer = Option::deserialize(value)?,
            "users" => self.users = Option::deserialize(value)?.unwrap_or_default(),
            "production_date" => self.production_date = Option::deserialize(value)?,
            "invoice_date" => self.invoice_date = Option::deserialize(value)?,
            "delivery_date" => self.delivery_date = Option::deserialize(value)?,
            "odometer" => self.odometer = Option::deserialize(value)?,
            "warranty_until" => self.warranty_until = Option::deserialize(value)?,
            "warranty_km" => self.warranty_km = Option::deserialize(value)?,
            _ => {}
        }
        Ok(())
    }
}

/// Stages a change of a vehicle, with its name kept up; nothing when nothing is asked.
pub fn save(vehicle: &File, transition: Option<&str>, patch: Data) -> Result<()> {
    save_because(vehicle, transition, patch, None)
}

/// The same, with why an unusual plate is right all the same.
pub fn save_because(vehicle: &File, transition: Option<&str>, mut patch: Data, plate: Option<&str>) -> Result<()> {
    let after = vehicle.data.with(&patch)?;
    if after.title() != vehicle.data.title() {
        patch.insert("title".into(), json!(after.title()));
    }
    let write = match transition {
        Some(transition) => record::mov(KIND, &vehicle.id, transition),
        None if patch.is_empty() => return Ok(()),
        None => record::change(KIND, &vehicle.id),
    };
    let write = vehicle.rev.into_iter().fold(write, |write, rev| write.if_rev(rev));
    let write = plate.into_iter().fold(write, |write, reason| write.doubtful("plate", reason));
    if patch.is_empty() { write.stage() } else { write.fields(patch).stage() }
}

/// An object as a patch.
pub fn patch(value: Value) -> Data {
    match value {
        Value::Object(object) => object,
        _ => Data::new(),
    }
}

/// Refuse dates that cannot have come in this order.
pub fn check_dates(vehicle: &Vehicle) -> Result<()> {
    let Some(produced) = vehicle.production_date else { return Ok(()) };
    for (field, date) in [("invoice_date", vehicle.invoice_date), ("delivery_date", vehicle.delivery_date)] {
        if let Some(date) = date.filter(|date| *date < produced) {
            let message = format!("{field} {date} lies before the production on {produced}: correct one of them");
            return Err(Fault::at("dates_disordered", &format!("/{field}"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_by_its_plate_or_by_the_end_of_its_number() {
        let mut vehicle =
            Vehicle { vin: "LSGPC52U6TF100001".into(), model: Some("朗逸".into()), ..Vehicle::default() };
        assert_eq!(vehicle.title(), "100001 朗逸");
        vehicle.plate = Some("鄂A12345".into());
        assert_eq!(vehicle.title(), "鄂A12345 朗逸");
    }

    #[test]
    fn nothing_is_sold_before_it_is_built() {
        let on = |text: &str| Some(text.parse().unwrap());
        let mut vehicle =
            Vehicle { production_date: on("2026-01-10"), invoice_date: on("2026-01-10"), ..Vehicle::default() };
        assert!(check_dates(&vehicle).is_ok());
        vehicle.delivery_date = on("2026-01-09");
        assert_eq!(check_dates(&vehicle).unwrap_err().code, "dates_disordered");
    }
}
