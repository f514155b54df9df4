//! Money of a work order: whole fen, added up from its lines every time one changes.

use marque_sdk::{Data, Value, json};

use crate::file::{File, patch};

/// So many hundredths of a quantity that was typed with two decimals.
pub fn hundredths(quantity: f64) -> i64 {
    (quantity * 100.0).round() as i64
}

/// A unit's price times so many hundredths, half a fen up, less the discount.
pub fn amount(price: i64, hundredths: i64, discount: i64) -> i64 {
    (price * hundredths + 50) / 100 - discount
}

/// As people read it: `1280.50`.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// The most that may be settled once so much was approved.
pub fn most(approved: i64, over_percent: i64) -> i64 {
    approved + approved * over_percent / 100
}

/// What the lines come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub amount: i64,
    pub customer: i64,
    pub parts: i64,
    pub labour: i64,
    pub cost: i64,
    /// Hundredths of hours.
    pub hours: i64,
    /// Whether the law's clock for warranty repairs runs.
    pub is_warranty: bool,
}

impl Totals {
    /// Adds the lines up; those the customer has refused count for nothing.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a File>) -> Totals {
        let mut totals = Totals::default();
        for line in lines.into_iter().filter(|line| line.state() != "refused") {
            let amount = line.number("amount");
            let quantity = |field| hundredths(line.data.get(field).and_then(Value::as_f64).unwrap_or(0.0));
            totals.amount += amount;
            match line.text("sort") {
                Some("part") => {
                    totals.parts += amount;
                    totals.cost += self::amount(line.number("cost"), quantity("qty"), 0);
                }
                _ => {
                    totals.labour += amount;
                    totals.hours += quantity("hours");
                    totals.cost += self::amount(line.number("cost"), quantity("hours"), 0);
                }
            }
            let payer = line.text("payer").unwrap_or("customer");
            if payer == "customer" {
                totals.customer += amount;
            }
            totals.is_warranty |= matches!(payer, "warranty" | "sanbao");
        }
        totals
    }

    /// As fields of a work order.
    pub fn fields(&self) -> Data {
        patch(json!({
            "amount": self.amount, "customer_amount": self.customer, "parts_amount": self.parts,
            "labour_amount": self.labour, "cost": self.cost, "labour_hours": self.hours as f64 / 100.0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::LINE;

    fn line(data: Value) -> File {
        File::new(LINE, "n1", "d1", patch(data))
    }

    #[test]
    fn an_amount_is_rounded_once_half_up() {
        assert_eq!(amount(20_000, hundredths(1.5), 0), 30_000);
        assert_eq!(amount(333, hundredths(0.5), 0), 167);
        assert_eq!(amount(1_999, hundredths(0.33), 0), 660);
        assert_eq!(amount(20_000, hundredths(0.1 + 0.2), 500), 5_500);
    }

    #[test]
    fn totals_count_what_was_not_refused_and_who_pays() {
        let lines = [
            line(
                json!({ "sort": "labour", "hours": 2.0, "price": 20_000, "amount": 40_000, "cost": 8_000, "payer": "customer" }),
            ),
            line(json!({ "sort": "part", "qty": 4.0, "amount": 24_000, "cost": 4_000, "payer": "warranty" })),
            line(
                json!({ "sort": "part", "qty": 1.0, "amount": 99_900, "cost": 1, "payer": "customer", "state": "refused" }),
            ),
        ];
        let totals = Totals::of(&lines);
        assert_eq!((totals.amount, totals.customer, totals.parts, totals.labour), (64_000, 40_000, 24_000, 40_000));
        assert_eq!((totals.cost, totals.hours, totals.is_warranty), (32_000, 200, true));
    }

    #[test]
    fn ten_percent_more_may_be_settled_and_not_a_fen_beyond() {
        assert_eq!(most(100_000, 10), 110_000);
        assert_eq!(most(100_005, 10), 110_005);
        assert_eq!(most(0, 10), 0);
        assert_eq!(yuan(128_050), "1280.50");
    }
}
