//! The purchase tax, from the table in force that day.

use marque_sdk::Date;

use crate::settings::Tax;

/// The tax on a car sold at `price`, value added tax included; none where no row of the table fits.
pub fn of(price: i64, energy: &str, day: Date, table: &[Tax]) -> Option<i64> {
    let fits =
        |row: &&Tax| row.from <= day && (row.energies.is_empty() || row.energies.iter().any(|one| one == energy));
    // A row for an energy counts before one for all, and of those the latest.
    let row = table.iter().filter(fits).max_by_key(|row| (!row.energies.is_empty(), row.from))?;
    let tax = part(price, row.rate, row.vat);
    let (Some(full), Some(most)) = (row.full_rate, row.relief) else { return Some(tax) };
    Some(tax.max(part(price, full, row.vat) - most))
}

/// `price / (1 + vat) * rate`, rounded half up once.
fn part(price: i64, rate: i64, vat: i64) -> i64 {
    let (over, under) = (i128::from(price) * i128::from(rate), i128::from(10_000 + vat));
    i64::try_from((over * 2 + under) / (under * 2)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::defaults;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_petrol_car_pays_a_tenth_of_its_price_without_value_added_tax() {
        let table = defaults().taxes;
        assert_eq!(of(14_980_000, "petrol", day("2026-03-13"), &table), Some(1_325_664));
        assert_eq!(of(11_300_000, "hybrid", day("2026-03-13"), &table), Some(1_000_000));
        assert_eq!(of(14_980_000, "petrol", day("2019-06-30"), &table), None);
    }

    #[test]
    fn the_relief_of_electric_cars_has_a_limit_and_an_end() {
        let table = defaults().taxes;
        // Half of 26 548.67, and half would save 50 000 on the dearer one: 15 000 is the most.
        assert_eq!(of(30_000_000, "bev", day("2026-03-13"), &table), Some(1_327_434));
        assert_eq!(of(113_000_000, "phev", day("2026-03-13"), &table), Some(10_000_000 - 1_500_000));
        assert_eq!(of(30_000_000, "bev", day("2028-01-01"), &table), Some(2_654_867));
        assert_eq!(of(30_000_000, "bev", day("2025-12-31"), &table), Some(2_654_867));
    }

    #[test]
    fn a_hundred_billion_does_not_overflow() {
        assert_eq!(of(600_000_000_000_000, "petrol", day("2026-03-13"), &defaults().taxes), Some(53_097_345_132_743));
    }
}
