//! The figures of follow-up: how many were due, tried in time, completed, satisfied. Counts first, so that each opens its rows.

use marque_sdk::{Fault, Filter, Result, Value, json, view};
use serde::Deserialize;

use crate::{
    call::KIND,
    clock,
    desk::{self, Desk},
};

/// Input of `figures`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    from: String,
    to: String,
    kind: Option<String>,
}

/// A rate in percent with one decimal, rounded half up; nothing of nothing.
fn rate(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| ((part * 2_000 + whole) / (whole * 2)) as f64 / 10.0)
}

/// Counts the calls whose window closed within some days, and what became of them.
pub fn figures(desk: &Desk, input: &Input) -> Result<Value> {
    let (from, to) = (desk::day(&input.from, "/from")?, desk::day(&input.to, "/to")?);
    if to < from {
        return Err(Fault::at("period_invalid", "/to", format!("{to} lies before {from}")));
    }
    let (begin, end) = (clock::at(from, 0, &desk.call)?, clock::at(to.plus_days(1), 0, &desk.call)?);
    let due = Filter::gte("due", begin)
        .and(Filter::lt("due", end))
        .and(Filter::is_in("state", ["due", "overdue", "done", "failed"]));
    let due = input.kind.iter().fold(due, |due, kind| due.and(Filter::eq("kind", kind.as_str())));
    let attempted = due.clone().and(Filter::eq("rated_on_time", 100));
    let completed = due.clone().and(Filter::eq("state", "done"));
    let rated = completed.clone().and(Filter::not_empty("rated_satisfied"));
    let satisfied = completed.clone().and(Filter::eq("rated_satisfied", 100));
    let counted = [&due, &attempted, &completed, &rated, &satisfied].map(|filter| count(filter.clone()));
    let [n_due, n_attempted, n_completed, n_rated, n_satisfied] = counted;
    let (n_due, n_attempted, n_completed) = (n_due?, n_attempted?, n_completed?);
    let (n_rated, n_satisfied) = (n_rated?, n_satisfied?);
    Ok(json!({
        "due": n_due, "on_time": n_attempted, "completed": n_completed, "rated": n_rated, "satisfied": n_satisfied,
        "on_time_rate": rate(n_attempted, n_due), "success_rate": rate(n_completed, n_due),
        "satisfied_rate": rate(n_satisfied, n_rated),
        "rows": { "due": due, "on_time": attempted, "completed": completed, "rated": rated, "satisfied": satisfied },
    }))
}

fn count(filter: Filter) -> Result<i64> {
    #[derive(Deserialize)]
    struct Row {
        n: i64,
    }
    let rows: Vec<Row> = view::aggregate(KIND).filter(filter).count("n").rows()?;
    Ok(rows.first().map_or(0, |row| row.n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_one_decimal_and_nothing_of_nothing_is_nothing() {
        assert_eq!(rate(171, 180), Some(95.0));
        assert_eq!(rate(150, 180), Some(83.3));
        assert_eq!(rate(141, 150), Some(94.0));
        assert_eq!(rate(1, 8), Some(12.5));
        assert_eq!(rate(2, 3), Some(66.7));
        assert_eq!(rate(1, 2000), Some(0.1));
        assert_eq!(rate(0, 0), None);
    }
}
