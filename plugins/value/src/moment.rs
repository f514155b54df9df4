//! Days as moments: when a day begins where the calling organisation is, and months begun between two days.

use marque_sdk::Date;
pub use marque_sdk::moment::begin_of;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// How many months have begun since a day: six until the day six months later, seven from the day after it.
pub fn months_begun(since: Date, today: Date) -> i64 {
    // Never more than a month off, so the next ones are tried.
    let guess = (since.days_until(today).max(0) / 31).max(0);
    (guess..).find(|months| since.plus_months(*months) >= today).unwrap_or(guess)
}

/// Whole years since a day.
pub fn years_since(day: Date, today: Date) -> i64 {
    marque_sdk::moment::years(day, today).max(0)
}

/// The first day of a day's month.
pub fn month_begin(day: Date) -> Date {
    let n_day: i64 = day.to_string().get(8..).and_then(|text| text.parse().ok()).unwrap_or(1);
    day.plus_days(1 - n_day)
}

/// So many milliseconds after a moment in UTC, as the core writes them.
pub fn after(moment: &str, wait_ms: i64) -> String {
    let part = |range: std::ops::Range<usize>| moment.get(range).and_then(|text| text.parse::<i64>().ok());
    let (Some(day), Some(hour), Some(minute), Some(second), Some(milli)) = (
        moment.get(..10).and_then(|day| day.parse::<Date>().ok()),
        part(11..13),
        part(14..16),
        part(17..19),
        part(20..23),
    ) else {
        return moment.to_owned();
    };
    let millis = ((hour * 60 + minute) * 60 + second) * 1_000 + milli + wait_ms;
    let (day, millis) = (day.plus_days(millis / DAY_MS), millis % DAY_MS);
    let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{:03}Z", millis % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::{info, testing::Given};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_month_ends_on_its_last_day() {
        assert_eq!(months_begun(day("2025-09-13"), day("2026-03-13")), 6);
        assert_eq!(months_begun(day("2025-09-12"), day("2026-03-13")), 7);
        assert_eq!(months_begun(day("2026-03-13"), day("2026-03-13")), 0);
        assert_eq!(months_begun(day("2025-08-31"), day("2026-02-28")), 6);
        assert_eq!(months_begun(day("2020-01-01"), day("2026-03-13")), 75);
    }

    #[test]
    fn a_moment_goes_over_midnight() {
        assert_eq!(after("2026-03-13T02:00:00.000Z", 100), "2026-03-13T02:00:00.100Z");
        assert_eq!(after("2026-12-31T23:59:59.950Z", 1_100), "2027-01-01T00:00:01.050Z");
    }

    #[test]
    fn years_are_whole() {
        assert_eq!(years_since(day("2021-03-13"), day("2026-03-13")), 5);
        assert_eq!(years_since(day("2021-03-14"), day("2026-03-13")), 4);
        assert_eq!(years_since(day("2027-01-01"), day("2026-03-13")), 0);
    }

    #[test]
    fn a_day_in_shanghai_begins_at_four_in_the_afternoon_of_the_day_before() {
        let _ = Given::new().run(|| {
            assert_eq!(begin_of(day("2026-03-11"), &info::call()?)?, "2026-03-10T16:00:00.000Z");
            Ok(())
        });
    }
}
