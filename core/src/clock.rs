//! The one clock. Everything else is handed the time, so that tests can set it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::watch;

use crate::model::Time;

/// Tells the time: the system's, or one that stands still until it is set.
#[derive(Clone, Debug)]
pub struct Clock {
    set: Option<Arc<AtomicI64>>,
    changes: watch::Sender<u64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock { set: None, changes: watch::Sender::new(0) }
    }

    /// A clock that stands at `now` until [`Clock::set`].
    pub fn standing(now: Time) -> Clock {
        Clock { set: Some(Arc::new(AtomicI64::new(now.millis()))), changes: watch::Sender::new(0) }
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        match &self.set {
            Some(millis) => Time::from_millis(millis.load(Ordering::SeqCst)),
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
            None => jiff::Timestamp::now().into(),
        }
    }

    /// Set a standing clock; `false` for the system's, which is nobody's to set.
    pub fn set(&self, now: Time) -> bool {
        let Some(millis) = &self.set else { return false };
        millis.store(now.millis(), Ordering::SeqCst);
        self.changes.send_modify(|generation| *generation += 1);
        true
    }

    /// Whether it can be set.
    pub fn is_standing(&self) -> bool {
        self.set.is_some()
    }

    /// Wakes its receivers when the clock has been set.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
