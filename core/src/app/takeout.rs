//! What a plugin has kept, for whoever takes it out of the server: as much of it as they may take out, and told what they may not.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::App;
use crate::{
    Error, Result,
    commands::{Ctx, rights},
    model::{Query, export::MARK, rights::Verb},
    store::{Store, View},
};

/// Records read at a time.
const PAGE: u32 = 500;

/// Records of a plugin on their way out.
#[derive(Debug)]
pub struct Takeout {
    /// What stays here.
    pub left_out: LeftOut,
    /// The file in pieces: one JSON text a line, the last of which says what stays here. Dropping it is hanging up.
    pub pieces: mpsc::Receiver<Result<Vec<u8>>>,
}

/// What whoever asks may not take out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Kinds whose records they may not take out at all.
    pub kinds: Vec<String>,
    /// Fields that are masked or hidden for them, by kind, in some records or in all.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl App {
    /// All records of a plugin's kinds that whoever asks may take out.
    ///
    /// # Errors
    /// `plugin.not_found`, `denied` for who keeps no plugins, and for who may take out none of its kinds.
    pub fn take_out(self: &Arc<App>, ctx: &Ctx, name: &str) -> Result<Takeout> {
        rights::to_keep_plugins(ctx)?;
        let plugin = self.installed(name)?;
        let view = view(&self.store, ctx)?;
        let (mut kinds, mut left_out, mut refused) = (Vec::new(), LeftOut::default(), None);
        for name in &plugin.manifest.owns.kinds {
            let Some(kind) = view.kinds().get(name) else { continue };
            if let Err(error) = rights::to_take_out(view.rights(), kind) {
                left_out.kinds.push(name.clone());
                refused = Some(error);
                continue;
            }
            if let crate::model::rights::On::Some(on) = view.rights().on(kind) {
                let fields: Vec<String> = on.guarded(kind).map(|(name, _)| name.to_owned()).collect();
                if !fields.is_empty() {
                    left_out.fields.insert(name.clone(), fields);
                }
            }
            kinds.push(name.clone());
        }
        if let (Some(error), true) = (refused, kinds.is_empty()) {
            return Err(error);
        }
        let (store, ctx, told) = (self.store.clone(), ctx.clone(), left_out.clone());
        let (sender, pieces) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = send(&store, &ctx, &kinds, &told, &sender) {
                tracing::error!(%error, "records of a plugin could not be taken out");
                // Whoever has gone away does not want to hear it.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(Takeout { left_out, pieces })
    }
}

fn view(store: &Store, ctx: &Ctx) -> Result<View> {
    Ok(store.view(ctx.scope.clone())?.asked_by(&ctx.actor, ctx.now).to(Verb::Export))
}

fn send(
    store: &Store,
    ctx: &Ctx,
    kinds: &[String],
    left_out: &LeftOut,
    sender: &mpsc::Sender<Result<Vec<u8>>>,
) -> Result<()> {
    let mut n_records = 0;
    for kind in kinds {
        let mut cursor = None;
        loop {
            // A view a page: a long read would keep the store from tidying up.
            let page = view(store, ctx)?.find(kind, &Query { limit: Some(PAGE), cursor, ..Query::default() })?;
            n_records += page.items.len();
            let mut lines = Vec::new();
            for record in &page.items {
                serde_json::to_writer(&mut lines, record).map_err(Error::internal)?;
                lines.push(b'\n');
            }
            if sender.blocking_send(Ok(lines)).is_err() {
                return Ok(());
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    let last = json!({ MARK: { "n_records": n_records, "left_out": left_out } });
    // As above: nobody waits for it any more.
    let _ = sender.blocking_send(Ok(format!("{last}\n").into_bytes()));
    Ok(())
}
