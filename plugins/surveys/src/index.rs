//! Index, NPS and margin, in whole numbers: tenths of a point and of a percent, halves rounded away from zero.

/// Scores of one factor: their sum and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Of scores from 1 to 10.
    pub sum: u64,
    /// How many.
    pub n: u64,
}

impl Sum {
    /// One more score.
    pub fn add(&mut self, other: Sum) {
        self.sum += other.sum;
        self.n += other.n;
    }

    /// The mean in hundredths.
    pub fn mean_hundredths(self) -> Option<u64> {
        (self.n > 0).then(|| round(u128::from(self.sum) * 100, u128::from(self.n)) as u64)
    }
}

/// Means are carried with twelve decimals, so that only the last step rounds.
const UNIT: u128 = 1_000_000_000_000;

/// Σ(weight × mean) ÷ Σ weight × 100 over the factors that were answered, 0–1000, in tenths. None without any.
pub fn index_tenths(factors: &[(u32, Sum)]) -> Option<u64> {
    let answered: Vec<&(u32, Sum)> = factors.iter().filter(|(weight, sum)| *weight > 0 && sum.n > 0).collect();
    let weights: u128 = answered.iter().map(|(weight, _)| u128::from(*weight)).sum();
    if weights == 0 {
        return None;
    }
    let weighted: u128 = answered
        .iter()
        .map(|(weight, sum)| u128::from(*weight) * round(u128::from(sum.sum) * UNIT, u128::from(sum.n)))
        .sum();
    Some(round(weighted * 1_000, weights * UNIT) as u64)
}

/// Answers to the recommendation question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nps {
    /// 9 and 10.
    pub promoters: u64,
    /// 0 to 6.
    pub detractors: u64,
    /// All.
    pub n: u64,
}

impl Nps {
    /// One more answer.
    pub fn add(&mut self, answer: u64) {
        self.n += 1;
        match answer {
            9.. => self.promoters += 1,
            0..=6 => self.detractors += 1,
            _ => {}
        }
    }

    /// Promoters less detractors in percent, in tenths; from −1000 to 1000.
    pub fn tenths(self) -> Option<i64> {
        if self.n == 0 {
            return None;
        }
        let (promoters, detractors) = (self.promoters.cast_signed(), self.detractors.cast_signed());
        let difference = promoters - detractors;
        let size = round(u128::from(difference.unsigned_abs()) * 1_000, u128::from(self.n)) as i64;
        Some(size * difference.signum())
    }

    /// 1.96·√((p + d − (p−d)²) ÷ n) in percent, in tenths.
    pub fn margin_tenths(self) -> Option<u64> {
        if self.n == 0 {
            return None;
        }
        let n = u128::from(self.n);
        let difference = u128::from(self.promoters.abs_diff(self.detractors));
        let spread = n * u128::from(self.promoters + self.detractors) - difference * difference;
        // √(1960²·spread ÷ n³), rounded: half of the root of four times as much.
        let doubled = (4 * 1_960 * 1_960 * spread / (n * n * n)).isqrt();
        Some(doubled.div_ceil(2) as u64)
    }
}

/// Halves away from zero.
pub fn round(numerator: u128, denominator: u128) -> u128 {
    (2 * numerator + denominator) / (2 * denominator)
}

/// A figure in tenths as people read it: 8233 is 823.3.
pub fn decimal(tenths: i64) -> f64 {
    // Exact: a division by ten of a small whole number prints as it should.
    tenths as f64 / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSI: [u32; 7] = [18, 9, 14, 13, 10, 17, 20];

    fn means(weights: &[u32], tenths: &[u64]) -> Vec<(u32, Sum)> {
        weights.iter().zip(tenths).map(|(weight, tenths)| (*weight, Sum { sum: *tenths, n: 10 })).collect()
    }

    #[test]
    fn factor_means_make_the_index() {
        let factors = means(&SSI, &[78, 80, 85, 82, 90, 75, 88]);
        assert_eq!(index_tenths(&factors), Some(8_233));
    }

    #[test]
    fn a_factor_nobody_answered_leaves_the_others_their_weight() {
        let mut factors = means(&SSI, &[78, 80, 85, 82, 90, 75, 88]);
        factors[4].1 = Sum::default();
        assert_eq!(index_tenths(&factors), Some(8_148));
        assert_eq!(index_tenths(&[(10, Sum::default())]), None);
    }

    #[test]
    fn equal_scores_make_the_same_index_whatever_the_weights() {
        for score in 1..=10 {
            for weights in [[1, 2, 3], [101, 7, 0], [0, 0, 5]] {
                let factors = weights.map(|weight| (weight, Sum { sum: score * 7, n: 7 }));
                assert_eq!(index_tenths(&factors), Some(score * 1_000), "{weights:?}");
            }
        }
    }

    #[test]
    fn the_index_lies_between_the_lowest_and_the_highest_mean() {
        let mut dice = crate::dice::Dice::new("index");
        for _ in 0..2_000 {
            let factors: Vec<(u32, Sum)> = (0..1 + dice.below(7))
                .map(|_| {
                    let n = 1 + dice.below(900);
                    (1 + dice.below(40) as u32, Sum { sum: n + dice.below(9 * n + 1), n })
                })
                .collect();
            let mean = |sum: &Sum| round(u128::from(sum.sum) * 1_000, u128::from(sum.n)) as u64;
            let low = factors.iter().map(|(_, sum)| mean(sum)).min().unwrap();
            let high = factors.iter().map(|(_, sum)| mean(sum)).max().unwrap();
            let index = index_tenths(&factors).unwrap();
            assert!((low..=high).contains(&index) && (1_000..=10_000).contains(&index), "{factors:?} {index}");
        }
    }

    #[test]
    fn promoters_less_detractors_with_their_margin() {
        let nps = Nps { promoters: 66, detractors: 24, n: 120 };
        assert_eq!((nps.tenths(), nps.margin_tenths()), (Some(350), Some(142)));
        let worse = Nps { promoters: 24, detractors: 66, n: 120 };
        assert_eq!((worse.tenths(), worse.margin_tenths()), (Some(-350), Some(142)));
        assert_eq!(Nps { promoters: 5, detractors: 0, n: 5 }.margin_tenths(), Some(0));
        assert_eq!((Nps::default().tenths(), Nps::default().margin_tenths()), (None, None));
    }

    #[test]
    fn answers_of_seven_and_eight_count_in_the_base_alone() {
        let mut nps = Nps::default();
        (0..=10).for_each(|answer| nps.add(answer));
        assert_eq!(nps, Nps { promoters: 2, detractors: 7, n: 11 });
        assert_eq!(nps.tenths(), Some(-455));
    }

    #[test]
    fn the_margin_is_the_rounded_root() {
        let mut dice = crate::dice::Dice::new("margin");
        for _ in 0..2_000 {
            let n = 1 + dice.below(5_000);
            let promoters = dice.below(n + 1);
            let detractors = dice.below(n - promoters + 1);
            let (p, d, all) = (promoters as f64 / n as f64, detractors as f64 / n as f64, n as f64);
            let wanted = 1_960.0 * ((p + d - (p - d) * (p - d)).max(0.0) / all).sqrt();
            let margin = Nps { promoters, detractors, n }.margin_tenths().unwrap() as f64;
            assert!((margin - wanted).abs() <= 0.500_001, "{promoters} {detractors} {n}: {margin} {wanted}");
        }
    }
}
