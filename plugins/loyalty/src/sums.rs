//! What a document is made of, in fen: what earns, what does not, and what was paid with points.

use marque_sdk::{Fault, Result};
use serde::{Deserialize, Serialize};

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Paid repair.
    Repair,
    /// Maintenance.
    Maintenance,
    /// Accessories and goods.
    Accessories,
    /// The premium of an insurance renewed with us.
    Renewal,
    /// The price of a new car.
    NewCar,
    /// Repair after an accident.
    Accident,
    /// Work the warranty pays.
    Warranty,
    /// A deposit.
    Deposit,
    /// Taxes and duties.
    Tax,
    /// Anything else.
    Other,
}

/// Sums by what they earn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Repair and maintenance.
    pub repair: i64,
    /// Accessories.
    pub accessories: i64,
    /// Renewed premiums.
    pub renewal: i64,
    /// What earns nothing but can be paid with points.
    pub other: i64,
    /// Deposits and taxes: neither.
    pub fixed: i64,
}

impl Sums {
    /// Adds a line.
    pub fn add(&mut self, line: Line, fen: i64) {
        *match line {
            Line::Repair | Line::Maintenance => &mut self.repair,
            Line::Accessories => &mut self.accessories,
            Line::Renewal => &mut self.renewal,
            Line::NewCar | Line::Accident | Line::Warranty | Line::Other => &mut self.other,
            Line::Deposit | Line::Tax => &mut self.fixed,
        } += fen;
    }

    /// Everything.
    pub fn total(&self) -> i64 {
        self.repair + self.accessories + self.renewal + self.other + self.fixed
    }

    /// What earns.
    pub fn earning(&self) -> i64 {
        self.repair + self.accessories + self.renewal
    }

    /// What does not.
    pub fn excluded(&self) -> i64 {
        self.other + self.fixed
    }

    /// What can be paid with points: everything but insurance, deposits and taxes.
    pub fn payable(&self) -> i64 {
        self.repair + self.accessories + self.other
    }

    /// What was paid with money: points pay repair first, then accessories, then what earns nothing.
    pub fn less_points(&self, fen: i64) -> Result<Sums> {
        if fen > self.payable() {
            let message = format!(
                "{fen} fen were paid with points, but only {} fen of the document can be: deposits, taxes and insurance cannot",
                self.payable()
            );
            return Err(Fault::at("points_beyond", "/paid_with_points", message));
        }
        let mut left = *self;
        let mut rest = fen;
        for part in [&mut left.repair, &mut left.accessories, &mut left.other] {
            let paid = rest.min(*part);
            *part -= paid;
            rest -= paid;
        }
        Ok(left)
    }

    /// What is left of it after a refund; none where more is refunded than was there.
    pub fn minus(&self, other: &Sums) -> Option<Sums> {
        let left = Sums {
            repair: self.repair - other.repair,
            accessories: self.accessories - other.accessories,
            renewal: self.renewal - other.renewal,
            other: self.other - other.other,
            fixed: self.fixed - other.fixed,
        };
        let parts = [left.repair, left.accessories, left.renewal, left.other, left.fixed];
        parts.iter().all(|part| *part >= 0).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums() -> Sums {
        let mut sums = Sums::default();
        let lines = [
            (Line::Repair, 80_000),
            (Line::Maintenance, 20_000),
            (Line::Accessories, 5_000),
            (Line::Renewal, 300_000),
            (Line::Accident, 50_000),
            (Line::Warranty, 7_000),
            (Line::NewCar, 1),
            (Line::Tax, 900),
            (Line::Deposit, 100),
        ];
        lines.into_iter().for_each(|(line, fen)| sums.add(line, fen));
        sums
    }

    #[test]
    fn cars_accidents_and_warranty_earn_nothing() {
        assert_eq!(sums().earning(), 405_000);
        assert_eq!(sums().excluded(), 58_001);
    }

    #[test]
    fn points_pay_repair_before_accessories_and_never_insurance_taxes_or_deposits() {
        let left = sums().less_points(102_000).unwrap();
        assert_eq!((left.repair, left.accessories, left.renewal), (0, 3_000, 300_000));
        assert_eq!(sums().less_points(162_001).unwrap().payable(), 0);
        assert_eq!(sums().less_points(162_002).unwrap_err().code, "points_beyond");
    }

    #[test]
    fn no_more_can_be_refunded_than_was_there() {
        let mut refund = Sums::default();
        refund.add(Line::Repair, 100_000);
        assert_eq!(sums().minus(&refund).unwrap().repair, 0);
        refund.add(Line::Maintenance, 1);
        assert_eq!(sums().minus(&refund), None);
    }
}
