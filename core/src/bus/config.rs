//! What can be set about deliveries.

use serde::{Deserialize, Serialize};

/// Deliveries: how many at once, how often again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// Threads that run guests; 0 = one a core, at least two.
    pub workers: usize,
    /// Events in one call at most.
    pub batch: usize,
    /// Tries before a delivery is parked. A guest's own "never again" parks at once.
    pub tries: u32,
    /// Wait before the second try in milliseconds; doubles with each further one, with jitter.
    pub backoff_ms: u64,
    /// The longest wait between tries in milliseconds.
    pub max_backoff_ms: u64,
    /// Deliveries a second that an import's events are let go at, for each plugin, when it was held or batched.
    pub paced_per_second: u32,
    /// Different deliveries that fail in a row, by a trap, a limit or the deadline, before a plugin rests; 0: never.
    pub breaker: u32,
    /// How long it rests in milliseconds; doubles with each further failure.
    pub rest_ms: u64,
    /// The longest it rests in milliseconds.
    pub max_rest_ms: u64,
    /// Events a plugin may raise in a minute by reacting to reactions to reactions, before it rests for one; 0: as many as it likes.
    pub storm_per_minute: u32,
}

impl Default for BusConfig {
    fn default() -> BusConfig {
        BusConfig {
            workers: 0,
            batch: 64,
            tries: 5,
            backoff_ms: 200,
            max_backoff_ms: 60_000,
            paced_per_second: 200,
            breaker: 5,
            rest_ms: 30_000,
            max_rest_ms: 3_600_000,
            storm_per_minute: 10_000,
        }
    }
}
