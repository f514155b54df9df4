//! The cars of sample owners, for the vehicles plugin's own action to register.

use serde_json::{Value, json};

use crate::{
    demo::{Plan, customers::customer, dice::Dice, network, numbers},
    model::Time,
};

/// Cars are made up for at most this many customers: each is registered by its plugin, in the order of the story.
pub const MOST_CUSTOMERS: usize = 20_000;
const DAY_MS: i64 = 86_400_000;
/// Dates are told in the time of Beijing.
const BEIJING_MS: i64 = 8 * 3_600_000;

/// A car to register.
#[derive(Clone, Debug, PartialEq)]
pub struct Car {
    /// When it is handed over.
    pub at: Time,
    /// The id of the user who registers it.
    pub by: String,
    /// Input of the plugin's action `register`.
    pub input: Value,
}

/// The cars of a plan's owners; none that would be handed over after the story ends.
pub fn cars(plan: &Plan) -> Vec<Car> {
    let dealers = network::dealers(plan);
    let owners = (0..plan.customers.min(MOST_CUSTOMERS)).filter_map(|n| {
        let owner = customer(plan, &dealers, n);
        let is_owner = matches!(owner.data.get("type").and_then(Value::as_str), Some("owner" | "company"));
        is_owner.then_some((n, owner))
    });
    let car = |(n, owner): (usize, crate::demo::Customer)| {
        let mut dice = Dice::new(plan.seed, "car", n as u64);
        let invoiced = owner.at.plus_millis((3 + dice.below(35) as i64) * DAY_MS);
        let handed_over = invoiced.plus_millis((1 + dice.below(6) as i64) * DAY_MS);
        let place = &dealers[owner.dealer];
        let (model, energy) = MODELS[dice.below(MODELS.len() as u64) as usize];
        let input = json!({
            "customer": owner.id, "vin": numbers::vin("614A3", model_year(invoiced), n as u64),
            "plate": format!("{}{:05}", place.city.plate, (n as u64 * 48_611 + plan.seed) % 100_000),
            "brand": "东风雪铁龙", "model": model, "energy": energy, "colour_ext": dice.pick(&COLOURS),
            "invoice_date": day(invoiced), "delivery_date": day(handed_over), "odometer": 5 + dice.below(40),
        });
        // Papers are done in the office, at ten in the morning.
        let at = format!("{}T10:00:00+08:00", day(handed_over)).parse().unwrap_or(handed_over);
        Car { at, by: format!("{}-wang", place.id), input }
    };
    owners.map(car).filter(|car| car.at <= plan.now).collect()
}

const MODELS: [(&str, &str); 6] = [
    ("凡尔赛C5 X", "petrol"),
    ("凡尔赛C5 X", "hybrid"),
    ("天逸", "petrol"),
    ("天逸 PHEV", "phev"),
    ("C6", "petrol"),
    ("C3-XR", "petrol"),
];
const COLOURS: [&str; 6] = ["珠光白", "曜石黑", "星空灰", "雪域蓝", "勃艮第红", "香槟金"];

fn day(time: Time) -> String {
    time.plus_millis(BEIJING_MS).to_string()[..10].to_owned()
}

/// The tenth sign of a VIN; a car is of the year it was invoiced in. R is 2024, I O Q U Z are passed over.
fn model_year(time: Time) -> char {
    const FROM_2010: &[u8; 30] = b"ABCDEFGHJKLMNPRSTVWXY123456789";
    let year: usize = day(time)[..4].parse().unwrap_or(2026);
    char::from(FROM_2010[year.saturating_sub(2010) % FROM_2010.len()])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn cars_are_the_same_for_the_same_seed_and_no_two_are_alike() {
        let plan = Plan::example();
        let all = cars(&plan);
        assert_eq!(all, cars(&plan));
        assert!(all.len() > plan.customers / 4, "{}", all.len());
        for field in ["vin", "plate"] {
            let values: HashSet<&str> = all.iter().filter_map(|car| car.input[field].as_str()).collect();
            assert_eq!(values.len(), all.len(), "{field}");
        }
        assert!(
            all.iter().all(|car| car.at <= plan.now && car.input["delivery_date"].as_str() <= Some(&day(plan.now)))
        );
    }

    #[test]
    fn the_tenth_sign_tells_the_year() {
        assert_eq!(model_year("2024-05-01T00:00:00Z".parse().unwrap()), 'R');
        assert_eq!(model_year("2026-03-01T00:00:00Z".parse().unwrap()), 'T');
        assert_eq!(model_year("2027-03-01T00:00:00Z".parse().unwrap()), 'V');
    }
}
