//! The fair's cards: GB18030 as people keep it, counted to the last row, and nothing lost when the server dies.

use std::{fs, time::Duration};

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::support::{Client, Server, eventually};

pub const CSV: &str = "text/csv";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const NDJSON: &str = "application/x-ndjson";
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
fn an_import_survives_two_deaths_of_the_server() {
    let mut server = Server::start();
    let admin = server.admin();
    import(&admin, "apply", CSV, cards("cards-known.csv"));
    let job = start(&admin, "apply", CSV, cards("cards.csv"));
    for n_before in [645, 2_000] {
        let admin = server.admin();
        eventually("some rows are in", PATIENCE, || {
            let now = admin.get(&format!("/jobs/{job}")).ok(200);
            assert_eq!(now["state"], "running", "the import was over before the server could be killed");
            (n_customers(&admin) > n_before).then_some(())
        });
        server.kill9();
        server.launch();
    }
    let admin = server.admin();
    assert_eq!(finished(&admin, &job)["counts"], counts(188, 212, 645, 3_655));
    assert_eq!(n_customers(&admin), 645 + 3_655);
}

#[test]
fn lines_of_json_make_and_change_records() {
    let server = Server::start();
    let admin = server.admin();
    let known = admin.create("customer", json!({ "name": "王磊", "phone": "13800001234", "city": "武汉" }));
    let id = known["id"].as_str().expect("an id");
    let lines = [
        json!({ "id": id, "data": { "city": "长沙", "note": "'=不变" } }),
        json!({ "id": "0198a0c4-0000-7000-8000-000000000001", "data": { "name": "李娜", "phone": "13900001234", "owner": "admin" } }),
        json!({ "name": "赵云", "phone": "13700001234", "type": "车主", "owner": "管理员" }),
        json!({ "name": "没有人", "phone": "13600001234", "owner": "nobody.here" }),
        json!({ "name": "无法联系" }),
    ];
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let path = "/records/customer/import?mode=";
    let preview = import_as(&admin, &format!("{path}preview"), NDJSON, text.clone().into_bytes());
    assert_eq!(preview["counts"], counts(1, 0, 1, 3));
    assert_eq!(preview["detail"]["automations"], json!({ "customer.created": 3, "customer.changed": 1 }));
    let applied = import_as(&admin, &format!("{path}apply"), NDJSON, text.into_bytes());
    assert_eq!(
        (&applied["counts"], &applied["detail"]["automations"]),
        (&preview["counts"], &preview["detail"]["automations"])
    );
    assert_eq!(applied["faults"][0]["row"], 5, "rows are lines");
    let changed = admin.record("customer", id);
    assert_eq!((&changed["data"]["city"], &changed["data"]["note"]), (&json!("长沙"), &json!("'=不变")));
    let made = admin.record("customer", "0198a0c4-0000-7000-8000-000000000001");
    assert_eq!(made["data"]["owner"], "admin", "by login");
    let by_name = &admin.list("customer", &json!({ "name": "赵云" }))[0]["data"];
    assert_eq!((&by_name["owner"], &by_name["type"]), (&json!("admin"), &json!("owner")));
    let notice = &applied["detail"]["notices"][0];
    assert_eq!(
        (&notice["row"], &notice["field"], &notice["code"]),
        (&json!(4), &json!("owner"), &json!("ref.not_found"))
    );
    let path = format!("{path}apply");
    let refused = |text: &str| admin.send("POST", &path, &[("content-type", NDJSON)], text.into());
    refused("{\"name\":\"x\"}\n{oops\n").problem(400, "import.unreadable");
    refused("[{\"name\":\"x\"}]").problem(400, "import.unreadable");
}

#[test]
fn an_address_book_becomes_customers() {
    let server = Server::start();
    let admin = server.admin();
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:王;磊;;;\r\nFN:磊 王\r\nTEL;TYPE=CELL:138 0000 1234\r\nTEL;TYPE=WORK:027-87654321\r\n\
        BDAY:1980-01-01\r\nORG:武汉一店\r\nNOTE:长\r\n 备注\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Smith\r\n\
        EMAIL:anna@example.cn\r\nEND:VCARD\r\n";
    let job = import_as(&admin, "/records/customer/import?mode=apply", "text/vcard", text.into());
    assert_eq!((&job["counts"], &job["detail"]["format"]), (&counts(0, 0, 0, 2), &json!("vcard")));
    let wang = &admin.list("customer", &json!({ "name": "王磊" }))[0]["data"];
    assert_eq!((&wang["phone"], &wang["birth_date"]), (&json!("+8613800001234"), &json!("1980-01-01")));
    let note = wang["note"].as_str().expect("a note");
    assert!(note.contains("027-87654321") && note.contains("武汉一店") && note.contains("长备注"), "{note}");
}

#[test]
fn any_kind_is_updated_by_a_key() {
    let server = Server::start();
    let admin = server.admin();
    let path = "/records/org/import?mode=apply&key=code";
    let text = "编码,名称,类型,上级,城市\nd1,武汉一店,经销商,总部,武汉\nd2,长沙一店,dealer,hq,长沙\n";
    assert_eq!(import_as(&admin, path, CSV, text.into())["counts"], counts(0, 0, 0, 2));
    // The key is enough for one that is there; it is too little for a new one.
    let text = "编码,城市\nd1,十堰\nd3,宜昌\n";
    let job = import_as(&admin, path, CSV, text.into());
    assert_eq!(job["counts"], counts(1, 0, 1, 0));
    let orgs = admin.list("org", &json!({ "code": "d1" }));
    let org = &orgs[0]["data"];
    assert_eq!((&org["city"], &org["name"], &org["parent"]), (&json!("十堰"), &json!("武汉一店"), &json!("hq")));
}

#[test]
fn a_mapping_is_saved_offered_and_used_by_name() {
    let server = Server::start();
    let admin = server.admin();
    let mapping = json!({ "甲": "name", "乙": "phone" });
    admin.create(
        "import_mapping",
        json!({ "name": "展会名单", "kind": "customer", "mapping": mapping, "key": "phone" }),
    );
    let text = "甲,乙,城市\n王磊,13800001234,武汉\n";
    let inspect = |text: &str| {
        let path = "/records/customer/import?mode=inspect";
        admin.send("POST", path, &[("content-type", CSV)], text.into()).ok(200)
    };
    let offered = inspect(text)["mappings"].clone();
    assert_eq!(
        (&offered[0]["name"], &offered[0]["mapping"], &offered[0]["key"]),
        (&json!("展会名单"), &mapping, &json!("phone"))
    );
    assert_eq!(inspect("甲,丙\n王磊,x\n")["mappings"], json!([]), "a column is missing");
    let path = "/records/customer/import?mode=apply&mapping=展会名单";
    assert_eq!(import_as(&admin, path, CSV, text.into())["counts"], counts(0, 0, 0, 1));
    let job = import_as(&admin, path, CSV, "甲,乙,城市\n王大磊,13800001234,武汉\n".into());
    assert_eq!((&job["counts"], &job["detail"]["key"]), (&counts(0, 0, 1, 0), &json!("phone")));
    let customer = &admin.list("customer", &json!({}))[0]["data"];
    assert_eq!(
        (&customer["name"], &customer["city"]),
        (&json!("王大磊"), &Value::Null),
        "its key updates, its columns are all"
    );
    let path = "/records/customer/import?mode=apply&mapping=没有";
    admin.send("POST", path, &[("content-type", CSV)], text.into()).problem(404, "mapping.not_found");
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
