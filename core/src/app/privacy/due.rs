//! What falls due by itself: requests run late, archives and copies come to their end, prospects are forgotten.

use std::{sync::Arc, time::Duration};

use jiff::civil::Date;
use serde_json::json;

use super::retention;
use crate::{
    Error, Result,
    app::App,
    commands::{Ctx, Run, noted, request},
    model::{Id, Scope, Time},
    store::{Tx, tables},
};

/// Deadlines are days; a minute late is soon enough.
const EVERY: Duration = Duration::from_secs(60);

/// Look after what falls due, now and from time to time.
pub fn start(app: &Arc<App>) {
    let weak = Arc::downgrade(app);
    let mut clock = app.clock.changes();
    tokio::spawn(async move {
        let mut last_day = None;
        while let Some(app) = weak.upgrade() {
            if app.is_stopping() {
                return;
            }
            if let Err(error) = look(&app, &mut last_day).await {
                tracing::error!(%error, "what falls due by itself is held up");
            }
            drop(app);
            tokio::select! {
                () = tokio::time::sleep(EVERY) => (),
                changed = clock.changed() => if changed.is_err() { return },
            }
        }
    });
}

async fn look(app: &Arc<App>, last_day: &mut Option<Date>) -> Result<()> {
    let now = app.clock.now();
    lapse(app, now).await?;
    let today = app.store.orgs().calendar(&Id::hq()).local(now).date();
    if last_day.is_none_or(|last| last != today) {
        destroy(app, now).await?;
        retention::run(app, now).await?;
        *last_day = Some(today);
    }
    Ok(())
}

/// Requests whose time is over are late from now on.
async fn lapse(app: &Arc<App>, now: Time) -> Result<()> {
    let store = app.store.clone();
    let late = tokio::task::spawn_blocking(move || request::late(&store.view(Scope::All)?, now));
    let requests = late.await.map_err(Error::internal)??;
    if requests.is_empty() {
        return Ok(());
    }
    let ctx = Ctx::system(Id::hq(), now, app.catalogue());
    app.store.commit(move |tx| request::Lapse { requests }.run(tx, &ctx)).await
}

/// What was kept under lock long enough, and copies that nobody may fetch any more.
async fn destroy(app: &Arc<App>, now: Time) -> Result<()> {
    let ctx = Ctx::system(Id::hq(), now, app.catalogue());
    let destroyed = move |tx: &mut Tx<'_>| {
        for (id, org) in tables::archive::destroy_due(tx, now)? {
            noted::note(tx, &ctx, &org, "archive.destroyed", json!({ "archive": id }))?;
        }
        for job in tables::job::with_file(tx, super::COPY_KIND)? {
            let until = job.detail["expires_at"].as_str().and_then(|at| at.parse::<Time>().ok());
            if until.is_none_or(|until| until <= now) {
                tables::job::delete_file(tx, &job.id)?;
            }
        }
        Ok(())
    };
    app.store.commit(destroyed).await
}
