//! Workbooks: the first visible sheet with rows in it, cell by cell.

use std::{
    io::{self, Cursor, Read},
    sync::Arc,
};

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetVisible, Xls, Xlsx};

use super::{Each, MAX_COLUMNS, Row, too_large, unreadable};
use crate::Result;

/// What a workbook may unpack to; a bomb stops here.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// What is held in memory at once of a workbook: its table of texts.
const MAX_TEXTS_BYTES: u64 = 256 << 20;

type Bytes = Cursor<Arc<[u8]>>;

/// A workbook and its sheet.
#[derive(Debug)]
pub(super) enum Workbook {
    Xlsx {
        bytes: Arc<[u8]>,
        sheet: String,
    },
    /// The old format cannot be read in pieces; a file is at most 64 MiB and a sheet 65 536 rows.
    Xls(calamine::Range<Data>),
}

impl Workbook {
    pub(super) fn xlsx(bytes: Vec<u8>) -> Result<Workbook> {
        check_unpacked(&bytes)?;
        let bytes: Arc<[u8]> = bytes.into();
        let mut workbook = open(&bytes)?;
        for sheet in visible(workbook.sheets_metadata()) {
            let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(broken)?;
            let mut first = cells.next_cell().map_err(broken)?;
            while first.as_ref().is_some_and(|cell| *cell.get_value() == DataRef::Empty) {
                first = cells.next_cell().map_err(broken)?;
            }
            if first.is_some() {
                return Ok(Workbook::Xlsx { bytes, sheet });
            }
        }
        Err(unreadable("the workbook has no sheet with rows: the first row must name the columns"))
    }

    pub(super) fn xls(bytes: Vec<u8>) -> Result<Workbook> {
        let mut workbook: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(broken)?;
        for sheet in visible(workbook.sheets_metadata()) {
            let range = workbook.worksheet_range(&sheet).map_err(broken)?;
            if !range.is_empty() {
                return Ok(Workbook::Xls(range));
            }
        }
        Err(unreadable("the workbook has no sheet with rows: the first row must name the columns"))
    }

    pub(super) fn each_row(&self, each: Each<'_>) -> Result<()> {
        match self {
            Workbook::Xlsx { bytes, sheet } => each_xlsx_row(bytes, sheet, each),
            Workbook::Xls(range) => {
                let first = range.start().map_or(0, |(row, _)| row);
                let indent = range.start().map_or(0, |(_, column)| column as usize).min(MAX_COLUMNS);
                for (number, cells) in (first + 1..).zip(range.rows()) {
                    let cells =
                        std::iter::repeat_n(String::new(), indent).chain(cells.iter().map(owned_text)).collect();
                    if each(trimmed(Row { number, cells, ..Row::default() }))?.is_break() {
                        return Ok(());
                    }
                }
                Ok(())
            }
        }
    }
}

fn each_xlsx_row(bytes: &Arc<[u8]>, sheet: &str, each: Each<'_>) -> Result<()> {
    let mut workbook = open(bytes)?;
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (at, column) = cell.get_position();
        let (number, column) = (at.saturating_add(1), column as usize);
        if number != row.number {
            if number < row.number {
                return Err(unreadable(format!("row {number} of the sheet comes twice: save the file anew")));
            }
            let done = std::mem::replace(&mut row, Row { number, ..Row::default() });
            if done.number > 0 && each(trimmed(done))?.is_break() {
                return Ok(());
            }
        }
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(too_large(format!(
                "row {number} has more than {MAX_COLUMNS} columns: delete those that are not needed"
            )));
        }
        row.cells.resize(row.cells.len().max(column + 1), String::new());
        row.cells[column] = text;
    }
    if row.number > 0 { each(trimmed(row)).map(drop) } else { Ok(()) }
}

/// Without the empty cells at the end.
fn trimmed(mut row: Row) -> Row {
    let n_filled = row.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
    row.cells.truncate(n_filled);
    row
}

fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.clone()).collect()
}

fn open(bytes: &Arc<[u8]>) -> Result<Xlsx<Bytes>> {
    Xlsx::new(Cursor::new(bytes.clone())).map_err(broken)
}

/// The reader holds texts in memory and trusts the sizes a file states, so they are tried before.
fn check_unpacked(bytes: &[u8]) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = MAX_UNPACKED_BYTES;
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).map_err(broken)?;
        let is_sheet = file.name().map_err(broken)?.contains("worksheets/");
        let limit = if is_sheet { left } else { left.min(MAX_TEXTS_BYTES) };
        let n_bytes = io::copy(&mut file.by_ref().take(limit + 1), &mut io::sink()).map_err(broken)?;
        if n_bytes > limit {
            return Err(too_large("the workbook unpacks to far more than a list has: save the sheet alone as CSV"));
        }
        left -= n_bytes;
    }
    Ok(())
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> crate::Error {
    unreadable("the workbook is damaged or protected: open it, remove the password and save it as .xlsx")
        .caused_by(error)
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Int(whole) => whole.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
    }
}

fn owned_text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(whole) => whole.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(moment) => moment_text(moment),
        Data::Error(error) => error.to_string(),
    }
}

/// Phones and codes are stored as numbers: no fraction, no exponent.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e18 { format!("{number:.0}") } else { number.to_string() }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if moment.is_duration() || moment.as_f64() < 1.0 {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if moment.as_f64().fract() == 0.0 { date } else { format!("{date} {clock}") }
}
