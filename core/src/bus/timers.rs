//! Timers: turns what is due into events, whenever the next one is.

use std::sync::{Arc, atomic::Ordering};

use super::Shared;
use crate::{
    Result,
    commands::{Ctx, Run, timer::Fire},
    model::{Id, Scope, Time},
    store::tables,
};

/// Timers fired in one commit.
const BATCH: u32 = 500;

pub(super) fn start(shared: &Arc<Shared>) {
    let is_over = |shared: &Shared| shared.is_stopping.load(Ordering::SeqCst);
    shared.clock.attend(shared, shared.store.timers(), "timers", is_over, fire);
}

/// Fire everything that is due; answers when the next is.
async fn fire(shared: Arc<Shared>) -> Result<Option<Time>> {
    loop {
        let reader = shared.clone();
        let next = tokio::task::spawn_blocking(move || tables::timer::next_due(&reader.store.view(Scope::All)?))
            .await
            .map_err(crate::Error::internal)??;
        let now = shared.clock.now();
        if next.is_none_or(|due| due > now) {
            return Ok(next);
        }
        let ctx = Ctx::system(Id::hq(), now, shared.catalogue.load_full());
        shared.store.commit(move |tx| Fire { limit: BATCH }.run(tx, &ctx)).await?;
    }
}
