//! The thread of one export: reads a page, writes it, hands it over, and notes what became of it.

use std::{
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde_json::json;
use tokio::sync::mpsc::Sender;

use super::{Columns, Download, columns::Cell, csv, end, titles::Titles, xlsx::Sheet};
use crate::{
    Error, Result,
    model::{
        Query, Record,
        export::{Export, ExportFormat, ExportState, MARK},
        rights::Verb,
    },
    store::{View, tables},
};

/// Rows read at once.
const PAGE: u32 = 500;
/// Rows handed over at once. A record may have long texts, and pieces wait in memory for a slow reader.
const PIECE_ROWS: usize = 50;
/// Rows after which it is noted how far it is, for the case that the server dies.
const NOTED_EVERY: u64 = 10_000;
/// Pieces of a workbook: packing writes a few bytes at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Why an export ends early.
enum Break {
    /// Nobody takes the pieces any more.
    HungUp,
    /// Somebody was erased who may stand in it.
    Cut,
    /// Our failure.
    Failed(Error),
}

impl From<Error> for Break {
    fn from(error: Error) -> Break {
        Break::Failed(error)
    }
}

/// Hand it over as it is made, and note what became of it.
pub(super) fn run(download: &Download, sender: Sender<Result<Vec<u8>>>) {
    let (state, n_rows) = work(download, &sender);
    let (shared, export) = (&download.shared, download.export.clone());
    let now = shared.clock.now();
    let id = export.id.clone();
    // Noted before the caller sees the end of the file: the sender is dropped after this.
    if let Err(error) = shared.store.commit_blocking(move |tx| end(tx, export, state, Some(n_rows), now)) {
        tracing::error!(export.id = %id, %error, "the end of an export could not be noted");
    }
}

/// Make it; what came of it, and how many rows there are in it.
pub(super) fn work(download: &Download, sender: &Sender<Result<Vec<u8>>>) -> (ExportState, u64) {
    let mut n_rows = 0;
    let worked = catch_unwind(AssertUnwindSafe(|| write(download, sender, &mut n_rows)));
    let state = match worked.unwrap_or_else(|_| Err(Break::Failed(Error::internal("an export panicked")))) {
        Ok(()) => ExportState::Done,
        Err(Break::HungUp) => ExportState::Aborted,
        Err(Break::Cut) => {
            let message = "somebody was erased while the file was made; ask for it again";
            let _ = sender.blocking_send(Err(Error::conflict("export.cut", message)));
            ExportState::Aborted
        }
        Err(Break::Failed(error)) => {
            tracing::error!(export.id = %download.export.id, %error, "an export has failed");
            // The caller sees the file break off, not an end.
            let _ = sender.blocking_send(Err(error));
            ExportState::Failed
        }
    };
    (state, n_rows)
}

fn write(download: &Download, sender: &Sender<Result<Vec<u8>>>, n_rows: &mut u64) -> Result<(), Break> {
    let send = |bytes: Vec<u8>| sender.blocking_send(Ok(bytes)).map_err(|_| Break::HungUp);
    let mut titles = Titles::default();
    match download.export.format {
        ExportFormat::Ndjson => {
            each_page(download, n_rows, |_, columns, records| send(lines(columns, records)?))?;
            send(format!("{}\n", json!({ MARK: download.export.watermark() })).into_bytes())
        }
        ExportFormat::Csv => {
            let mut is_first = true;
            each_page(download, n_rows, |view, columns, records| {
                let mut piece = Vec::new();
                if std::mem::take(&mut is_first) {
                    piece.extend_from_slice(csv::MARK);
                    piece.extend(csv::rows([columns.headers().map(|header| Cell::Text(header.into())).collect()])?);
                }
                let rows: Result<Vec<_>> =
                    records.iter().map(|record| columns.cells(view, &mut titles, record)).collect();
                piece.extend(csv::rows(rows?)?);
                send(piece)
            })?;
            send(csv::rows([vec![Cell::Text(download.export.watermark())]])?)
        }
        ExportFormat::Xlsx => {
            let mut sheet = None;
            each_page(download, n_rows, |view, columns, records| {
                let sheet = match &mut sheet {
                    Some(sheet) => sheet,
                    none => none.insert(Sheet::new(columns.headers())?),
                };
                if sender.is_closed() {
                    return Err(Break::HungUp);
                }
                for record in records {
                    sheet.row(&columns.cells(view, &mut titles, record)?)?;
                }
                Ok(())
            })?;
            let Some(mut sheet) = sheet else { return Ok(()) };
            sheet.mark(&download.export.watermark())?;
            let packed = sheet.finish(io::BufWriter::with_capacity(PIECE_BYTES, Sink(sender)));
            packed.map_err(|error| if sender.is_closed() { Break::HungUp } else { Break::Failed(error) })
        }
    }
}

/// Every page in order, a few rows at a time. Each is a snapshot of its own: one over the whole export would
/// keep the store from tidying up for as long as the slowest reader takes.
fn each_page(
    download: &Download,
    n_rows: &mut u64,
    mut each: impl FnMut(&View, &Columns, &[Record]) -> Result<(), Break>,
) -> Result<(), Break> {
    let (shared, ctx, export) = (&download.shared, &download.ctx, &download.export);
    let zone = shared.catalogue.load().orgs.calendar(&ctx.org).time_zone;
    let mut cursor = None;
    let mut n_noted = 0;
    let n_erasures = shared.n_erasures(&export.kind);
    loop {
        let view = shared.store.view(ctx.scope.clone())?.asked_by(&ctx.actor, ctx.now).to(Verb::Export).at(&ctx.org);
        let kind = view.kind(&export.kind)?;
        let columns = Columns::new(&kind, export.fields.as_deref(), download.labels, zone.clone());
        let query = Query {
            filter: export.filter.clone(),
            order: export.order.clone(),
            search: export.q.clone(),
            limit: Some(PAGE),
            cursor,
            count: false,
        };
        let page = view.find(&export.kind, &query)?;
        // The header stands there even if no row does.
        if page.items.is_empty() {
            each(&view, &columns, &[])?;
        }
        // What has been added since it was counted, or approved, stays here.
        let left = usize::try_from(export.n_matching - *n_rows).unwrap_or(usize::MAX).min(page.items.len());
        for records in page.items[..left].chunks(PIECE_ROWS) {
            if shared.n_erasures(&export.kind) != n_erasures {
                return Err(Break::Cut);
            }
            each(&view, &columns, records)?;
            *n_rows += records.len() as u64;
        }
        if page.next.is_none() || *n_rows >= export.n_matching {
            return Ok(());
        }
        if *n_rows >= n_noted + NOTED_EVERY {
            n_noted = *n_rows;
            let noted = Export { n_rows: n_noted, ..export.clone() };
            shared.store.commit_blocking(move |tx| tables::export::put(tx, &noted))?;
        }
        cursor = page.next;
    }
}

/// Items as the list tells them, one a line.
fn lines(columns: &Columns, records: &[Record]) -> Result<Vec<u8>> {
    let wanted: Vec<&str> = columns.fields().collect();
    let mut text = Vec::new();
    for record in records {
        let mut record = record.clone();
        record.data.retain(|name, _| wanted.contains(&name.as_str()));
        serde_json::to_writer(&mut text, &record).map_err(Error::internal)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Where a workbook is packed to: straight into the answer.
struct Sink<'a>(&'a Sender<Result<Vec<u8>>>);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(bytes.to_vec()));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
