//! The search box and searching inside lists.

use std::sync::Arc;

use serde_json::json;

use super::{NOON, create, store};
use crate::{
    commands::{Ctx, Run, record},
    model::{Id, Query, Scope},
    store::{Search, Store, StoreConfig, Tx, search},
};

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn titles(store: &Store, scope: Scope, words: &str) -> Vec<String> {
    let search = Search { words: words.into(), limit: 10, own: Some(id("d1")), ..Search::default() };
    let found = store.view(scope).expect("a view").search(&search).expect("an answer");
    found.iter().map(|found| found.record.text("name").unwrap_or_default().to_owned()).collect()
}

fn people(store: &Store) {
    for (n, (org, name, phone, email)) in [
        ("d1", "王磊", "13800001234", "lei.wang@changjiang.cn"),
        ("d1", "王小磊", "13900005678", "wxl@example.cn"),
        ("d2", "欧阳娜娜", "13700001234", "nana@example.cn"),
        ("d2", "单雄信", "13600009999", "shan@example.cn"),
        ("d1", "武汉长江出租汽车有限公司", "13500001111", "fleet@changjiang.cn"),
        ("d2", "王磊磊", "13400002222", "www@example.cn"),
    ]
    .into_iter()
    .enumerate()
    {
        create(store, "customer", Some(&format!("c{n}")), org, json!({ "name": name, "phone": phone, "email": email }));
    }
}

#[test]
fn names_numbers_addresses_and_spellings_are_found_the_best_first() {
    let (_folder, store) = store(&["hq", "d1", "d2"]);
    people(&store);
    for (words, expected) in [
        ("王磊", &["王磊", "王磊磊"][..]),
        ("wanglei", &["王磊", "王磊磊"]),
        ("wl", &["王磊", "王磊磊"]),
        ("wxl", &["王小磊"]),
        ("wangx", &["王小磊"]),
        ("xiaolei", &["王小磊"]),
        ("ouyangnana", &["欧阳娜娜"]),
        ("shanxiongxin", &["单雄信"]),
        ("danxx", &["单雄信"]),
        ("danwl", &[]),
        ("1234", &["王磊", "欧阳娜娜"]),
        ("138 0000", &["王磊"]),
        ("+86 138-0000-1234", &["王磊"]),
        ("changjiang", &["武汉长江出租汽车有限公司", "王磊"]),
        ("长江", &["武汉长江出租汽车有限公司"]),
        ("lei.wang", &["王磊"]),
        ("王磊 1234", &["王磊"]),
        ("王大", &[]),
        ("13", &[]),
        ("", &[]),
    ] {
        assert_eq!(titles(&store, Scope::All, words), expected, "{words:?}");
    }
    assert_eq!(titles(&store, Scope::one(id("d2")), "王磊"), ["王磊磊"], "no dealer learns of another's");
}

#[test]
fn a_list_searches_as_the_box_does() {
    let (_folder, store) = store(&["hq", "d1", "d2"]);
    people(&store);
    for words in ["王磊", "wanglei", "wl", "1234", "changjiang", "王磊 1234", "13", "长江", "wangx"] {
        let query = Query { search: Some(words.into()), order: "id".into(), ..Query::default() };
        let page = store.view(Scope::All).expect("a view").find("customer", &query).expect("a page");
        let mut listed: Vec<String> =
            page.items.iter().map(|record| record.text("name").unwrap_or_default().into()).collect();
        let mut found = titles(&store, Scope::All, words);
        listed.sort();
        found.sort();
        assert_eq!(listed, found, "{words}");
    }
}

#[test]
fn own_organisation_comes_first_and_then_the_newest() {
    let (_folder, store) = store(&["hq", "d1", "d2"]);
    for (n, org) in ["d2", "d1", "d2", "d1"].into_iter().enumerate() {
        create(
            &store,
            "customer",
            Some(&format!("c{n}")),
            org,
            json!({ "name": "张伟", "phone": format!("1380000000{n}") }),
        );
    }
    let search = Search { words: "张伟".into(), limit: 3, own: Some(id("d1")), ..Search::default() };
    let found = store.view(Scope::All).expect("a view").search(&search).expect("an answer");
    let ids: Vec<&str> = found.iter().map(|found| found.record.id.as_str()).collect();
    assert_eq!(ids, ["c3", "c1", "c2"]);
    assert!(found.iter().all(|found| found.field == "name"));
    assert_eq!(found.iter().map(|found| found.rank).collect::<Vec<_>>(), [430, 430, 410]);
}

#[test]
fn a_change_moves_with_the_record_and_a_removed_one_is_gone() {
    let (_folder, store) = store(&["hq", "d1"]);
    let record = create(&store, "customer", Some("c1"), "d1", json!({ "name": "张伟", "phone": "13800000001" }));
    store
        .commit_blocking(move |tx| {
            let kind = tx.kind("customer")?;
            let mut record = record;
            record.rev += 1;
            record.data.insert("name".into(), "李娜".into());
            crate::store::tables::record::update(tx, &kind, &record)
        })
        .expect("a change");
    assert_eq!((titles(&store, Scope::All, "张伟").len(), titles(&store, Scope::All, "李娜").len()), (0, 1));
    store
        .commit_blocking(|tx| {
            let record =
                crate::store::tables::record::get(tx, "customer", &id("c1"), &Scope::All)?.expect("it is there");
            crate::store::tables::record::delete(tx, &record)
        })
        .expect("a removal");
    assert!(titles(&store, Scope::All, "李娜").is_empty());
}

