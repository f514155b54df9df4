//! Exports that lie ready as a file, and the second person who approves the large ones.

use std::{
    collections::BTreeSet,
    fs::File,
    sync::{Arc, PoisonError},
};

use super::{Asked, Download, Exporter, Labels, Shared, end, note, run, takes_two};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, rights},
    model::{
        Id, Query, Time,
        export::{Export, ExportState},
    },
    store::{Tx, tables},
};

/// How long a file lies, and how long a wish waits for somebody to decide.
pub const KEPT_MS: i64 = 7 * 24 * 3_600_000;
const MAX_WHY_CHARS: usize = 200;

impl Exporter {
    /// Ask for a file. Up to [`MAX_ROWS_ALONE`](super::MAX_ROWS_ALONE) rows it is made at once; more wait for a second person.
    ///
    /// # Errors
    /// As [`Exporter::begin`], but for `export.approval`.
    pub async fn ask(&self, ctx: &Ctx, asked: Asked) -> Result<Export> {
        let labels = asked.labels;
        let export = self.weighed(ctx, asked).await?;
        let waits = takes_two(ctx, &export);
        let turn = if waits { None } else { Some(self.turn()?) };
        let state = if waits { ExportState::Waiting } else { ExportState::Running };
        let export = Export { state, expires_at: waits.then(|| ctx.now.plus_millis(KEPT_MS)), ..export };
        let noted = export.clone();
        let begun = move |tx: &mut Tx<'_>| {
            tables::export::put(tx, &noted)?;
            note(tx, &noted, if waits { "export.asked" } else { "export.begun" }, &noted.actor, noted.at)
        };
        self.shared.store.commit(begun).await?;
        let Some(turn) = turn else { return Ok(export) };
        let download = Download { export, shared: self.shared.clone(), ctx: ctx.clone(), labels, _turn: turn };
        tokio::task::spawn_blocking(move || make(&download)).await.map_err(Error::internal)?
    }

    /// Approve another's export and make its file, with the rights of `asker`, who asked for it.
    ///
    /// # Errors
    /// `denied`; `export.not_found`; `export.own`, for who asked; `export.decided`; `export.grown`, when more rows match by now;
    /// `export.busy`.
    pub async fn approve(&self, ctx: &Ctx, id: &Id, asker: Ctx, labels: Labels) -> Result<Export> {
        let export = self.waiting(ctx, id).await?;
        rights::to_export(&asker)?;
        let turn = self.turn()?;
        let query = Query {
            filter: export.filter.clone(),
            order: export.order.clone(),
            search: export.q.clone(),
            ..Query::default()
        };
        let (kind, format, fields) = (export.kind.clone(), export.format, export.fields.clone());
        let asked = Asked { kind, format, query, fields, labels, purpose: export.purpose.clone() };
        let (shared, looking) = (self.shared.clone(), asker.clone());
        let counted = move || shared.count(&looking, &asked);
        let n_now = tokio::task::spawn_blocking(counted).await.map_err(Error::internal)??;
        if n_now > export.n_matching {
            let n_then = export.n_matching;
            let grown = Export { n_matching: n_now, ..export };
            // As a decision is: another may have been made while it was counted.
            self.decide(ctx, grown, "export.grown").await?;
            let message = format!("{n_now} rows match by now, {n_then} did: look at it again and approve that");
            return Err(Error::conflict("export.grown", message));
        }
        let decided = decided(ctx, export, ExportState::Running, None);
        let export = self.decide(ctx, decided, "export.approved").await?;
        let download =
            Download { export: export.clone(), shared: self.shared.clone(), ctx: asker, labels, _turn: turn };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = make(&download) {
                tracing::error!(export.id = %download.export.id, %error, "the end of an export could not be noted");
            }
        });
        Ok(export)
    }

    /// Turn another's export down.
    ///
    /// # Errors
    /// `denied`; `export.not_found`; `export.own`; `export.decided`; `why.invalid`.
    pub async fn refuse(&self, ctx: &Ctx, id: &Id, why: &str) -> Result<Export> {
        let export = self.waiting(ctx, id).await?;
        let why = why.trim();
        if why.is_empty() || why.chars().count() > MAX_WHY_CHARS {
            let message = format!("say in 1 to {MAX_WHY_CHARS} characters why; whoever asked is told");
            return Err(Error::invalid("why", message));
        }
        self.decide(ctx, decided(ctx, export, ExportState::Refused, Some(why.to_owned())), "export.denied").await
    }

    /// An export as far as this person may know of it: their own, or any of their organisations for who answers for exports.
    ///
    /// # Errors
    /// `export.not_found`.
    pub async fn get(&self, ctx: &Ctx, id: &Id) -> Result<Export> {
        let (shared, looked_up) = (self.shared.clone(), id.clone());
        let read = move || tables::export::get(&shared.store.view(crate::model::Scope::All)?, &looked_up);
        let found = tokio::task::spawn_blocking(read).await.map_err(Error::internal)??;
        let missing = || Error::not_found("export", format!("there is no export {id} in your organisations"));
        found.filter(|export| may_know(ctx, export)).ok_or_else(missing)
    }

    /// The file, for who asked for it; that it was taken is noted first.
    ///
    /// # Errors
    /// `export.not_found`; `export.not_yours`; `export.not_ready`; `export.expired`.
    pub async fn file(&self, ctx: &Ctx, id: &Id) -> Result<(Export, File)> {
        let export = self.get(ctx, id).await?;
        if export.asker().as_ref() != ctx.actor.person() {
            let message = "only who asked for an export takes its file: ask for one of your own";
            return Err(Error::new(ErrorKind::Denied, "export.not_yours", message));
        }
        // Who may not export any more may not take what was made before.
        rights::to_export(ctx)?;
        let is_over = export.expires_at.is_some_and(|at| at <= ctx.now);
        let expired = || Error::not_found("export", "the file was kept for seven days and is gone: ask for it anew");
        match export.state {
            ExportState::Ready if !is_over => {}
            ExportState::Ready | ExportState::Expired => return Err(expired().coded("export.expired")),
            _ => {
                let message = format!("there is no file of export {id}: only one that is ready has one");
                return Err(Error::conflict("export.not_ready", message));
            }
        }
        let (shared, opened) = (self.shared.clone(), id.clone());
        let file = tokio::task::spawn_blocking(move || shared.shelf.open(&opened)).await.map_err(Error::internal)??;
        let file = file.ok_or_else(|| expired().coded("export.expired"))?;
        let (noted, now) = (export.clone(), ctx.now);
        self.shared.store.commit(move |tx| note(tx, &noted, "export.fetched", &noted.actor, now)).await?;
        Ok((export, file))
    }

    /// Take away files whose time is over by `now`, and wishes nobody has decided on. With the end of time: all.
    ///
    /// # Errors
    /// Internal.
    pub async fn sweep(&self, until: Time) -> Result<()> {
        self.expire(move |export| export.expires_at.is_some_and(|at| at <= until)).await
    }

    /// Take away the files in which somebody may stand who is to be forgotten: those of these kinds.
    ///
    /// # Errors
    /// Internal.
    pub async fn forget(&self, kinds: BTreeSet<String>) -> Result<()> {
        {
            let mut erasures = self.shared.erasures.lock().unwrap_or_else(PoisonError::into_inner);
            kinds.iter().for_each(|kind| *erasures.entry(kind.clone()).or_default() += 1);
        }
        self.expire(move |export| export.state == ExportState::Ready && kinds.contains(&export.kind)).await
    }

    /// The server died after an erasure and before its files were let go: which they are is not known any more, so all are.
    ///
    /// # Errors
    /// Internal.
    pub async fn forget_all(&self) -> Result<()> {
        self.expire(|export| export.state == ExportState::Ready).await
    }

    async fn expire(&self, is_over: impl Fn(&Export) -> bool + Send + 'static) -> Result<()> {
        let now = self.shared.clock.now();
        let over = self
            .shared
            .store
            .commit(move |tx| {
                let mut over = tables::export::in_state(tx, ExportState::Ready)?;
                over.extend(tables::export::in_state(tx, ExportState::Waiting)?);
                over.retain(|export| is_over(export));
                for export in &over {
                    let expired = Export { state: ExportState::Expired, ..export.clone() };
                    tables::export::put(tx, &expired)?;
                    note(tx, &expired, "export.expired", "system", now)?;
                }
                Ok(over)
            })
            .await?;
        let shared = self.shared.clone();
        let remove = move || over.iter().try_for_each(|export| shared.shelf.remove(&export.id));
        tokio::task::spawn_blocking(remove).await.map_err(Error::internal)?
    }

    /// Files of no export that is ready: of a server that died before it had written, or said, all.
    pub(super) async fn clear_shelf(&self) -> Result<()> {
        let shared = self.shared.clone();
        let clear = move || {
            let ready = tables::export::in_state(&shared.store.view(crate::model::Scope::All)?, ExportState::Ready)?;
            shared.shelf.clear(|name| ready.iter().any(|export| export.id.as_str() == name))
        };
        tokio::task::spawn_blocking(clear).await.map_err(Error::internal)?
    }

    /// One that waits for a decision, by somebody who may decide.
    async fn waiting(&self, ctx: &Ctx, id: &Id) -> Result<Export> {
        rights::to_export(ctx)?;
        let export = self.get(ctx, id).await?;
        if export.asker().as_ref() == ctx.actor.person() {
            let message =
                "nobody approves or turns down what they have asked for themselves: ask a colleague who may export";
            return Err(Error::new(ErrorKind::Denied, "export.own", message));
        }
        is_waiting(&export, ctx.now)?;
        Ok(export)
    }

    /// Write a decision down, unless another was quicker.
    async fn decide(&self, ctx: &Ctx, export: Export, what: &'static str) -> Result<Export> {
        let (actor, now) = (ctx.actor.label(), ctx.now);
        self.shared
            .store
            .commit(move |tx| {
                let there = tables::export::get(tx, &export.id)?;
                let there = there.ok_or_else(|| Error::internal("an export is gone that was there"))?;
                is_waiting(&there, now)?;
                tables::export::put(tx, &export)?;
                note(tx, &export, what, &actor, now)?;
                Ok(export)
            })
            .await
    }
}

