//! Taking a plugin out: its data can be fetched, and is deleted when the days of grace are over.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::App;
use crate::{
    Error, Result,
    commands::{Ctx, Run, plugin::life, rights},
    model::{Id, Scope, Time},
    store::{Store, tables},
};

/// Records deleted in one commit.
const PIECE: u32 = 200;
/// Records read at a time.
const PAGE: u32 = 500;
const DAY_MS: i64 = 86_400_000;

impl App {
    /// Let a plugin rest and delete what it has kept after the days of grace. Enabling it, or installing it again, undoes this.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`.
    pub async fn uninstall(&self, ctx: Ctx, name: &str) -> Result<Time> {
        self.installed(name)?;
        let until = ctx.now.plus_millis(i64::from(self.config.plugins.grace_days) * DAY_MS);
        let leave = life::Leave { name: name.to_owned(), until };
        self.commit(ctx, move |tx, ctx| leave.run(tx, ctx)).await?;
        self.reload()?;
        self.bus.unsubscribe(name);
        Ok(until)
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

    /// All records of a plugin's kinds, one JSON text a line, as they come from the store.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied`.
    pub fn take_out(&self, ctx: &Ctx, name: &str) -> Result<mpsc::Receiver<Result<Vec<u8>>>> {
        rights::to_keep_plugins(ctx)?;
        let kinds = self.installed(name)?.manifest.owns.kinds.clone();
        let store = self.store.clone();
        let (sender, pieces) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            let outcome = kinds.iter().try_for_each(|kind| send(&store, kind, &sender));
            if let Err(error) = outcome {
                // Whoever has gone away does not want to hear it.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(pieces)
    }

    /// Refuse a publisher's key or a package from now on. Plugins at work that are meant by it are let rest.
    ///
    /// # Errors
    /// `what.invalid`, `denied`.
    pub async fn revoke(self: &Arc<App>, ctx: Ctx, what: String, reason: String) -> Result<Vec<String>> {
        let revoke = life::Revoke { what: what.clone(), reason };
        self.commit(ctx.clone(), move |tx, ctx| revoke.run(tx, ctx)).await?;
        let catalogue = self.catalogue();
        let is_meant = |plugin: &crate::catalogue::Plugin| {
            what == format!("package:{}", plugin.content)
                || plugin.signer.as_ref().is_some_and(|signer| what == format!("key:{signer}"))
        };
        let meant: Vec<String> = catalogue
            .plugins
            .values()
            .filter(|plugin| is_meant(plugin))
            .map(|plugin| plugin.manifest.name.clone())
            .collect();
        for name in &meant {
            let disabled = crate::catalogue::PluginState::Disabled;
            self.set_plugin_state(ctx.clone(), super::How::Now, name, disabled).await?;
        }
        Ok(meant)
    }
}

fn send(store: &Store, kind: &str, sender: &mpsc::Sender<Result<Vec<u8>>>) -> Result<()> {
    let mut after = String::new();
    loop {
        // A view a page: a long read would keep the store from tidying up.
        let view = store.view(Scope::All)?;
        let ids = tables::record::ids_after(&view, kind, &Scope::All, &after, PAGE)?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = last.to_string();
        let mut lines = Vec::new();
        for record in view.get(kind, &ids)?.into_iter().flatten() {
            serde_json::to_writer(&mut lines, &record).map_err(Error::internal)?;
            lines.push(b'\n');
        }
        if sender.blocking_send(Ok(lines)).is_err() {
            return Ok(());
        }
    }
}
