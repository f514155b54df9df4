//! How many to ask and whom: the formula of sample size, quotas by stratum, the draw from a stored seed.

use std::collections::BTreeMap;

use marque_sdk::{Fault, Result};
use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// How people are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Everybody.
    Census,
    /// By lot from all.
    SimpleRandom,
    /// By lot within each stratum.
    #[default]
    Stratified,
    /// Every k-th from a drawn start.
    Systematic,
}

/// n = ⌈n₀ ÷ (1 + (n₀−1)÷N)⌉ with n₀ = z²p(1−p)÷e², z = 1.96, p = 0.5, and e in tenths of a percent.
///
/// In whole numbers: n₀ is 960 400 ÷ e², so n is 960 400·N ÷ (e²·(N−1) + 960 400), rounded up.
pub fn size(population: u64, margin_permille: u64) -> u64 {
    if population == 0 {
        return 0;
    }
    let (n, e) = (u128::from(population), u128::from(margin_permille.max(1)));
    (960_400 * n).div_ceil(e * e * (n - 1) + 960_400) as u64
}

/// Shares `size` out by the strata's numbers of people: each its share, the rest to the largest remainders, none more than it has
/// and none less than `least` as long as it has them.
pub fn quotas(strata: &BTreeMap<String, u64>, size: u64, least: u64) -> BTreeMap<String, u64> {
    let population: u64 = strata.values().sum();
    if population == 0 {
        return BTreeMap::new();
    }
    let size = size.min(population);
    let share = |n: u64| u128::from(n) * u128::from(size);
    let mut quotas: BTreeMap<String, u64> =
        strata.iter().map(|(key, n)| (key.clone(), (share(*n) / u128::from(population)) as u64)).collect();
    let mut order: Vec<&String> = strata.keys().collect();
    order.sort_by_key(|key| (std::cmp::Reverse(share(strata[*key]) % u128::from(population)), (*key).clone()));
    let mut left = size - quotas.values().sum::<u64>();
    for key in order {
        if left > 0 && quotas[key] < strata[key] {
            *quotas.get_mut(key).expect("every stratum has a quota") += 1;
            left -= 1;
        }
    }
    for (key, quota) in &mut quotas {
        *quota = (*quota).max(least.min(strata[key]));
    }
    quotas
}

/// Draws from people with their strata, given in any order; the answer is in the order of their ids.
pub fn draw(
    people: Vec<(String, String)>,
    method: Method,
    quotas: &BTreeMap<String, u64>,
    seed: &str,
) -> Vec<String> {
    let mut ids: Vec<(String, String)> = people;
    ids.sort();
    let size: u64 = quotas.values().sum();
    let mut drawn = match method {
        Method::Census => ids.into_iter().map(|(id, _)| id).collect(),
        Method::SimpleRandom => {
            Dice::new(seed).draw(ids.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), size as usize)
        }
        Method::Systematic => systematic(&ids, size, seed),
        Method::Stratified => {
            let mut strata: BTreeMap<String, Vec<String>> = BTreeMap::new();
            ids.into_iter().for_each(|(id, stratum)| strata.entry(stratum).or_default().push(id));
            strata
                .into_iter()
                .flat_map(|(stratum, ids)| {
                    let quota = quotas.get(&stratum).copied().unwrap_or(0) as usize;
                    // A seed a stratum: one more customer at one dealer leaves the sample of the others as it is.
                    Dice::new(&format!("{seed}/{stratum}")).draw(ids, quota)
                })
                .collect()
        }
    };
    drawn.sort();
    drawn
}

fn systematic(ids: &[(String, String)], size: u64, seed: &str) -> Vec<String> {
    let n = ids.len() as u64;
    let size = size.min(n);
    if size == 0 {
        return Vec::new();
    }
    // Steps of N÷n, exact in whole numbers: the i-th is at ⌊(start + i·N) ÷ n⌋.
    let start = Dice::new(seed).below(n);
    (0..size).map(|i| ids[((start + i * n) / size) as usize].0.clone()).collect()
}