/// Whether a person may know of an export: their own, and of their organisations those who answer for exports.
pub fn may_know(ctx: &Ctx, export: &Export) -> bool {
    let is_own = ctx.actor.person().is_some() && export.asker().as_ref() == ctx.actor.person();
    is_own || (rights::may_export(ctx) && ctx.scope.holds(&export.org))
}

fn is_waiting(export: &Export, now: Time) -> Result<()> {
    let is_over = export.expires_at.is_some_and(|at| at <= now);
    if export.state == ExportState::Waiting && !is_over {
        return Ok(());
    }
    Err(Error::conflict("export.decided", "this export does not wait for a decision any more; read it again"))
}

fn decided(ctx: &Ctx, export: Export, state: ExportState, why: Option<String>) -> Export {
    Export { state, why, decided_by: Some(ctx.actor.label()), decided_at: Some(ctx.now), expires_at: None, ..export }
}

/// Make the file and put it where it is fetched from.
fn make(download: &Download) -> Result<Export> {
    let (shared, export) = (&download.shared, &download.export);
    let n_erasures = shared.n_erasures(&export.kind);
    let (state, n_rows) = match written(download) {
        Ok((ExportState::Done, n_rows)) => (ExportState::Ready, n_rows),
        Ok((_, n_rows)) => (ExportState::Failed, n_rows),
        Err(error) => {
            tracing::error!(export.id = %export.id, %error, "the file of an export could not be written");
            (ExportState::Failed, 0)
        }
    };
    settle(shared, export, state, n_rows, n_erasures)
}

