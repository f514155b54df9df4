//! Every operator on every type of field: what SQL answers is what the filter itself says, nothing and all.

use serde_json::{Value, json};

use super::{NOON, store};
use crate::{
    model::{
        Data, Id, Kind, Query, Record, Scope,
        filter::{Context, Filter},
    },
    store::{Store, tables},
};

fn kind() -> Kind {
    let values = json!([{ "value": "a", "label": "A" }, { "value": "b", "label": "B" }]);
    serde_json::from_value(json!({
        "kind": "t.all", "label": "T", "title": "text",
        "fields": {
            "text": { "type": "text", "label": "T", "searchable": true },
            "other": { "type": "text", "label": "T" },
            "int": { "type": "int", "label": "T", "indexed": true },
            "more": { "type": "int", "label": "T" },
            "decimal": { "type": "decimal", "label": "T" },
            "money": { "type": "money", "label": "T" },
            "bool": { "type": "bool", "label": "T" },
            "date": { "type": "date", "label": "T" },
            "datetime": { "type": "datetime", "label": "T" },
            "enum": { "type": "enum", "label": "T", "values": values },
            "list": { "type": "enum_list", "label": "T", "values": values },
            "phone": { "type": "phone", "label": "T" },
            "email": { "type": "email", "label": "T" },
            "ref": { "type": "ref", "to": "t.all", "label": "T" },
            "refs": { "type": "ref_list", "to": "t.all", "label": "T" },
            "json": { "type": "json", "label": "T" }
        }
    }))
    .expect("a kind")
}

fn bodies() -> Vec<Value> {
    vec![
        json!({}),
        json!({ "text": "Ärger im Büro", "other": "Ärger im Büro", "int": 1, "more": 1, "decimal": 1.5, "money": 100, "bool": true,
            "date": "2026-03-13", "datetime": "2026-03-13T02:00:00.000Z", "enum": "a", "list": ["a"], "phone": "+8613800001234",
            "email": "a@x.cn", "ref": "r0", "refs": ["r0", "r1"], "json": { "x": 1 } }),
        json!({ "text": "ÄRGER", "int": 2, "more": 1, "decimal": 2, "money": 200, "bool": false, "date": "2026-03-14",
            "datetime": "2026-03-14T02:00:00.000Z", "enum": "b", "list": ["a", "b"], "phone": "+8613900001234", "email": "b@x.cn",
            "ref": "r1", "refs": ["r1"], "json": [1] }),
        json!({ "text": "", "other": "x", "int": -3, "decimal": -0.5, "money": 0, "list": [], "refs": [] }),
        json!({ "text": "100%_'\"", "int": 9007199254740991_i64, "enum": "a", "ref": "r3" }),
    ]
}

fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store(&["hq"]);
    store
        .commit_blocking(|tx| {
            let kind = kind();
            tx.install_kind(&kind)?;
            for (n, body) in bodies().into_iter().enumerate() {
                tables::record::insert(tx, &kind, &record(n, body))?;
            }
            Ok(())
        })
        .expect("records");
    (folder, store)
}

fn record(n: usize, body: Value) -> Record {
    let data: Data = body.as_object().expect("an object").clone();
    Record {
        id: id(&format!("r{n}")),
        kind: "t.all".into(),
        rev: 1,
        org: id("hq"),
        created_at: NOON,
        updated_at: NOON,
        data,
        stale: Vec::new(),
        seen: Default::default(),
    }
}

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn listed(store: &Store, filter: &Value) -> Vec<String> {
    let query = Query { filter: filter.clone(), order: "id".into(), ..Query::default() };
    let page = store
        .view(Scope::All)
        .expect("a view")
        .find("t.all", &query)
        .unwrap_or_else(|error| panic!("{filter}: {error}"));
    page.items.iter().map(|record| record.id.to_string()).collect()
}

fn operands(field: &str) -> Vec<Value> {
    match field {
        "text" | "other" => {
            vec![json!("ärger"), json!("ÄRGER"), json!(""), json!("100%_'\""), json!({ "$field": "other" })]
        }
        "int" | "more" => vec![json!(1), json!(2), json!(-3), json!(9007199254740991_i64), json!({ "$field": "more" })],
        "decimal" => vec![json!(1.5), json!(2), json!(2.0), json!(-0.5)],
        "money" => vec![json!(100), json!(0)],
        "bool" => vec![json!(true), json!(false)],
        "date" => vec![json!("2026-03-13"), json!("2026-03-14")],
        "datetime" => vec![json!("2026-03-13T10:00:00+08:00"), json!("2026-03-15T00:00:00Z")],
        "enum" | "list" => vec![json!("a"), json!("b")],
        "phone" => vec![json!("13800001234"), json!("+8613900001234")],
        "email" => vec![json!("A@x.cn"), json!("b@x.cn")],
        "ref" | "refs" => vec![json!("r0"), json!("r1"), json!("nobody")],
        _ => Vec::new(),
    }
}

