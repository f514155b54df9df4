//! Reads each new event once and hands it to all open streams, so that a hundred consoles cost one read a commit.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{Semaphore, broadcast};

use super::super::{Http, Shared};
use crate::{Result, model::Event, store::tables};

/// Batches a stream may fall behind before it reads the log itself.
const BEHIND: usize = 64;
/// Events of one batch at most.
const BATCH: u32 = 500;
/// Streams open at once.
pub const MAX_STREAMS: usize = 2_000;

/// New events, for whoever listens.
#[derive(Debug)]
pub struct Hub {
    batches: broadcast::Sender<Arc<[Event]>>,
    is_running: AtomicBool,
    /// A place for each stream.
    pub places: Arc<Semaphore>,
}

impl Default for Hub {
    fn default() -> Hub {
        Hub {
            batches: broadcast::Sender::new(BEHIND),
            is_running: AtomicBool::new(false),
            places: Arc::new(Semaphore::new(MAX_STREAMS)),
        }
    }
}

/// Listen to new events. Listen first, then read the log up to now: nothing can fall between.
pub fn listen(http: &Shared) -> broadcast::Receiver<Arc<[Event]>> {
    let receiver = http.hub.batches.subscribe();
    if !http.hub.is_running.swap(true, Ordering::SeqCst) {
        tokio::spawn(run(Arc::downgrade(http)));
    }
    receiver
}

async fn run(weak: Weak<Http>) {
    let Some(http) = weak.upgrade() else { return };
    let mut head = http.app.store.head();
    let mut at = *head.borrow_and_update();
    drop(http);
    while head.changed().await.is_ok() {
        let Some(http) = weak.upgrade() else { return };
        let to = *head.borrow_and_update();
        if http.hub.batches.receiver_count() == 0 {
            at = to;
            continue;
        }
        match hand_out(&http, at, to).await {
            Ok(reached) => at = reached,
            // The streams are told again at the next commit; none is skipped, for `at` stands.
            Err(error) => tracing::warn!(%error, "new events could not be read for the streams"),
        }
    }
}

async fn hand_out(http: &Shared, mut at: i64, to: i64) -> Result<i64> {
    while at < to {
        let events = http.all(move |view| tables::event::after(view, at, BATCH)).await?;
        let Some(last) = events.last() else { break };
        at = last.seq;
        // Nobody listening any more is no failure.
        let _ = http.hub.batches.send(events.into());
    }
    Ok(at)
}
