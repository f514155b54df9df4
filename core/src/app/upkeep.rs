//! What the server does between requests: indexing for the search box what an upgrade left unindexed.

use std::{sync::Arc, time::Duration};

use super::App;

/// Records indexed in one commit: some milliseconds of the writer's time.
const RECORDS: u32 = 200;
/// Between two commits, so that whoever writes meanwhile hardly notices.
const PAUSE: Duration = Duration::from_millis(5);
/// Told of in the log every so many records.
const TOLD_EVERY: usize = 20_000;
/// Looked at again when a kind has changed, and this often even if nobody said so.
const IDLE: Duration = Duration::from_secs(60);

/// Start the work. A stop in the middle is no loss: what is indexed says so itself.
pub(super) fn start(app: &Arc<App>) {
    let weak = Arc::downgrade(app);
    let mut kinds = app.store.kinds_changed();
    tokio::spawn(async move {
        let mut n_done = 0;
        while let Some(app) = weak.upgrade() {
            match app.store.index_more(RECORDS).await {
                Ok(Some(step)) => {
                    n_done += step.n_records;
                    if step.is_last && n_done > 0 {
                        tracing::info!(kind = step.kind, n_records = n_done, "indexed a kind for the search box");
                    } else if n_done / TOLD_EVERY > (n_done - step.n_records) / TOLD_EVERY {
                        tracing::info!(kind = step.kind, n_records = n_done, "indexing for the search box");
                    }
                    if step.is_last {
                        n_done = 0;
                    }
                    drop(app);
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => {
                    if let Err(error) = outcome {
                        tracing::error!(%error, "indexing for the search box is held up");
                    }
                    drop(app);
                    tokio::select! {
                        () = tokio::time::sleep(IDLE) => (),
                        changed = kinds.changed() => if changed.is_err() { return },
                    }
                }
            }
        }
    });
}
