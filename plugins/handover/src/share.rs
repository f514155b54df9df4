//! Sharing out evenly: whole customers, the heaviest first, each to whoever has been given the fewest.

/// What somebody has been given so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// Customers.
    pub customers: i64,
    /// Their open records.
    pub weight: i64,
}

/// Who gets a customer of this weight: the place in the list of whoever has the fewest, then the lightest, then comes first.
pub fn next(given: &mut [Given], weight: i64) -> Option<usize> {
    let at = given.iter().enumerate().min_by_key(|(at, given)| (**given, *at))?.0;
    given[at].customers += 1;
    given[at].weight += weight;
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_three_among_four_are_six_six_six_and_five() {
        let mut given = [Given::default(); 4];
        for _ in 0..23 {
            next(&mut given, 1).unwrap();
        }
        assert_eq!(given.map(|given| given.customers), [6, 6, 6, 5]);
    }

    #[test]
    fn heavy_ones_are_spread() {
        let mut given = [Given::default(); 2];
        let who: Vec<usize> = [9, 8, 3, 1].into_iter().filter_map(|weight| next(&mut given, weight)).collect();
        assert_eq!(who, [0, 1, 1, 0]);
        assert_eq!(given.map(|given| given.weight), [10, 11]);
    }

    #[test]
    fn nobody_gets_what_there_is_nobody_for() {
        assert_eq!(next(&mut [], 1), None);
    }
}
