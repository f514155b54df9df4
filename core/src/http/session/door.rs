//! How fast passwords may be tried: two hashes at a time, and ten failures a quarter of an hour.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::address::counted;
use crate::{
    Error, ErrorKind, Result,
    model::{Id, Time, digest},
};

/// Hashes at once. Each takes a core and 19 MiB, argon2's default; more would starve everyone who is signed in already.
const MAX_HASHES: usize = 2;
/// Sign-ins that may wait for a hash; one more is told to come back.
const MAX_WAITING: usize = 50;
/// Failures within the window after which the door stays shut.
const MAX_FAILURES: usize = 10;
const WINDOW_MS: i64 = 15 * 60_000;
/// Login and address pairs remembered; beyond, those whose window is over are let go, once a second at most: each costs whoever knocks
/// a request, and going through all of them for each would cost us more.
const MAX_KNOCKS: usize = 10_000;
const SWEEP_EVERY_MS: i64 = 1_000;

/// Who knocks, by what they typed and where they are. Whether the login exists plays no part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Knock(String, Option<IpAddr>);

impl Knock {
    /// A login as typed, from an address.
    pub fn new(login: &str, address: Option<IpAddr>) -> Knock {
        // A digest, so that a megabyte typed as a login is not remembered.
        Knock(digest::hex(login), address.map(counted))
    }

    /// Wrong codes of a person whose password was right, from wherever.
    pub fn of_codes(user: &Id) -> Knock {
        Knock(format!("codes of {user}"), None)
    }

    /// Wrong passwords of somebody who is signed in: who sits down at another's desk does not know it.
    pub fn of_own_password(user: &Id) -> Knock {
        Knock(format!("password of {user}"), None)
    }
}

