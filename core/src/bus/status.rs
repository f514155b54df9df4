//! How a subscription fares, for the console and for metrics.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::LogLine;
use crate::model::Fault;

/// Log lines kept of each subscription.
const KEPT_LINES: usize = 500;

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
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    status: Status,
    logs: VecDeque<LogLine>,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters and lines stay usable whatever happened to the thread that held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn called(&self, logs: Vec<LogLine>) {
        let mut state = self.state();
        state.status.calls += 1;
        state.logs.extend(logs);
        let surplus = state.logs.len().saturating_sub(KEPT_LINES);
        state.logs.drain(..surplus);
    }

    pub(super) fn handled(&self, n_events: usize) {
        self.state().status.events += n_events as u64;
    }

    pub(super) fn failed(&self, fault: &Fault) {
        let mut state = self.state();
        state.status.faults += 1;
        state.status.last_fault = Some(fault.clone());
    }

    pub(super) fn status(&self) -> Status {
        self.state().status.clone()
    }

    pub(super) fn logs(&self) -> Vec<LogLine> {
        self.state().logs.iter().rev().cloned().collect()
    }
}