#[test]
fn every_operator_on_every_type_answers_as_the_filter_holds() {
    let (_folder, store) = filled();
    let kind = kind();
    let records: Vec<Record> = bodies().into_iter().enumerate().map(|(n, body)| record(n, body)).collect();
    let mut n_checked = 0;
    for (field, _) in kind.fields.iter() {
        let known = operands(field);
        let one = ["eq", "ne", "lt", "lte", "gt", "gte", "contains", "starts"];
        let mut tests: Vec<Value> =
            one.iter().flat_map(|op| known.iter().map(move |value| json!({ *op: value }))).collect();
        tests.extend(["in", "nin"].iter().flat_map(|op| [json!({ *op: [] }), json!({ *op: known })]));
        tests.extend(known.iter().flat_map(|a| known.iter().map(move |b| json!({ "between": [a, b] }))));
        tests.extend([
            json!({ "empty": true }),
            json!({ "empty": false }),
            json!({ "eq": null }),
            json!({ "ne": null }),
            Value::Null,
        ]);
        tests.extend(known.clone());
        for test in tests {
            for filter in [json!({ field: test }), json!({ "not": { field: test } })] {
                let now = NOON;
                let context = Context { me: None, now, kinds: &|_| None };
                // What says nothing of a type is refused, which the next test looks at.
                let Ok(checked) = Filter::parse(&kind, &filter, &context) else { continue };
                let expected: Vec<String> = records
                    .iter()
                    .filter(|record| checked.holds(&record.data))
                    .map(|record| record.id.to_string())
                    .collect();
                assert_eq!(listed(&store, &filter), expected, "{filter}");
                n_checked += 1;
            }
        }
    }
    assert!(n_checked > 400, "{n_checked}");
}

#[test]
fn what_an_operator_cannot_say_of_a_type_is_refused_with_a_remedy() {
    let (_folder, store) = filled();
    for (filter, remedy) in [
        (json!({ "int": { "contains": "1" } }), "use eq, in or between"),
        (json!({ "bool": { "lt": true } }), "use eq"),
        (json!({ "list": { "starts": "a" } }), "use eq for one it holds"),
        (json!({ "refs": { "gt": "r0" } }), "use eq for one it holds"),
        (json!({ "json": { "eq": "x" } }), "use empty"),
        (json!({ "created_at": { "contains": "2026" } }), "use eq, in or between"),
    ] {
        let query = Query { filter: filter.clone(), ..Query::default() };
        let error = store.view(Scope::All).expect("a view").find("t.all", &query).expect_err("refused");
        assert!(error.code == "filter.invalid" && error.message.contains(remedy), "{filter}: {error}");
    }
}

#[test]
fn a_path_that_leads_nowhere_is_empty_and_equal_to_nothing() {
    let (_folder, store) = filled();
    // r1 → r0 (empty), r2 → r1 (int 1), r4 → r3 (int -3); r0 and r3 refer to nothing.
    for (filter, expected) in [
        (json!({ "ref.int": 1 }), &["r2"][..]),
        (json!({ "ref.int": { "ne": 1 } }), &["r0", "r1", "r3", "r4"]),
        (json!({ "ref.int": { "nin": [1, -3] } }), &["r0", "r1", "r3"]),
        (json!({ "ref.int": { "empty": true } }), &["r0", "r1", "r3"]),
        (json!({ "ref.int": { "empty": false } }), &["r2", "r4"]),
        (json!({ "not": { "ref.int": 1 } }), &["r0", "r1", "r3", "r4"]),
        (json!({ "ref.ref.text": { "empty": true } }), &["r0", "r1", "r2", "r3", "r4"]),
        (json!({ "ref.list": "a" }), &["r2"]),
        (json!({ "ref.list": { "ne": "a" } }), &["r0", "r1", "r3", "r4"]),
        (json!({ "org.id": "hq" }), &["r0", "r1", "r2", "r3", "r4"]),
    ] {
        assert_eq!(listed(&store, &filter), expected, "{filter}");
    }
}

#[test]
fn only_what_has_an_order_and_an_index_orders_a_list() {
    let (_folder, store) = filled();
    for order in ["text", "list", "-json", "nothing", ""].into_iter().zip([false, false, false, false, true]) {
        let query = Query { order: order.0.into(), ..Query::default() };
        let found = store.view(Scope::All).expect("a view").find("t.all", &query);
        assert_eq!(found.is_ok(), order.1, "{order:?}");
        if let Err(error) = found {
            assert!(error.code == "order.invalid" && error.message.contains("int"), "{error}");
        }
    }
}
