//! Ids that commands make: a function of the request and a counter, so that a rehearsal and the real thing make the same ones.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::model::{Id, Time};

/// Where a context's ids come from. Clones count on together; [`Ids::again`] begins anew.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: Id,
    at: Time,
    n_made: Arc<AtomicU32>,
}

impl Ids {
    /// For a request of its own.
    pub fn fresh(at: Time) -> Ids {
        Ids::seeded(Id::fresh(at), at)
    }

    /// For a request that has been rehearsed with this seed.
    pub fn seeded(seed: Id, at: Time) -> Ids {
        Ids { seed, at, n_made: Arc::default() }
    }

    /// What the ids derive from.
    pub fn seed(&self) -> &Id {
        &self.seed
    }

    /// The next one.
    pub fn next(&self) -> Id {
        let n = self.n_made.fetch_add(1, Ordering::Relaxed);
        Id::derived(self.at, &["command", self.seed.as_str()], n)
    }

    /// The same ids once more, from the first.
    #[must_use]
    pub fn again(&self) -> Ids {
        Ids::seeded(self.seed.clone(), self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_makes_the_same_ids_and_a_clone_goes_on() {
        let ids = Ids::fresh(Time::from_millis(1_773_367_200_000));
        let (first, second) = (ids.next(), ids.clone().next());
        assert_ne!(first, second);
        let again = ids.again();
        assert_eq!([again.next(), again.next()], [first, second]);
        assert_ne!(Ids::fresh(Time::from_millis(0)).next(), Ids::fresh(Time::from_millis(0)).next());
    }
}
