//! Exports: records of a list into a file, page by page, and never without a trace of who took what and why.

mod approval;
mod columns;
mod csv;
mod run;
mod shelf;
mod titles;
mod xlsx;

pub use approval::{KEPT_MS, may_know};

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use columns::Columns;
use shelf::Shelf;

use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, rights},
    model::{
        Actor, Id, Kind, Query, Time,
        export::{Export, ExportFormat, ExportState},
        filter,
        rights::Verb,
    },
    store::{
        Store, Tx,
        tables::{self, audit::Entry},
    },
};

/// Exports at once. Each reads a page at a time; more of them would only slow down the people who work.
const MAX_RUNNING: usize = 4;
/// Rows that one person may take out alone; more take a second one (domain 1.3, rule 3).
pub const MAX_ROWS_ALONE: u64 = 500;
/// What a sheet holds below its header.
const MAX_SHEET_ROWS: u64 = 1_048_575;
const MAX_PURPOSE_CHARS: usize = 200;
/// Pieces of a file that wait for a slow reader.
const PIECES_WAITING: usize = 4;

/// Makes exports. Clones share the same work.
#[derive(Clone)]
pub struct Exporter {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
    turns: Arc<Semaphore>,
    shelf: Shelf,
    /// How often somebody of each kind was erased: an export under way that has begun before does not go on.
    erasures: Mutex<BTreeMap<String, u64>>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The kind of record.
    pub kind: String,
    /// The kind of file.
    pub format: ExportFormat,
    /// Filter, order and words as of a list; limit, cursor and count are not looked at.
    pub query: Query,
    /// The fields wanted; none: all of the kind.
    pub fields: Option<Vec<String>>,
    /// Labels in this language, or values as they are stored.
    pub labels: Labels,
    /// What for.
    pub purpose: String,
}

/// How headers, choices and yes or no are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// As they are stored.
    Raw,
    /// As people read them in this language.
    In(&'static str),
}

/// An export that has been allowed and noted, about to be handed over.
pub struct Download {
    /// What has been noted.
    pub export: Export,
    shared: Arc<Shared>,
    ctx: Ctx,
    labels: Labels,
    _turn: OwnedSemaphorePermit,
}

/// The file in pieces. Dropping it is hanging up.
pub type Pieces = mpsc::Receiver<Result<Vec<u8>>>;

impl Exporter {
    /// For one server.
    pub fn new(store: Store, clock: Clock, catalogue: Arc<ArcSwap<Catalogue>>, folder: PathBuf) -> Exporter {
        let (turns, shelf) = (Arc::new(Semaphore::new(MAX_RUNNING)), Shelf::new(folder));
        Exporter { shared: Arc::new(Shared { store, clock, catalogue, turns, shelf, erasures: Mutex::default() }) }
    }

    /// Check everything, and note who takes out what and why before the first byte leaves: up to [`MAX_ROWS_ALONE`] rows, or any
    /// number for whoever has the server's own disk.
    ///
    /// # Errors
    /// `denied`, `purpose.invalid`, `fields.invalid`, those of a list, `export.approval` for more rows, `export.too_large`,
    /// `export.busy`.
    pub async fn begin(&self, ctx: &Ctx, asked: Asked) -> Result<Download> {
        let turn = self.turn()?;
        let labels = asked.labels;
        let export = self.weighed(ctx, asked).await?;
        if takes_two(ctx, &export) {
            let message = format!(
                "{} rows match and one person alone may take out {MAX_ROWS_ALONE}: ask with POST /api/v1/exports, and a second person approves it, or narrow the filter",
                export.n_matching
            );
            return Err(self.refused(export, Error::new(ErrorKind::Denied, "export.approval", message)).await);
        }
        let noted = export.clone();
        let begun = move |tx: &mut Tx<'_>| {
            tables::export::put(tx, &noted)?;
            note(tx, &noted, "export.begun", &noted.actor, noted.at)
        };
        self.shared.store.commit(begun).await?;
        Ok(Download { export, shared: self.shared.clone(), ctx: ctx.clone(), labels, _turn: turn })
    }

    /// What is asked for, with how many rows it comes to; nothing is written but a refusal.
    async fn weighed(&self, ctx: &Ctx, asked: Asked) -> Result<Export> {
        rights::to_export(ctx)?;
        let purpose = purpose(&asked.purpose)?;
        let (shared, looking, wanted) = (self.shared.clone(), ctx.clone(), asked.clone());
        let counted = move || shared.count(&looking, &wanted);
        let n_matching = tokio::task::spawn_blocking(counted).await.map_err(Error::internal)??;
        let name = match &ctx.actor {
            Actor::User { name, .. } => Some(name.clone()),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => None,
        };
        let export = Export {
            id: Id::fresh(ctx.now),
            at: ctx.now,
            org: ctx.org.clone(),
            actor: ctx.actor.label(),
            kind: asked.kind,
            format: asked.format,
            filter: asked.query.filter,
            order: asked.query.order,
            q: asked.query.search,
            fields: asked.fields,
            purpose,
            state: ExportState::Running,
            n_matching,
            n_rows: 0,
            ended_at: None,
            labels: Some(asked.labels.name().to_owned()),
            name,
            decided_by: None,
            decided_at: None,
            why: None,
            expires_at: None,
        };
        if export.format == ExportFormat::Xlsx && n_matching > MAX_SHEET_ROWS {
            let message = format!(
                "{n_matching} rows match and a sheet holds {MAX_SHEET_ROWS}: narrow the filter or use format=csv"
            );
            return Err(self.refused(export, Error::new(ErrorKind::TooLarge, "export.too_large", message)).await);
        }
        Ok(export)
    }

    /// Note that an export was refused, and say so.
    async fn refused(&self, export: Export, error: Error) -> Error {
        let noted = move |tx: &mut Tx<'_>| note(tx, &export, "export.refused", &export.actor, export.at);
        self.shared.store.commit(noted).await.err().unwrap_or(error)
    }

    fn turn(&self) -> Result<OwnedSemaphorePermit> {
        self.shared.turns.clone().try_acquire_owned().map_err(|_| {
            let message = format!("{MAX_RUNNING} exports are under way: start this one when one of them has ended");
            Error::new(ErrorKind::Unavailable, "export.busy", message)
        })
    }

    /// Exports that were under way when the server stopped have been cut off. Called once, after the start.
    ///
    /// # Errors
    /// Internal.
    pub async fn resume(&self) -> Result<()> {
        let now = self.shared.clock.now();
        let cut_off = move |tx: &mut Tx<'_>| {
            let running = tables::export::in_state(tx, ExportState::Running)?;
            running.into_iter().try_for_each(|export| end(tx, export, ExportState::Aborted, None, now))
        };
        self.shared.store.commit(cut_off).await?;
        self.clear_shelf().await
    }
}

