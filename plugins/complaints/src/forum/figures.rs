//! How many posts were answered in time: for the report, and in public.

use marque_sdk::{Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::forum::post::KIND;

/// Input of `forum_figures`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    #[serde(default = "quarter")]
    days: i64,
}

fn quarter() -> i64 {
    90
}

/// Posts of a period whose answer was due or given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answered within the limit.
    pub in_time: u64,
    /// Answered later, or not yet and past it.
    pub late: u64,
    /// Of the late ones those that still wait.
    pub waiting: u64,
}

#[derive(Deserialize)]
struct Row {
    on_time: Option<i64>,
    n: u64,
}

#[derive(Deserialize)]
struct Count {
    n: u64,
}

impl Figures {
    /// Of the posts that this organisation sees. One that was hidden before its limit counts neither way.
    pub fn of(days: i64) -> Result<Figures> {
        let settled = Filter::gte("posted_at", Filter::now(&format!("-{days}d"))).and(Filter::not_empty("on_time"));
        let rows: Vec<Row> = view::aggregate(KIND).filter(settled.clone()).group(&["on_time"]).count("n").rows()?;
        let sum =
            |wanted: fn(i64) -> bool| rows.iter().filter(|row| row.on_time.is_some_and(wanted)).map(|row| row.n).sum();
        let open = settled.and(Filter::empty("answered_at")).and(Filter::is_in("state", ["new", "complaint"]));
        let waiting: Vec<Count> = view::aggregate(KIND).filter(open).count("n").rows()?;
        Ok(Figures {
            in_time: sum(|on_time| on_time > 0),
            late: sum(|on_time| on_time == 0),
            waiting: waiting.iter().map(|count| count.n).sum(),
        })
    }

    /// In tenths of a percent, rounded half up; none without a post.
    pub fn share(self) -> Option<u64> {
        let n = self.in_time + self.late;
        (n > 0).then(|| (self.in_time * 2_000 + n) / (2 * n))
    }

    /// As it is read.
    pub fn share_text(self) -> String {
        self.share().map_or_else(|| "–".into(), |share| format!("{}.{} %", share / 10, share % 10))
    }
}

/// What a program or a screen is told.
pub fn figures(input: Period) -> Result<Value> {
    let figures = Figures::of(input.days)?;
    Ok(json!({
        "days": input.days, "n": figures.in_time + figures.late, "in_time": figures.in_time, "late": figures.late,
        "waiting": figures.waiting, "share": figures.share_text(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(in_time: u64, late: u64) -> String {
        Figures { in_time, late, waiting: 0 }.share_text()
    }

    #[test]
    fn the_share_is_rounded_half_up_to_a_tenth() {
        assert_eq!(share(7, 1), "87.5 %");
        assert_eq!(share(2, 1), "66.7 %");
        assert_eq!(share(1, 15), "6.3 %");
        assert_eq!(share(3, 0), "100.0 %");
    }

    #[test]
    fn without_posts_there_is_no_share() {
        assert_eq!(share(0, 0), "–");
    }
}
