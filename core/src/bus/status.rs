//! How a subscription fares, for the console and for metrics.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{LogLine, Usage};
use crate::model::Fault;

/// Log lines kept of each subscription.
const KEPT_LINES: usize = 500;
/// Codes of faults counted by themselves.
const MAX_CODES: usize = 24;
const MINUTE: Duration = Duration::from_secs(60);

/// How a subscription fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Status {
    /// Events committed that it has not passed yet.
    pub lag: i64,
    /// Deliveries put aside.
    pub parked: u32,
    /// Calls of the guest since the start.
    pub calls: u64,
    /// Events handled since the start.
    pub events: u64,
    /// Calls that failed since the start.
    pub faults: u64,
    /// The last failure.
    pub last_fault: Option<Fault>,
    /// Failures since the start by code.
    pub fault_codes: BTreeMap<String, u64>,
    /// Events handled in the last whole minute.
    pub per_minute: u64,
    /// Seconds until it is called again, when it rests after failing again and again.
    pub rests_s: Option<u64>,
    /// Processor time of its guest in microseconds.
    pub guest_us: u64,
    /// Time the host spent in its stead in microseconds.
    pub host_us: u64,
    /// The most memory one of its instances had.
    pub memory_bytes: u64,
}

/// What guests have logged, by subscription: also while one rests, and from one of its versions to the next.
#[derive(Debug, Default)]
pub(super) struct Logs(Mutex<BTreeMap<String, VecDeque<LogLine>>>);

impl Logs {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<LogLine>>> {
        // Lines stay readable whatever happened to the thread that wrote one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, name: &str, lines: Vec<LogLine>) {
        if lines.is_empty() {
            return;
        }
        let mut all = self.all();
        let kept = all.entry(name.to_owned()).or_default();
        kept.extend(lines);
        let surplus = kept.len().saturating_sub(KEPT_LINES);
        kept.drain(..surplus);
    }

    /// The newest first.
    pub(super) fn of(&self, name: &str) -> Vec<LogLine> {
        self.all().get(name).map(|lines| lines.iter().rev().cloned().collect()).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    status: Status,
    minute: Minute,
}

/// Counts by the minute.
#[derive(Debug)]
struct Minute {
    began: Instant,
    current: u64,
    last: u64,
}

impl Default for Minute {
    fn default() -> Minute {
        Minute { began: Instant::now(), current: 0, last: 0 }
    }
}

impl Minute {
    fn count(&mut self, n: u64, now: Instant) {
        let elapsed = now.saturating_duration_since(self.began);
        if elapsed >= MINUTE {
            // After two quiet minutes the last one was quiet.
            self.last = if elapsed < 2 * MINUTE { self.current } else { 0 };
            (self.began, self.current) = (now, 0);
        }
        self.current += n;
    }
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters and lines stay usable whatever happened to the thread that held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn called(&self, usage: Usage) {
        let mut state = self.state();
        let status = &mut state.status;
        status.calls += 1;
        status.guest_us += usage.guest.as_micros() as u64;
        status.host_us += usage.host.as_micros() as u64;
        status.memory_bytes = status.memory_bytes.max(usage.memory_bytes);
    }

    pub(super) fn handled(&self, n_events: usize) {
        let mut state = self.state();
        state.status.events += n_events as u64;
        state.minute.count(n_events as u64, Instant::now());
    }

    pub(super) fn failed(&self, fault: &Fault) {
        let mut state = self.state();
        state.status.faults += 1;
        state.status.last_fault = Some(fault.clone());
        let codes = &mut state.status.fault_codes;
        // A plugin names its own faults; it does not name as many as it likes.
        let is_new = !codes.contains_key(&fault.code) && codes.len() >= MAX_CODES;
        *codes.entry(if is_new { "other".to_owned() } else { fault.code.clone() }).or_default() += 1;
    }

    pub(super) fn status(&self) -> Status {
        let mut state = self.state();
        state.minute.count(0, Instant::now());
        Status { per_minute: state.minute.last, ..state.status.clone() }
    }
}
