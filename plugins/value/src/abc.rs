//! ABC: customers by profit, classed by the share of all profit before them. Page by page, the sum so far in the timer.

use marque_sdk::{Filter, Record, Result, record, view};
use serde::Deserialize;

use crate::{
    desk::Desk,
    profile::KIND,
    round::{self, Place, Round},
    settings::Settings,
};

/// Files of a page.
const PAGE: u32 = 400;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    profit_12: i64,
    #[serde(default)]
    abc: Option<String>,
    #[serde(default)]
    abc_share: Option<f64>,
}

#[derive(Default, Deserialize)]
struct Whole {
    #[serde(default)]
    profit: Option<i64>,
}

/// All profit of an organisation's customers that is not below zero, in fen.
pub fn whole(org: &str) -> Result<i64> {
    let gains = Filter::eq("org", org).and(Filter::gt("profit_12", 0));
    let rows: Vec<Whole> = view::aggregate(KIND).filter(gains).sum("profit", "profit_12").rows()?;
    Ok(rows.into_iter().next().unwrap_or_default().profit.unwrap_or(0))
}

/// Classes a page and goes on with the next.
pub fn piece(desk: &Desk, round: &Record<Round>, place: Place) -> Result<()> {
    let here = Filter::eq("org", round.org.as_str()).and(Filter::not_empty("profit_12"));
    let find = view::find::<File>(KIND).filter(here).order("-profit_12").limit(PAGE);
    let page = if place.after.is_empty() { find } else { find.cursor(&place.after) }.page()?;
    let mut running = place.running;
    for file in &page.items {
        let class = class(&desk.settings, running, place.whole, file.data.profit_12);
        let share = share(running, place.whole);
        let has_moved = file.data.abc_share.is_none_or(|before| (before - share).abs() >= 1.0);
        if file.data.abc.as_deref() != Some(class) || has_moved {
            record::change(KIND, &file.id).field("abc", class).field("abc_share", share).stage()?;
        }
        running = running.saturating_add(file.data.profit_12.max(0));
    }
    match page.next {
        Some(after) => round::next(desk, &Place { after, running, ..place }),
        None => round::after_abc(desk, round),
    }
}

/// The class of a customer before whom the others have made `before` of `whole`.
fn class(settings: &Settings, before: i64, whole: i64, profit: i64) -> &'static str {
    let is_below = |percent: i64| i128::from(before) * 100 < i128::from(whole) * i128::from(percent);
    match () {
        () if profit < 0 => "negative",
        () if profit == 0 => "small",
        () if is_below(settings.abc_high) => "high_end",
        () if is_below(settings.abc_major) => "major",
        () if is_below(settings.abc_medium) => "medium",
        () => "small",
    }
}

/// In percent, to two places.
fn share(before: i64, whole: i64) -> f64 {
    if whole <= 0 {
        return 0.0;
    }
    let hundredths = (i128::from(before) * 20_000 + i128::from(whole)).div_euclid(2 * i128::from(whole));
    hundredths as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    fn classes(profits: &[i64]) -> Vec<&'static str> {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        let whole = profits.iter().filter(|profit| **profit > 0).sum();
        let mut running = 0;
        let class = |profit: &i64| {
            let class = class(&settings, running, whole, *profit);
            running += (*profit).max(0);
            class
        };
        profits.iter().map(class).collect()
    }

    #[test]
    fn the_share_before_the_customer_decides() {
        // Before them: 0, 40, 70, 90, 97 of a hundred.
        assert_eq!(classes(&[40, 30, 20, 7, 3]), ["high_end", "high_end", "major", "medium", "small"]);
        // Exactly half before is not below half.
        assert_eq!(classes(&[50, 30, 15, 5]), ["high_end", "major", "medium", "small"]);
        assert_eq!(classes(&[100]), ["high_end"]);
    }

    #[test]
    fn losses_are_negative_and_count_for_nothing() {
        assert_eq!(classes(&[60, 40, 0, -10]), ["high_end", "major", "small", "negative"]);
        assert_eq!(classes(&[-1, -2]), ["negative", "negative"]);
        assert_eq!(classes(&[0]), ["small"]);
    }

    #[test]
    fn shares_are_of_two_places() {
        assert_eq!(share(1, 3), 33.33);
        assert_eq!(share(0, 0), 0.0);
        assert_eq!(share(97, 100), 97.0);
    }
}