/// What an older version has left: rows without tokens, and kinds waiting to be indexed.
#[test]
fn what_waits_is_indexed_step_by_step_across_restarts() {
    let (folder, store) = store(&["hq", "d1"]);
    people_of_d1(&store, 25);
    store
        .commit_blocking(|tx| {
            let forget = "delete from search_gram; update search_row set digest = null; insert or replace into search_todo (kind) values ('customer'), ('gone')";
            tx.connection.execute_batch(forget).map_err(crate::Error::internal)
        })
        .expect("forgotten");
    assert!(titles(&store, Scope::All, "张伟").is_empty());
    let step = store.commit_blocking(|tx| search::step(tx, 10)).expect("a step").expect("there is some");
    assert_eq!((step.kind.as_str(), step.n_records, step.is_last), ("customer", 10, false));
    drop(store);
    let store = reopened(folder.path());
    let mut n_steps = 0;
    while store.commit_blocking(|tx| search::step(tx, 10)).expect("a step").is_some() {
        n_steps += 1;
    }
    assert_eq!(n_steps, 3, "ten, five, and the kind that is gone");
    assert_eq!(titles(&store, Scope::All, "张伟").len(), 10);
    let rows: i64 = store
        .view(Scope::All)
        .expect("a view")
        .raw()
        .query_row("select count(*) from search_gram", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(rows, 25, "nothing twice");
}

/// A bulk that was cut off must not leave an index that is never merged.
#[test]
fn a_bulk_that_is_cut_off_ends_with_the_next_start() {
    let automerge = |store: &Store| -> i64 {
        let view = store.view(Scope::All).expect("a view");
        let kept = "select v from search_gram_config where k = 'automerge'";
        view.raw().query_row(kept, [], |row| row.get(0)).expect("it is kept in the file")
    };
    let indexes = |store: &Store| -> Vec<String> {
        let view = store.view(Scope::All).expect("a view");
        let sql = "select lower(sql) from sqlite_master where type = 'index' and sql is not null order by name";
        let mut statement = view.raw().prepare(sql).expect("a statement");
        let found = statement.query_map([], |row| row.get(0)).expect("indexes");
        found.map(|sql| sql.map(|sql: String| sql.replace("if not exists ", "")).expect("a text")).collect()
    };
    let (folder, store) = store(&["hq"]);
    let all = indexes(&store);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(store.begin_bulk()).expect("a bulk begins");
    assert_eq!(automerge(&store), 0);
    assert!(indexes(&store).len() < all.len() - 20, "what lists read waits");
    runtime.block_on(store.end_bulk()).expect("a bulk ends");
    assert_eq!((automerge(&store), indexes(&store)), (4, all.clone()));
    runtime.block_on(store.begin_bulk()).expect("another begins");
    drop(store);
    let store = reopened(folder.path());
    assert_eq!((automerge(&store), indexes(&store)), (4, all));
}

/// A statement that opens a journal of its own has the index write out what it holds: a thousand rows, a thousand small parts.
#[test]
fn customers_of_one_commit_are_one_part_of_the_index() {
    let (_folder, store) = store(&["hq", "d1"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(store.begin_bulk()).expect("nothing is merged from here on");
    let n_parts = || -> i64 {
        let view = store.view(Scope::All).expect("a view");
        let parts = "select count(distinct segid) from search_gram_idx";
        view.raw().query_row(parts, [], |row| row.get(0)).expect("a count")
    };
    let before = n_parts();
    let commands: Vec<record::Create> = (0..12)
        .map(|n| json!({ "kind": "customer", "org": "d1", "data": { "name": "张伟", "phone": format!("139000000{n:02}") } }))
        .map(|body| serde_json::from_value(body).expect("a command"))
        .collect();
    let run = move |tx: &mut Tx<'_>| {
        let ctx = Ctx::system(id("hq"), NOON, Arc::default());
        commands.into_iter().try_for_each(|command| command.run(tx, &ctx).map(drop))
    };
    store.commit_blocking(run).expect("twelve customers");
    assert_eq!(titles(&store, Scope::All, "张伟").len(), 10);
    assert_eq!(n_parts() - before, 1);
}

fn people_of_d1(store: &Store, n: usize) {
    for n in 0..n {
        create(store, "customer", None, "d1", json!({ "name": "张伟", "phone": format!("138000000{n:02}") }));
    }
}

/// The writer of a dropped store ends in its own time.
fn reopened(folder: &std::path::Path) -> Store {
    for _ in 0..200 {
        if let Ok(store) = Store::open(folder, &StoreConfig::default()) {
            return store;
        }
        #[expect(clippy::disallowed_methods, reason = "the writer tells nobody when it has let go of the file")]
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the store is still locked");
}

#[test]
fn a_kind_asked_for_is_found_behind_any_number_of_newer_records_of_others() {
    let (_folder, store) = store(&["hq", "d1"]);
    create(&store, "customer", Some("c1"), "d1", json!({ "name": "王磊", "phone": "13800001234" }));
    for n in 0..20 {
        create(&store, "user", None, "d1", json!({ "name": "王磊", "login": format!("wang{n}"), "roles": ["gm"] }));
    }
    let search = Search { words: "王磊".into(), kinds: vec!["customer".into()], limit: 10, ..Search::default() };
    let found = store.view(Scope::one(id("d1"))).expect("a view").search_within(&search, 10).expect("an answer");
    assert_eq!(found.iter().map(|found| found.record.id.as_str()).collect::<Vec<_>>(), ["c1"]);
}
