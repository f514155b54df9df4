//! Taking a plugin out: what it has kept is deleted when the days of grace are over; and whose packages nobody takes.

use std::sync::Arc;

use super::App;
use crate::{
    Result,
    commands::{Ctx, Run, plugin::life},
    model::{Id, Time},
};

/// Records deleted in one commit.
const PIECE: u32 = 200;
const DAY_MS: i64 = 86_400_000;

impl App {
    /// Let a plugin rest and delete what it has kept after the days of grace. Enabling it, or installing it again, undoes this.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`.
    pub async fn uninstall(self: &Arc<App>, ctx: Ctx, name: &str) -> Result<Time> {
        let name = name.to_owned();
        self.alone(ctx, move |app, ctx| async move {
            app.installed(&name)?;
            let until = ctx.now.plus_millis(i64::from(app.config.plugins.grace_days) * DAY_MS);
            let leave = life::Leave { name: name.clone(), until };
            app.commit(ctx, move |tx, ctx| leave.run(tx, ctx)).await?;
            app.reload()?;
            app.rest(&name).await?;
            Ok(until)
        })
        .await
    }

    /// Delete what those have kept whose days are over.
    pub(super) async fn purge_plugins(&self) -> Result<()> {
        let now = self.clock.now();
        let catalogue = self.catalogue();
        let due = catalogue.plugins.iter().filter(|(_, plugin)| plugin.standing.leaving_at.is_some_and(|at| at <= now));
        for (name, plugin) in due {
            let purge = life::Purge { name: name.clone(), kinds: plugin.manifest.owns.kinds.clone(), limit: PIECE };
            let mut is_gone = false;
            while !is_gone && !self.is_stopping() {
                let (purge, ctx) = (purge.clone(), Ctx::system(Id::hq(), now, self.catalogue()));
                is_gone = self.store.commit(move |tx| purge.run(tx, &ctx)).await?;
            }
            self.reload()?;
            tracing::info!(plugin.name = name, "a plugin that was taken out is gone, and what it had kept");
        }
        Ok(())
    }

    /// Refuse a publisher's key or a package from now on. Plugins at work that are meant by it are let rest in the same commit.
    ///
    /// # Errors
    /// `what.invalid`, `denied`.
    pub async fn revoke(self: &Arc<App>, ctx: Ctx, what: String, reason: String) -> Result<Vec<String>> {
        let revoke = life::Revoke { what, reason };
        self.alone(ctx, move |app, ctx| async move {
            let names = app.commit(ctx, move |tx, ctx| revoke.run(tx, ctx)).await?;
            app.reload()?;
            for name in &names {
                app.rest(name).await?;
            }
            Ok(names)
        })
        .await
    }
}
