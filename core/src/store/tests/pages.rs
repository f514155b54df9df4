//! Pages: in every order, with ties and nulls, nothing is told twice or passed over while others write.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOON, store};
use crate::{
    model::{Data, Id, Kind, Query, Record, Scope, Time},
    store::{Store, tables},
};

fn kind() -> Kind {
    serde_json::from_value(json!({
        "kind": "t.row", "label": "T", "title": "b",
        "fields": {
            "a": { "type": "int", "label": "A", "indexed": true },
            "b": { "type": "text", "label": "B", "indexed": true },
            "c": { "type": "decimal", "label": "C", "indexed": true }
        }
    }))
    .expect("a kind")
}

/// A row of few values, so that many are equal and some are missing.
#[derive(Clone, Debug)]
struct Row {
    a: Option<i64>,
    b: Option<&'static str>,
    c: Option<f64>,
    at: i64,
}

fn row() -> impl Strategy<Value = Row> {
    (
        prop::option::of(-1..2_i64),
        prop::option::of(prop::sample::select(vec!["", "x", "王"])),
        prop::option::of(prop::sample::select(vec![-0.5, 0.0, 1.5])),
        0..3_i64,
    )
        .prop_map(|(a, b, c, at)| Row { a, b, c, at })
}

fn record(n: usize, row: &Row) -> Record {
    let mut data = Data::new();
    data.extend(row.a.map(|a| ("a".to_owned(), json!(a))));
    data.extend(row.b.map(|b| ("b".to_owned(), json!(b))));
    data.extend(row.c.map(|c| ("c".to_owned(), json!(c))));
    let at = Time::from_millis(NOON.millis() + row.at);
    // Ids that do not rise with time: the order must come from the keys.
    let id: Id = format!("r{:03}", (n * 37) % 997).parse().expect("an id");
    Record {
        id,
        kind: "t.row".into(),
        rev: 1,
        org: Id::hq(),
        created_at: at,
        updated_at: at,
        data,
        stale: Vec::new(),
        seen: Default::default(),
    }
}

fn insert(store: &Store, records: Vec<Record>) {
    store
        .commit_blocking(move |tx| {
            let kind = kind();
            tx.install_kind(&kind)?;
            records.iter().try_for_each(|record| tables::record::insert(tx, &kind, record))
        })
        .expect("records");
}

/// Null first, then numbers or texts by their bytes.
fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => std::cmp::Ordering::Equal,
        (Value::Null, _) => std::cmp::Ordering::Less,
        (_, Value::Null) => std::cmp::Ordering::Greater,
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).expect("numbers"),
        (a, b) => a.as_str().cmp(&b.as_str()),
    }
}

fn key(record: &Record, name: &str) -> Value {
    match name {
        "created_at" => json!(record.created_at.millis()),
        "id" => json!(record.id),
        name => record.field(name).clone(),
    }
}

fn sorted(mut records: Vec<Record>, order: &str) -> Vec<Record> {
    let mut keys: Vec<(&str, bool)> =
        order.split(',').map(|part| part.strip_prefix('-').map_or((part, false), |name| (name, true))).collect();
    keys.push(("id", keys.last().is_some_and(|(_, descending)| *descending)));
    records.sort_by(|x, y| {
        let by_key = keys.iter().map(|(name, descending)| {
            let ordering = compare(&key(x, name), &key(y, name));
            if *descending { ordering.reverse() } else { ordering }
        });
        by_key.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    records
}

fn order() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["a", "-a", "b", "-b", "c", "-c", "created_at", "-created_at"]);
    prop::collection::vec(key, 1..4).prop_map(|keys| {
        let mut seen = std::collections::BTreeSet::new();
        let distinct: Vec<&str> = keys.into_iter().filter(|key| seen.insert(key.trim_start_matches('-'))).collect();
        distinct.join(",")
    })
}

fn walk(store: &Store, order: &str, limit: u32, mut between: impl FnMut(usize)) -> Vec<Id> {
    let mut ids = Vec::new();
    let mut cursor = None;
    for n in 0.. {
        let query = Query { order: order.into(), limit: Some(limit), cursor: cursor.clone(), ..Query::default() };
        let page = store.view(Scope::All).expect("a view").find("t.row", &query).expect("a page");
        ids.extend(page.items.into_iter().map(|record| record.id));
        cursor = page.next;
        if cursor.is_none() {
            return ids;
        }
        between(n);
    }
    ids
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn pages_tell_every_row_once_and_in_order(rows in prop::collection::vec(row(), 1..24), orders in prop::collection::vec(order(), 1..6), limit in 1..5_u32) {
        let (_folder, store) = store(&[]);
        let records: Vec<Record> = rows.iter().enumerate().map(|(n, row)| record(n, row)).collect();
        insert(&store, records.clone());
        for order in orders {
            let expected: Vec<Id> = sorted(records.clone(), &order).into_iter().map(|record| record.id).collect();
            prop_assert_eq!(walk(&store, &order, limit, |_| ()), expected, "{}", order);
        }
    }

    #[test]
    fn rows_that_come_meanwhile_disturb_no_page(
        rows in prop::collection::vec(row(), 1..16),
        more in prop::collection::vec(row(), 1..8),
        order in order(),
        limit in 1..4_u32,
    ) {
        let (_folder, store) = store(&[]);
        let records: Vec<Record> = rows.iter().enumerate().map(|(n, row)| record(n, row)).collect();
        insert(&store, records.clone());
        let late: Vec<Record> = more.iter().enumerate().map(|(n, row)| record(500 + n, row)).collect();
        let told = walk(&store, &order, limit, |n| insert(&store, late.get(n).cloned().into_iter().collect()));
        let expected: Vec<Id> = sorted(records, &order).into_iter().map(|record| record.id).collect();
        let of_old: Vec<Id> = told.iter().filter(|id| expected.contains(id)).cloned().collect();
        prop_assert_eq!(of_old, expected, "{}", order);
        let mut once = told.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), told.len(), "nothing twice");
    }
}
