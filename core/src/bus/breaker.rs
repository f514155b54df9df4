//! A subscription that fails again and again rests for a while, and one that storms: its events wait, and others have the machine.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::BusConfig;
use crate::model::{Blame, Fault};

/// Reactions to reactions: from here on a chain counts towards a storm.
const STORMY_DEPTH: u8 = 3;
const MINUTE: Duration = Duration::from_secs(60);

/// Opens when as many different deliveries have failed with none succeeding between them.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failing: HashSet<i64>,
    rests_until: Option<Instant>,
    /// How long it rests the next time; nothing before the first.
    length: Duration,
    /// It has rested and nothing has succeeded since: the next failure is enough.
    is_on_trial: bool,
    minute: Option<Instant>,
    n_stormy: u32,
}

impl Breaker {
    /// Until when it rests, if it does.
    pub fn rests(&self, now: Instant) -> Option<Instant> {
        self.rests_until.filter(|until| *until > now)
    }

    /// Something succeeded.
    pub fn worked(&mut self) {
        self.failing.clear();
        (self.is_on_trial, self.length) = (false, Duration::ZERO);
    }

    /// One delivery failed by itself; answers for how long everything rests now, if it does. What the plugin says in its own words, or
    /// the server is to blame for, is no sign that the plugin is broken.
    pub fn failed(&mut self, seq: i64, fault: &Fault, config: &BusConfig, now: Instant) -> Option<Duration> {
        let is_broken = matches!(fault.code.as_str(), "trap" | "deadline" | "memory" | "quota");
        if config.breaker == 0 || fault.blame != Blame::Guest || !is_broken || self.rests(now).is_some() {
            return None;
        }
        self.failing.insert(seq);
        if !self.is_on_trial && self.failing.len() < config.breaker as usize {
            return None;
        }
        let (first, longest) = (Duration::from_millis(config.rest_ms), Duration::from_millis(config.max_rest_ms));
        self.length = (self.length * 2).clamp(first, longest.max(first));
        self.rests_until = Some(now + self.length);
        self.is_on_trial = true;
        self.failing.clear();
        Some(self.length)
    }

    /// A commit of the subscriber's has raised events; answers for how long it rests now, if that was too many in a minute.
    pub fn raised(&mut self, n_events: u32, depth: u8, config: &BusConfig, now: Instant) -> Option<Duration> {
        if depth < STORMY_DEPTH || config.storm_per_minute == 0 {
            return None;
        }
        let minute = *self.minute.get_or_insert(now);
        if now.saturating_duration_since(minute) >= MINUTE {
            (self.minute, self.n_stormy) = (Some(now), 0);
        }
        self.n_stormy = self.n_stormy.saturating_add(n_events);
        if self.n_stormy <= config.storm_per_minute {
            return None;
        }
        (self.minute, self.n_stormy) = (None, 0);
        self.rests_until = Some(now + MINUTE);
        Some(MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> BusConfig {
        BusConfig { breaker: 3, rest_ms: 1_000, max_rest_ms: 3_000, storm_per_minute: 10, ..BusConfig::default() }
    }

    fn trap() -> Fault {
        Fault::guest("trap", "it broke off", true)
    }

    #[test]
    fn one_delivery_that_fails_again_and_again_does_not_open_it() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        assert!((0..20).all(|_| breaker.failed(7, &trap(), &config(), now).is_none()));
        assert_eq!(breaker.rests(now), None);
    }

    #[test]
    fn different_deliveries_in_a_row_open_it_and_each_further_failure_for_longer() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        let rests: Vec<_> = (1..=3).map(|seq| breaker.failed(seq, &trap(), &config(), now)).collect();
        assert_eq!(rests, [None, None, Some(Duration::from_secs(1))]);
        assert_eq!(breaker.failed(4, &trap(), &config(), now), None, "it rests already");
        let later = now + Duration::from_secs(2);
        assert_eq!(breaker.failed(4, &trap(), &config(), later), Some(Duration::from_secs(2)), "one is enough now");
        let later = later + Duration::from_secs(9);
        assert_eq!(breaker.failed(5, &trap(), &config(), later), Some(Duration::from_secs(3)), "no longer than that");
        breaker.worked();
        let later = later + Duration::from_secs(9);
        assert_eq!(breaker.failed(6, &trap(), &config(), later), None, "all is well again");
    }

    #[test]
    fn what_works_in_between_keeps_it_shut_and_words_of_its_own_do_not_count() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        for seq in 0..9 {
            assert_eq!(breaker.failed(seq, &trap(), &config(), now), None);
            assert_eq!(breaker.failed(100 + seq, &Fault::guest("no_desk", "no desk", false), &config(), now), None);
            assert_eq!(breaker.failed(200 + seq, &Fault::host("disk"), &config(), now), None);
            breaker.worked();
        }
    }

    #[test]
    fn reactions_to_reactions_have_a_budget_a_minute() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        assert_eq!(breaker.raised(1_000, 2, &config(), now), None, "what people cause may be as much as it likes");
        assert_eq!(breaker.raised(10, 3, &config(), now), None);
        assert_eq!(breaker.raised(1, 4, &config(), now), Some(MINUTE));
        assert!(breaker.rests(now).is_some());
        let later = now + MINUTE;
        assert_eq!((breaker.rests(later), breaker.raised(10, 3, &config(), later)), (None, None));
    }
}
