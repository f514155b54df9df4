//! Where rows end.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::Arc,
};

use jiff::tz::TimeZone;
use serde_json::json;

use super::*;
use crate::{
    imports::Mapping,
    model::{
        Time,
        kind::Kind,
        survivorship::{Class, Standing},
    },
};

/// A store in memory, found by the fields that are looked up alone.
#[derive(Default)]
struct Shelf {
    records: RefCell<Vec<Record>>,
    by_value: RefCell<HashMap<(&'static str, Value), Vec<usize>>>,
    /// What ids of records made of rows begin with.
    series: Cell<u32>,
    /// Where everything stored comes from; typed unless told.
    class: Cell<Option<Class>>,
}

impl Shelf {
    fn put(&self, id: &str, data: Data) {
        let at = self.records.borrow().len();
        let time = Time::from_millis(at as i64);
        let (id, org) = (id.parse().expect("an id"), "d1".parse().expect("an id"));
        self.index(at, &data);
        let record = Record {
            id,
            kind: "customer".into(),
            rev: 1,
            org,
            created_at: time,
            updated_at: time,
            data,
            stale: Vec::new(),
            seen: Default::default(),
        };
        self.records.borrow_mut().push(record);
    }

    fn index(&self, at: usize, data: &Data) {
        for name in matching::LOOKUPS.iter().filter(|group| group.len() == 1).map(|group| group[0]) {
            if let Some(value) = data.get(name) {
                self.by_value.borrow_mut().entry((name, value.clone())).or_default().push(at);
            }
        }
    }

    fn id_of_row(&self, row: u32) -> String {
        format!("{}-{row}", self.series.get())
    }

    fn patch(&self, target: &Target, patch: &Data) {
        let id = match target {
            Target::Record(id) => id.to_string(),
            Target::Row(row) => self.id_of_row(*row),
        };
        let at = self.records.borrow().iter().position(|record| record.id.as_str() == id).expect("a known record");
        self.index(at, patch);
        self.records.borrow_mut()[at].data.extend(patch.clone());
    }

    /// Do what was planned, as an import would.
    fn apply(&self, planned: &Planned) {
        match &planned.outcome {
            Outcome::Invalid => {}
            Outcome::Repeated { target, patch, .. } => self.patch(target, patch),
            Outcome::Known { id, patch } => self.patch(&Target::Record(id.clone()), patch),
            Outcome::Review { data, .. } | Outcome::New { data } => {
                self.put(&self.id_of_row(planned.row), data.clone())
            }
        }
    }
}

impl Known for Shelf {
    fn candidates(&self, data: &Data) -> Result<Vec<Record>> {
        let by_value = self.by_value.borrow();
        let mut places: Vec<usize> = Vec::new();
        for name in matching::LOOKUPS.iter().filter(|group| group.len() == 1).map(|group| group[0]) {
            let Some(value) = data.get(name) else { continue };
            places.extend(by_value.get(&(name, value.clone())).into_iter().flatten());
        }
        places.sort_unstable();
        places.dedup();
        Ok(places.into_iter().map(|at| self.records.borrow()[at].clone()).collect())
    }

