//! How often the public pages may be asked for from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use crate::model::Time;

const WINDOW_MS: i64 = 60_000;
/// A dealer's house or a mobile network may stand behind one address, so this is far more than one person needs.
const MAX_ASKED: u32 = 240;
/// Links that are none of ours: somebody is guessing.
const MAX_UNKNOWN: u32 = 30;
/// Addresses remembered; beyond, all are forgotten, which costs nothing but a minute's patience with a guesser.
const MAX_ADDRESSES: usize = 10_000;

/// Counts by address and minute.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<Option<IpAddr>, Asked>>);

#[derive(Clone, Copy, Debug)]
struct Asked {
    since: Time,
    n_asked: u32,
    n_unknown: u32,
}

impl Pace {
    /// Count a request, and say whether it may be answered.
    pub fn allows(&self, address: Option<IpAddr>, now: Time, is_known: bool) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ADDRESSES {
            all.clear();
        }
        let asked = all.entry(address).or_insert(Asked { since: now, n_asked: 0, n_unknown: 0 });
        if now - asked.since >= WINDOW_MS {
            *asked = Asked { since: now, n_asked: 0, n_unknown: 0 };
        }
        asked.n_asked += 1;
        asked.n_unknown += u32::from(!is_known);
        asked.n_asked <= MAX_ASKED && (is_known || asked.n_unknown <= MAX_UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_773_367_200_000 + seconds * 1_000)
    }

    #[test]
    fn a_guesser_is_stopped_and_a_customer_behind_the_same_address_is_not() {
        let pace = Pace::default();
        let address = Some([10, 0, 0, 1].into());
        assert!((0..30).all(|_| pace.allows(address, at(0), false)));
        assert!(!pace.allows(address, at(1), false));
        assert!(pace.allows(address, at(1), true));
        assert!(pace.allows(Some([10, 0, 0, 2].into()), at(1), false));
        assert!(pace.allows(address, at(60), false), "a minute later");
    }

    #[test]
    fn nobody_needs_the_page_four_times_a_second() {
        let pace = Pace::default();
        assert_eq!((0..300).filter(|_| pace.allows(None, at(0), true)).count(), 240);
    }
}
