//! New events, put down for every subscription that wants and may hear them.

use std::sync::Arc;

use super::Shared;
use crate::{
    Result,
    commands::{
        Ctx, Run,
        webhook::{Disable, waiting},
    },
    model::{Id, Scope},
    store::tables::{
        self, event,
        webhook::{Delivery, Webhook},
    },
};

/// Events looked at in one go.
const BATCH: u32 = 500;

/// What was found for one subscription.
struct Found {
    webhook: Id,
    seen: i64,
    deliveries: Vec<Delivery>,
    /// Nobody is there any more whose eyes it could hear with.
    is_ownerless: bool,
}

/// Look at all events that are new, in pieces. What was put down is put down once, whenever the server dies.
pub(super) async fn events(shared: &Arc<Shared>, active: &[Webhook]) -> Result<()> {
    let mut seen: Vec<(Webhook, i64)> = active.iter().map(|webhook| (webhook.clone(), webhook.seen)).collect();
    loop {
        let (work, asked) = (shared.clone(), seen.clone());
        let looking =
            move || asked.iter().map(|(webhook, seen)| look(&work, webhook, *seen)).collect::<Result<Vec<Found>>>();
        let found = tokio::task::spawn_blocking(looking).await.map_err(crate::Error::internal)??;
        let head = *shared.store.head().borrow();
        let is_behind = found.iter().any(|found| found.seen < head && !found.is_ownerless);
        let is_news = found.iter().zip(&seen).any(|(found, (_, seen))| {
            found.is_ownerless || !found.deliveries.is_empty() || found.seen - seen >= i64::from(BATCH)
        });
        for (found, known) in found.iter().zip(&mut seen) {
            known.1 = found.seen;
        }
        if is_news {
            put_down(shared, found).await?;
        }
        if !is_behind {
            return Ok(());
        }
    }
}

fn look(shared: &Shared, webhook: &Webhook, seen: i64) -> Result<Found> {
    let all = shared.store.view(Scope::All)?;
    let nothing =
        |seen, is_ownerless| Found { webhook: webhook.id.clone(), seen, deliveries: Vec::new(), is_ownerless };
    let events = event::after(&all, seen, BATCH)?;
    let Some(last) = events.last().map(|event| event.seq) else { return Ok(nothing(seen, false)) };
    let wanted: Vec<_> = events.into_iter().filter(|event| webhook.wants(event)).collect();
    if wanted.is_empty() {
        return Ok(nothing(last, false));
    }
    let Some(owner) = shared.owner(&all, webhook)? else { return Ok(nothing(seen, true)) };
    let eyes = shared.eyes(&owner, webhook)?;
    let now = shared.clock.now();
    let mut deliveries = Vec::new();
    for event in wanted {
        if let Some(heard) = eyes.hears(&event)? {
            let id = Id::fresh(now);
            deliveries.push(waiting(id, &webhook.id, Some(heard.seq), &heard.kind, heard.subject, now));
        }
    }
    Ok(Found { deliveries, ..nothing(last, false) })
}

async fn put_down(shared: &Arc<Shared>, found: Vec<Found>) -> Result<()> {
    let ctx = Ctx::system(Id::hq(), shared.clock.now(), shared.catalogue.load_full());
    shared
        .store
        .commit(move |tx| {
            for Found { webhook, seen, deliveries, is_ownerless } in found {
                if tables::webhook::get(tx, &webhook)?.is_none() {
                    continue;
                }
                if is_ownerless {
                    Disable { id: webhook, why: "owner" }.run(tx, &ctx)?;
                    continue;
                }
                deliveries.iter().try_for_each(|delivery| tables::webhook::put_delivery(tx, delivery))?;
                tables::webhook::set_seen(tx, &webhook, seen)?;
            }
            Ok(())
        })
        .await
}
