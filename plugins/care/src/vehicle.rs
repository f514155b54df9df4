//! What vehicles tell: handed over, driven on, sold, gone; and the days that follow from their file.

use marque_sdk::{Data, Date, Event, Filter, Id, Outcome, Record, Result, json, view};
use serde::Deserialize;

use crate::{
    call,
    desk::Desk,
    forecast, plan,
    reminder::{self, Reminder, Wanted},
    renewal, texts,
};

/// The kind's name.
pub const KIND: &str = "vehicles.vehicle";

/// What of a vehicle counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Vehicle {
    /// In stock, sold, owned, gone.
    pub status: String,
    /// Its owner.
    pub customer: Option<Id>,
    /// Its plate and model.
    pub title: String,
    /// Its model.
    pub model: Option<String>,
    /// What it runs on.
    pub energy: Option<String>,
    /// When it was handed over.
    pub delivery_date: Option<Date>,
    /// Until when it is under warranty.
    pub warranty_until: Option<Date>,
    /// Until when the sanbao rules protect its buyer.
    pub sanbao_until: Option<Date>,
}

/// What of a service contract counts here.
#[derive(Clone, Debug, Deserialize)]
struct Contract {
    vehicle: Option<Id>,
    customer: Option<Id>,
    state: String,
    to: Option<Date>,
}

/// Leaving for good, or back to the dealer.
const GONE: [&str; 4] = ["traded_in", "scrapped", "exported", "restocked"];
/// What was between the house and the former owner.
const PERSONAL: [&str; 5] = ["renewal", "contract_end", "anniversary", "four_year", "custom"];
/// Changes that move a day.
const MATTERS: [&str; 7] =
    ["customer", "status", "delivery_date", "invoice_date", "warranty_until", "sanbao_until", "odometer"];

impl Vehicle {
    /// Whether a customer drives it.
    pub fn is_in_use(&self) -> bool {
        self.customer.is_some() && matches!(self.status.as_str(), "owned" | "sold")
    }
}

/// Reads a vehicle; none where vehicles are not installed.
pub fn load(id: &str) -> Result<Option<Record<Vehicle>>> {
    Ok(view::get::<Vehicle>(KIND, id).unwrap_or_default())
}

/// Something happened to a vehicle.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(about) = event.record() else { return Ok(Outcome::Skip) };
    if about.kind == "vehicles.contract" {
        return contract(desk, &about.id);
    }
    if about.kind != KIND {
        return Ok(Outcome::Skip);
    }
    let Some(file) = load(&about.id)? else { return Ok(Outcome::Skip) };
    let what = event.kind.rsplit('.').next().unwrap_or_default();
    if GONE.contains(&what) {
        return gone(desk, &file.id, "end.gone");
    }
    match what {
        "handed_over" => plan::vehicle_delivered(desk, &file),
        "transferred" => transferred(desk, &file),
        "changed" if !MATTERS.iter().any(|field| event.changed(field)) => Ok(Outcome::Skip),
        "created" | "changed" | "taken" | "recorded" => {
            reminder::follow(desk, &file)?;
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::Skip),
    }
}

/// The vehicle has left its customer: nothing more is said about it.
pub fn gone(desk: &Desk, vehicle: &str, reason: &str) -> Result<Outcome> {
    let n_calls = call::cancel_of_vehicle(desk, vehicle, None, &texts::text(&desk.call.locale, reason))?;
    let n_others = reminders_gone(desk, vehicle, reason)?;
    Ok(if n_calls + n_others == 0 { Outcome::Skip } else { Outcome::Done })
}

/// Nothing of the vehicle is due any more: so many reminders and renewals were open.
pub fn reminders_gone(desk: &Desk, vehicle: &str, reason: &str) -> Result<usize> {
    let reminders = reminder::open(Filter::eq("vehicle", vehicle))?;
    for one in &reminders {
        reminder::end(desk, one, "cancel", reason, json!({}))?;
    }
    Ok(reminders.len() + renewal::vehicle_gone(desk, vehicle)?)
}

/// A new owner: what the former one was to be told is off, the vehicle's own days stay and are the new owner's.
fn transferred(desk: &Desk, file: &Record<Vehicle>) -> Result<Outcome> {
    let keep = file.data.customer.as_deref();
    call::cancel_of_vehicle(desk, &file.id, keep, &texts::text(&desk.call.locale, "end.new_owner"))?;
    let is_former = |one: &Record<Reminder>| Some(one.data.customer.as_str()) != keep;
    let known = reminder::open(Filter::eq("vehicle", file.id.as_str()))?;
    let (personal, known): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|one| PERSONAL.contains(&one.data.kind.as_str()) && is_former(one));
    for one in &personal {
        reminder::end(desk, one, "cancel", "end.new_owner", json!({}))?;
    }
    renewal::vehicle_gone(desk, &file.id)?;
    forecast::service(desk, file, &known, None)?;
    covers(desk, file, &known)?;
    Ok(Outcome::Done)
}

/// The days that follow from a vehicle's file.
pub fn dates(desk: &Desk, file: &Record<Vehicle>, known: &[Record<Reminder>]) -> Result<()> {
    covers(desk, file, known)?;
    for kind in ["anniversary", "four_year"] {
        yearly(desk, file, known, kind, desk.today.plus_days(-1))?;
    }
    Ok(())
}

