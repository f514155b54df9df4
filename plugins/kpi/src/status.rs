//! Green, amber, red: a value against its target, compared exactly and in the direction that is better.

use serde::{Deserialize, Serialize};

use crate::shown::Exact;

/// Which way a figure should go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Up.
    #[default]
    More,
    /// Down.
    Less,
    /// It is only watched.
    Watch,
}

/// How a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The target is reached.
    Green,
    /// Nearly.
    Amber,
    /// Not by far.
    Red,
    /// There is no target.
    None,
    /// There is nothing to divide by.
    NoData,
    /// Its records are not there.
    Needs,
}

/// How a value stands. Of what should be low, the target must reach the same share of the value.
pub fn of(value: Exact, target: Option<f64>, better: Better, amber_percent: i64) -> Status {
    let Some(target) = target.filter(|_| better != Better::Watch) else { return Status::None };
    // Multiplied out, so that 48 of 320 against 15 % is equal and not a hair less.
    let sign = if value.base < 0.0 { -1.0 } else { 1.0 };
    let (reached, wanted) = (value.top * value.factor * sign, target * value.base * sign);
    let (reached, wanted) = if better == Better::More { (reached, wanted) } else { (wanted, reached) };
    // What may be missing is a share of what is wanted, whatever its sign.
    let short = wanted.abs() * (100 - amber_percent) as f64 / 100.0;
    match () {
        () if reached >= wanted => Status::Green,
        () if reached >= wanted - short => Status::Amber,
        () => Status::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(top: f64, base: f64, target: f64, better: Better) -> Status {
        of(Exact { top, base, factor: 100.0 }, Some(target), better, 90)
    }

    #[test]
    fn more_is_green_at_the_target_and_amber_from_nine_tenths_of_it() {
        let more = |top, target| percent(top, 320.0, target, Better::More);
        assert_eq!(more(48.0, 15.0), Status::Green);
        assert_eq!(more(47.0, 15.0), Status::Amber);
        // 13.5 % is exactly nine tenths.
        assert_eq!(percent(27.0, 200.0, 15.0, Better::More), Status::Amber);
        assert_eq!(percent(26.0, 200.0, 15.0, Better::More), Status::Red);
    }

    #[test]
    fn less_is_the_other_way_round() {
        assert_eq!(percent(5.0, 100.0, 5.0, Better::Less), Status::Green);
        assert_eq!(percent(50.0, 900.0, 5.0, Better::Less), Status::Amber, "5 is exactly nine tenths of 5.5…");
        assert_eq!(percent(6.0, 100.0, 5.0, Better::Less), Status::Red);
        assert_eq!(percent(0.0, 100.0, 0.0, Better::Less), Status::Green);
        assert_eq!(of(Exact::plain(1.0), Some(0.0), Better::Less, 90), Status::Red, "what must not be is red at once");
    }

    #[test]
    fn without_a_target_nothing_is_judged() {
        assert_eq!(of(Exact::plain(3.0), None, Better::More, 90), Status::None);
        assert_eq!(of(Exact::plain(3.0), Some(9.0), Better::Watch, 90), Status::None);
    }

    #[test]
    fn losses_are_judged_like_gains() {
        assert_eq!(of(Exact::plain(-95.0), Some(-90.0), Better::More, 90), Status::Amber);
        assert_eq!(of(Exact::plain(-120.0), Some(-90.0), Better::More, 90), Status::Red);
        assert_eq!(of(Exact::plain(-80.0), Some(-90.0), Better::More, 90), Status::Green);
    }
}
