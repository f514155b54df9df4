//! Forgetting people beyond the store's tables: files, previews, unused parts of the file, the ledger, and what falls due by itself.

mod copy;
mod due;
mod ledger;
pub mod retention;

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::sync::Mutex;

use super::{App, How, Outcome, Wish};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run,
        customer::{
            Erase, Erased,
            erase::{Cause, Left, Order, Report},
        },
    },
    model::{Command, Id, Record, Scope},
    store::{
        Tx,
        erasure::Values,
        tables::{self, erasure::Erasure},
    },
};

pub use copy::KIND as COPY_KIND;
pub use due::start;

/// Between two tries to cut off the log of the store while somebody reads from it.
const PAUSE: Duration = Duration::from_millis(200);
/// Tries before it is left to the next start.
const TRIES: u32 = 300;

/// One wiping at a time, for it goes through the whole file; who comes meanwhile is wiped out together.
#[derive(Debug, Default)]
pub(super) struct Forgetting {
    turn: Mutex<()>,
    waiting: std::sync::Mutex<Vec<Values>>,
}

impl Forgetting {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Values>> {
        // A panic cannot leave a list half-changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More people than this at once, and the file is written anew without looking for each of them.
const LOOKED_FOR: usize = 50;

impl App {
    /// Erase as ordered and clear away what is left of it outside the store, or show what it would come to; `keep` runs in the commit and
    /// makes the answer. The report is told with a preview, even of what is refused.
    ///
    /// # Errors
    /// Those of [`Order`].
    pub async fn erase<A: Send + 'static>(
        self: &Arc<App>,
        ctx: Ctx,
        how: How,
        shown: Command,
        order: Order,
        keep: impl FnOnce(&mut Tx<'_>, &Ctx, &Erased) -> Result<A> + Send + 'static,
    ) -> Result<(Outcome<A>, Option<Report>)> {
        let surveyed = Arc::new(std::sync::Mutex::new(None));
        let (told, wished) = (surveyed.clone(), order.clone());
        let wish = Wish::new(vec![shown], move |tx: &mut Tx<'_>, ctx: &Ctx| {
            let report = wished.survey(tx, ctx)?;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
            wished.clone().run(tx, ctx)
        });
        let seal = move |tx: &mut Tx<'_>, ctx: &Ctx, erased: Erased| {
            order.note(tx, ctx, &erased)?;
            Ok((keep(tx, ctx, &erased)?, erased.left))
        };
        let outcome = match self.carry_out(ctx, how, Ok(wish), seal).await? {
            Outcome::Done((answer, left)) => {
                self.after_erasure(left).await?;
                Outcome::Done(answer)
            }
            Outcome::Shown(preview) => Outcome::Shown(preview),
        };
        let report = surveyed.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok((outcome, report))
    }

    /// Do what the commit of an erasure could not: the ledger first, so that a crash loses nothing of it.
    ///
    /// # Errors
    /// Internal, when the ledger cannot be written; then the next start writes it.
    pub async fn after_erasure(self: &Arc<App>, left: Left) -> Result<()> {
        self.previews.forget_quoting(&left.values);
        let folder = self.config.data.folder.clone();
        let line = left.ledger;
        tokio::task::spawn_blocking(move || ledger::append(&folder, &[line])).await.map_err(Error::internal)??;
        self.clear_files(left.digests).await?;
        self.exports.forget(left.kinds).await?;
        self.forgetting.waiting().push(left.values);
        let app = self.clone();
        tokio::spawn(async move {
            if let Err(error) = app.wipe_waiting().await {
                tracing::error!(%error, "unused parts of the store may still show what was erased; the next start tries again");
            }
        });
        Ok(())
    }

    /// Remove files that hang on nothing any more.
    async fn clear_files(self: &Arc<App>, digests: Vec<String>) -> Result<()> {
        for digest in digests {
            let _gate = self.store.blobs().gate(&digest).await;
            let store = self.store.clone();
            let clear = move || {
                if !tables::attachment::is_linked(&store.view(Scope::All)?, &digest)? {
                    store.blobs().remove(&digest);
                }
                Ok(())
            };
            tokio::task::spawn_blocking(clear).await.map_err(Error::internal)??;
        }
        Ok(())
    }