/// Counts failures and hands out turns.
#[derive(Debug)]
pub struct Door {
    failures: Mutex<Failures>,
    hashes: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Failures {
    by_knock: HashMap<Knock, Vec<Time>>,
    swept_at: Option<Time>,
}

impl Failures {
    /// Let go of what is over; whether it was time to.
    fn sweep(&mut self, now: Time) -> bool {
        let is_due = self.swept_at.is_none_or(|at| (now - at).abs() >= SWEEP_EVERY_MS);
        if self.by_knock.len() < MAX_KNOCKS || !is_due {
            return false;
        }
        self.swept_at = Some(now);
        self.by_knock.retain(|_, times| times.last().is_some_and(|last| now - *last < WINDOW_MS));
        true
    }
}

impl Default for Door {
    fn default() -> Door {
        Door {
            failures: Mutex::default(),
            hashes: Arc::new(Semaphore::new(MAX_HASHES)),
            waiting: Arc::new(Semaphore::new(MAX_HASHES + MAX_WAITING)),
        }
    }
}

/// The right to hash one password.
#[derive(Debug)]
pub struct Turn {
    _hash: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Door {
    /// Wait for the right to hash a password.
    ///
    /// # Errors
    /// `session.busy` when too many wait already.
    pub async fn turn(&self) -> Result<Turn> {
        let busy = || {
            Error::new(ErrorKind::Unavailable, "session.busy", "too many people are signing in; try again in a moment")
        };
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let hash = self.hashes.clone().acquire_owned().await.map_err(Error::internal)?;
        Ok(Turn { _hash: hash, _place: place })
    }

    /// Whether somebody may try.
    ///
    /// # Errors
    /// `session.throttled`, with when to come back.
    pub fn pass(&self, knock: &Knock, now: Time) -> Result<()> {
        let Some(wait_seconds) = self.is_shut(knock, now) else { return Ok(()) };
        let message = format!("too many wrong attempts; wait {} minutes and try again", (wait_seconds + 59) / 60);
        let error = Error::new(ErrorKind::TooMany, "session.throttled", message);
        Err(error.retry_after(u32::try_from(wait_seconds).unwrap_or(u32::MAX)))
    }

    /// For how many seconds the door stays shut, if it is.
    fn is_shut(&self, knock: &Knock, now: Time) -> Option<i64> {
        let failures = self.failures();
        let recent: Vec<&Time> = failures.by_knock.get(knock)?.iter().filter(|at| now - **at < WINDOW_MS).collect();
        if recent.len() < MAX_FAILURES {
            return None;
        }
        // It opens when the oldest of the last ten has left the window.
        let oldest = recent[recent.len() - MAX_FAILURES];
        Some(((WINDOW_MS - (now - *oldest)) / 1_000).max(1))
    }

    /// A wrong password.
    pub fn refused(&self, knock: &Knock, now: Time) {
        let mut failures = self.failures();
        failures.sweep(now);
        let times = failures.by_knock.entry(knock.clone()).or_default();
        times.retain(|at| now - *at < WINDOW_MS);
        times.push(now);
    }

    /// A right password: what was mistyped before is forgiven.
    pub fn opened(&self, knock: &Knock) {
        self.failures().by_knock.remove(knock);
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        // A panic cannot leave a list of times half-changed.
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Time {
        Time::from_millis(1_773_367_200_000 + minutes * 60_000)
    }

    #[test]
    fn ten_failures_shut_the_door_until_the_first_is_a_quarter_old() {
        let door = Door::default();
        let knock = Knock::new("wang.lei", Some([10, 0, 0, 1].into()));
        for minute in 0..9 {
            door.refused(&knock, at(minute));
        }
        assert_eq!(door.is_shut(&knock, at(9)), None);
        door.refused(&knock, at(9));
        assert_eq!(door.is_shut(&knock, at(9)), Some(6 * 60));
        assert_eq!(door.is_shut(&knock, at(15)), None);
    }

    #[test]
    fn another_address_and_another_login_are_let_in() {
        let door = Door::default();
        let knock = Knock::new("wang.lei", Some([10, 0, 0, 1].into()));
        (0..20).for_each(|_| door.refused(&knock, at(0)));
        assert!(door.is_shut(&knock, at(0)).is_some());
        assert_eq!(door.is_shut(&Knock::new("wang.lei", Some([10, 0, 0, 2].into())), at(0)), None);
        assert_eq!(door.is_shut(&Knock::new("li.na", Some([10, 0, 0, 1].into())), at(0)), None);
    }

    #[test]
    fn another_address_of_the_same_network_is_no_other() {
        let door = Door::default();
        let from = |last: u16| Knock::new("wang.lei", Some([0x2001, 0xdb8, 1, 2, 3, 4, 5, last].into()));
        (0..10).for_each(|n| door.refused(&from(n), at(0)));
        assert!(door.is_shut(&from(99), at(0)).is_some());
    }

    #[test]
    fn what_is_over_is_swept_out_once_a_second_at_most() {
        let mut failures = Failures::default();
        let knock = |n: usize| Knock::new(&n.to_string(), None);
        (0..MAX_KNOCKS).for_each(|n| drop(failures.by_knock.insert(knock(n), vec![at(0)])));
        assert!(failures.sweep(at(1)), "there are many, and it was never done");
        assert!(!failures.sweep(at(1).plus_millis(999)));
        assert!(failures.sweep(at(20)));
        assert!(failures.by_knock.is_empty());
    }

    #[test]
    fn a_right_password_forgives() {
        let door = Door::default();
        let knock = Knock::new("wang.lei", None);
        (0..9).for_each(|_| door.refused(&knock, at(0)));
        door.opened(&knock);
        door.refused(&knock, at(0));
        assert_eq!(door.is_shut(&knock, at(0)), None);
    }

    #[tokio::test]
    async fn two_hash_at_a_time_and_fifty_wait() {
        let door = Arc::new(Door::default());
        let first = door.turn().await.unwrap();
        let _second = door.turn().await.unwrap();
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| Box::pin(door.turn())).collect();
        for turn in &mut waiting {
            assert!(futures::poll!(turn.as_mut()).is_pending());
        }
        assert_eq!(door.turn().await.unwrap_err().code, "session.busy");
        drop(first);
        assert!(futures::poll!(waiting[0].as_mut()).is_ready());
    }
}
