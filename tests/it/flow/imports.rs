//! The fair's cards: GB18030 as people keep it, counted to the last row, and nothing lost when the server dies.

use std::{fs, time::Duration};

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::support::{Client, Server, eventually};

pub const CSV: &str = "text/csv";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

fn cards(name: &str) -> Vec<u8> {
    let path = format!("{}/cases/import/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn start(client: &Client, mode: &str, media_type: &str, bytes: Vec<u8>) -> String {
    let path = format!("/records/customer/import?mode={mode}&filename=cards");
    let body = client.send("POST", &path, &[("content-type", media_type)], bytes).ok(202);
    body["job"].as_str().unwrap_or_else(|| panic!("no job: {body}")).to_owned()
}

pub fn finished(client: &Client, job: &str) -> Value {
    let job = eventually("the import ends", PATIENCE, || {
        let job = client.get(&format!("/jobs/{job}")).ok(200);
        (job["state"] != "running").then_some(job)
    });
    assert_eq!(job["state"], "done", "{job}");
    job
}

/// Import with a query of the test's own, to the end.
pub fn import_as(client: &Client, path: &str, media_type: &str, bytes: Vec<u8>) -> Value {
    let body = client.send("POST", path, &[("content-type", media_type)], bytes).ok(202);
    finished(client, body["job"].as_str().unwrap_or_else(|| panic!("no job: {body}")))
}

fn import(client: &Client, mode: &str, media_type: &str, bytes: Vec<u8>) -> Value {
    let job = start(client, mode, media_type, bytes);
    finished(client, &job)
}

pub fn counts(invalid: u32, repeated: u32, known: u32, new: u32) -> Value {
    json!({ "invalid": invalid, "repeated": repeated, "known": known, "review": 0, "new": new })
}

pub fn n_customers(client: &Client) -> u64 {
    let body = client.get("/records/customer?limit=1&count=exact").ok(200);
    body["count"].as_u64().unwrap_or_else(|| panic!("no count: {body}"))
}

#[test]
fn the_preview_says_what_applying_does_and_writes_nothing() {
    let server = Server::start();
    let admin = server.admin();
    assert_eq!(import(&admin, "apply", CSV, cards("cards-known.csv"))["counts"], counts(0, 0, 0, 645));
    let before = (n_customers(&admin), admin.head());

    let preview = import(&admin, "preview", CSV, cards("cards.csv"));
    assert_eq!(preview["counts"], counts(188, 212, 645, 3_655));
    assert_eq!((n_customers(&admin), admin.head()), before, "a preview writes nothing");

    let applied = import(&admin, "apply", CSV, cards("cards.csv"));
    assert_eq!(applied["counts"], counts(188, 212, 645, 3_655));
    assert_eq!(applied["faults"].as_array().map(Vec::len), Some(188), "each invalid row says why");
    let first = &applied["faults"][0];
    assert!(first["row"].as_u64().is_some_and(|row| row >= 2) && first["message"].is_string(), "{first}");
    assert_eq!(n_customers(&admin), before.0 + 3_655);

    let again = import(&admin, "apply", CSV, cards("cards.csv"));
    assert_eq!(again["counts"], counts(188, 212, 4_300, 0));
    assert_eq!(n_customers(&admin), before.0 + 3_655, "importing again adds nobody");
}

#[test]
fn a_workbook_counts_like_the_text_it_was_made_from() {
    let server = Server::start();
    let admin = server.admin();
    import(&admin, "apply", CSV, cards("cards-known.csv"));
    let applied = import(&admin, "apply", XLSX, workbook(&cards("cards.csv")));
    assert_eq!(applied["counts"], counts(188, 212, 645, 3_655));
}

#[test]
fn an_import_survives_the_death_of_the_server() {
    let mut server = Server::start();
    let admin = server.admin();
    import(&admin, "apply", CSV, cards("cards-known.csv"));
    let job = start(&admin, "apply", CSV, cards("cards.csv"));
    eventually("some rows are in", PATIENCE, || {
        let now = admin.get(&format!("/jobs/{job}")).ok(200);
        assert_eq!(now["state"], "running", "the import was over before the server could be killed");
        (n_customers(&admin) > 645).then_some(())
    });
    server.kill9();
    server.launch();
    let admin = server.admin();
    assert_eq!(finished(&admin, &job)["counts"], counts(188, 212, 645, 3_655));
    assert_eq!(n_customers(&admin), 645 + 3_655);
}

/// The same cells in a workbook, numbers as numbers where a spreadsheet would have made them so.
fn workbook(text: &[u8]) -> Vec<u8> {
    let (text, _, _) = encoding_rs::GB18030.decode(text);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for (row, record) in reader.records().enumerate() {
        let record = record.expect("the file is well-formed");
        for (column, cell) in record.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}
