//! The questions once more, to a store of as many customers as there is time to make.

use std::time::Duration;

use super::{computed, find};
use crate::{Outcome, house::House, report::Figure};

/// What asking takes, beside making the store.
const ASKING: Duration = Duration::from_secs(120);

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let Some(customers) = affordable(house) else {
        return Ok(Vec::new());
    };
    let folder = house.store(customers)?;
    let mut figures = Vec::new();
    if let Some((_, took)) = house.filled.iter().find(|(n, _)| *n == customers) {
        figures.push(Figure::new(
            format!("sample data, {customers} customers"),
            f64::from(customers) / took.as_secs_f64(),
            "/s",
        ));
    }
    figures.extend(find::ask_all(house, &folder)?.into_iter().map(|figure| figure.of(customers)));
    figures.extend(computed::tried(house, &folder)?.into_iter().map(|figure| figure.of(customers)));
    Ok(figures)
}

/// As many as wanted, or as can be made in the time that is left; none when that is no more than the usual store has.
fn affordable(house: &House) -> Option<u32> {
    let (wanted, usual) = (house.plan.many, house.plan.customers);
    if house.has(wanted) {
        return Some(wanted);
    }
    let (n, took) = house.filled.first().copied().unwrap_or((3_000, Duration::from_secs(1)));
    let left = house.time_left().saturating_sub(ASKING).as_secs_f64();
    // A store that grows is filled somewhat slower at its end than at its beginning.
    let can = left * 0.8 * f64::from(n) / took.as_secs_f64();
    let n = (can.min(f64::from(wanted)) / 100_000.0) as u32 * 100_000;
    (n > usual).then_some(n)
}