    fn standings(&self, record: &Record) -> Result<Standings> {
        let standing = Standing(self.class.get().unwrap_or(Class::Typed), record.created_at);
        Ok(record.data.keys().map(|name| (name.clone(), standing)).collect())
    }
}

fn customer() -> Arc<Kind> {
    Arc::new(serde_json::from_str(include_str!("../../model/kinds/customer.json")).expect("a kind"))
}

fn planner(table: &Table) -> Planner {
    let kind = customer();
    let mapping = Mapping::guess(&kind, &table.headers);
    let rule = Rule::of(&kind, None);
    Planner::new(RowReader::new(kind, mapping, TimeZone::UTC), rule)
}

/// Plan a file, telling `hear` of each row.
fn run(bytes: &[u8], shelf: &Shelf, mut hear: impl FnMut(&Planned)) -> ImportCounts {
    let table = Table::open(bytes.to_vec()).expect("a table");
    let mut counts = ImportCounts::default();
    let planned = whole(&table, &mut planner(&table), shelf, 500, |chunk| {
        for planned in &chunk {
            planned.add_to(&mut counts);
            hear(planned);
        }
        Ok(ControlFlow::Continue(()))
    });
    planned.expect("a plan");
    counts
}

fn counts(invalid: u32, repeated: u32, known: u32, review: u32, new: u32) -> ImportCounts {
    ImportCounts { invalid, repeated, known, review, new }
}

const CARDS: &[u8] = include_bytes!("../../../../tests/cases/import/cards.csv");
const CARDS_KNOWN: &[u8] = include_bytes!("../../../../tests/cases/import/cards-known.csv");

/// A store that knows the 645 customers.
fn shelf_of_645() -> Shelf {
    let shelf = Shelf::default();
    assert_eq!(run(CARDS_KNOWN, &shelf, |planned| shelf.apply(planned)), counts(0, 0, 0, 0, 645));
    shelf.series.set(1);
    shelf
}

#[test]
fn the_4700_cards_of_the_fair_end_where_they_should() {
    let shelf = shelf_of_645();
    let mut faults = Vec::new();
    let found = run(CARDS, &shelf, |planned| {
        if planned.outcome == Outcome::Invalid {
            assert_eq!(planned.faults.len(), 1, "{planned:?}");
            faults.extend(planned.faults.clone());
        }
    });
    assert_eq!(found, counts(188, 212, 645, 0, 3655));
    assert_eq!(faults.len(), 188);
    assert!(faults.windows(2).all(|pair| pair[0].row < pair[1].row), "each row once");
    assert!(
        faults
            .iter()
            .all(|fault| fault.row >= 2 && fault.field.as_deref() == Some("phone") && !fault.message.is_empty())
    );
    let first = &faults[0];
    assert_eq!((first.row, first.code.as_str()), (40, "contact.missing"));
    let abc = faults.iter().find(|fault| fault.message.contains("abc")).expect("some wrote abc");
    assert_eq!(abc.code, "phone.invalid");
}

#[test]
fn the_same_cards_as_a_workbook_end_the_same() {
    let table = Table::open(CARDS.to_vec()).expect("a table");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, &table.headers).expect("a header");
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    let written = table.each_row(|row| {
        for (column, cell) in (0u16..).zip(&row.cells) {
            let at = row.number - 1;
            // As a person who tidies the list in a spreadsheet would leave it: days as days, bare numbers as numbers.
            let is_day = column == 6 && cell.as_str() == "46094";
            let number = cell.parse::<f64>().ok().filter(|_| column == 1 && !cell.starts_with('0'));
            match (is_day, number) {
                (true, _) => sheet.write_with_format(
                    at,
                    column,
                    rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 13).expect("a day"),
                    &day,
                ),
                (false, Some(number)) => sheet.write(at, column, number),
                (false, None) => sheet.write(at, column, cell),
            }
            .expect("a cell");
        }
        Ok(ControlFlow::Continue(()))
    });
    written.expect("rows");
    let bytes = workbook.save_to_buffer().expect("a workbook");
    assert_eq!(run(&bytes, &shelf_of_645(), |_| {}), counts(188, 212, 645, 0, 3655));
}

#[test]
fn the_same_cards_again_are_all_known() {
    let shelf = shelf_of_645();
    run(CARDS, &shelf, |planned| shelf.apply(planned));
    assert_eq!(shelf.records.borrow().len(), 645 + 3655);
    let before = shelf.records.borrow().clone();
    shelf.series.set(2);
    let again = run(CARDS, &shelf, |planned| shelf.apply(planned));
    assert_eq!(again, counts(188, 212, 4300, 0, 0));
    assert_eq!(*shelf.records.borrow(), before, "nothing is changed the second time");
}

#[test]
fn what_a_preview_shows_is_what_is_done() {
    let (shown, done) = (shelf_of_645(), shelf_of_645());
    let mut preview = Vec::new();
    run(CARDS, &shown, |planned| preview.push(planned.clone()));
    let mut applied = Vec::new();
    run(CARDS, &done, |planned| {
        done.apply(planned);
        applied.push(planned.clone());
    });
    assert!(preview == applied, "the two differ, but are too long to print");
}

