//! Text with delimiters: which one, and rows with the numbers a spreadsheet would show.

use std::{
    io::{self, Read},
    ops::ControlFlow,
    sync::Arc,
};

use csv::{ByteRecord, ReaderBuilder};

use super::{
    Each, Row,
    content::{self, Content},
    encoding::Written,
    unreadable,
};
use crate::{Error, Result};

/// How far is looked to find the delimiter.
const SAMPLE_ROWS: usize = 40;
const SAMPLE_BYTES: usize = 64 << 10;

/// A text with its delimiter.
#[derive(Debug)]
pub(super) struct Text {
    content: Arc<dyn Content>,
    written: Written,
    /// Where the table begins: behind a `sep=;` line.
    start: usize,
    delimiter: u8,
}

impl Text {
    pub(super) fn new(content: Arc<dyn Content>, written: Written) -> Result<Text> {
        let mut sample = Vec::new();
        written.reader(&*content)?.take(SAMPLE_BYTES as u64).read_to_end(&mut sample).map_err(content::failed)?;
        let first = sample.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        if let Some([delimiter]) = first.strip_prefix(b"sep=") {
            let start = sample.iter().position(|byte| *byte == b'\n').map_or(sample.len(), |at| at + 1);
            return Ok(Text { content, written, start, delimiter: *delimiter });
        }
        // An export of ours has commas, whatever its texts are full of.
        let is_ours = ["record_id,", "记录ID,"].iter().any(|start| sample.starts_with(start.as_bytes()));
        let delimiter = if is_ours { b',' } else { delimiter(&sample) };
        Ok(Text { content, written, start: 0, delimiter })
    }

    pub(super) fn each_row(&self, each: Each<'_>) -> Result<()> {
        let mut text = self.written.reader(&*self.content)?;
        io::copy(&mut text.by_ref().take(self.start as u64), &mut io::sink()).map_err(content::failed)?;
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(text);
        let mut record = ByteRecord::new();
        let mut number = 0;
        loop {
            let line = reader.position().line();
            let is_record = reader.read_byte_record(&mut record).map_err(|error| broken(error, number + 1))?;
            if !is_record {
                return Ok(());
            }
            // The reader skips empty lines in silence, but a spreadsheet numbers them. What it has passed beyond the
            // record's own line ends is empty lines.
            let n_own = 1 + record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
            let n_skipped = (reader.position().line() - line).saturating_sub(n_own);
            number += 1 + u32::try_from(n_skipped).unwrap_or(u32::MAX - 1);
            if each(Row { number, cells: cells(&record)?, ..Row::default() })? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
}

/// What the text itself is to blame for names its line already.
fn broken(error: csv::Error, row: u32) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => content::failed(error),
        _ => unreadable(format!("row {row} cannot be read: look for a stray quotation mark")),
    }
}

fn cells(record: &ByteRecord) -> Result<Vec<String>> {
    // Delimiters are ASCII, so a cell of a text is a text.
    record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned).map_err(Error::internal)).collect()
}

/// The delimiter that stands in most rows of the beginning, outside quotation marks; the comma when there is none.
fn delimiter(text: &[u8]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
    // Rows that have it, times in all, times in the present row.
    let mut scores = [(0usize, 0usize, 0usize); 4];
    let mut is_quoted = false;
    let mut n_rows = 0;
    for byte in text.iter().copied().chain([b'\n']) {
        is_quoted ^= byte == b'"';
        if is_quoted {
            continue;
        }
        if let Some(at) = CANDIDATES.iter().position(|candidate| *candidate == byte) {
            scores[at].2 += 1;
        }
        if byte == b'\n' || byte == b'\r' {
            for (with, all, here) in &mut scores {
                *with += usize::from(*here > 0);
                *all += std::mem::take(here);
            }
            n_rows += 1;
            if n_rows == SAMPLE_ROWS {
                break;
            }
        }
    }
    let best =
        (0..CANDIDATES.len()).max_by_key(|at| (scores[*at].0, scores[*at].1, std::cmp::Reverse(*at))).unwrap_or(0);
    CANDIDATES[best]
}
