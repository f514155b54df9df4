//! What a call has left of its quotas. A spent quota stops the guest at once: it is returned as the host call's error.

use std::{fmt, time::Duration};

use wasmtime::Trap;

use super::{
    Limits,
    deadline::{self, Elapsed},
};

/// The quotas of one call and what has been used of them.
pub(super) struct Budget {
    limits: Limits,
    host_calls: u64,
    rows: u64,
    bytes_read: u64,
    commands: u64,
    emits: u64,
    decisions: u64,
    bytes_out: u64,
    waited: Elapsed,
}

impl Budget {
    pub fn new(limits: &Limits) -> Budget {
        Budget {
            limits: limits.clone(),
            host_calls: 0,
            rows: 0,
            bytes_read: 0,
            commands: 0,
            emits: 0,
            decisions: 0,
            bytes_out: 0,
            waited: Elapsed::default(),
        }
    }

    /// Every call of the host, whatever it is for.
    pub fn host_call(&mut self) -> Result<(), Quota> {
        spend(&mut self.host_calls, 1, self.limits.host_calls.into(), "host calls")
    }

    pub fn rows(&mut self, n_rows: usize) -> Result<(), Quota> {
        spend(&mut self.rows, n_rows as u64, self.limits.rows.into(), "rows read")
    }

    pub fn bytes_read(&mut self, n_bytes: usize) -> Result<(), Quota> {
        spend(&mut self.bytes_read, n_bytes as u64, self.limits.bytes_read as u64, "bytes read")
    }

    pub fn commands(&mut self, n_commands: usize) -> Result<(), Quota> {
        spend(&mut self.commands, n_commands as u64, self.limits.commands.into(), "commands")
    }

    pub fn emit(&mut self) -> Result<(), Quota> {
        spend(&mut self.emits, 1, self.limits.emits.into(), "events raised")
    }

    pub fn decision(&mut self) -> Result<(), Quota> {
        spend(&mut self.decisions, 1, self.limits.decisions.into(), "decisions")
    }

    /// Bodies, notes and replies.
    pub fn bytes_out(&mut self, n_bytes: usize) -> Result<(), Quota> {
        spend(&mut self.bytes_out, n_bytes as u64, self.limits.bytes_out as u64, "bytes handed over")
    }

    /// What a call begins with.
    pub fn bytes_in(&mut self, n_bytes: usize) -> Result<(), Quota> {
        spend(&mut 0, n_bytes as u64, self.limits.bytes_in as u64, "bytes taken in")
    }

    /// Time spent waiting for decisions, which is not counted against the guest's own deadline but has one too.
    pub fn waited(&mut self, time: Elapsed) -> Result<(), Trap> {
        self.waited += time;
        let is_over = deadline::left(Duration::from_millis(self.limits.decides_ms), self.waited).is_zero();
        if is_over { Err(Trap::Interrupt) } else { Ok(()) }
    }
}

/// A quota of ours is spent; returned by a host function, it stops the guest at once.
#[derive(Debug)]
pub(super) struct Quota {
    /// What there was too much of, `host calls`.
    pub what: &'static str,
    /// How much there may be.
    pub limit: u64,
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it used more than the {} {} of one call", self.limit, self.what)
    }
}

impl std::error::Error for Quota {}

fn spend(spent: &mut u64, amount: u64, limit: u64, what: &'static str) -> Result<(), Quota> {
    *spent = spent.saturating_add(amount);
    if *spent > limit { Err(Quota { what, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_unit_of_a_quota_may_be_spent() {
        let mut budget = Budget::new(&Limits { rows: 2, ..Limits::default() });
        assert!(budget.rows(2).is_ok());
        assert!(budget.rows(1).is_err());
    }

    #[test]
    fn waiting_adds_up() {
        let mut budget = Budget::new(&Limits { decides_ms: 10, ..Limits::default() });
        let six = Elapsed { wall: Duration::from_millis(6), cpu: Duration::from_millis(6) };
        assert!(budget.waited(six).is_ok());
        assert!(budget.waited(six).is_err());
    }
}
