//! A workbook of one sheet, written row by row: rows go to a nameless temporary file, never into memory.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, Format, Workbook, XlsxError};

use super::columns::Cell;
use crate::{Error, Result, model::format::spreadsheet};

/// What a sheet holds in one cell.
const MAX_CELL_CHARS: usize = 32_767;
const TOO_LONG: &str = "(too long for a sheet: export it as CSV)";

/// A sheet under way.
pub(super) struct Sheet {
    workbook: Workbook,
    money: Format,
    row: u32,
}

impl Sheet {
    /// With its header, which stays in sight.
    pub(super) fn new<'a>(headers: impl Iterator<Item = &'a str>) -> Result<Sheet> {
        let mut workbook = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(broken)?;
        sheet.set_freeze_panes(1, 0).map_err(broken)?;
        for (column, header) in (0..).zip(headers) {
            sheet.write_string_with_format(0, column, header, &bold).map_err(broken)?;
        }
        Ok(Sheet { workbook, money: Format::new().set_num_format("0.00"), row: 1 })
    }

    /// The next row. A text is a text here, whatever it begins with.
    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(broken)?;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    let is_too_long = text.len() > MAX_CELL_CHARS && text.encode_utf16().count() > MAX_CELL_CHARS;
                    let text = if is_too_long { TOO_LONG } else { text };
                    // An import takes one apostrophe away, for files that were CSV before they were workbooks.
                    let is_guarded_already = spreadsheet::unguard(text) != text;
                    let text = if is_guarded_already { spreadsheet::guard(text) } else { text.to_owned() };
                    sheet.write_string(self.row, column, text).map_err(broken)?;
                }
                Cell::Number(number) => {
                    let number = number.as_f64().unwrap_or_default();
                    sheet.write_number(self.row, column, number).map_err(broken)?;
                }
                Cell::Money(fen) => {
                    let yuan = *fen as f64 / 100.0;
                    sheet.write_number_with_format(self.row, column, yuan, &self.money).map_err(broken)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// Whose it was, below the last row and in the properties of the file.
    pub(super) fn mark(&mut self, watermark: &str) -> Result<()> {
        self.workbook.set_properties(&DocProperties::new().set_comment(watermark));
        self.row(&[Cell::Text(watermark.to_owned())])
    }

    /// The whole file, as it is packed.
    pub(super) fn finish(mut self, to: impl Write + Send) -> Result<()> {
        self.workbook.save_to_writer(to).map_err(broken)
    }
}

fn broken(error: XlsxError) -> Error {
    Error::internal(error)
}
