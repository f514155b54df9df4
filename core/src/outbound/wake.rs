//! Sleeps until the next message is due, then sends what is.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::{Shared, post};
use crate::{Result, model::Scope, store::tables};

/// The longest sleep: a safety net for clocks that jump.
const LONGEST: Duration = Duration::from_secs(30);
/// After a round that failed.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) fn start(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    let mut set = shared.store.timers();
    let mut clock = shared.clock.changes();
    tokio::spawn(async move {
        // The receivers were made before the first look, so nothing that is queued meanwhile is missed.
        while let Some(shared) = weak.upgrade() {
            if shared.is_stopping.load(Ordering::SeqCst) {
                return;
            }
            let pause = match all_due(&shared).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "messages are held up");
                    SHORTEST
                }
            };
            drop(shared);
            tokio::select! {
                () = sleep(pause) => (),
                changed = set.changed() => if changed.is_err() { return },
                changed = clock.changed() => if changed.is_err() { return },
            }
        }
    });
}

/// Send everything that is due; answers how long to sleep.
async fn all_due(shared: &Arc<Shared>) -> Result<Duration> {
    loop {
        let is_stopping = shared.is_stopping.load(Ordering::SeqCst);
        if is_stopping || post::round(shared).await? == 0 {
            break;
        }
    }
    let reader = shared.clone();
    let next = tokio::task::spawn_blocking(move || tables::outbox::next_due(&reader.store.view(Scope::All)?));
    let now = shared.clock.now();
    Ok(match next.await.map_err(crate::Error::internal)?? {
        // A standing clock is set, not waited for.
        Some(_) if shared.clock.is_standing() => LONGEST,
        Some(due) => Duration::from_millis((due - now).max(1) as u64).min(LONGEST),
        None => LONGEST,
    })
}
