//! The ranking of dealers: each figure of the running month, and of the one before, best first; equal values share a place.

use marque_sdk::{Filter, Result, json, record, timer, view};
use serde::Deserialize;

use crate::{definition, desk::Desk, figure, org::Here, status::Better};

/// Records ranked in one piece, at most: two months of each dealer.
const RECORDS: usize = 1_500;
/// Figures ranked in one piece, at most.
const MOST: usize = 40;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ranked {
    kpi: String,
    month: String,
    value: Option<f64>,
    rank: Option<i64>,
    ranked: Option<i64>,
}

/// Ranks some figures, from the `next`-th on.
pub fn next(desk: &Desk, next: usize) -> Result<()> {
    let here = Here::of(desk)?;
    let all = definition::effective(&here)?;
    let all: Vec<_> = all.into_iter().filter(|definition| definition.better != Better::Watch).collect();
    let piece = (RECORDS / (2 * here.within.len().max(1))).clamp(1, MOST);
    for definition in all.iter().skip(next).take(piece) {
        let theirs = Filter::eq("kpi", definition.code.as_str())
            .and(Filter::eq("level", "dealer"))
            .and(Filter::eq("grain", "month"));
        let young = theirs.and(Filter::is_in("age", ["current", "last"])).and(Filter::not_empty("value"));
        let mut found = view::find::<Ranked>(figure::KIND).filter(young).up_to(2_500)?;
        let sign = if definition.better == Better::Less { -1.0 } else { 1.0 };
        found.sort_by(|one, other| {
            let value = |ranked: &Ranked| ranked.value.unwrap_or(0.0) * sign;
            one.data.month.cmp(&other.data.month).then(value(&other.data).total_cmp(&value(&one.data)))
        });
        let months: Vec<String> = found.iter().map(|found| found.data.month.clone()).collect();
        let values: Vec<f64> = found.iter().map(|found| found.data.value.unwrap_or(0.0)).collect();
        for (figure, (rank, of)) in found.iter().zip(places(&months, &values)) {
            if (figure.data.rank, figure.data.ranked) != (Some(rank), Some(of)) && figure.data.kpi == definition.code {
                record::change(figure::KIND, &figure.id).fields(json!({ "rank": rank, "ranked": of })).stage()?;
            }
        }
    }
    match next + piece < all.len() {
        true => timer::set("rank:all", &desk.soon()?).field("next", next + piece).stage(),
        false => Ok(()),
    }
}

/// The place of each among its month's, in a list that is in order already.
fn places(months: &[String], values: &[f64]) -> Vec<(i64, i64)> {
    let mut places: Vec<(i64, i64)> = Vec::with_capacity(months.len());
    for n in 0..months.len() {
        let before = (0..n).filter(|&other| months[other] == months[n]).count() as i64;
        let is_equal = n > 0 && months[n - 1] == months[n] && values[n - 1].total_cmp(&values[n]).is_eq();
        let rank = if is_equal { places[n - 1].0 } else { before + 1 };
        places.push((rank, months.iter().filter(|month| **month == months[n]).count() as i64));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place() {
        let months: Vec<String> = ["a", "a", "a", "a", "b"].map(String::from).into();
        assert_eq!(places(&months, &[9.0, 8.0, 8.0, 7.0, 1.0]), [(1, 4), (2, 4), (2, 4), (4, 4), (1, 1)]);
    }
}
