//! Warranty and sanbao: from when they run, until when, and the word ninety days before the end.

use marque_sdk::{Data, Date, Id, Outcome, Result, Value, event, info, json, timer, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    settings::Settings,
    vehicle::{File, KIND, Vehicle},
};

/// Both run from the invoice, or from the hand-over if that was on another day.
fn start(vehicle: &Vehicle) -> Option<Date> {
    vehicle.delivery_date.or(vehicle.invoice_date)
}

/// Adds the dates that follow from `after` to a patch, where its start is not the one of `before`.
pub fn follow(settings: &Settings, before: Option<&Vehicle>, after: &Vehicle, patch: &mut Data) {
    let Some(start) = start(after) else { return };
    if before.and_then(self::start) == Some(start) {
        return;
    }
    patch.insert("warranty_until".into(), json!(start.plus_months(settings.warranty_months)));
    patch.insert("warranty_km".into(), json!(settings.warranty_km));
    patch.insert("sanbao_until".into(), json!(start.plus_months(settings.sanbao_months)));
    patch.insert("sanbao_km".into(), json!(settings.sanbao_km));
}

/// Sets, moves or cancels the word before the end, where what it depends on has changed.
pub fn watch(desk: &Desk, id: &Id, before: Option<&Vehicle>, after: &Vehicle) -> Result<()> {
    let due = |vehicle: &Vehicle| vehicle.warranty_until.filter(|_| vehicle.is_running());
    let (was, is) = (before.and_then(due), due(after));
    let has_new_owner = before.is_some_and(|before| before.customer != after.customer);
    let key = format!("warranty:{id}");
    match is.filter(|until| *until >= desk.today) {
        Some(until) if was != is || has_new_owner => {
            let at = match until.plus_days(-desk.settings.warn_days) {
                warn if warn > desk.today => warn.morning(),
                // Not at once: a timer that rings within a second counts as a reaction to this very call.
                _ => info::due(&desk.call.now, "1m")?,
            };
            let timer = timer::set(&key, &at).field("until", until);
            after.customer.iter().fold(timer, |timer, customer| timer.subject(customer.as_str())).stage()
        }
        None if was.is_some_and(|until| until >= desk.today) => timer::cancel(&key).stage(),
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Ring {
    until: Date,
}

/// The timer has rung: tells of it, if the warranty still ends then and there is any of it left to lose.
pub fn ring(desk: &Desk, id: &str, data: &Value) -> Result<Outcome> {
    let Some(vehicle) = view::get::<Vehicle>(KIND, id)?.map(File::from) else { return Ok(Outcome::Skip) };
    let Ring { until } = Ring::deserialize(data)?;
    if !is_worth_telling(&vehicle.data, until) {
        return Ok(Outcome::Skip);
    }
    let raise = event::raise("vehicles.warranty_expiring")
        .record(&vehicle.named())
        .field("warranty_until", until)
        .field("days", desk.today.days_until(until));
    let customer = vehicle.data.customer.iter();
    customer.fold(raise, |raise, customer| raise.subject(customer.as_str())).stage()?;
    Ok(Outcome::Done)
}

/// Time or distance, whichever comes first: who has driven through the warranty has none that could end.
fn is_worth_telling(vehicle: &Vehicle, until: Date) -> bool {
    let is_driven_through = matches!((vehicle.odometer, vehicle.warranty_km), (Some(km), Some(limit)) if km >= limit);
    vehicle.is_running() && vehicle.warranty_until == Some(until) && !is_driven_through
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::unit::defaults;

    fn on(text: &str) -> Option<Date> {
        Some(text.parse().unwrap())
    }

    fn dates(before: Option<&Vehicle>, after: &Vehicle) -> Data {
        let mut patch = Data::new();
        follow(&Settings::deserialize(defaults()).unwrap(), before, after, &mut patch);
        patch
    }

    #[test]
    fn they_run_from_the_invoice_or_the_hand_over_if_it_was_on_another_day() {
        let invoiced = Vehicle { invoice_date: on("2026-03-01"), ..Vehicle::default() };
        assert_eq!(dates(None, &invoiced)["warranty_until"], "2029-03-01");
        assert_eq!(dates(None, &invoiced)["sanbao_until"], "2028-03-01");
        let handed = Vehicle { delivery_date: on("2026-03-13"), ..invoiced.clone() };
        assert_eq!(dates(Some(&invoiced), &handed)["warranty_until"], "2029-03-13");
        assert_eq!(dates(Some(&handed), &handed), Data::new(), "nothing moves them when nothing has changed");
        assert_eq!(dates(None, &Vehicle::default()), Data::new());
    }

    #[test]
    fn whichever_comes_first_ends_it() {
        let vehicle = Vehicle {
            status: "owned".into(),
            warranty_until: on("2029-03-13"),
            warranty_km: Some(60_000),
            odometer: Some(59_999),
            ..Vehicle::default()
        };
        let until = "2029-03-13".parse().unwrap();
        assert!(is_worth_telling(&vehicle, until));
        assert!(!is_worth_telling(&Vehicle { odometer: Some(60_000), ..vehicle.clone() }, until));
        assert!(!is_worth_telling(&Vehicle { status: "scrapped".into(), ..vehicle.clone() }, until));
        assert!(!is_worth_telling(&vehicle, "2030-01-01".parse().unwrap()), "the date has moved since");
    }
}
