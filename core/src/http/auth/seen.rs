//! When each session was last used: exactly in memory, now and then in the store.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::super::Shared;
use crate::{
    model::{Id, Time},
    store::tables::{
        self,
        session::{Kind, Session},
    },
};

/// How old what is written may be. After a crash a session may look that much less used than it was.
const WRITE_EVERY_MS: i64 = 5 * 60_000;
/// Sessions remembered; beyond, what is written has to do.
const MAX_SEEN: usize = 20_000;

/// When each was last used, and when that was last written.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<Id, Times>>);

#[derive(Clone, Copy, Debug)]
struct Times {
    used: Time,
    written: Time,
}

impl Seen {
    /// A session was used just now.
    pub fn note(&self, http: &Shared, session: &Session, address: Option<IpAddr>) {
        let now = http.app.clock.now();
        let is_due = {
            let mut seen = self.lock();
            if seen.len() >= MAX_SEEN {
                seen.clear();
            }
            let known = Times { used: session.seen_at, written: session.seen_at };
            let times = seen.entry(session.id.clone()).or_insert(known);
            times.used = times.used.max(now);
            let is_due = now - times.written >= WRITE_EVERY_MS;
            if is_due {
                times.written = now;
            }
            is_due
        };
        if is_due {
            let (http, id) = (http.clone(), session.id.clone());
            let address = address.map(|address| address.to_string());
            // Nobody waits for it, and a queue that is full has more to do than this.
            tokio::spawn(async move {
                let written =
                    http.app.store.commit(move |tx| tables::session::seen(tx, &id, now, address.as_deref())).await;
                if let Err(error) = written {
                    tracing::debug!(%error, "the use of a session was not written down");
                }
            });
        }
    }

    /// When a session was last used.
    pub fn last(&self, session: &Session) -> Time {
        self.lock().get(&session.id).map_or(session.seen_at, |times| times.used.max(session.seen_at))
    }

    /// Whether a session has not been used for too long. Machines rest for weeks, so tokens never have.
    pub fn is_idle(&self, session: &Session, idle_ms: i64, now: Time) -> bool {
        session.kind != Kind::Token && now - self.last(session) > idle_ms
    }

    /// A test has moved its clock, and everything that is written with it.
    pub fn forget(&self, by_ms: i64) {
        if by_ms > 0 {
            self.lock().clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Times>> {
        // A panic cannot leave two moments half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
