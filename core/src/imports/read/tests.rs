//! Files as they come.

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};

use super::*;

fn open(bytes: impl Into<Vec<u8>>) -> Table {
    Table::open(bytes.into()).expect("a readable file")
}

fn rows(table: &Table) -> Vec<(u32, Vec<String>)> {
    let mut rows = Vec::new();
    let read = table.each_row(|row| {
        rows.push((row.number, row.cells));
        Ok(ControlFlow::Continue(()))
    });
    read.expect("readable rows");
    rows
}

fn refused(bytes: impl Into<Vec<u8>>) -> Error {
    let opened = Table::open(bytes.into()).and_then(|table| table.n_rows().map(|n| (table.headers, n)));
    opened.expect_err("not a table")
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

/// A text in every encoding, with and without a mark.
fn encodings(text: &str) -> [(&'static str, Vec<u8>); 6] {
    [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("UTF-16LE", [vec![0xFF, 0xFE], utf16(text, u16::to_le_bytes)].concat()),
        ("UTF-16BE", [vec![0xFE, 0xFF], utf16(text, u16::to_be_bytes)].concat()),
        ("UTF-16LE", utf16(text, u16::to_le_bytes)),
        ("GB18030", encoding_rs::GB18030.encode(text).0.into_owned()),
    ]
}

#[test]
fn chinese_is_read_in_every_encoding() {
    for text in ["姓名,手机\n王磊,13800001234\n", "联通,电话\n联通,1\n", "名,b\n𠮷野,镕\n", "姓名\t备注\n王\t“引号”\n"]
    {
        for (name, bytes) in encodings(text) {
            let table = open(bytes);
            assert_eq!(table.encoding, Some(name), "{text}");
            let expected: Vec<&str> = text.lines().nth(1).expect("two lines").split([',', '\t']).collect();
            assert_eq!(rows(&table), [(2, expected.iter().map(|cell| (*cell).to_owned()).collect())], "{name}");
        }
    }
}

#[test]
fn short_files_that_are_valid_twice_are_read_as_what_is_plausible() {
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    // Each of these Chinese texts is valid UTF-8 as well.
    for text in ["茅,牛\n路,模\n", "模,牛\n"] {
        assert!(std::str::from_utf8(&gb(text)).is_ok(), "{text}");
        assert_eq!(open(gb(text)).encoding, Some("GB18030"), "{text}");
    }
    for text in ["name,price\nJosé,£100\n", "a,b\nMüller,±3\n", "имя,x\nИван,1\n"] {
        assert_eq!(open(text).encoding, Some("UTF-8"), "{text}");
    }
}

#[test]
fn delimiters_quotes_and_line_ends() {
    for (text, cells) in [
        ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", ["x, y", "say \"hi\""]),
        ("a;b\r\nx;\"y\r\nz\"\r\n", ["x", "y\r\nz"]),
        ("a\tb\nx, y\tz\n", ["x, y", "z"]),
        ("a|b\nx|y", ["x", "y"]),
        ("sep=;\na;b\n1,5;2,5\n", ["1,5", "2,5"]),
        ("a;b\n1,5;2,5\n", ["1,5", "2,5"]),
        ("a,b\rx,y\r", ["x", "y"]),
    ] {
        let table = open(text);
        assert_eq!(
            (table.headers.as_slice(), rows(&table)[0].1.as_slice()),
            (["a", "b"].map(String::from).as_slice(), cells.map(String::from).as_slice()),
            "{text:?}"
        );
    }
}

#[test]
fn rows_have_the_numbers_of_the_spreadsheet() {
    let table = open("a,b\n\n1,x\n , \n\n\"2\ntwo\",y\n3,z");
    let numbers: Vec<u32> = rows(&table).iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [3, 6, 7]);
    let table = open("a,b\r\n\r\n1,x\r\n\"2\r\ntwo\",y\r\n\r\n3,z\r\n");
    let numbers: Vec<u32> = rows(&table).iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [3, 4, 6]);
}

#[test]
fn titles_above_the_header_are_passed_and_headers_are_made_unique() {
    let table = open("客户名单,,\n\n姓名,电话,电话,\n王磊,1,2,好\n李娜,3,4,好\n");
    assert_eq!((table.header_row, table.headers.join("|")), (3, "姓名|电话|电话 (2)|D".into()));
    assert_eq!(table.n_rows().expect("rows"), 2);
    let table = open("name\n王磊\n");
    assert_eq!((table.header_row, table.headers.join("|")), (1, "name".into()));
}

#[test]
fn a_column_without_header_has_a_letter_but_one_long_row_makes_no_column() {
    assert_eq!(open("a,b\n1,2,note\n3,4,note\n").headers, ["a", "b", "C"]);
    assert_eq!(open("a,b\n1,2,oops\n3,4\n5,6\n").headers, ["a", "b"]);
    assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
}

