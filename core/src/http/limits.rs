//! How much anybody may ask for: buckets of units that are emptied by what requests cost and fill up again.
//!
//! There is one for each session at an address, each address that is not signed in, and each organisation.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::address::counted;
use crate::{Error, ErrorKind, Result, app::LimitConfig, model::Id};

/// Buckets kept of one sort; beyond, those that are full again are let go, once a second at most: each new one costs its owner a request,
/// and going through all of them for each would cost us more.
const MAX_BUCKETS: usize = 20_000;
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// All buckets.
#[derive(Debug)]
pub struct Limits {
    sessions: Buckets<(Id, Option<IpAddr>)>,
    addresses: Buckets<Option<IpAddr>>,
    orgs: Buckets<Id>,
    /// Of public pages, beside what an address may ask for in all.
    visitors: Buckets<Option<IpAddr>>,
    /// By the links to public pages, whoever has one.
    links: Buckets<String>,
}

/// Buckets of one sort. Each is the moment at which it will be full again, which is all there is to know of it.
#[derive(Debug)]
struct Buckets<K> {
    kept: Mutex<Kept<K>>,
    /// How long a unit takes to come back; none for no limit.
    unit: Option<Duration>,
    /// How long an empty bucket takes to fill.
    whole: Duration,
}

#[derive(Debug)]
struct Kept<K> {
    full_at: HashMap<K, Instant>,
    swept_at: Option<Instant>,
}

impl<K> Kept<K> {
    fn sweep(&mut self, now: Instant) {
        let is_due = self.swept_at.is_none_or(|at| now.saturating_duration_since(at) >= SWEEP_EVERY);
        if self.full_at.len() >= MAX_BUCKETS && is_due {
            self.swept_at = Some(now);
            self.full_at.retain(|_, at| *at > now);
        }
    }
}

impl Limits {
    /// As configured.
    pub fn new(config: &LimitConfig) -> Limits {
        Limits {
            sessions: Buckets::new(config.session_per_second, config.session_burst),
            addresses: Buckets::new(config.address_per_second, config.address_burst),
            orgs: Buckets::new(config.org_per_second, config.org_burst),
            visitors: Buckets::new(config.page_per_second, config.page_burst),
            links: Buckets::new(config.page_per_second, config.page_burst),
        }
    }

    /// Charge somebody who is signed in.
    ///
    /// # Errors
    /// `rate.limited`, with when to come back.
    pub fn signed(&self, session: &Id, address: Option<IpAddr>, org: &Id, cost: u32, now: Instant) -> Result<()> {
        let key = (session.clone(), address.map(counted));
        self.sessions.take(key.clone(), cost, now)?;
        // What the organisation refuses its people have not had.
        self.orgs.take(org.clone(), cost, now).inspect_err(|_| self.sessions.give_back(&key, cost))
    }

    /// Charge an address nobody is signed in at.
    ///
    /// # Errors
    /// `rate.limited`, with when to come back.
    pub fn unsigned(&self, address: Option<IpAddr>, cost: u32, now: Instant) -> Result<()> {
        self.addresses.take(address.map(counted), cost, now)
    }

    /// Charge a visitor of a public page, and the link they came by.
    ///
    /// # Errors
    /// `rate.limited`, with when to come back.
    pub fn visitor(&self, address: Option<IpAddr>, link: Option<&str>, cost: u32, now: Instant) -> Result<()> {
        self.visitors.take(address.map(counted), cost, now)?;
        link.map_or(Ok(()), |link| self.links.take(link.to_owned(), cost, now))
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(per_second: u32, burst: u32) -> Buckets<K> {
        let unit = (per_second > 0).then(|| Duration::from_secs(1) / per_second);
        // A burst below what one request costs would let none through.
        let whole = unit.unwrap_or_default() * burst.max(super::route::MAX_COST);
        Buckets { kept: Mutex::new(Kept { full_at: HashMap::new(), swept_at: None }), unit, whole }
    }

    fn take(&self, key: K, cost: u32, now: Instant) -> Result<()> {
        let Some(unit) = self.unit else { return Ok(()) };
        let mut kept = self.lock();
        kept.sweep(now);
        let before = kept.full_at.get(&key).copied().unwrap_or(now).max(now);
        let after = before + unit * cost;
        let missing = (after - now).saturating_sub(self.whole);
        if missing.is_zero() {
            kept.full_at.insert(key, after);
            return Ok(());
        }
        let seconds = u32::try_from(missing.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        let message = format!("too much was asked for at once; wait {seconds} s and ask again, more slowly");
        Err(Error::new(ErrorKind::TooMany, "rate.limited", message).retry_after(seconds))
    }

    fn give_back(&self, key: &K, cost: u32) {
        let Some(unit) = self.unit else { return };
        if let Some(at) = self.lock().full_at.get_mut(key) {
            *at = at.checked_sub(unit * cost).unwrap_or(*at);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept<K>> {
        // A panic cannot leave a moment half-written.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn what_the_organisation_refuses_the_session_has_not_spent() {
        let config = LimitConfig {
            session_per_second: 1,
            session_burst: 100,
            org_per_second: 1,
            org_burst: 150,
            ..LimitConfig::default()
        };
        let (limits, now) = (Limits::new(&config), Instant::now());
        limits.signed(&id("s"), None, &id("d1"), 100, now).unwrap();
        for _ in 0..5 {
            assert!(limits.signed(&id("t"), None, &id("d1"), 100, now).is_err(), "the organisation has 50 left");
        }
        limits.signed(&id("t"), None, &id("d2"), 100, now).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_has_one_bucket() {
        let config = LimitConfig { address_per_second: 1, address_burst: 100, ..LimitConfig::default() };
        let (limits, now) = (Limits::new(&config), Instant::now());
        let from = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 1, 2, 3, 4, 5, last]));
        limits.unsigned(from(1), 100, now).unwrap();
        assert!(limits.unsigned(from(2), 1, now).is_err());
    }

    #[test]
    fn a_link_to_a_public_page_has_a_bucket_of_its_own_wherever_it_is_opened() {
        let config = LimitConfig { page_per_second: 1, page_burst: 100, ..LimitConfig::default() };
        let (limits, now) = (Limits::new(&config), Instant::now());
        let from = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        limits.visitor(from(1), Some("a"), 60, now).unwrap();
        assert_eq!(limits.visitor(from(2), Some("a"), 60, now).unwrap_err().code, "rate.limited");
        limits.visitor(from(3), Some("b"), 60, now).unwrap();
        assert!(limits.visitor(from(3), None, 60, now).is_err(), "the address has had enough");
    }

    #[test]
    fn full_buckets_are_swept_out_once_a_second_at_most() {
        let now = Instant::now();
        let later = |ms: u64| now + Duration::from_millis(ms);
        let mut kept = Kept { full_at: (0..MAX_BUCKETS).map(|n| (n, later(1_500))).collect(), swept_at: None };
        kept.sweep(now);
        assert_eq!(kept.full_at.len(), MAX_BUCKETS);
        kept.full_at.iter_mut().for_each(|(_, at)| *at = now);
        kept.sweep(later(999));
        assert_eq!(kept.full_at.len(), MAX_BUCKETS, "it was done less than a second ago");
        kept.sweep(later(1_000));
        assert!(kept.full_at.is_empty());
    }
}
