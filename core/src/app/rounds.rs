//! What the server does once an hour: the audit log is signed, and files of exports and plugins whose time is over are removed.

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use super::App;
use crate::{
    Error, Result,
    model::{Scope, Time},
    store::{audit::Root, tables::audit_root},
};

const HOUR_MS: i64 = 3_600_000;
/// How often it is looked whether an hour is over. A clock that is set by hand wakes the rounds at once.
const LOOK: Duration = Duration::from_secs(60);

/// Start the rounds; the first is an hour after the last root, or now.
pub(super) fn start(app: &Arc<App>) -> Result<()> {
    let weak = Arc::downgrade(app);
    let mut changes = app.clock.changes();
    let last = audit_root::last(&app.store.view(Scope::All)?)?;
    tokio::spawn(async move {
        let mut due = last.map_or(Time::from_millis(0), |last| last.at.plus_millis(HOUR_MS));
        while let Some(app) = weak.upgrade() {
            let now = app.clock.now();
            if now >= due {
                if let Err(error) = app.round().await {
                    tracing::error!(%error, "an hourly round was held up");
                }
                due = now.plus_millis(HOUR_MS);
            }
            drop(app);
            tokio::select! {
                () = tokio::time::sleep(LOOK) => (),
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    });
    Ok(())
}

impl App {
    async fn round(&self) -> Result<()> {
        self.exports.sweep(self.clock.now()).await?;
        self.purge_plugins().await?;
        self.sign_audit().await.map(drop)
    }

    /// Sign where the audit log stands, and tell the witness. `None` when nothing was added since the last root.
    ///
    /// # Errors
    /// Internal; the root is kept even if the witness cannot be written.
    pub async fn sign_audit(&self) -> Result<Option<Root>> {
        let now = self.clock.now();
        let signed = self.store.commit(move |tx| audit_root::sign(tx, now)).await?;
        if let (Some(root), Some(path)) = (&signed, self.config.audit.witness.clone()) {
            let line = root.line()?;
            tokio::task::spawn_blocking(move || witness(&path, &line)).await.map_err(Error::internal)??;
        }
        Ok(signed)
    }
}

/// Append a root to the witness. The file is opened anew each time: it may be on a disk that comes and goes.
fn witness(path: &Path, line: &str) -> Result<()> {
    let mut file = std::fs::File::options().create(true).append(true).open(path).map_err(Error::internal)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::internal)
}