/// Say that the file is ready, or not. Whoever was erased since it was begun, when there had been `n_erasures`, may stand in it. Erasures
/// look for files that are ready in a commit after they were counted: either that one finds this file, or this one finds the count.
fn settle(shared: &Arc<Shared>, export: &Export, state: ExportState, n_rows: u64, n_erasures: u64) -> Result<Export> {
    let now = shared.clock.now();
    let (ended, looking) = (export.clone(), shared.clone());
    let settled = shared.store.commit_blocking(move |tx| {
        let is_ready = state == ExportState::Ready && looking.n_erasures(&ended.kind) == n_erasures;
        let state = if is_ready { state } else { ExportState::Failed };
        let made = Export { expires_at: is_ready.then(|| now.plus_millis(KEPT_MS)), ..ended };
        end(tx, made.clone(), state, Some(n_rows), now)?;
        Ok(Export { state, n_rows, ended_at: Some(now), ..made })
    })?;
    if settled.state == ExportState::Failed {
        shared.shelf.remove(&export.id)?;
    }
    Ok(settled)
}

/// One thread makes the pieces, this one writes them.
fn written(download: &Download) -> Result<(ExportState, u64)> {
    let mut draft = download.shared.shelf.begin(&download.export.id)?;
    let (sender, mut pieces) = tokio::sync::mpsc::channel(super::PIECES_WAITING);
    let (done, wrote) = std::thread::scope(|scope| {
        let worker = scope.spawn(move || run::work(download, &sender));
        let mut wrote = Ok(());
        while let Some(piece) = pieces.blocking_recv() {
            wrote = piece.and_then(|piece| draft.write(&piece));
            if wrote.is_err() {
                break;
            }
        }
        drop(pieces);
        (worker.join(), wrote)
    });
    let done = done.map_err(|_| Error::internal("an export panicked"))?;
    wrote?;
    if done.0 == ExportState::Done {
        draft.put_up()?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        model::{Actor, export::ExportFormat},
        store::{Store, StoreConfig},
    };

    #[tokio::test]
    async fn a_file_in_which_somebody_may_stand_who_was_erased_meanwhile_is_never_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
        let exporter = Exporter::new(store, Clock::system(), Arc::default(), folder.path().join("exports"));
        let shared = exporter.shared.clone();
        for (id, is_erased) in [("e1", false), ("e2", true)] {
            let export = wish(id);
            let n_erasures = shared.n_erasures("customer");
            shared.shelf.begin(&export.id).unwrap().put_up().unwrap();
            if is_erased {
                exporter.forget(BTreeSet::from(["customer".to_owned()])).await.unwrap();
            }
            let (settling, wished) = (shared.clone(), export.clone());
            let settled = tokio::task::spawn_blocking(move || {
                settle(&settling, &wished, ExportState::Ready, 1, n_erasures).unwrap()
            });
            let state = settled.await.unwrap().state;
            assert_eq!(state, if is_erased { ExportState::Failed } else { ExportState::Ready });
            assert_eq!(shared.shelf.open(&export.id).unwrap().is_some(), !is_erased);
        }
    }

    fn wish(id: &str) -> Export {
        Export {
            id: id.parse().unwrap(),
            at: Time::from_millis(0),
            org: Id::hq(),
            actor: Actor::System.label(),
            kind: "customer".into(),
            format: ExportFormat::Csv,
            filter: serde_json::Value::Null,
            order: String::new(),
            q: None,
            fields: None,
            purpose: "回访".into(),
            state: ExportState::Running,
            n_matching: 1,
            n_rows: 0,
            ended_at: None,
            labels: None,
            name: None,
            decided_by: None,
            decided_at: None,
            why: None,
            expires_at: None,
        }
    }
}