/// Lines of `name,phone,email,city,note` and what becomes of each, with the faults.
fn outcomes(shelf: &Shelf, lines: &str) -> Vec<String> {
    let mut told = Vec::new();
    run(format!("姓名,手机,邮箱,城市,备注\n{lines}").as_bytes(), shelf, |planned| {
        shelf.apply(planned);
        let patch = |patch: &Data| serde_json::to_string(patch).expect("JSON");
        let outcome = match &planned.outcome {
            Outcome::Invalid => "invalid".to_owned(),
            Outcome::Repeated { of, patch: data, .. } => format!("repeated {of} {}", patch(data)),
            Outcome::Known { id, patch: data } => format!("known {id} {}", patch(data)),
            Outcome::Review { other, score, .. } => format!("review {other:?} {}", score.points),
            Outcome::New { .. } => "new".to_owned(),
        };
        let faults: Vec<String> = planned
            .faults
            .iter()
            .map(|fault| format!(" {}:{}", fault.field.as_deref().unwrap_or_default(), fault.code))
            .collect();
        told.push(format!("{} {outcome}{}", planned.row, faults.concat()));
    });
    told
}

fn data(value: Value) -> Data {
    value.as_object().cloned().expect("an object")
}

#[test]
fn a_known_customer_has_gaps_filled_and_nothing_overwritten() {
    let shelf = Shelf::default();
    shelf.put("c1", data(json!({ "type": "owner", "name": "王磊", "phone": "+8613800001234", "city": "武汉" })));
    let told = outcomes(&shelf, "王磊,13800001234,wl@example.cn,长沙,报价\n王磊,13800001234,,武汉,试驾\n");
    assert_eq!(told, [r#"2 known c1 {"email":"wl@example.cn","note":"报价"} city:kept"#, "3 repeated 2 {} note:kept",]);
    let stored = &shelf.records.borrow()[0].data;
    assert_eq!((&stored["city"], &stored["type"], &stored["note"]), (&json!("武汉"), &json!("owner"), &json!("报价")));
}

#[test]
fn a_file_speaks_louder_than_an_earlier_file_and_than_nobody_else() {
    let line = "王磊,13800001234,new@example.cn,长沙,\n";
    for (class, outcome) in [
        (Class::Imported, r#"2 known c1 {"city":"长沙","email":"new@example.cn"}"#),
        (Class::Typed, r#"2 known c1 {"email":"new@example.cn"} city:kept"#),
        (Class::Stated, r#"2 known c1 {"email":"new@example.cn"} city:kept"#),
        (Class::Verified, r#"2 known c1 {"email":"new@example.cn"} city:kept"#),
    ] {
        let shelf = Shelf { class: Cell::new(Some(class)), ..Shelf::default() };
        shelf.put("c1", data(json!({ "name": "王磊", "phone": "+8613800001234", "city": "武汉" })));
        assert_eq!(outcomes(&shelf, line), [outcome], "{class:?}");
    }
}

#[test]
fn a_repeated_row_gives_what_the_first_lacks() {
    let shelf = Shelf::default();
    let told = outcomes(
        &shelf,
        "王磊,13800001234,,,\n王磊,138 0000 1234,wl@example.cn,,\n王磊,13800001234,other@example.cn,,\n",
    );
    assert_eq!(told, ["2 new", r#"3 repeated 2 {"email":"wl@example.cn"}"#, "4 repeated 2 {} email:kept"]);
    assert_eq!(shelf.records.borrow()[0].data["email"], "wl@example.cn");
}

#[test]
fn families_that_share_a_phone_go_to_a_person() {
    let shelf = Shelf::default();
    shelf.put("c1", data(json!({ "name": "王磊", "phone": "+8613800001234" })));
    let told = outcomes(
        &shelf,
        "李娜,13800001234,,,\n王芳,13800001234,,,\n赵云,13900001234,,,\n钱多,13900001234,,,\n李娜,13800001234,,,\n",
    );
    assert_eq!(
        told,
        [
            r#"2 review Record(Id("c1")) 50"#,
            r#"3 review Record(Id("c1")) 60"#,
            "4 new",
            "5 review Row(4) 50",
            "6 repeated 2 {}",
        ]
    );
}

#[test]
fn a_preview_sends_families_of_the_file_to_a_person_too() {
    let shelf = Shelf::default();
    let found = run("姓名,手机\n赵云,13900001234\n钱多,13900001234\n".as_bytes(), &shelf, |_| {});
    assert_eq!(found, counts(0, 0, 0, 1, 1));
}

#[test]
fn a_customer_with_a_mail_alone_is_asked_about_once() {
    let shelf = Shelf::default();
    let lines = "王磊,,wl@example.cn,武汉,\n王磊,,wl@example.cn,武汉,\n";
    assert_eq!(outcomes(&shelf, lines), ["2 new", "3 repeated 2 {}"]);
    assert_eq!(outcomes(&shelf, lines), ["2 known 0-2 {}", "3 repeated 2 {}"], "importing again asks nobody");
    assert_eq!(outcomes(&shelf, "王磊,13800001234,wl@example.cn,,\n"), [r#"2 review Record(Id("0-2")) 55"#]);
}

#[test]
fn a_number_in_thousands_of_rows_does_not_make_the_import_crawl() {
    let lines: String = (0..4_000).map(|n| format!("客户{n},13800001234\n")).collect();
    let lines = format!("姓名,手机\n{lines}客户3999,13800001234\n");
    let found = run(lines.as_bytes(), &Shelf::default(), |_| {});
    assert_eq!((found.new, found.review, found.repeated), (1, 3_999, 1));
}

#[test]
fn other_kinds_are_known_by_their_key() {
    let kind: Arc<Kind> = Arc::new(
        serde_json::from_value(json!({
            "kind": "vehicles.vehicle", "label": "Vehicle", "title": "vin", "fields": {
                "vin": { "type": "vin", "label": "VIN", "required": true, "unique": "brand" },
                "model": { "type": "text", "label": "Model" }, "plate": { "type": "plate", "label": "Plate" } }
        }))
        .expect("a kind"),
    );
    assert_eq!(Rule::of(&kind, None), Rule::Key("vin".into()));
    assert_eq!(Rule::of(&kind, Some("plate")), Rule::Upsert("plate".into()));
    struct One(Record);
    impl Known for One {
        fn standings(&self, _: &Record) -> Result<Standings> {
            Ok(Standings::new())
        }

        fn candidates(&self, data: &Data) -> Result<Vec<Record>> {
            Ok(if data.get("vin") == self.0.data.get("vin") { vec![self.0.clone()] } else { vec![] })
        }
    }
    let shelf = Shelf::default();
    shelf.put("v1", data(json!({ "vin": "LSGPC52U6TF100001", "model": "C6" })));
    let known = One(shelf.records.borrow()[0].clone());
    let text = "vin,model,plate\nLSGPC52U6TF100001,C5,鄂A12345\nLJCPCBLCX11000237,C6,\nljcpcblcx11000237,C6,鄂A54321\nLSGPC52U6TF100010,C6,\n";
    let table = Table::open(text.into()).expect("a table");
    let mapping = Mapping::guess(&kind, &table.headers);
    let mut planner = Planner::new(RowReader::new(kind.clone(), mapping, TimeZone::UTC), Rule::of(&kind, None));
    let mut told = Vec::new();
    whole(&table, &mut planner, &known, 2, |chunk| {
        told.extend(chunk.into_iter().map(|planned| planned.outcome));
        Ok(ControlFlow::Continue(()))
    })
    .expect("a plan");
    let plate = |plate: &str| data(json!({ "plate": plate }));
    assert_eq!(
        told,
        [
            Outcome::Known { id: "v1".parse().expect("an id"), patch: plate("鄂A12345") },
            Outcome::New { data: data(json!({ "vin": "LJCPCBLCX11000237", "model": "C6" })) },
            Outcome::Repeated { of: 3, target: Target::Row(3), patch: plate("鄂A54321") },
            Outcome::Invalid,
        ]
    );
}

#[test]
fn chunks_have_the_size_asked_and_stop_when_told() {
    let table = Table::open("a,b\n1,2\n3,4\n5,6\n".into()).expect("a table");
    let mut sizes = Vec::new();
    chunks(&table, 2, |rows| {
        sizes.push(rows.len());
        Ok(ControlFlow::Continue(()))
    })
    .expect("rows");
    assert_eq!(sizes, [2, 1]);
    let mut n_chunks = 0;
    chunks(&table, 1, |_| {
        n_chunks += 1;
        Ok(if n_chunks == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
    .expect("rows");
    assert_eq!(n_chunks, 2);
}
