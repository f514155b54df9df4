//! Moments as the server writes them, `2026-03-13T02:00:00.000Z`, counted in seconds.

use marque_sdk::{Date, Fault, Result};

/// Seconds from one moment to another; negative when the other lies before.
pub fn seconds_between(from: &str, to: &str) -> Result<i64> {
    let (from_day, from_s) = parts(from)?;
    let (to_day, to_s) = parts(to)?;
    Ok(from_day.days_until(to_day) * 86_400 + to_s - from_s)
}

fn parts(moment: &str) -> Result<(Date, i64)> {
    let wrong = || Fault::new("time_invalid", format!("{moment:?} is not a moment"));
    let (day, clock) = moment.split_once('T').ok_or_else(wrong)?;
    let mut numbers = clock.split([':', '.', 'Z']).map(|part| part.parse::<i64>().ok());
    match (numbers.next().flatten(), numbers.next().flatten(), numbers.next().flatten()) {
        (Some(hours), Some(minutes), Some(seconds)) => Ok((day.parse()?, hours * 3_600 + minutes * 60 + seconds)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_run_over_midnight() {
        let between = |from, to| seconds_between(from, to).unwrap();
        assert_eq!(between("2026-03-13T23:59:30.000Z", "2026-03-14T00:01:00.500Z"), 90);
        assert_eq!(between("2026-03-14T00:00:00.000Z", "2026-03-13T00:00:00.000Z"), -86_400);
        assert!(seconds_between("soon", "later").is_err());
    }
}
