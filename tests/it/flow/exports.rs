//! What leaves the house as a file: safe to open, readable, noted with its purpose, and good enough to come back.

use std::{
    fs,
    io::{Cursor, Read, Write},
    net::TcpStream,
    time::Duration,
};

use calamine::{Data, Reader, Xlsx};
use marque::{
    model::Scope,
    store::{
        Store, StoreConfig,
        tables::{self, audit::Entry},
    },
};
use serde_json::{Value, json};

use super::imports::{CSV, counts, import_as, n_customers};
use crate::support::{Client, Server, eventually};

const PATIENCE: Duration = Duration::from_secs(60);

fn export(client: &Client, query: &str) -> String {
    let answer = client.get(&format!("/records/customer/export?purpose=月度核对&{query}"));
    assert_eq!(answer.status, 200, "{}: {}", answer.request, answer.text);
    answer.text
}

fn exports(client: &Client) -> Vec<Value> {
    client.get("/exports").ok(200)["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_csv_is_safe_to_open_and_says_what_people_read() {
    let server = Server::start();
    let admin = server.admin();
    admin.create(
        "customer",
        json!({ "name": "王磊", "phone": "13800001234", "type": "owner", "owner": "admin", "city": "武汉",
                "note": "=HYPERLINK(\"http://evil\",\"点我\")", "tags": "@vip" }),
    );
    let text = export(&admin, "format=csv&fields=name,phone,type,owner,note,tags");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "\u{FEFF}记录ID,姓名,手机,客户类型,负责人,备注,标签");
    let (_, row) = lines[1].split_once(',').expect("an id in front");
    assert_eq!(row, "王磊,'+8613800001234,车主,管理员,\"'=HYPERLINK(\"\"http://evil\"\",\"\"点我\"\")\",'@vip");
    let text = export(&admin, "format=csv&labels=en&fields=type,created_at");
    assert!(text.contains("record_id,Type,created_at\r\n") && text.contains(",Owner,"), "{text}");
    let text = export(&admin, "format=csv&labels=raw&fields=type,owner");
    assert!(text.contains("record_id,type,owner\r\n") && text.contains(",owner,admin\r\n"), "{text}");
}

#[test]
fn filter_order_words_and_fields_hold_as_in_the_list() {
    let server = Server::start();
    let admin = server.admin();
    for (name, city) in [("赵一", "武汉"), ("钱二", "武汉"), ("孙三", "长沙")] {
        admin.create("customer", json!({ "name": name, "city": city, "phone": null }));
    }
    let text = export(&admin, "format=ndjson&filter={\"city\":\"武汉\"}&order=-name&fields=name");
    let names: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["data"].clone()).collect();
    assert_eq!(names, [json!({ "name": "钱二" }), json!({ "name": "赵一" }), Value::Null], "and whose it is");
    assert_eq!(export(&admin, "format=ndjson&q=孙三").lines().count(), 2);
    let wrong = "/records/customer/export?format=csv&purpose=核对&fields=nothing";
    assert_eq!(admin.get(wrong).problem(400, "fields.invalid")["errors"][0]["pointer"], "?fields");
    admin.get("/records/customer/export?format=csv&purpose=核对&filter={\"nothing\":1}").problem(400, "filter.invalid");
    admin.get("/records/customer/export?format=csv").problem(400, "purpose.invalid");
    admin.get("/records/customer/export?format=pdf&purpose=核对").problem(400, "format.invalid");
}

