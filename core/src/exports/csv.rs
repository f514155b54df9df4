//! CSV as spreadsheets open it: UTF-8 with a mark, and nothing in it that they would calculate or round.

use csv::WriterBuilder;

use super::columns::Cell;
use crate::{Error, Result, model::format::spreadsheet};

/// What tells a spreadsheet that the text is UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Rows as bytes.
pub(super) fn rows(rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(text)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.into_error()))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => spreadsheet::guard(text),
        Cell::Number(number) => number.to_string(),
        Cell::Money(fen) => yuan(*fen),
    }
}

/// Whole fen as yuan with two digits behind the point.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts_and_numbers_are_numbers() {
        let row = vec![
            Cell::Text("=HYPERLINK(\"http://x\",\"y\")".into()),
            Cell::Text("+8613800001234".into()),
            Cell::Number((-5).into()),
            Cell::Money(-14_999_905),
            Cell::Empty,
            Cell::Text("a, \"b\"\nc".into()),
        ];
        let text = String::from_utf8(rows([row]).unwrap()).unwrap();
        let expected =
            "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",'+8613800001234,-5,-149999.05,,\"a, \"\"b\"\"\nc\"\r\n";
        assert_eq!(text, expected);
    }
}