/// Refuse margins nobody means.
pub fn margin(permille: u64) -> Result<u64> {
    if (10..=200).contains(&permille) {
        return Ok(permille);
    }
    Err(Fault::at(
        "margin_invalid",
        "/margin",
        format!("a margin of {permille} tenths of a percent: write 10 to 200, 50 for ±5 %"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(strata: &[(&str, u64)]) -> BTreeMap<String, u64> {
        strata.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect()
    }

    #[test]
    fn the_size_follows_the_formula() {
        // 5 % of a thousand: n₀ 384.16, n 277.7…, so 278. Without end: 385.
        assert_eq!(size(1_000, 50), 278);
        assert_eq!(size(100_000_000, 50), 385);
        assert_eq!((size(100, 50), size(1, 50), size(0, 50)), (80, 1, 0));
        assert_eq!((size(500, 30), size(10_000, 100)), (341, 96));
    }

    #[test]
    fn the_size_is_never_more_than_there_are_and_grows_with_them() {
        for margin in [10, 30, 50, 100, 200] {
            let mut before = 0;
            for population in 1..3_000 {
                let n = size(population, margin);
                assert!(n <= population && n >= before, "{population} {margin}: {n}");
                before = n;
            }
        }
    }

    #[test]
    fn quotas_add_up_and_follow_the_numbers() {
        let shared = quotas(&strata(&[("d1", 600), ("d2", 300), ("d3", 100)]), 278, 0);
        assert_eq!(shared, strata(&[("d1", 167), ("d2", 83), ("d3", 28)]));
        assert_eq!(quotas(&strata(&[("d1", 3), ("d2", 3), ("d3", 3)]), 100, 0).values().sum::<u64>(), 9);
        assert_eq!(quotas(&strata(&[("d1", 990), ("d2", 10)]), 50, 5), strata(&[("d1", 50), ("d2", 5)]));
    }

    #[test]
    fn quotas_hold_for_any_strata() {
        let mut dice = Dice::new("quotas");
        for _ in 0..1_000 {
            let all: BTreeMap<String, u64> =
                (0..1 + dice.below(12)).map(|n| (format!("d{n}"), dice.below(400))).collect();
            let population: u64 = all.values().sum();
            let wanted = dice.below(population + 50);
            let shared = quotas(&all, wanted, 0);
            assert_eq!(shared.values().sum::<u64>(), if population == 0 { 0 } else { wanted.min(population) });
            assert!(shared.iter().all(|(key, quota)| *quota <= all[key]), "{all:?} {shared:?}");
        }
    }

    #[test]
    fn each_method_draws_what_it_says_once_and_the_same_again() {
        let people: Vec<(String, String)> =
            (0..90).map(|n| (format!("c{n:03}"), if n < 60 { "d1" } else { "d2" }.to_owned())).collect();
        let quotas = strata(&[("d1", 6), ("d2", 3)]);
        for method in [Method::SimpleRandom, Method::Stratified, Method::Systematic] {
            let drawn = draw(people.clone(), method, &quotas, "seed");
            assert_eq!(drawn.len(), 9, "{method:?}");
            assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]), "{method:?}: nobody twice");
            let mut turned = people.clone();
            turned.reverse();
            assert_eq!(draw(turned, method, &quotas, "seed"), drawn, "{method:?}: whatever order they come in");
            assert_ne!(draw(people.clone(), method, &quotas, "other"), drawn, "{method:?}");
        }
        let of_first = draw(people.clone(), Method::Stratified, &quotas, "seed");
        assert_eq!(of_first.iter().filter(|id| id.as_str() < "c060").count(), 6);
        assert_eq!(draw(people, Method::Census, &quotas, "seed").len(), 90);
    }

    #[test]
    fn another_dealers_customers_do_not_move_the_sample() {
        let people = |n: usize| -> Vec<(String, String)> {
            (0..50)
                .map(|n| (format!("a{n}"), "d1".to_owned()))
                .chain((0..n).map(|n| (format!("b{n}"), "d2".to_owned())))
                .collect()
        };
        let quotas = strata(&[("d1", 5), ("d2", 2)]);
        let first = |n| -> Vec<String> {
            let drawn = draw(people(n), Method::Stratified, &quotas, "s");
            drawn.into_iter().filter(|id| id.starts_with('a')).collect()
        };
        assert_eq!(first(20), first(21));
    }
}