#[test]
fn a_workbook_holds_texts_as_texts_and_numbers_as_numbers() {
    let server = Server::start();
    let admin = server.admin();
    admin.create("customer", json!({ "name": "王磊", "phone": "13800001234", "note": "=1+1" }));
    let bytes = admin.download("/records/customer/export?format=xlsx&purpose=核对&fields=name,phone,note,rev");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("a sheet");
    let rows: Vec<Vec<Data>> = range.rows().map(|row| row[1..].to_vec()).collect();
    let text = |text: &str| Data::String(text.into());
    assert_eq!(rows[0], [text("姓名"), text("手机"), text("备注"), text("版本")]);
    assert_eq!(rows[1], [text("王磊"), text("+8613800001234"), text("=1+1"), Data::Float(1.0)]);
    assert!(
        rows.len() == 3 && range.get_value((2, 0)).is_some_and(|cell| cell.to_string().starts_with("marque:export"))
    );
    assert!(book.worksheet_formula("Sheet1").map_or(true, |formulas| formulas.is_empty()), "nothing is a formula");
}

#[test]
fn what_was_taken_directly_is_noted_without_its_words() {
    let mut server = Server::start();
    let admin = server.admin();
    admin.create("customer", json!({ "name": "王磊", "phone": "13800001234" }));
    export(&admin, "format=csv&filter={\"name\":\"王磊\"}");
    let listed = exports(&admin);
    assert_eq!((&listed[0]["purpose"], &listed[0]["state"]), (&json!("月度核对"), &json!("done")));
    assert_eq!((&listed[0]["filter"], &listed[0]["n_rows"]), (&json!({ "name": "王磊" }), &json!(1)));
    server.stop();
    let told: Vec<Entry> = audit(&server).into_iter().filter(|entry| entry.what.starts_with("export.")).collect();
    let whats: Vec<&str> = told.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(whats, ["export.begun", "export.ended"]);
    assert_eq!((&told[1].detail["n_rows"], &told[1].detail["export"]), (&json!(1), &listed[0]["id"]));
    assert!(told.iter().all(|entry| entry.digest.is_some()), "{told:?}");
    assert!(!format!("{told:?}").contains("王磊") && !format!("{told:?}").contains("月度核对"), "{told:?}");
}