/// Warranty, sanbao, inspection: they belong to the vehicle, whoever owns it.
fn covers(desk: &Desk, file: &Record<Vehicle>, known: &[Record<Reminder>]) -> Result<()> {
    let ends = [("warranty_end", file.data.warranty_until), ("sanbao_end", file.data.sanbao_until)];
    for (kind, until) in ends {
        if let Some(until) = until.filter(|until| *until >= desk.today) {
            remind(desk, file, known, kind, until, &format!("reason.{kind}"))?;
        }
    }
    yearly(desk, file, known, "inspection", desk.today.plus_days(-1))
}

/// The next of what comes again and again, after a day.
fn yearly(desk: &Desk, file: &Record<Vehicle>, known: &[Record<Reminder>], kind: &str, after: Date) -> Result<()> {
    // What the customer has still to do is not pushed out of sight by the one after it.
    if known
        .iter()
        .any(|one| one.data.kind == kind && one.data.customer == file.data.customer.clone().unwrap_or_default())
    {
        return Ok(());
    }
    let Some(start) = file.data.delivery_date else { return Ok(()) };
    let next = next_day(kind, start, after, &desk.settings.inspection_months);
    next.map_or(Ok(()), |day| remind(desk, file, known, kind, day, &format!("reason.{kind}")))
}

/// The first day after `after` on which something is due that is counted in months from the start.
fn next_day(kind: &str, start: Date, after: Date, inspections: &[i64]) -> Option<Date> {
    let mut months: Vec<i64> = match kind {
        "anniversary" => (1..=60).map(|years| years * 12).collect(),
        "four_year" => (1..=15).map(|times| times * 48).collect(),
        "inspection" => {
            let last = inspections.iter().copied().max().unwrap_or_default();
            // After the listed ones every year.
            inspections.iter().copied().chain((1..=50).map(|years| last + years * 12)).collect()
        }
        _ => return None,
    };
    months.sort_unstable();
    months.into_iter().map(|months| start.plus_months(months)).find(|day| *day > after)
}

/// What comes again comes again.
pub fn next_of(desk: &Desk, file: &Record<Vehicle>, known: &[Record<Reminder>], kind: &str, last: Date) -> Result<()> {
    if !file.data.is_in_use() {
        return Ok(());
    }
    yearly(desk, file, known, kind, last.max(desk.today))
}

fn remind(
    desk: &Desk,
    file: &Record<Vehicle>,
    known: &[Record<Reminder>],
    kind: &str,
    due_on: Date,
    reason: &str,
) -> Result<()> {
    let Some(customer) = file.data.customer.as_deref().filter(|_| file.data.is_in_use()) else { return Ok(()) };
    reminder::ensure(
        desk,
        known,
        &Wanted {
            kind,
            org: &file.org,
            customer,
            vehicle: Some(&file.id),
            about: None,
            due_on,
            reasons: texts::text(&desk.call.locale, reason),
            more: Data::new(),
            receipt: None,
        },
    )
}

/// A service contract was signed, used up, ended.
fn contract(desk: &Desk, id: &str) -> Result<Outcome> {
    let Some(contract) = view::get::<Contract>("vehicles.contract", id)? else { return Ok(Outcome::Skip) };
    let data = &contract.data;
    let known = reminder::open(Filter::eq("about", id))?;
    if data.state != "active" {
        for one in &known {
            reminder::end(desk, one, "cancel", "end.contract", json!({}))?;
        }
        return Ok(if known.is_empty() { Outcome::Skip } else { Outcome::Done });
    }
    let (Some(customer), Some(to)) = (&data.customer, data.to) else { return Ok(Outcome::Skip) };
    reminder::ensure(
        desk,
        &known,
        &Wanted {
            kind: "contract_end",
            org: &contract.org,
            customer,
            vehicle: data.vehicle.as_deref(),
            about: Some(("vehicles.contract", id)),
            due_on: to,
            reasons: texts::text(&desk.call.locale, "reason.contract_end"),
            more: Data::new(),
            receipt: None,
        },
    )?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(kind: &str, start: &str, after: &str) -> Option<String> {
        let months = [24, 48, 72, 96, 120];
        next_day(kind, start.parse().unwrap(), after.parse().unwrap(), &months).map(|day| day.to_string())
    }

    #[test]
    fn what_is_counted_from_the_delivery_comes_again() {
        assert_eq!(next("four_year", "2026-03-15", "2026-03-15").as_deref(), Some("2030-03-15"));
        assert_eq!(next("four_year", "2026-03-15", "2030-03-15").as_deref(), Some("2034-03-15"));
        assert_eq!(next("anniversary", "2024-02-29", "2026-01-01").as_deref(), Some("2026-02-28"));
        assert_eq!(next("inspection", "2020-05-31", "2026-03-13").as_deref(), Some("2026-05-31"));
        assert_eq!(
            next("inspection", "2015-05-31", "2026-03-13").as_deref(),
            Some("2026-05-31"),
            "yearly after ten years"
        );
        assert_eq!(next("renewal", "2015-05-31", "2026-03-13"), None);
    }
}
