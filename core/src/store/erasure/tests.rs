//! No table is forgotten: each that the store has is in one of the two lists.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{CLEAN, PLACES};
use crate::store::{Store, StoreConfig};

/// Every table there is, those of the search index under its own name.
fn tables(folder: &std::path::Path) -> BTreeSet<String> {
    let connection = Connection::open(folder.join("marque.db")).unwrap();
    let mut statement = connection.prepare("select name from sqlite_master where type = 'table'").unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let own = |name: String| match name.strip_prefix("search_gram_") {
        Some(_) => "search_gram".to_owned(),
        None => name,
    };
    names.filter(|name| !name.starts_with("sqlite_")).map(own).collect()
}

#[tokio::test]
async fn every_table_forgets_or_has_a_reason_not_to() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), &StoreConfig::default()).unwrap());
    let forgets = |name: &str| PLACES.iter().any(|place| place.table == name);
    let is_clean = |name: &str| CLEAN.iter().any(|(table, _)| *table == name);
    let all = tables(folder.path());
    for name in &all {
        let is_kind = name.starts_with("k_");
        assert!(
            is_kind || forgets(name) || is_clean(name),
            "the table {name} is new: say in store/erasure/places.rs how it forgets a person, or why it need not"
        );
        assert!(!(forgets(name) && is_clean(name)), "{name} is in both lists");
    }
}

/// What SQLite leaves in a page that was put together anew is found, and gone when the file has been written anew.
#[tokio::test]
async fn what_is_left_between_the_cells_is_wiped_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
    let shows = |text: &str| {
        let bytes = std::fs::read(folder.path().join("marque.db")).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    };
    store
        .commit(|tx| {
            for n in 0..2_000 {
                let sql = "insert into counter (name, value) values (?1, 1)";
                tx.connection.execute(sql, [format!("{:04}-sima-xiangru-{n}", n * 7919 % 10_000)]).unwrap();
            }
            Ok(())
        })
        .await
        .unwrap();
    store.commit(|tx| Ok(tx.connection.execute("delete from counter", []).unwrap())).await.unwrap();
    assert!(store.cut_log().await.unwrap(), "nobody reads");
    let values = ["sima-xiangru".to_owned()];
    assert_eq!(store.shows(&values).unwrap(), shows("sima-xiangru"), "what is there is seen");
    store.write_anew().await.unwrap();
    assert!(store.cut_log().await.unwrap());
    assert!(!shows("sima-xiangru") && !store.shows(&values).unwrap());
}

#[test]
fn the_ledger_is_read_in_pages_the_newest_first() {
    use crate::{
        model::{Scope, Time},
        store::tables::erasure::{self, Erasure},
    };
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
    let one = |n: i64| Erasure {
        customer: format!("c{n}").parse().unwrap(),
        org: (if n == 2 { "d1" } else { "hq" }).parse().unwrap(),
        ids: Vec::new(),
        // Two at one moment.
        at: Time::from_millis(1_000 * (n / 2)),
        actor: "system".into(),
        seq: n,
    };
    store.commit_blocking(move |tx| (0..5).try_for_each(|n| erasure::put(tx, &one(n)))).unwrap();
    let view = store.view(Scope::All).unwrap();
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = erasure::page(&view, &Scope::All, before.as_ref(), 2).unwrap();
        seen.extend(page.iter().map(|(erasure, _)| erasure.customer.to_string()));
        match page.last() {
            Some((last, _)) => before = Some((last.at, last.customer.clone())),
            None => break,
        }
    }
    assert_eq!(seen, ["c4", "c3", "c2", "c1", "c0"]);
    let of_one = erasure::page(&view, &Scope::one("d1".parse().unwrap()), None, 2).unwrap();
    assert_eq!(of_one.iter().map(|(erasure, _)| erasure.customer.as_str()).collect::<Vec<_>>(), ["c2"]);
    let sql = "explain query plan select customer from erasure where (at, customer) < (1, 'x') order by at desc, customer desc limit 2";
    let plan: String = Connection::open(folder.path().join("marque.db"))
        .and_then(|connection| connection.query_row(sql, [], |row| row.get(3)))
        .unwrap();
    assert!(plan.contains("erasure_place"), "{plan}");
}
