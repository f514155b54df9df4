//! Timers: sleeps until the next one is due, then turns what is due into events.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::Shared;
use crate::{
    Result,
    commands::{Ctx, Run, timer::Fire},
    model::Scope,
    store::tables,
};

/// Timers fired in one commit.
const BATCH: u32 = 500;
/// The longest sleep: a safety net for clocks that jump.
const LONGEST: Duration = Duration::from_secs(30);

pub(super) fn start(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    let mut set = shared.store.timers();
    let mut clock = shared.clock.changes();
    tokio::spawn(async move {
        // The receivers were made before the first look, so nothing that is set meanwhile is missed.
        while let Some(shared) = weak.upgrade() {
            if shared.is_stopping.load(Ordering::SeqCst) {
                return;
            }
            let pause = match fire(&shared).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "timers are held up");
                    Duration::from_secs(1)
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

/// Fire everything that is due; answers how long to sleep.
async fn fire(shared: &Arc<Shared>) -> Result<Duration> {
    loop {
        let reader = shared.clone();
        let next = tokio::task::spawn_blocking(move || tables::timer::next_due(&reader.store.view(Scope::All)?))
            .await
            .map_err(crate::Error::internal)??;
        let now = shared.clock.now();
        match next {
            Some(due) if due <= now => {
                let ctx = Ctx::system(crate::model::Id::hq(), now, shared.catalogue.load_full());
                shared.store.commit(move |tx| Fire { limit: BATCH }.run(tx, &ctx)).await?;
            }
            // A standing clock is set, not waited for.
            Some(_) if shared.clock.is_standing() => return Ok(LONGEST),
            Some(due) => return Ok(Duration::from_millis((due - now).max(1) as u64).min(LONGEST)),
            None => return Ok(LONGEST),
        }
    }
}
