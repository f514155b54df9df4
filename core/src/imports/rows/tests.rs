//! Rows as people write them.

use serde_json::json;

use super::*;

fn reader(kind: Value, headers: &[&str], given: Value) -> RowReader {
    let kind: Arc<Kind> = Arc::new(serde_json::from_value(kind).expect("a kind"));
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    let mapping = Mapping::given(&kind, &headers, given.as_object().expect("an object")).expect("a mapping");
    RowReader::new(kind, mapping, TimeZone::get("Asia/Shanghai").expect("a zone"))
}

fn customers(headers: &[&str]) -> RowReader {
    reader(serde_json::from_str(include_str!("../../model/kinds/customer.json")).expect("JSON"), headers, json!({}))
}

fn read(reader: &RowReader, cells: &[&str]) -> (Value, Vec<String>) {
    let row = Row { number: 7, cells: cells.iter().map(|cell| (*cell).to_owned()).collect(), ..Row::default() };
    let Reading { data, faults, .. } = reader.read(&row);
    let faults =
        faults.iter().map(|fault| format!("{} {} {}", fault.row, fault.field.as_deref().unwrap_or("-"), fault.code));
    (data.map_or(Value::Null, Value::Object), faults.collect())
}

const CARD: [&str; 7] = ["姓名", "手机号码", "电子邮箱", "城市", "意向车型", "备注", "登记日期"];

#[test]
fn a_card_becomes_a_customer_without_defaults() {
    let (data, faults) =
        read(&customers(&CARD), &[" 蒋云涛　", "　13900220074 ", "U220074@Example.cn", "上海", "C6", "", "46094"]);
    let expected = json!({ "name": "蒋云涛", "phone": "+8613900220074", "email": "u220074@example.cn", "city": "上海", "interest": "C6",
        "first_seen": "2026-03-13" });
    assert_eq!((data, faults), (expected, vec![]));
}

#[test]
fn a_customer_needs_a_way_to_be_reached() {
    let reader = customers(&CARD);
    for (cells, faults) in [
        (["王磊", "", "", "", "", "", ""], vec!["7 phone contact.missing"]),
        (["王磊", "无", "-", "", "", "", ""], vec!["7 phone contact.missing"]),
        (["王磊", "abc", "", "", "", "", ""], vec!["7 phone phone.invalid"]),
        (["王磊", "138000012345", "wl", "", "", "", ""], vec!["7 email email.invalid", "7 phone phone.invalid"]),
        (["", "13800001234", "", "", "", "", ""], vec!["7 name required"]),
    ] {
        assert_eq!(read(&reader, &cells), (Value::Null, faults.into_iter().map(String::from).collect()), "{cells:?}");
    }
}

#[test]
fn one_good_contact_is_enough_and_what_is_left_out_is_told() {
    let (data, faults) = read(&customers(&CARD), &["王磊", "12345", "wl@example.cn", "", "", "", "13/3/2026"]);
    assert_eq!(data, json!({ "name": "王磊", "email": "wl@example.cn" }));
    assert_eq!(faults, ["7 first_seen date.invalid", "7 phone phone.invalid"]);
}

#[test]
fn a_row_longer_than_the_header_has_slipped() {
    let reader = customers(&["姓名", "手机"]);
    assert_eq!(read(&reader, &["王磊", "13800001234", " ", ""]).1, [""; 0]);
    assert_eq!(read(&reader, &["王磊", "13800001234", "oops"]), (Value::Null, vec!["7 - row.too_long".into()]));
    assert_eq!(read(&reader, &["王磊"]).1, ["7 phone contact.missing"]);
}

#[test]
fn columns_mapped_to_the_note_are_told_apart() {
    let customer = serde_json::from_str(include_str!("../../model/kinds/customer.json")).expect("JSON");
    let reader = reader(
        customer,
        &["姓名", "手机", "经办人", "活动", "备注"],
        json!({ "经办人": "note", "活动": "note", "备注": "note" }),
    );
    let (data, _) = read(&reader, &["王磊", "13800001234", "李娜", "", "报价?"]);
    assert_eq!(data["note"], "经办人: 李娜\n备注: 报价?");
}

#[test]
fn every_type_is_read_as_people_write_it() {
    let kind = json!({ "kind": "test.thing", "label": "Thing", "title": "name", "fields": {
        "name": { "type": "text", "label": "Name" },
        "n": { "type": "int", "label": "N" },
        "x": { "type": "decimal", "label": "X" },
        "price": { "type": "money", "label": "Price" },
        "is_vip": { "type": "bool", "label": "VIP" },
        "at": { "type": "datetime", "label": "At" },
        "gender": { "type": "enum", "label": "Gender", "values": [
            { "value": "male", "label": { "zh-CN": "男", "en": "Male" } }, { "value": "female", "label": { "zh-CN": "女", "en": "Female" } }] },
        "tags": { "type": "enum_list", "label": "Tags", "values": [{ "value": "a", "label": "甲" }, { "value": "b", "label": "乙" }] },
        "owners": { "type": "ref_list", "label": "Owners", "to": "user" },
        "extra": { "type": "json", "label": "Extra" }
    } });
    let headers = ["name", "n", "x", "price", "is_vip", "at", "gender", "tags", "owners", "extra"];
    let reader = reader(kind, &headers, json!({}));
    let (data, faults) = read(
        &reader,
        &["无", "1,234.0", "3.5", "¥149,999.50", "是", "2026-03-13 9:05", "先生", "甲、b", "u1,u2", "{\"a\":1}"],
    );
    assert_eq!(
        (data, faults),
        (
            json!({ "name": "无", "n": 1234, "x": 3.5, "price": 14_999_950, "is_vip": true, "at": "2026-03-13T01:05:00.000Z", "gender": "male",
                "tags": ["a", "b"], "owners": ["u1", "u2"], "extra": { "a": 1 } }),
            vec![]
        )
    );
    let (data, faults) = read(&reader, &["x", "many", "无", "about 3", "maybe", "soon", "?", "丙", "no id!", ""]);
    assert_eq!(data, json!({ "name": "x" }));
    assert_eq!(
        faults,
        [
            "7 at datetime.invalid",
            "7 gender not_in_list",
            "7 is_vip wrong_type",
            "7 n wrong_type",
            "7 owners ref.invalid",
            "7 price wrong_type",
            "7 tags not_in_list"
        ]
    );
    for (text, fen) in [("14.98万", 14_980_000), ("149999元", 14_999_900), ("-5", -500), ("0.5", 50), ("1.10", 110)] {
        assert_eq!(read(&reader, &["x", "", "", text]).0["price"], fen, "{text}");
    }
    assert_eq!(read(&reader, &["x", "", "", "0.005"]).1, ["7 price wrong_type"]);
}
