//! What the server does between requests: new segments are filled, and what an upgrade left unindexed is indexed for the search box.

use std::{sync::Arc, time::Duration};

use super::App;
use crate::Result;

/// Records indexed in one commit: some milliseconds of the writer's time.
const RECORDS: u32 = 200;
/// Between two commits, so that whoever writes meanwhile hardly notices.
const PAUSE: Duration = Duration::from_millis(5);
/// Told of in the log every so many records.
const TOLD_EVERY: usize = 20_000;
/// Looked at again when a kind has changed, and this often even if nobody said so.
const IDLE: Duration = Duration::from_secs(60);

/// Start the work. A stop in the middle is no loss: what is done says so itself.
pub(super) fn start(app: &Arc<App>) {
    let weak = Arc::downgrade(app);
    // Subscribed before the first look, so that nothing that comes meanwhile is missed.
    let mut chores = app.store.chores();
    tokio::spawn(async move {
        let mut n_indexed = 0;
        while let Some(app) = weak.upgrade() {
            let worked = match some(&app, &mut n_indexed).await {
                Ok(worked) => worked,
                Err(error) => {
                    tracing::error!(%error, "work in the background is held up");
                    false
                }
            };
            drop(app);
            if worked {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(IDLE) => (),
                changed = chores.changed() => if changed.is_err() { return },
            }
        }
    });
}

/// Do a little; `false` when there was nothing to do.
async fn some(app: &Arc<App>, n_indexed: &mut usize) -> Result<bool> {
    if app.fill_segment().await? {
        return Ok(true);
    }
    let Some(step) = app.store.index_more(RECORDS).await? else { return Ok(false) };
    let before = *n_indexed;
    *n_indexed += step.n_records;
    if step.is_last && *n_indexed > 0 {
        tracing::info!(kind = step.kind, n_records = *n_indexed, "indexed a kind for the search box");
    } else if *n_indexed / TOLD_EVERY > before / TOLD_EVERY {
        tracing::info!(kind = step.kind, n_records = *n_indexed, "indexing for the search box");
    }
    if step.is_last {
        *n_indexed = 0;
    }
    Ok(true)
}
