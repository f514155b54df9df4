//! How much anybody may ask for: buckets of units that are emptied by what requests cost and fill up again.
//!
//! There is one for each session at an address, each address that is not signed in, and each organisation.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{Error, ErrorKind, Result, app::LimitConfig, model::Id};

/// Buckets kept of one sort; beyond, those that are full again are let go.
const MAX_BUCKETS: usize = 20_000;

/// All buckets.
#[derive(Debug)]
pub struct Limits {
    sessions: Buckets<(Id, Option<IpAddr>)>,
    addresses: Buckets<Option<IpAddr>>,
    orgs: Buckets<Id>,
}

/// Buckets of one sort. Each is the moment at which it will be full again, which is all there is to know of it.
#[derive(Debug)]
struct Buckets<K> {
    full_at: Mutex<HashMap<K, Instant>>,
    /// How long a unit takes to come back; none for no limit.
    unit: Option<Duration>,
    /// How long an empty bucket takes to fill.
    whole: Duration,
}

impl Limits {
    /// As configured.
    pub fn new(config: &LimitConfig) -> Limits {
        Limits {
            sessions: Buckets::new(config.session_per_second, config.session_burst),
            addresses: Buckets::new(config.address_per_second, config.address_burst),
            orgs: Buckets::new(config.org_per_second, config.org_burst),
        }
    }

    /// Charge somebody who is signed in.
    ///
    /// # Errors
    /// `rate.limited`, with when to come back.
    pub fn signed(&self, session: &Id, address: Option<IpAddr>, org: &Id, cost: u32, now: Instant) -> Result<()> {
        self.sessions.take((session.clone(), address), cost, now)?;
        self.orgs.take(org.clone(), cost, now)
    }

    /// Charge an address nobody is signed in at.
    ///
    /// # Errors
    /// `rate.limited`, with when to come back.
    pub fn unsigned(&self, address: Option<IpAddr>, cost: u32, now: Instant) -> Result<()> {
        self.addresses.take(address, cost, now)
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(per_second: u32, burst: u32) -> Buckets<K> {
        let unit = (per_second > 0).then(|| Duration::from_secs(1) / per_second);
        // A burst below what one request costs would let none through.
        let whole = unit.unwrap_or_default() * burst.max(super::route::MAX_COST);
        Buckets { full_at: Mutex::default(), unit, whole }
    }

    fn take(&self, key: K, cost: u32, now: Instant) -> Result<()> {
        let Some(unit) = self.unit else { return Ok(()) };
        // A panic cannot leave a moment half-written.
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MAX_BUCKETS {
            full_at.retain(|_, at| *at > now);
        }
        let before = full_at.get(&key).copied().unwrap_or(now).max(now);
        let after = before + unit * cost;
        let missing = (after - now).saturating_sub(self.whole);
        if missing.is_zero() {
            full_at.insert(key, after);
            return Ok(());
        }
        let seconds = u32::try_from(missing.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        let message = format!("too much was asked for at once; wait {seconds} s and ask again, more slowly");
        Err(Error::new(ErrorKind::TooMany, "rate.limited", message).retry_after(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: u32, burst: u32) -> Limits {
        Limits::new(&LimitConfig {
            session_per_second: per_second,
            session_burst: burst,
            org_per_second: 0,
            ..LimitConfig::default()
        })
    }

    fn id(text: &str) -> Id {
        text.parse().unwrap()
    }

    #[test]
    fn a_bucket_is_emptied_by_cost_and_fills_again() {
        let (limits, now) = (limits(10, 200), Instant::now());
        let ask = |cost: u32, after_ms: u64| {
            limits.signed(&id("s"), None, &id("d1"), cost, now + Duration::from_millis(after_ms))
        };
        ask(100, 0).unwrap();
        ask(100, 0).unwrap();
        let error = ask(1, 0).unwrap_err();
        assert_eq!((error.code.as_str(), error.retry_seconds), ("rate.limited", Some(1)));
        assert_eq!(ask(100, 0).unwrap_err().retry_seconds, Some(10));
        ask(1, 100).unwrap();
        assert!(ask(1, 100).is_err(), "a refused request takes nothing, a granted one does");
        ask(100, 20_000).unwrap();
    }

    #[test]
    fn each_session_at_each_address_has_a_bucket_of_its_own() {
        let (limits, now) = (limits(1, 100), Instant::now());
        let (here, there): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        limits.signed(&id("s"), Some(here), &id("d1"), 100, now).unwrap();
        assert!(limits.signed(&id("s"), Some(here), &id("d1"), 1, now).is_err());
        limits.signed(&id("s"), Some(there), &id("d1"), 1, now).unwrap();
        limits.signed(&id("t"), Some(here), &id("d1"), 1, now).unwrap();
    }

    #[test]
    fn an_organisation_has_a_ceiling_over_its_sessions() {
        let config = LimitConfig { session_per_second: 0, org_per_second: 1, org_burst: 150, ..LimitConfig::default() };
        let (limits, now) = (Limits::new(&config), Instant::now());
        limits.signed(&id("s"), None, &id("d1"), 100, now).unwrap();
        assert!(limits.signed(&id("t"), None, &id("d1"), 100, now).is_err());
        limits.signed(&id("u"), None, &id("d2"), 100, now).unwrap();
    }
}
