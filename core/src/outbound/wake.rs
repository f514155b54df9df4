//! Sends what is due, whenever the next message is.

use std::sync::{Arc, atomic::Ordering};

use super::{Shared, post};
use crate::{
    Result,
    model::{Scope, Time},
    store::tables,
};

pub(super) fn start(shared: &Arc<Shared>) {
    let is_over = |shared: &Shared| shared.is_stopping.load(Ordering::SeqCst);
    shared.clock.attend(shared, shared.store.timers(), "messages", is_over, all_due);
}

/// Send everything that is due; answers when the next is.
async fn all_due(shared: Arc<Shared>) -> Result<Option<Time>> {
    loop {
        let is_stopping = shared.is_stopping.load(Ordering::SeqCst);
        if is_stopping || post::round(&shared).await? == 0 {
            break;
        }
    }
    let next = tokio::task::spawn_blocking(move || tables::outbox::next_due(&shared.store.view(Scope::All)?));
    next.await.map_err(crate::Error::internal)?
}
