//! The one clock. Everything else is handed the time, so that tests can set it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::{Result, model::Time};

/// The longest sleep of whoever waits for a moment: a safety net for clocks that jump.
const LONGEST: Duration = Duration::from_secs(30);
/// The sleep after a round that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

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

    /// Have `round` do what is due, again and again: when the moment it answers has come, when `set` tells that an earlier one may have
    /// been set, when the clock is. Ends when `shared` is gone or `is_over`. `what` is held up, says the log, when a round fails.
    ///
    /// Call inside a tokio runtime.
    pub fn attend<S, F>(
        &self,
        shared: &Arc<S>,
        mut set: watch::Receiver<u64>,
        what: &'static str,
        is_over: impl Fn(&S) -> bool + Send + 'static,
        round: impl Fn(Arc<S>) -> F + Send + 'static,
    ) where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Option<Time>>> + Send,
    {
        let (weak, clock) = (Arc::downgrade(shared), self.clone());
        // Made before the first look, like `set`, so nothing that changes meanwhile is missed.
        let mut changes = self.changes();
        tokio::spawn(async move {
            while let Some(shared) = weak.upgrade().filter(|shared| !is_over(shared)) {
                let pause = match round(shared).await {
                    Ok(due) => clock.pause(due),
                    Err(error) => {
                        tracing::error!(%error, "{what} are held up");
                        AFTER_FAILURE
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(pause) => (),
                    changed = set.changed() => if changed.is_err() { return },
                    changed = changes.changed() => if changed.is_err() { return },
                }
            }
        });
    }

    /// How long to sleep for a moment. A standing clock is set, not waited for.
    fn pause(&self, due: Option<Time>) -> Duration {
        match due {
            Some(due) if !self.is_standing() => {
                Duration::from_millis((due - self.now()).max(1).unsigned_abs()).min(LONGEST)
            }
            _ => LONGEST,
        }
    }

    /// Wakes its receivers when the clock has been set.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