impl Download {
    /// Hand it over. What became of it is noted when the last piece is taken, or when nobody takes any more.
    pub fn pieces(self) -> Pieces {
        let (sender, pieces) = mpsc::channel(PIECES_WAITING);
        tokio::task::spawn_blocking(move || run::run(&self, sender));
        pieces
    }
}

impl Labels {
    /// `zh-CN`, `en`, or `raw`.
    pub fn name(self) -> &'static str {
        match self {
            Labels::Raw => "raw",
            Labels::In(locale) => locale,
        }
    }
}

impl Shared {
    /// How often somebody of a kind was erased since the start.
    fn n_erasures(&self, kind: &str) -> u64 {
        // A panic cannot leave a number half-written.
        self.erasures.lock().unwrap_or_else(PoisonError::into_inner).get(kind).copied().unwrap_or_default()
    }

    /// How many rows match. What is wrong with the request shows here.
    fn count(&self, ctx: &Ctx, asked: &Asked) -> Result<u64> {
        let view = self.store.view(ctx.scope.clone())?.asked_by(&ctx.actor, ctx.now).to(Verb::Export).at(&ctx.org);
        let kind = view.kind(&asked.kind)?;
        rights::to_take_out(view.rights(), &kind)?;
        if let Some(fields) = &asked.fields {
            check_fields(&kind, fields)?;
            fields.iter().try_for_each(|name| view.to_take(&kind, name))?;
        }
        let query = Query { limit: Some(1), count: true, cursor: None, ..asked.query.clone() };
        let page = view.find(&asked.kind, &query)?;
        Ok(page.count.unwrap_or_default())
    }
}

fn purpose(text: &str) -> Result<String> {
    let text = text.trim();
    let n_chars = text.chars().count();
    if (2..=MAX_PURPOSE_CHARS).contains(&n_chars) {
        return Ok(text.to_owned());
    }
    let message = format!("say in 2 to {MAX_PURPOSE_CHARS} characters what the export is for; it is kept with it");
    Err(Error::invalid("purpose", message))
}

fn check_fields(kind: &Kind, fields: &[String]) -> Result<()> {
    let is_known = |name: &String| kind.fields.get(name).is_some() || filter::SYSTEM.contains(&name.as_str());
    match fields.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(unknown) => {
            let message = format!("{} has no field {unknown:?}; GET /api/v1/kinds/{} lists them", kind.kind, kind.kind);
            Err(Error::invalid("fields", message))
        }
    }
}

/// Whether a second person has to approve it. Whoever has the server's own disk has everything already.
fn takes_two(ctx: &Ctx, export: &Export) -> bool {
    ctx.actor.person().is_some() && export.n_matching > MAX_ROWS_ALONE
}

/// A line of the audit log, in the commit of what it tells of. What was searched for and what was written of the purpose may name
/// people, so the line has a digest of it alone; the export itself has the words.
fn note(tx: &mut Tx<'_>, export: &Export, what: &str, actor: &str, at: Time) -> Result<()> {
    let told = json!({
        "export": export.id, "format": export.format, "fields": export.fields, "n_matching": export.n_matching,
        "n_rows": export.n_rows, "state": export.state,
    });
    let said = json!([export.filter, export.order, export.q, export.fields, export.purpose]).to_string();
    let entry = Entry {
        actor: actor.to_owned(),
        org: Some(export.org.clone()),
        digest: Some(tables::audit::digest_of(tx, said.as_bytes())),
        ..Entry::of_nobody(at, what, told)
    };
    tables::audit::append(tx, &entry.about(&export.kind, None))
}

/// Rows of texts as a file that spreadsheets open and calculate nothing in.
///
/// # Errors
/// Internal.
pub fn spreadsheet(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let cells = rows.into_iter().map(|row| row.into_iter().map(columns::Cell::Text).collect());
    Ok([csv::MARK.to_vec(), csv::rows(cells)?].concat())
}

/// Note what became of an export. Rows that cannot be known any more stay as they were noted last.
fn end(tx: &mut Tx<'_>, export: Export, state: ExportState, n_rows: Option<u64>, now: Time) -> Result<()> {
    let ended = Export { state, n_rows: n_rows.unwrap_or(export.n_rows), ended_at: Some(now), ..export };
    tables::export::put(tx, &ended)?;
    note(tx, &ended, "export.ended", &ended.actor, now)
}
