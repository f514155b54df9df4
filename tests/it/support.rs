//! What flow tests stand on: the built server in a folder of its own, a client, and patience with a limit.

pub mod client;
pub mod provider;
pub mod server;
pub mod takers;
mod template;

use std::{
    thread,
    time::{Duration, Instant},
};

pub use client::{Answer, Client};
pub use server::{Server, Setup};

/// The plugins that the binary carries, as they are listed.
pub const FIRST_PARTY: [&str; 17] = [
    "care",
    "complaints",
    "contacts",
    "handover",
    "kpi",
    "leads",
    "loyalty",
    "orders",
    "parties",
    "quotes",
    "showroom",
    "surveys",
    "testdrive",
    "value",
    "vehicles",
    "worklist",
    "workshop",
];

/// How long anything may take that the server does by itself.
pub const SOON: Duration = Duration::from_secs(10);

/// Waits until `look` finds something, and fails with `what` was waited for when it does not in time.
#[track_caller]
pub fn eventually<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain: {what}");
        rest(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that waits between two looks at another process")]
fn rest(pause: Duration) {
    thread::sleep(pause);
}

#[test]
fn what_is_there_already_is_found_at_once() {
    assert_eq!(eventually("a number", Duration::ZERO, || Some(7)), 7);
}

#[test]
fn what_comes_later_is_waited_for() {
    let mut looks = 0;
    let found = eventually("the third look", SOON, || {
        looks += 1;
        (looks == 3).then_some(looks)
    });
    assert_eq!(found, 3);
}
