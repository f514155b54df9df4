//! Files into rows: CSV in the encodings of this world, workbooks, lines of JSON, and address books.

pub mod content;
mod delimited;
mod encoding;
pub mod ndjson;
pub mod vcard;
mod workbook;

use std::{ops::ControlFlow, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, ErrorKind, Result, model::export::MARK};
pub use content::Content;

/// The largest file taken.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most rows taken of one file, empty ones included.
pub const MAX_ROWS: u32 = 500_000;
/// The most columns; wider tables are reports, not lists.
pub const MAX_COLUMNS: usize = 256;
/// The longest cell in bytes. What a spreadsheet holds in one cell fits, what a missing quotation mark swallows does not.
pub const MAX_CELL_BYTES: usize = 100_000;
/// Rows looked at to find the header and the shape.
const SAMPLE: usize = 50;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// A workbook of Excel 2007 and later, WPS and others.
    Xlsx,
    /// A workbook of Excel 97.
    Xls,
    /// A JSON object a line.
    Ndjson,
    /// An address book.
    Vcard,
}

/// A row with its number as a spreadsheet shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Counted from 1, empty rows too.
    pub number: u32,
    /// The text of each cell; dates as `2026-03-13`, numbers without a needless fraction.
    pub cells: Vec<String>,
    /// The same as JSON, where the file has types of its own; else empty.
    pub values: Vec<Value>,
}

/// A file that has been recognised. Rows are read as often as asked, without holding them.
#[derive(Debug)]
pub struct Table {
    /// What it is.
    pub format: Format,
    /// `UTF-8`, `GB18030`, `UTF-16LE`, `UTF-16BE`; none for workbooks.
    pub encoding: Option<&'static str>,
    /// Each column's name, no two the same. A column without a header has its letter.
    pub headers: Vec<String>,
    /// The header's row number.
    pub header_row: u32,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Text(delimited::Text),
    Workbook(workbook::Workbook),
    Lines(ndjson::Lines),
    Cards(vcard::Cards),
}

/// What a reader does with each row; breaking ends the reading without an error.
type Each<'a> = &'a mut dyn FnMut(Row) -> Result<ControlFlow<()>>;

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// The row below an export of ours that says whose it was.
    fn is_watermark(&self) -> bool {
        self.n_filled() == 1 && self.cells.first().is_some_and(|cell| cell.starts_with(MARK))
    }

    fn n_filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
    }
}

impl Table {
    /// Recognise a file by what is in it; names and content types are often wrong.
    ///
    /// # Errors
    /// `import.unreadable` with what it seems to be instead, `import.too_large`.
    pub fn open(bytes: Vec<u8>) -> Result<Table> {
        Table::of(Arc::new(bytes))
    }

    /// As [`Table::open`], of a file that lies elsewhere. Texts are read from there in pieces whenever they are read;
    /// workbooks cannot be, and are held in memory.
    ///
    /// # Errors
    /// As there.
    pub fn of(content: Arc<dyn Content>) -> Result<Table> {
        if content.n_bytes() > MAX_BYTES {
            return Err(too_large(format!(
                "the file has {} MiB: split it, {} are taken",
                content.n_bytes() >> 20,
                MAX_BYTES >> 20
            )));
        }
        let (format, encoding, source) = recognise(content)?;
        let mut table = Table { format, encoding, headers: Vec::new(), header_row: 0, source };
        table.find_header()?;
        Ok(table)
    }

    /// Every row below the header that is not empty, in order.
    ///
    /// # Errors
    /// `import.unreadable` and `import.too_large` with the row, or the callback's own.
    pub fn each_row(&self, mut each: impl FnMut(Row) -> Result<ControlFlow<()>>) -> Result<()> {
        let header_row = self.header_row;
        self.each_physical(&mut |row| {
            let is_passed_over = row.number <= header_row || row.is_empty() || row.is_watermark();
            if is_passed_over { Ok(ControlFlow::Continue(())) } else { each(row) }
        })
    }