#[test]
fn what_is_no_table_is_named() {
    for (bytes, said) in [
        (b"".as_slice(), "no rows"),
        (b" \n\n".as_slice(), "no rows"),
        (b"%PDF-1.7 ...".as_slice(), "a PDF"),
        (b"\x89PNG\r\n\x1a\n".as_slice(), "a picture"),
        (b"<html><table>".as_slice(), "a web page"),
        (b"PK\x03\x04nothing".as_slice(), "damaged or protected"),
        (b"\xD0\xCF\x11\xE0nothing".as_slice(), "damaged or protected"),
        (b"a,b\n\xFF\xFF\xFF,1\n".as_slice(), "line 2 is neither UTF-8 nor GB18030"),
        (b"a,b\n\x01\x02\x03\x04,\x05\n".as_slice(), "not text"),
        (b"a\0\0\0b,\0\0\0c\0".as_slice(), "not text"),
    ] {
        let error = refused(bytes);
        assert!(error.code.starts_with("import."), "{error}");
        assert!(error.message.contains(said), "{said} is not in {error}");
    }
}

#[test]
fn limits_say_where_they_are_met() {
    let wide = format!("{}\n", vec!["x"; MAX_COLUMNS + 1].join(","));
    assert_eq!(refused(wide).code, "import.too_large");
    let open_quote = format!("a,b\n1,\"{}\n", "x,y\n".repeat(MAX_CELL_BYTES / 3));
    assert!(refused(open_quote).message.contains("quotation mark"));
    let long = format!("a,b\n{}", "1,2\n".repeat(MAX_ROWS as usize));
    assert!(refused(long).message.contains("more than 500000 rows"));
    assert_eq!(refused(vec![b'x'; MAX_BYTES as usize + 1]).code, "import.too_large");
}

#[test]
fn a_workbook_is_read_as_its_cells_are_shown() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("empty").expect("a name");
    let sheet = workbook.add_worksheet();
    let day = Style::new().set_num_format("yyyy-mm-dd");
    let written = (|| {
        sheet.write(0, 0, "客户名单")?;
        sheet
            .write(2, 0, "姓名")?
            .write(2, 1, "手机")?
            .write(2, 2, "日期")?
            .write(2, 3, "时间")?
            .write(2, 4, "会员")?;
        sheet.write(4, 0, "王磊")?.write(4, 1, 13_800_001_234.0)?.write(4, 4, true)?;
        sheet.write_with_format(4, 2, ExcelDateTime::from_ymd(2026, 3, 13)?, &day)?;
        let moment = ExcelDateTime::from_ymd(2026, 3, 13)?.and_hms(9, 5, 0)?;
        sheet.write_with_format(4, 3, moment, &Style::new().set_num_format("yyyy-mm-dd hh:mm"))?;
        sheet.write(5, 0, "李娜")?.write(5, 1, 0.5)?;
        Ok::<_, rust_xlsxwriter::XlsxError>(())
    })();
    written.expect("cells");
    let table = open(workbook.save_to_buffer().expect("a workbook"));
    assert_eq!(
        (table.format, table.header_row, table.headers.join("|")),
        (Format::Xlsx, 3, "姓名|手机|日期|时间|会员".into())
    );
    let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        rows(&table),
        [
            (5, cells(&["王磊", "13800001234", "2026-03-13", "2026-03-13 09:05:00", "true"])),
            (6, cells(&["李娜", "0.5"]))
        ]
    );
}

#[test]
fn a_workbook_that_unpacks_without_end_is_refused() {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).expect("a file");
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..=256 {
        archive.write_all(&zeros).expect("room");
    }
    let bytes = archive.finish().expect("an archive").into_inner();
    assert!(bytes.len() < 1 << 20, "it is small packed");
    assert_eq!(refused(bytes).code, "import.too_large");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Table::open(bytes).and_then(|table| table.n_rows());
    }

    #[test]
    fn a_list_of_chinese_names_is_told_in_any_encoding(
        names in prop::collection::vec("[一-龥]{2,4}", 1..20), header in "(姓名|客户|电话号码)",
    ) {
        let text = format!("{header},备注\n{}\n", names.iter().map(|name| format!("{name},无")).collect::<Vec<_>>().join("\n"));
        for (encoding, bytes) in encodings(&text) {
            let table = open(bytes);
            prop_assert_eq!(table.encoding, Some(encoding));
            prop_assert_eq!(rows(&table).len(), names.len());
        }
    }

    #[test]
    fn what_is_written_as_csv_is_read_back(cells in prop::collection::vec(prop::collection::vec("[a-z,;\"\n中文 ]{1,6}", 3), 1..8)) {
        prop_assume!(cells.iter().all(|row| row.iter().any(|cell| !cell.trim().is_empty())));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).expect("memory");
        for row in &cells {
            writer.write_record(row).expect("memory");
        }
        let table = open(writer.into_inner().expect("memory"));
        let read: Vec<Vec<String>> = rows(&table).into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(read, cells);
    }
}
