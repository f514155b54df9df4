//! Text with delimiters: which one, and rows with the numbers a spreadsheet would show.

use std::ops::ControlFlow;

use csv::{ByteRecord, ReaderBuilder};

use super::{Each, Row, unreadable};
use crate::{Error, Result};

/// How far is looked to find the delimiter.
const SAMPLE_ROWS: usize = 40;
const SAMPLE_BYTES: usize = 64 << 10;

/// A decoded text with its delimiter.
#[derive(Debug)]
pub(super) struct Text {
    text: String,
    /// Where the table begins: behind a `sep=;` line.
    start: usize,
    delimiter: u8,
}

impl Text {
    pub(super) fn new(text: String) -> Result<Text> {
        let first = text.lines().next().unwrap_or_default();
        if let Some(delimiter) = first.trim().strip_prefix("sep=").filter(|rest| rest.len() == 1) {
            let start = text.find('\n').map_or(text.len(), |at| at + 1);
            let delimiter = delimiter.as_bytes()[0];
            return Ok(Text { text, start, delimiter });
        }
        let delimiter = delimiter(&text);
        Ok(Text { text, start: 0, delimiter })
    }

    pub(super) fn each_row(&self, each: Each<'_>) -> Result<()> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(&self.text.as_bytes()[self.start..]);
        let mut record = ByteRecord::new();
        let mut number = 0;
        loop {
            let line = reader.position().line();
            let is_record = reader.read_byte_record(&mut record).map_err(|error| {
                unreadable(format!("row {} cannot be read: look for a stray quotation mark", number + 1))
                    .caused_by(error)
            })?;
            if !is_record {
                return Ok(());
            }
            // The reader skips empty lines in silence, but a spreadsheet numbers them. What it has passed beyond the
            // record's own line ends is empty lines.
            let n_own = 1 + record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
            let n_skipped = (reader.position().line() - line).saturating_sub(n_own);
            number += 1 + u32::try_from(n_skipped).unwrap_or(u32::MAX - 1);
            if each(Row { number, cells: cells(&record)? })? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
}

fn cells(record: &ByteRecord) -> Result<Vec<String>> {
    // Delimiters are ASCII, so a cell of a text is a text.
    record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned).map_err(Error::internal)).collect()
}

/// The delimiter that stands in most rows of the beginning, outside quotation marks; the comma when there is none.
fn delimiter(text: &str) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
    // Rows that have it, times in all, times in the present row.
    let mut scores = [(0usize, 0usize, 0usize); 4];
    let mut is_quoted = false;
    let mut n_rows = 0;
    for byte in text.bytes().take(SAMPLE_BYTES).chain([b'\n']) {
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
