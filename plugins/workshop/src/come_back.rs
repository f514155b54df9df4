//! Come-backs: the same symptom within thirty days and a thousand kilometres belongs to the repair before, goes first, and counts against it.

use marque_sdk::{Data, Filter, Result, json, record, view};

use crate::{
    desk::{Desk, refuse_at},
    file::{File, ORDER, patch},
    moment,
};

/// Symptoms that say too little to tell that it is the same again.
const VAGUE: [&str; 2] = ["service", "other"];
/// Orders of one vehicle in so short a time; more than any car has.
const MOST: u32 = 50;

/// The repair that this one comes back from: as the advisor says, or found by the symptom.
pub fn found(desk: &Desk, order: &File, said: Option<&str>) -> Result<Option<File>> {
    if let Some(id) = said {
        let earlier = File::load(ORDER, id)?;
        if earlier.text("vehicle") != order.text("vehicle") {
            return refuse_at("come_back_other", "/come_back_of", "that order was for another vehicle");
        }
        return Ok(Some(earlier));
    }
    let Some(symptom) = order.text("symptom").filter(|symptom| !VAGUE.contains(symptom)) else { return Ok(None) };
    let since = moment::plus(desk.now(), -1_440 * desk.settings.comeback_days)?;
    let of = Filter::eq("vehicle", order.text("vehicle").unwrap_or_default())
        .and(Filter::eq("symptom", symptom))
        .and(Filter::gte("settled_at", since));
    let earlier = view::find::<Data>(ORDER).filter(of).order("-opened_at").limit(MOST).page()?.items;
    let is_near = |earlier: &File| {
        (0..=desk.settings.comeback_km).contains(&(order.number("odometer") - earlier.number("odometer")))
    };
    Ok(earlier.into_iter().map(File::from).find(is_near))
}

/// What the link makes of the new order.
pub fn link(earlier: &File) -> Data {
    patch(json!({ "come_back_of": earlier.id, "priority": "high" }))
}

/// Marks the repair that did not hold, and tells of it.
pub fn mark(desk: &Desk, earlier: &File, order: &File) -> Result<()> {
    record::change(ORDER, &earlier.id).if_rev(earlier.rev).field("came_back", true).stage()?;
    let told =
        json!({ "earlier": earlier.id, "technician": earlier.text("technician"), "symptom": order.text("symptom") });
    desk.raise("workshop.repair.come_back", order, told)
}

/// The come-back was none: it was cancelled, and no other one is left.
pub fn unmark(order: &File) -> Result<()> {
    let Some(earlier) = order.text("come_back_of") else { return Ok(()) };
    let others = Filter::eq("come_back_of", earlier)
        .and(Filter::ne("state", "cancelled"))
        .and(Filter::ne("id", order.id.as_str()));
    if view::find::<Data>(ORDER).filter(others).exists()? {
        return Ok(());
    }
    record::change(ORDER, earlier).field("came_back", false).stage()
}
