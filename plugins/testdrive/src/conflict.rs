//! A car that was promised cannot be driven after all: whoever looks after its drives finds another.

use marque_sdk::{Data, Date, Event, Filter, Outcome, RecordRef, Result, event, view};

use crate::{
    desk::Desk,
    drive::{self, Drive},
    task,
};

const MANY: usize = 500;
/// Drives that have not left yet.
const AHEAD: [&str; 6] = ["requested", "acknowledged", "alternative", "confirmed", "reminded", "checked_in"];

/// A car has changed. One that is out of use, or whose insurance or inspection runs out, has conflicts with what was promised.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    let is_of_use = ["status", "insured_until", "inspected_until"].iter().any(|field| event.changed(field));
    let Some(car) = view::get::<Data>(crate::car::KIND, &record.id)?.filter(|_| is_of_use) else {
        return Ok(Outcome::Skip);
    };
    let text = |field: &str| car.data.get(field).and_then(|value| value.as_str());
    let ends: Vec<Date> =
        ["insured_until", "inspected_until"].iter().filter_map(|field| text(field)?.parse().ok()).collect();
    let is_out = text("status") != Some("in_use");
    let ahead = Filter::eq("car", car.id.as_str()).and(Filter::is_in("state", AHEAD));
    let ahead = ahead.and(Filter::gte("slot_start", desk.now()));
    let mut n_conflicts = 0;
    for found in view::find::<Data>(drive::KIND).filter(ahead).order("slot_start").up_to(MANY)? {
        let drive = Drive::from(found);
        let Some(slot) = drive.slot() else { continue };
        let day = Date::of(&slot.start, &desk.call)?;
        if !is_out && !ends.iter().any(|end| *end < day) {
            continue;
        }
        let owner = drive.text("owner").unwrap_or_default().to_owned();
        task::aside(desk, &drive, "testdrive.other_car", &owner, &slot.start)?;
        n_conflicts += 1;
    }
    if n_conflicts == 0 {
        return Ok(Outcome::Skip);
    }
    let record = RecordRef { kind: crate::car::KIND.into(), id: car.id.clone(), rev: car.rev };
    event::raise("testdrive.car.conflict").record(&record).subject(&car.id).field("n_drives", n_conflicts).stage()?;
    Ok(Outcome::Done)
}