    /// How many rows [`Table::each_row`] gives.
    ///
    /// # Errors
    /// As there.
    pub fn n_rows(&self) -> Result<u32> {
        let mut n_rows = 0;
        self.each_row(|_| {
            n_rows += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(n_rows)
    }

    /// The first rows.
    ///
    /// # Errors
    /// As [`Table::each_row`].
    pub fn first_rows(&self, n: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.each_row(|row| {
            rows.push(row);
            Ok(if rows.len() < n { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(rows)
    }

    /// Every row there is, with the limits that hold for any format.
    fn each_physical(&self, each: Each<'_>) -> Result<()> {
        let mut checked = |row: Row| {
            let number = row.number;
            if number > MAX_ROWS {
                return Err(too_large(format!("the file has more than {MAX_ROWS} rows: split it")));
            }
            if row.cells.len() > MAX_COLUMNS {
                return Err(too_large(format!(
                    "row {number} has {} columns: {MAX_COLUMNS} are taken",
                    row.cells.len()
                )));
            }
            if row.cells.iter().any(|cell| cell.len() > MAX_CELL_BYTES) {
                let remedy = "look for a quotation mark that is opened there and never closed";
                return Err(too_large(format!(
                    "row {number} has a cell of more than {MAX_CELL_BYTES} bytes: {remedy}"
                )));
            }
            each(row)
        };
        match &self.source {
            Source::Text(text) => text.each_row(&mut checked),
            Source::Workbook(workbook) => workbook.each_row(&mut checked),
            Source::Lines(lines) => lines.each_row(&mut checked),
            Source::Cards(cards) => cards.each_row(&mut checked),
        }
    }

    /// The first row with two cells filled: above it stand titles. A file of one column has its header on top.
    fn find_header(&mut self) -> Result<()> {
        match &self.source {
            Source::Lines(lines) => {
                self.headers = lines.headers().to_vec();
                return Ok(());
            }
            Source::Cards(_) => {
                self.headers = vcard::HEADERS.map(str::to_owned).to_vec();
                return Ok(());
            }
            Source::Text(_) | Source::Workbook(_) => {}
        }
        let mut sample = Vec::new();
        self.each_physical(&mut |row| {
            if !row.is_empty() {
                sample.push(row);
            }
            Ok(if sample.len() < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let at = sample.iter().position(|row| row.n_filled() >= 2).unwrap_or(0);
        let Some(header) = sample.get(at) else {
            return Err(unreadable("the file has no rows: the first must name the columns"));
        };
        let rows = &sample[at + 1..];
        // Columns of notes often have no header; a single row that is too long is a mistake in that row.
        let n_wider = rows.iter().filter(|row| row.cells.len() > header.cells.len()).count();
        let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let width = if n_wider * 2 > rows.len() { widest.max(header.cells.len()) } else { header.cells.len() };
        self.headers = headers(&header.cells, width);
        self.header_row = header.number;
        Ok(())
    }
}

fn recognise(content: Arc<dyn Content>) -> Result<(Format, Option<&'static str>, Source)> {
    let head = content::head(&*content, 1 << 10)?;
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PK\x03\x04") {
        let workbook = workbook::Workbook::xlsx(content::whole(&*content)?)?;
        return Ok((Format::Xlsx, None, Source::Workbook(workbook)));
    }
    if starts(&[0xD0, 0xCF, 0x11, 0xE0]) {
        let workbook = workbook::Workbook::xls(content::whole(&*content)?)?;
        return Ok((Format::Xls, None, Source::Workbook(workbook)));
    }
    let known: [(&[u8], &str); 5] = [
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"\x1F\x8B", "compressed"),
        (b"Rar!", "compressed"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| starts(magic)) {
        return Err(unreadable(format!("the file is {what}, not a table: save the list as .xlsx or CSV")));
    }
    if vcard::is_card(&head) {
        // Cards say their encoding line by line.
        return Ok((Format::Vcard, None, Source::Cards(vcard::Cards::new(content))));
    }
    let written = encoding::recognise(&*content)?;
    let bare = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    match bare {
        [b'{', ..] => {
            let lines = ndjson::Lines::new(content, written)?;
            Ok((Format::Ndjson, Some(written.name()), Source::Lines(lines)))
        }
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => {
            Err(unreadable("the file is one JSON list: write one object a line, without brackets and commas between"))
        }
        _ => Ok((Format::Csv, Some(written.name()), Source::Text(delimited::Text::new(content, written)?))),
    }
}

/// Names for `width` columns, no two the same.
fn headers(cells: &[String], width: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(width);
    for at in 0..width {
        let written =
            cells.get(at).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        let name: String = if written.is_empty() { letters(at) } else { written.chars().take(200).collect() };
        let unique = (2..).map(|n| format!("{name} ({n})"));
        let unique = std::iter::once(name.clone()).chain(unique).find(|name| !names.contains(name));
        names.extend(unique);
    }
    names
}

/// `A`, `B` … `Z`, `AA`: what a spreadsheet calls a column.
fn letters(at: usize) -> String {
    let mut rest = at + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, "import.unreadable", message)
}

fn too_large(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::TooLarge, "import.too_large", message)
}

#[cfg(test)]
mod tests;