#[test]
fn a_download_that_breaks_off_is_noted_as_such() {
    let server = Server::start();
    let admin = server.admin();
    let note = "长".repeat(15_000);
    let lines: String = (0..400).map(|n| format!("客户{n},138{n:08},{note}\n")).collect();
    let job =
        import_as(&admin, "/records/customer/import?mode=apply", CSV, format!("姓名,手机,备注\n{lines}").into_bytes());
    assert_eq!(job["counts"], counts(0, 0, 0, 400));
    let address = server.address().strip_prefix("http://").expect("an address");
    let mut socket = TcpStream::connect(address).expect("a connection");
    let token = admin.token().expect("a token");
    let purpose = "%E6%A0%B8%E5%AF%B9";
    let request = format!(
        "GET /api/v1/records/customer/export?format=ndjson&purpose={purpose} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).expect("a request");
    let mut some = [0; 4096];
    socket.read_exact(&mut some).expect("the beginning of a file");
    drop(socket);
    let export = eventually("the export ends", PATIENCE, || {
        exports(&admin).into_iter().next().filter(|export| export["state"] != "running")
    });
    assert_eq!(export["state"], "aborted", "{export}");
    assert!(export["n_rows"].as_u64().is_some_and(|n| n < 400), "{export}");
}

#[test]
fn an_export_that_the_server_did_not_survive_is_noted_at_the_next_start() {
    let mut server = Server::start();
    let admin = server.admin();
    let note = "长".repeat(15_000);
    let lines: String = (0..400).map(|n| format!("客户{n},138{n:08},{note}\n")).collect();
    import_as(&admin, "/records/customer/import?mode=apply", CSV, format!("姓名,手机,备注\n{lines}").into_bytes());
    let address = server.address().strip_prefix("http://").expect("an address").to_owned();
    let mut socket = TcpStream::connect(address).expect("a connection");
    let token = admin.token().expect("a token");
    let request = format!(
        "GET /api/v1/records/customer/export?format=csv&purpose=audit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).expect("a request");
    let mut some = [0; 4096];
    socket.read_exact(&mut some).expect("the beginning of a file");
    server.kill9();
    server.launch();
    let listed = exports(&server.admin());
    assert_eq!((listed.len(), &listed[0]["state"], &listed[0]["n_matching"]), (1, &json!("aborted"), &json!(400)));
}

/// Every customer as the API tells it, without what the store gives out itself.
fn everything(client: &Client) -> Vec<Value> {
    let mut all: Vec<Value> =
        client.list("customer", &json!({})).into_iter().map(|item| item["data"].clone()).collect();
    all.sort_by_key(Value::to_string);
    all
}

#[test]
fn what_is_exported_can_be_imported_again() {
    let server = Server::start();
    let admin = server.admin();
    let odd = [
        json!({ "name": "王磊", "phone": "13800001234", "type": "owner", "owner": "admin", "birth_date": "1980-01-01",
                "note": " 先空一格\n=1+1\n\"引号\",逗号", "tags": "'@vip", "source": "007", "id_type": "passport", "id_no": "E12345678" }),
        json!({ "name": "李 娜", "email": "li.na@example.cn", "gender": "female", "preferred_channel": "wechat", "city": "无" }),
        json!({ "name": "Anna Smith", "phone": "+14155552671", "address": "-12 号\t楼", "source": "123456789012345" }),
    ];
    for data in odd {
        admin.create("customer", data);
    }
    let before = everything(&admin);
    for (format, media_type) in [("csv", CSV), ("ndjson", "application/x-ndjson"), ("xlsx", super::imports::XLSX)] {
        let bytes = admin.download(&format!("/records/customer/export?format={format}&purpose=搬家"));
        let other = Server::start();
        let theirs = other.admin();
        let job = import_as(&theirs, "/records/customer/import?mode=apply", media_type, bytes.clone());
        assert_eq!(job["counts"], counts(0, 0, 0, 3), "{format}: {job}");
        assert_eq!(everything(&theirs), before, "{format}");
        let head = admin.head();
        let job = import_as(&admin, "/records/customer/import?mode=apply", media_type, bytes);
        assert_eq!(job["counts"], counts(0, 0, 3, 0), "{format}: {job}");
        assert_eq!((everything(&admin), admin.head()), (before.clone(), head), "{format}: again changes nothing");
    }
    assert_eq!(n_customers(&admin), 3);
}

#[test]
fn the_command_line_takes_in_and_out_what_the_server_does() {
    let mut server = Server::start();
    server.stop();
    let folder = server.data();
    let file = folder.join("list.csv");
    fs::write(&file, "姓名,手机\n王磊,13800001234\n李娜,坏\n").expect("a file");
    let file = file.to_str().expect("a path");
    let told = server.run("import", &[file, "--kind", "customer", "--mode", "apply"]);
    assert!(told.contains("\"invalid\":1") && told.contains("\"new\":1") && told.contains("row 3:"), "{told}");
    let arguments = ["--kind", "customer", "--format", "ndjson", "--purpose", "月底备份", "--fields", "name,phone"];
    let text = server.run("export", &arguments);
    let (item, mark) = text.trim().split_once('\n').expect("a record, and whose it is");
    assert!(mark.starts_with("{\"marque:export\":") && mark.contains("月底备份"), "{mark}");
    let item: Value = serde_json::from_str(item).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(item["data"], json!({ "name": "王磊", "phone": "+8613800001234" }));
    server.launch();
    let noted = &exports(&server.admin())[0];
    assert_eq!(
        (&noted["purpose"], &noted["actor"], &noted["n_rows"]),
        (&json!("月底备份"), &json!("system"), &json!(1))
    );
}

fn audit(server: &Server) -> Vec<Entry> {
    let store = Store::open(&server.data(), &StoreConfig::default()).expect("the store of a stopped server");
    tables::audit::verified(&store.view(Scope::All).expect("a view")).expect("an unbroken chain")
}
