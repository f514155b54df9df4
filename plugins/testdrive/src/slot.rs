//! When a car is taken: two drives of a car never overlap, and between them it is made ready.

use marque_sdk::Result;

use marque_sdk::moment;

/// A time in which a car is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// From.
    pub start: String,
    /// To.
    pub end: String,
}

impl Slot {
    /// A slot that begins then and takes so many minutes.
    pub fn new(start: &str, minutes: i64) -> Result<Slot> {
        Ok(Slot { start: start.to_owned(), end: moment::plus(start, minutes)? })
    }

    /// How long it is.
    pub fn minutes(&self) -> Result<i64> {
        moment::between(&self.start, &self.end)
    }
}

/// When a car that is taken so is free for as long as `wish`, at the earliest when it wishes: its own beginning if it is free then.
pub fn free_from(wish: &Slot, taken: &[Slot], turnaround: i64) -> Result<String> {
    let minutes = wish.minutes()?;
    let mut taken = taken.to_vec();
    taken.sort_by(|one, other| one.start.cmp(&other.start));
    let mut from = wish.start.clone();
    for slot in &taken {
        let needed = moment::plus(&from, minutes + turnaround)?;
        let ready = moment::plus(&slot.end, turnaround)?;
        if slot.start < needed && from < ready {
            from = ready;
        }
    }
    Ok(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(start: &str, end: &str) -> Slot {
        let at = |time: &str| format!("2026-06-06T{time}:00.000Z");
        Slot { start: at(start), end: at(end) }
    }

    fn free(wish: (&str, &str), taken: &[Slot]) -> String {
        free_from(&slot(wish.0, wish.1), taken, 15).unwrap()[11..16].to_owned()
    }

    #[test]
    fn a_car_rests_a_quarter_of_an_hour_after_a_drive() {
        let taken = [slot("10:00", "10:30")];
        assert_eq!(free(("10:40", "11:10"), &taken), "10:45");
        assert_eq!(free(("10:45", "11:15"), &taken), "10:45");
        assert_eq!(free(("10:29", "10:59"), &taken), "10:45");
    }

    #[test]
    fn and_before_the_next_one() {
        let taken = [slot("10:00", "10:30")];
        assert_eq!(free(("09:15", "09:45"), &taken), "09:15");
        assert_eq!(free(("09:16", "09:46"), &taken), "10:45");
    }

    #[test]
    fn a_gap_that_is_too_short_is_passed_over() {
        let taken = [slot("11:00", "11:30"), slot("10:00", "10:30")];
        assert_eq!(free(("10:00", "10:30"), &taken), "11:45");
        let taken = [slot("10:00", "10:30"), slot("11:30", "11:45")];
        assert_eq!(free(("10:00", "10:30"), &taken), "10:45");
    }

    #[test]
    fn a_car_that_nobody_has_is_free() {
        assert_eq!(free(("08:00", "20:00"), &[]), "08:00");
    }
}