    async fn wipe_waiting(&self) -> Result<()> {
        let _turn = self.forgetting.turn.lock().await;
        let waiting = std::mem::take(&mut *self.forgetting.waiting());
        match waiting.len() {
            // Somebody's turn before has taken them along.
            0 => Ok(()),
            1..=LOOKED_FOR => self.wipe(Some(waiting)).await,
            _ => self.wipe(None).await,
        }
    }

    /// Clean the search index, the log and the unused parts of the file. Without values the file is written anew in any case.
    async fn wipe(&self, values: Option<Vec<Values>>) -> Result<()> {
        let seq = *self.store.head().borrow();
        self.store.wipe_words().await?;
        self.cut_log().await?;
        let is_dirty = match values {
            None => true,
            Some(values) => {
                let store = self.store.clone();
                let values: Vec<String> = values.iter().flat_map(Values::iter).map(str::to_owned).collect();
                tokio::task::spawn_blocking(move || store.shows(&values)).await.map_err(Error::internal)??
            }
        };
        if is_dirty {
            tracing::info!("unused parts of the store may show what was erased: it is written anew");
            self.store.write_anew().await?;
            self.cut_log().await?;
        }
        let now = self.clock.now();
        self.store.commit(move |tx| tables::erasure::mark_swept(tx, seq, now)).await
    }

    async fn cut_log(&self) -> Result<()> {
        for _ in 0..TRIES {
            if self.is_stopping() {
                break;
            }
            if self.store.cut_log().await? {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::internal("somebody reads from the store all the time, so its log could not be cut off"))
    }

    /// After a start: erase again whom a backup has brought back, and end what was cut off.
    ///
    /// # Errors
    /// Internal.
    pub(super) async fn forget_again(self: &Arc<App>) -> Result<()> {
        let folder = self.config.data.folder.clone();
        let (known, is_unswept) = {
            let view = self.store.view(Scope::All)?;
            (tables::erasure::all(&view)?, tables::erasure::is_unswept(&view)?)
        };
        let written = ledger::read(&folder)?;
        let missing: Vec<_> =
            known.iter().filter(|known| !written.iter().any(|line| line.customer == known.customer)).cloned().collect();
        ledger::append(&folder, &missing)?;
        let mut n_again = 0;
        for line in written.into_iter().filter(|line| !known.iter().any(|known| known.customer == line.customer)) {
            let ctx = Ctx::system(Id::hq(), self.clock.now(), self.catalogue());
            for left in self.store.commit(move |tx| erase_again(tx, &ctx, line)).await? {
                n_again += 1;
                self.clear_files(left.digests).await?;
                self.exports.forget(left.kinds).await?;
            }
        }
        if n_again > 0 {
            tracing::warn!(n_again, "a backup had brought back people who were erased; they were erased again");
        }
        if is_unswept {
            self.exports.forget_all().await?;
        }
        if is_unswept || n_again > 0 {
            let app = self.clone();
            tokio::spawn(async move {
                let _turn = app.forgetting.turn.lock().await;
                if let Err(error) = app.wipe(None).await {
                    tracing::error!(%error, "unused parts of the store may still show what was erased");
                }
            });
        }
        Ok(())
    }
}

/// The backup may be from before two customers were merged who were then erased as one: each is erased that is there. It may be from before
/// they were made, too.
fn erase_again(tx: &mut Tx<'_>, ctx: &Ctx, line: Erasure) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    for id in line.ids.iter().chain([&line.customer]) {
        let there = tables::record::get(tx, "customer", id, &Scope::All)?;
        let is_to_go = |there: &Record| line.ids.contains(&there.id) && there.field("erased_at").is_null();
        if let Some(there) = there.filter(is_to_go) {
            let erase = Erase { id: there.id, request: None, cause: Cause::Repeated };
            left.push(erase.run(tx, ctx)?.left);
        }
    }
    // Its event stands in no log of this store any more.
    tables::erasure::put(tx, &Erasure { seq: tx.last_seq(), ..line })?;
    Ok(left)
}
